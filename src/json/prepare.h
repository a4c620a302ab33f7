/*-------------------------------------------------------------------------
 *
 * prepare.h
 *	  JSON, rewritten so that a parser loses nothing of it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_PREPARE_H
#define PINTEREST_JSON_PREPARE_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* Integers of as many digits need not fit into 64 bits. */
#define PIN_JSON_LARGE_DIGITS	19

/* What is put behind them: an exponent that changes nothing */
#define PIN_JSON_LARGE_MARK		"e0"

/* What may stand before a document: the mark of UTF-8 (U+FEFF) */
#define PIN_JSON_MARK			"\xef\xbb\xbf"

typedef struct PinJsonPrepared
{
	StringInfoData text;
	bool		ascii;			/* other characters become question marks */
	bool		is_row;			/* it is of a report: stays in UTF-8 */
	bool		mended;			/* something in a string was no character */

	/* private to prepare.c */
	bool		string_mended;	/* likewise in the string at hand */
	bool		has_replacement;	/* U+FFFD stands in that */
	List	   *names;			/* of fields in which it does */
} PinJsonPrepared;

extern char pin_json_first(const char *body, size_t len);
extern const char *pin_json_number_end(const char *pos, const char *end,
									   bool *large);
extern size_t pin_json_prepare(PinJsonPrepared *prepared, const char *body,
							   size_t len, int stop);

#endif							/* PINTEREST_JSON_PREPARE_H */
