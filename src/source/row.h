/*-------------------------------------------------------------------------
 *
 * row.h
 *	  A row, wherever it comes from.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_ROW_H
#define PINTEREST_SOURCE_ROW_H

#include "pgtime.h"

#include "json/stream.h"
#include "request/window.h"

/* A row as Pinterest sent it, valid until the next one is asked for */
typedef struct PinRow
{
	const char *advertiser_id;	/* whose it is; NULL if the row itself says */
	const char *entity_id;		/* the key under which a report files it, as all
								 * its texts in UTF-8 */
	List	   *types;			/* of a report: targeting types that it was asked
								 * for, char *; NIL: none */
	const PinJsonNode *node;	/* an object of a document; NULL: see "json" */
	PinJsonRow	json;			/* of a report; its text is NULL: see "node" */
	const PinRange *range;		/* of a report: days that it was asked for */
	pg_tz	   *zone;			/* likewise: whose days; NULL: UTC's */
	bool		writes_zeros;	/* a ratio that is zero stands for none */
} PinRow;

#endif							/* PINTEREST_SOURCE_ROW_H */
