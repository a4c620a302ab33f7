/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows of a report: reads the fields that are wanted.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_ROW_H
#define PINTEREST_JSON_ROW_H

#include "lib/stringinfo.h"

#include "json/document.h"

/* Numbers of at most so many digits are in PinCell.mantissa. */
#define PIN_CELL_DIGITS		18

/* The value of a field of a row, valid until the next row is read */
typedef struct PinCell
{
	PinJsonType type;
	int			scale;			/* of a number: it is mantissa / 10^scale; -1: its
								 * text alone says what it is */
	int64		mantissa;
	const char *text;			/* in UTF-8, no NUL ends it: of a string the string
								 * itself, of an object or array its JSON, of
								 * others the source; NULL: missing or null, or
								 * see "node" */
	size_t		len;
	const PinJsonNode *node;	/* of an object of a document: the value; else NULL */
} PinCell;

/* A name that a field of a row has; private to row.c */
typedef struct PinJsonKey PinJsonKey;

/* Fields to pick from rows, and those of the latest one */
typedef struct PinJsonFields
{
	int			count;
	const char **names;			/* in the server's encoding */
	PinCell    *cells;			/* as many */
	const char *current;		/* name of the field at hand, or NULL */

	/* private to row.c */
	MemoryContext cxt;
	PinJsonKey *keys;			/* all that are known, in the order of the rows */
	int			nkeys;
	int			max_keys;
	StringInfoData decoded;		/* strings of the row that have escapes */
} PinJsonFields;

extern PinJsonFields *pin_json_fields(int count, const char **names);
extern int	pin_json_add_name(const char **names, int *nnames, const char *name);
extern const char *pin_json_read_row(PinJsonFields *fields, const char *json,
									 const char *end);
extern void pin_json_read_broken_row(PinJsonFields *fields, const char *json,
									 size_t len);
extern bool pin_json_decode(StringInfo text, const char *quoted, size_t len);
extern PinJsonValue pin_cell_value(const PinCell *cell);
extern PinCell pin_value_cell(const PinJsonValue *value);

#endif							/* PINTEREST_JSON_ROW_H */
