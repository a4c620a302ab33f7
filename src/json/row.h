/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows of a report, cut out of the document while it arrives, and read.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_ROW_H
#define PINTEREST_JSON_ROW_H

#include "lib/stringinfo.h"

#include "json/document.h"

/* Names of the fields to pick from a row, with the places of their values */
typedef struct PinJsonFields
{
	int			count;
	const char **names;
	struct HTAB *index;			/* name to place */
} PinJsonFields;

/* Cuts a stream of JSON into the objects that stand in its arrays */
typedef struct PinJsonStream PinJsonStream;

extern PinJsonFields *pin_json_fields(int count, const char **names);
extern int	pin_json_add_name(const char **names, int *nnames, const char *name);
extern void pin_json_row(const PinJsonFields *fields, const char *json,
						 size_t len, PinJsonValue *values,
						 const char **current);

extern PinJsonStream *pin_json_stream_create(void);
extern StringInfo pin_json_stream_input(PinJsonStream *stream);
extern bool pin_json_stream_next(PinJsonStream *stream, const char **object,
								 size_t *len, const char **key);
extern const char *pin_json_stream_outer_key(const PinJsonStream *stream);
extern const char *pin_json_stream_raw_key(const PinJsonStream *stream);
extern bool pin_json_stream_at_end(PinJsonStream *stream);
extern bool pin_json_stream_is_blank(const PinJsonStream *stream);

#endif							/* PINTEREST_JSON_ROW_H */
