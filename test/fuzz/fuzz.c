/*-------------------------------------------------------------------------
 *
 * fuzz.c
 *	  Runs libFuzzer inside a backend.
 *
 * So the code under test is the product's, with PostgreSQL's own memory contexts
 * and errors around it, and nothing is a stand-in.  An input may raise an error
 * of the kinds that a user is meant to see.  An internal error, an exhausted
 * memory or stack, or whatever a sanitizer finds ends the backend, and libFuzzer
 * writes the input to a file.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "fuzz.h"

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv,
								int (*callback) (const uint8 *data, size_t size));

PG_FUNCTION_INFO_V1(fuzz);

static const FuzzTarget *target;

/*
 * fuzz_fail
 *		Says what is wrong and ends the backend, for libFuzzer to keep the input.
 */
void
fuzz_fail(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/*
 * fuzz_text
 *		The input as a text that SQL could pass: valid in the server's encoding,
 *		without a zero byte.
 */
char *
fuzz_text(const char *data, size_t size)
{
	int			valid = pg_encoding_verifymbstr(GetDatabaseEncoding(), data, size);
	size_t		len = strnlen(data, valid);

	return pnstrdup(data, len);
}

/*
 * check_error
 *		Whether an error is one that a user is meant to see.
 */
static void
check_error(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	if (category == ERRCODE_INTERNAL_ERROR ||
		error->sqlerrcode == ERRCODE_OUT_OF_MEMORY ||
		error->sqlerrcode == ERRCODE_STATEMENT_TOO_COMPLEX)
		fuzz_fail("SQLSTATE %s: %s", unpack_sql_state(error->sqlerrcode),
				  error->message);
	if (strlen(error->message) > 4096 ||
		(error->detail != NULL && strlen(error->detail) > 4096))
		fuzz_fail("unbounded message: %.200s", error->message);
}

/*
 * run_one
 *		Runs the target on an input.
 */
static int
run_one(const uint8 *data, size_t size)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "fuzz",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	/* in memory of its own, so that a byte too many is noticed */
	char	   *copy = malloc(size + 1);

	memcpy(copy, data, size);
	copy[size] = '\0';
	PG_TRY();
	{
		target->run(copy, size);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		check_error(CopyErrorData());
		FlushErrorState();
	}
	PG_END_TRY();
	free(copy);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return 0;
}

/*
 * find_target
 *		The target of a name; an error if there is none.
 */
static const FuzzTarget *
find_target(const char *name)
{
	static const FuzzTarget *const lists[] = {
		fuzz_json_targets, fuzz_answer_targets, fuzz_word_targets
	};

	for (int i = 0; i < lengthof(lists); i++)
	{
		for (const FuzzTarget *one = lists[i]; one->name != NULL; one++)
		{
			if (strcmp(one->name, name) == 0)
				return one;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("there is no target \"%s\"", name)));
	pg_unreachable();
}

/*
 * fuzz(target text, arguments text[]) returns void
 *
 * The arguments are libFuzzer's.  Does not return: it ends the backend.
 */
Datum
fuzz(PG_FUNCTION_ARGS)
{
	Datum	   *elements;
	int			nelements;
	char	  **argv;
	int			argc = 0;

	target = find_target(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, NULL, &nelements);
	argv = palloc((nelements + 2) * sizeof(char *));
	argv[argc++] = "fuzz";
	for (int i = 0; i < nelements; i++)
		argv[argc++] = TextDatumGetCString(elements[i]);
	argv[argc] = NULL;
	LLVMFuzzerRunDriver(&argc, &argv, run_one);
	PG_RETURN_VOID();
}
