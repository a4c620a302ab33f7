/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  Targets of the fuzzer: what reads bytes from outside.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FUZZ_H
#define PINTEREST_FUZZ_H

#include "lib/stringinfo.h"

#include "base/compat.h"

/*
 * A target takes any bytes, in a memory context that ends with it.  It may raise
 * errors as the product does.  What is wrong it says with fuzz_fail().
 */
typedef struct FuzzTarget
{
	const char *name;
	void		(*run) (const char *data, size_t size);
} FuzzTarget;

extern const FuzzTarget fuzz_json_targets[];
extern const FuzzTarget fuzz_answer_targets[];
extern const FuzzTarget fuzz_word_targets[];

extern void fuzz_read_rows(StringInfo buf, const char *data, size_t size,
						   size_t piece);
extern char *fuzz_text(const char *data, size_t size);
pg_noreturn extern void fuzz_fail(const char *format,...) pg_attribute_printf(1, 2);

#define fuzz_check(condition) \
	((condition) ? (void) 0 : fuzz_fail("%s:%d: %s", __FILE__, __LINE__, #condition))

#endif							/* PINTEREST_FUZZ_H */
