/*-------------------------------------------------------------------------
 *
 * prints.c
 *	  The fingerprints of all rows of a download.
 *
 * They are kept in memory up to what a hash table may have, or else in a temporary
 * file, of which as many as fit are looked at in each of several passes: those
 * whose hash of the key leaves the same remainder.
 *
 * Within a pass they are in the order of that hash.  Its first bits tell where to
 * look for one.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "base/tempfile.h"
#include "refresh/prints.h"

/* So many are written to the file, and read from it, at once. */
#define CHUNK 1024

/* So many there is room for at first. */
#define FIRST_SIZE 1024

struct PinPrints
{
	MemoryContext context;
	int64		count;			/* of all */
	int64		limit;			/* that fit into memory */
	File		file;			/* all of them; PIN_NO_FILE: they are in memory */
	int64		written;		/* there */
	PinPrint   *chunk;			/* others, that will be */
	int			nchunk;
	PinPrint   *entries;		/* of the present pass, or being gathered */
	int64		nentries;
	int64		size;			/* room for so many */
	int			pass;			/* that is in memory, in order; -1: none */
	int64	   *places;			/* where those begin that have the same first
								 * bits; one more for the end */
	int			shift;			/* away from all other bits */
};

#define ST_SORT sort_prints
#define ST_ELEMENT_TYPE PinPrint
#define ST_COMPARE(a, b) \
	((a)->print.key < (b)->print.key ? -1 : (a)->print.key > (b)->print.key)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * pin_prints_create
 *		No fingerprints yet, in a memory context.
 */
PinPrints *
pin_prints_create(MemoryContext context)
{
	PinPrints  *prints = MemoryContextAllocZero(context, sizeof(PinPrints));

	prints->context = context;

	/* besides each one there is half a place, and a byte of what comes of it */
	prints->limit = get_hash_memory_limit() /
		(sizeof(PinPrint) + sizeof(int64) / 2 + 1);
	prints->limit = Max(prints->limit, FIRST_SIZE);
	prints->pass = -1;
	return prints;
}

/*
 * free_places
 *		Forgets what is in memory in order.
 */
static void
free_places(PinPrints *prints)
{
	if (prints->places != NULL)
		pfree(prints->places);
	prints->places = NULL;
	prints->pass = -1;
}

/*
 * pin_prints_free
 *		Gives all back, and closes the file.
 */
void
pin_prints_free(PinPrints *prints)
{
	free_places(prints);
	if (prints->file != PIN_NO_FILE)
		FileClose(prints->file);
	if (prints->chunk != NULL)
		pfree(prints->chunk);
	if (prints->entries != NULL)
		pfree(prints->entries);
	pfree(prints);
}

/*
 * append
 *		Appends one to those in memory.
 */
static void
append(PinPrints *prints, const PinPrint *entry)
{
	if (prints->nentries == prints->size)
	{
		int64		size = Max(prints->size * 2, FIRST_SIZE);

		if (prints->file == PIN_NO_FILE)
			size = Min(size, prints->limit);
		prints->entries = prints->entries == NULL ?
			MemoryContextAllocHuge(prints->context, size * sizeof(PinPrint)) :
			repalloc_huge(prints->entries, size * sizeof(PinPrint));
		prints->size = size;
	}
	prints->entries[prints->nentries++] = *entry;
}

/*
 * write_entries
 *		Adds some to the file.
 */
static void
write_entries(PinPrints *prints, const PinPrint *entries, int n)
{
	pin_file_write(prints->file, prints->written * sizeof(PinPrint), entries,
				   n * sizeof(PinPrint));
	prints->written += n;
}

/*
 * write_chunk
 *		Adds to the file what is gathered for that.
 */
static void
write_chunk(PinPrints *prints)
{
	write_entries(prints, prints->chunk, prints->nchunk);
	prints->nchunk = 0;
}

/*
 * move_to_file
 *		Has the fingerprints in a file from here on.
 *
 * The file outlasts the transaction, as the download does.
 */
static void
move_to_file(PinPrints *prints)
{
	prints->chunk = MemoryContextAlloc(prints->context, CHUNK * sizeof(PinPrint));
	prints->file = pin_file_create();
	for (int64 i = 0; i < prints->nentries; i += CHUNK)
		write_entries(prints, &prints->entries[i],
					  Min(prints->nentries - i, CHUNK));
	prints->nentries = 0;
}

/*
 * pin_prints_add
 *		Adds the fingerprint of a row.
 */
void
pin_prints_add(PinPrints *prints, PinFingerprint print, int64 row)
{
	PinPrint	entry = {print, row};

	free_places(prints);
	prints->count++;
	if (prints->file == PIN_NO_FILE && prints->nentries == prints->limit)
		move_to_file(prints);
	if (prints->file == PIN_NO_FILE)
		append(prints, &entry);
	else
	{
		prints->chunk[prints->nchunk++] = entry;
		if (prints->nchunk == CHUNK)
			write_chunk(prints);
	}
}

/*
 * pin_prints_passes
 *		In how many passes they are looked at, from number 0 on.
 */
int
pin_prints_passes(const PinPrints *prints)
{
	/* some passes have a few more than others */
	return prints->file == PIN_NO_FILE ? 1 : prints->count / (prints->limit * 0.9) + 1;
}

/*
 * pin_prints_pass_of
 *		The pass in which those with the same key are.
 */
int
pin_prints_pass_of(const PinPrints *prints, PinFingerprint print)
{
	return print.key % pin_prints_passes(prints);
}

/*
 * read_pass
 *		Reads those of a pass from the file.
 */
static void
read_pass(PinPrints *prints, int pass)
{
	uint64		npasses = pin_prints_passes(prints);

	if (prints->nchunk > 0)
		write_chunk(prints);
	prints->nentries = 0;
	for (int64 place = 0; place < prints->written; place += CHUNK)
	{
		int			n = Min(prints->written - place, CHUNK);

		pin_file_read(prints->file, place * sizeof(PinPrint), prints->chunk,
					  n * sizeof(PinPrint));
		for (int i = 0; i < n; i++)
		{
			if (prints->chunk[i].print.key % npasses == pass)
				append(prints, &prints->chunk[i]);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * make_places
 *		Notes where those begin that have the same first bits.
 */
static void
make_places(PinPrints *prints)
{
	int			bits = pg_leftmost_one_pos64(Max(prints->nentries, 4)) - 1;
	int64		n = INT64CONST(1) << bits;
	int64		place = 0;

	prints->shift = 64 - bits;
	prints->places = MemoryContextAllocHuge(prints->context,
											(n + 1) * sizeof(int64));
	for (int64 i = 0; i < prints->nentries; i++)
	{
		while (place <= prints->entries[i].print.key >> prints->shift)
			prints->places[place++] = i;
	}
	while (place <= n)
		prints->places[place++] = prints->nentries;
}

/*
 * pin_prints_load
 *		Has those of a pass in memory, for the functions below.
 */
void
pin_prints_load(PinPrints *prints, int pass)
{
	if (prints->pass == pass)
		return;
	free_places(prints);
	if (prints->file != PIN_NO_FILE)
		read_pass(prints, pass);
	sort_prints(prints->entries, prints->nentries);
	make_places(prints);
	prints->pass = pass;
}

/*
 * pin_prints_find
 *		The one that has the same hash of the key; NULL if there is none.  Its pass
 *		is in memory.
 */
const PinPrint *
pin_prints_find(const PinPrints *prints, PinFingerprint print)
{
	uint64		place = print.key >> prints->shift;

	for (int64 i = prints->places[place]; i < prints->places[place + 1]; i++)
	{
		if (prints->entries[i].print.key == print.key)
			return &prints->entries[i];
	}
	return NULL;
}

/*
 * pin_prints_repeated
 *		Finds two rows of the pass in memory that have the same hash of the key, the
 *		first of which comes before the other.
 */
bool
pin_prints_repeated(const PinPrints *prints, int64 *row, int64 *other)
{
	for (int64 i = 1; i < prints->nentries; i++)
	{
		const PinPrint *entry = &prints->entries[i];

		if (entry->print.key != entry[-1].print.key)
			continue;
		*row = Min(entry->row, entry[-1].row);
		*other = Max(entry->row, entry[-1].row);
		return true;
	}
	return false;
}
