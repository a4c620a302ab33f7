/*-------------------------------------------------------------------------
 *
 * fingerprint.c
 *	  Hashes by which rows are told apart.
 *
 * A row has two of 64 bits, of its key and of everything.  Rows of which both
 * agree are the same: that two others do is less likely than that memory fails,
 * as nobody knows the seeds.  If just the key's agrees, the rows themselves are
 * compared.
 *
 * The bytes that are hashed are those of the values, and not of the tuple: one
 * that is compressed, or has another kind of header, is the same value.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "lib/stringinfo.h"
#include "nodes/bitmapset.h"

#include "base/compat.h"
#include "refresh/fingerprint.h"

/* Longer values are hashed on their own, for no more than that to be copied. */
#define MAX_COPIED 8192

/* How the bytes of a column are found */
typedef struct Column
{
	int			place;
	bool		byval;
	int16		len;
} Column;

struct PinPrinter
{
	PinKey	   *key;
	int			ncolumns;
	int			nkeys;			/* so many of them, the first, are compared by
								 * their bytes and belong to the key */
	Column	   *columns;
	uint64		key_seed;
	uint64		image_seed;
	StringInfoData buf;
};

/*
 * pin_printer_reseed
 *		Chooses other seeds, with which rows have other fingerprints.
 */
void
pin_printer_reseed(PinPrinter *printer)
{
	printer->key_seed = pg_prng_uint64(&pg_global_prng_state);
	printer->image_seed = pg_prng_uint64(&pg_global_prng_state);
}

/*
 * add_column
 *		Adds a column to those whose bytes count.
 */
static void
add_column(PinPrinter *printer, TupleDesc tupdesc, int place)
{
	Form_pg_attribute att = TupleDescAttr(tupdesc, place);
	Column	   *column = &printer->columns[printer->ncolumns++];

	column->place = place;
	column->byval = att->attbyval;
	column->len = att->attlen;
}

/*
 * pin_printer_create
 *		Makes what takes fingerprints of rows, in the current memory context.
 */
PinPrinter *
pin_printer_create(TupleDesc tupdesc, PinKey *key)
{
	PinPrinter *printer = palloc0(sizeof(PinPrinter));
	Bitmapset  *done = NULL;

	printer->key = key;
	printer->columns = palloc(sizeof(Column) * tupdesc->natts);
	for (int i = 0; i < key->ncolumns; i++)
	{
		if (!key->columns[i].by_image)
			continue;
		add_column(printer, tupdesc, key->columns[i].place);
		done = bms_add_member(done, key->columns[i].place);
	}
	printer->nkeys = printer->ncolumns;
	for (int i = 0; i < tupdesc->natts; i++)
	{
		if (!bms_is_member(i, done))
			add_column(printer, tupdesc, i);
	}
	bms_free(done);
	initStringInfo(&printer->buf);
	pin_printer_reseed(printer);
	return printer;
}

/*
 * make_room
 *		Makes room for so many bytes, without a call for most of the values.
 */
static inline void
make_room(StringInfo buf, int needed)
{
	if (unlikely(needed >= buf->maxlen - buf->len))
		enlargeStringInfo(buf, needed);
}

/*
 * append_bytes
 *		Appends the bytes of a value of any length, after that.
 */
static void
append_bytes(PinPrinter *printer, const char *data, uint32 len)
{
	StringInfo	buf = &printer->buf;

	make_room(buf, sizeof(len) + Max(Min(len, MAX_COPIED), 2 * sizeof(uint64)));
	memcpy(buf->data + buf->len, &len, sizeof(len));
	buf->len += sizeof(len);
	if (len > MAX_COPIED)
	{
		uint64		hashes[2];

		hashes[0] = hash_bytes_extended((const unsigned char *) data, len,
										printer->key_seed);
		hashes[1] = hash_bytes_extended((const unsigned char *) data, len,
										printer->image_seed);
		memcpy(buf->data + buf->len, hashes, sizeof(hashes));
		buf->len += sizeof(hashes);
		return;
	}
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

/*
 * append_fixed
 *		Appends a value that is passed by value: as many bytes as its type has, as
 *		the others depend on where it comes from.
 */
static void
append_fixed(StringInfo buf, Datum value, int16 len)
{
	int64		bytes;

	switch (len)
	{
		case sizeof(char):
			bytes = DatumGetChar(value);
			break;
		case sizeof(int16):
			bytes = DatumGetInt16(value);
			break;
		case sizeof(int32):
			bytes = DatumGetInt32(value);
			break;
		default:
			bytes = (int64) value;
			break;
	}
	make_room(buf, sizeof(bytes));
	memcpy(buf->data + buf->len, &bytes, sizeof(bytes));
	buf->len += sizeof(bytes);
}

/*
 * append_column
 *		Appends the value of a column, after a byte that says whether there is one.
 */
static void
append_column(PinPrinter *printer, const Column *column, Datum value,
			  bool isnull)
{
	appendStringInfoCharMacro(&printer->buf, isnull ? 'n' : 'v');
	if (isnull)
		return;
	if (column->byval)
		append_fixed(&printer->buf, value, column->len);
	else if (column->len == -1)
	{
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

		append_bytes(printer, VARDATA_ANY(packed), VARSIZE_ANY_EXHDR(packed));
	}
	else
		append_bytes(printer, DatumGetPointer(value),
					 column->len > 0 ? column->len :
					 strlen(DatumGetCString(value)));
}

/*
 * pin_printer_take
 *		Takes the fingerprint of a row.  Returns false if there is a null in its
 *		key, which is like no other then.
 *
 * values, nulls: of the columns of the source.  What has to be detoasted for that
 * is left in the current memory context.
 */
bool
pin_printer_take(PinPrinter *printer, const Datum *values, const bool *nulls,
				 PinFingerprint *print)
{
	StringInfo	buf = &printer->buf;
	const PinKey *key = printer->key;
	bool		whole = true;
	int			i = 0;

	resetStringInfo(buf);
	for (; i < printer->nkeys; i++)
	{
		const Column *column = &printer->columns[i];

		append_column(printer, column, values[column->place],
					  nulls[column->place]);
	}
	print->key = hash_bytes_extended((unsigned char *) buf->data, buf->len,
									 printer->key_seed);
	for (; i < printer->ncolumns; i++)
	{
		const Column *column = &printer->columns[i];

		append_column(printer, column, values[column->place],
					  nulls[column->place]);
	}
	print->image = hash_bytes_extended((unsigned char *) buf->data, buf->len,
									   printer->image_seed);

	for (i = 0; i < key->ncolumns; i++)
	{
		PinKeyColumn *column = &key->columns[i];

		if (nulls[column->place])
			whole = false;
		else if (!column->by_image)
			print->key = hash_combine64(print->key,
										DatumGetUInt64(FunctionCall2Coll(&column->hash_fn,
																		 column->collation,
																		 values[column->place],
																		 UInt64GetDatum(printer->key_seed))));
	}
	return whole;
}
