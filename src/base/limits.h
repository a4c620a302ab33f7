/*-------------------------------------------------------------------------
 *
 * limits.h
 *	  How much of what comes from outside is taken.
 *
 * Each is far beyond what Pinterest is known to send.  What exceeds one is an
 * error, 54000 or HV000, that says which.  None of them may be left to the allocator
 * or the stack, whose errors would say nothing about the cause.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_LIMITS_H
#define PINTEREST_BASE_LIMITS_H

/*
 * Answers.  A page of 250 entities is some hundred kilobytes, so anything beyond
 * this is not an answer of Pinterest's API.  Of one that is an error the beginning
 * says enough.  Reports have no limit: they are read in pieces.
 */
#define PIN_MAX_BODY			(64 * 1024 * 1024)	/* bytes, decoded */
#define PIN_MAX_INFLATION		500 /* times what is sent of one that is
									 * compressed, beyond that */
#define PIN_MAX_ERROR_BODY		(64 * 1024) /* bytes that are kept */

/*
 * Value of a header, in bytes with a NUL; a longer one counts as missing.  libcurl
 * has limits of its own for lines and for all headers, of some hundred kilobytes.
 */
#define PIN_MAX_HEADER_VALUE	128

/* JSON.  Both parsers are recursive, and so is the end of a document. */
#define PIN_MAX_NESTING			64	/* levels of a document or a row */
#define PIN_MAX_REPORT_NESTING	3	/* levels outside of the rows: dates, ids, lists */
#define PIN_MAX_BROKEN_NAMES	256 /* names in which something is no character */

/*
 * Rows of reports, and what they are filed under.  Ids of product items come from
 * feeds, which may take anything for one.
 */
#define PIN_MAX_ROW				(64 * 1024 * 1024)	/* bytes */
#define PIN_MAX_KEY				(64 * 1024) /* bytes, also of an entity's id */

/* A value of a column, in bytes: copies of it need some times as much */
#define PIN_MAX_VALUE			(64 * 1024 * 1024)

/*
 * Lists.  The largest page has 250 entities, and some may be empty, if all of
 * theirs have been filtered out.
 */
#define PIN_MAX_BOOKMARK		(16 * 1024) /* bytes */
#define PIN_MAX_PAGES			100000	/* of one list */
#define PIN_MAX_EMPTY_PAGES		1000	/* one behind the other */

/*
 * Tokens, be it of a user or of a report, other credentials, and links, in bytes.
 * What is sent is searched for in all that is shown.
 */
#define PIN_MAX_TOKEN			4096
#define PIN_MAX_SCOPE			4096	/* a longer one counts as missing */
#define PIN_MAX_LINK			(16 * 1024)
#define PIN_MAX_REDIRECTS		3	/* of a download */

/* Of somebody else's words no more than this is shown or stored, in bytes. */
#define PIN_MAX_WORDS			512
#define PIN_MAX_SHOWN_ROW		300
#define PIN_MAX_STORED_WORDS	8192	/* in refresh_log, with our own around them */
#define PIN_MAX_SHOWN_ANSWER	120

#endif							/* PINTEREST_BASE_LIMITS_H */
