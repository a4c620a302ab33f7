/*-------------------------------------------------------------------------
 *
 * convert.h
 *	  Values of Pinterest's JSON as Datums.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_CONVERT_H
#define PINTEREST_SOURCE_CONVERT_H

#include "catalog/pg_attribute.h"
#include "fmgr.h"

#include "catalog/catalog.h"
#include "json/row.h"

/* Types whose values are made of what the reader of rows knows, without a text */
typedef enum PinShortcut
{
	PIN_NO_SHORTCUT,
	PIN_TO_INTEGER,
	PIN_TO_NUMERIC,
	PIN_TO_DATE,
	PIN_TO_TEXT
} PinShortcut;

/* How the values of one column are converted */
typedef struct PinConverter
{
	const char *relname;		/* for messages */
	char	   *name;			/* of the column, likewise */
	Oid			type;			/* of the column */
	Oid			basetype;		/* of its domain, or the same */
	int32		basetypmod;		/* likewise */
	int32		typmod;
	bool		is_array;
	PinKind		kind;			/* PIN_TEXT for columns not in the catalog */
	bool		has_number;		/* an id that is a number */
	FmgrInfo	input;
	Oid			ioparam;
	bool		zero_fills;		/* a missing value means zero */
	Datum		zero;			/* then, made once */

	/* private to convert.c */
	PinShortcut shortcut;
	struct varlena *latest;		/* text that was made of the latest value, with
								 * room for any */
	PinJsonType latest_type;	/* of that value */
} PinConverter;

extern void pin_converter_init(PinConverter *converter, const char *relname,
							   const FormData_pg_attribute *attr,
							   const PinColumn *column, bool is_report);
extern bool pin_convert_cell(PinConverter *converter, const PinCell *cell,
							 Datum *result);
extern Datum pin_convert(PinConverter *converter, PinJsonValue *value,
						 bool *isnull);

#endif							/* PINTEREST_SOURCE_CONVERT_H */
