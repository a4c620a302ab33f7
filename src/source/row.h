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

#include "json/document.h"
#include "request/window.h"

/* A row as Pinterest sent it, valid until the next one is asked for */
typedef struct PinRow
{
	const char *advertiser_id;	/* whose it is; NULL if the row itself says */
	const char *entity_id;		/* the key under which a report files it, as all
								 * its texts in UTF-8 */
	const char *outer_key;		/* that above this one; "": none */
	const char *raw_key;		/* the key in the source, if something of it is no
								 * character; else "" */
	List	   *types;			/* of a report: targeting types that it was asked
								 * for, char *; NIL: none */
	const PinJsonNode *node;	/* an object of a document; NULL: "json" */
	const char *json;			/* row of a report: an object in UTF-8, not
								 * checked yet; NULL: "node" */
	size_t		len;
	const PinRange *range;		/* of a report: days that it was asked for */
	pg_tz	   *zone;			/* likewise: whose days; NULL: UTC's */
	bool		writes_zeros;	/* a ratio that is zero stands for none */
} PinRow;

#endif							/* PINTEREST_SOURCE_ROW_H */
