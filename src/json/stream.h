/*-------------------------------------------------------------------------
 *
 * stream.h
 *	  Rows of a report, found in the document while it arrives.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_STREAM_H
#define PINTEREST_JSON_STREAM_H

#include "lib/stringinfo.h"

#include "json/row.h"

/* A row of a stream, valid until the next one or more input is asked for */
typedef struct PinJsonRow
{
	const char *text;			/* an object in UTF-8, more or less */
	size_t		len;
	bool		is_read;		/* the cells of the stream's fields are those of
								 * the row; else it is broken, see
								 * pin_json_read_broken_row() */
	uint64		list;			/* number of the array in which it stands, that no
								 * other array has */
	const char *key;			/* under which that is filed, in UTF-8; "": none */
	const char *outer_key;		/* likewise above that one */
	const char *raw_key;		/* the key in the source, if something of it is no
								 * character; else "" */
} PinJsonRow;

/* Reads the rows of a document */
typedef struct PinJsonStream PinJsonStream;

extern PinJsonStream *pin_json_stream_create(PinJsonFields *fields);
extern StringInfo pin_json_stream_input(PinJsonStream *stream);
extern bool pin_json_stream_next(PinJsonStream *stream, PinJsonRow *row);
extern bool pin_json_stream_at_end(const PinJsonStream *stream);
extern bool pin_json_stream_is_blank(const PinJsonStream *stream);

#endif							/* PINTEREST_JSON_STREAM_H */
