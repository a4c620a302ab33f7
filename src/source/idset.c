/*-------------------------------------------------------------------------
 *
 * idset.c
 *	  Ids that have been there before.
 *
 * Lists shift while they are paged, and so show an entity again.  There may be
 * hundreds of thousands, of which nothing but the ids is kept: almost all of
 * them are numbers of up to 18 digits, which take 16 bytes each.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "source/idset.h"

/* Digits of which any number fits into 64 bits */
#define MAX_NUMBER_DIGITS	19

/* An id that is a number */
typedef struct NumberEntry
{
	uint64		number;			/* hash key */
	char		status;			/* for simplehash */
} NumberEntry;

#define SH_PREFIX numbers
#define SH_ELEMENT_TYPE NumberEntry
#define SH_KEY_TYPE uint64
#define SH_KEY number
#define SH_HASH_KEY(tb, key) \
	hash_combine(hash_bytes_uint32((uint32) (key)), \
				 hash_bytes_uint32((uint32) ((key) >> 32)))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Any other id */
typedef struct TextEntry
{
	const char *id;				/* hash key */
	char		status;			/* for simplehash */
} TextEntry;

#define SH_PREFIX texts
#define SH_ELEMENT_TYPE TextEntry
#define SH_KEY_TYPE const char *
#define SH_KEY id
#define SH_HASH_KEY(tb, key) \
	hash_bytes((const unsigned char *) (key), strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct PinIdSet
{
	MemoryContext cxt;
	numbers_hash *numbers;
	texts_hash *texts;
};

/*
 * pin_id_set_create
 *		An empty set; it lives in the current memory context.
 */
PinIdSet *
pin_id_set_create(void)
{
	PinIdSet   *set = palloc(sizeof(PinIdSet));

	set->cxt = CurrentMemoryContext;
	set->numbers = numbers_create(set->cxt, 64, NULL);
	set->texts = NULL;
	return set;
}

/*
 * pin_id_set_add
 *		Adds an id, which is copied; false if it was there.
 *
 * A number is to be given in its plain notation, see pin_whole_number().
 */
bool
pin_id_set_add(PinIdSet *set, const char *id)
{
	size_t		len = strspn(id, "0123456789");
	bool		found;

	if (len > 0 && len <= MAX_NUMBER_DIGITS && id[len] == '\0' && id[0] != '0')
	{
		(void) numbers_insert(set->numbers, strtou64(id, NULL, 10), &found);
		return !found;
	}
	if (set->texts == NULL)
		set->texts = texts_create(set->cxt, 64, NULL);
	if (texts_lookup(set->texts, id) != NULL)
		return false;
	(void) texts_insert(set->texts, MemoryContextStrdup(set->cxt, id), &found);
	return true;
}

/*
 * pin_id_set_free
 *		Frees a set.
 */
void
pin_id_set_free(PinIdSet *set)
{
	numbers_destroy(set->numbers);
	if (set->texts != NULL)
	{
		texts_iterator iterator;
		TextEntry  *entry;

		texts_start_iterate(set->texts, &iterator);
		while ((entry = texts_iterate(set->texts, &iterator)) != NULL)
			pfree(unconstify(char *, entry->id));
		texts_destroy(set->texts);
	}
	pfree(set);
}
