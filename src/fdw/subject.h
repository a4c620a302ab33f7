/*-------------------------------------------------------------------------
 *
 * subject.h
 *	  A column that conditions can be about.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_SUBJECT_H
#define PINTEREST_FDW_SUBJECT_H

#include "access/attnum.h"

typedef struct PinSubject
{
	const char *name;			/* the field of a row, or the name of a filter */
	AttrNumber	attnum;
	Oid			type;
	bool		is_key;			/* never null */
	bool		is_day;			/* days can be tried, see fdw/daytest.h */
} PinSubject;

#endif							/* PINTEREST_FDW_SUBJECT_H */
