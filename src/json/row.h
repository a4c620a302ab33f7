/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows of a report, cut out of the document while it arrives.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_ROW_H
#define PINTEREST_JSON_ROW_H

#include "lib/stringinfo.h"

/* Cuts a stream of JSON into the objects that stand in its arrays */
typedef struct PinJsonStream PinJsonStream;

extern PinJsonStream *pin_json_stream_create(void);
extern StringInfo pin_json_stream_input(PinJsonStream *stream);
extern bool pin_json_stream_next(PinJsonStream *stream, const char **object,
								 size_t *len, const char **key);
extern bool pin_json_stream_at_end(PinJsonStream *stream);

#endif							/* PINTEREST_JSON_ROW_H */
