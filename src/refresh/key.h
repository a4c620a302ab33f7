/*-------------------------------------------------------------------------
 *
 * key.h
 *	  When two rows have the same natural key.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_KEY_H
#define PINTEREST_REFRESH_KEY_H

#include "executor/tuptable.h"
#include "fmgr.h"

#include "refresh/foreign.h"

/* A column of a key */
typedef struct PinKeyColumn
{
	int			place;			/* among the columns of the source */
	Oid			equal;			/* operator */
	Oid			collation;
	bool		by_image;		/* equal values have the same bytes */
	FmgrInfo	equal_fn;		/* else: the operator's function, */
	FmgrInfo	hash_fn;		/* and the hash, of 64 bits, that goes with it */
} PinKeyColumn;

/* The natural key as the unique index of a target has it, and in its order */
typedef struct PinKey
{
	int			ncolumns;
	PinKeyColumn *columns;
} PinKey;

extern PinKey *pin_key_of(const PinSourceTable *source, Relation target);
extern bool pin_key_is_same(const PinKey *key, const PinKey *other);
extern bool pin_key_equal(PinKey *key, TupleTableSlot *slot,
						  TupleTableSlot *other);
extern char *pin_operator_sql(Oid operator);

#endif							/* PINTEREST_REFRESH_KEY_H */
