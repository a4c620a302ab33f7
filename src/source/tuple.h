/*-------------------------------------------------------------------------
 *
 * tuple.h
 *	  A row as a tuple of the foreign table.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_TUPLE_H
#define PINTEREST_SOURCE_TUPLE_H

#include "executor/tuptable.h"
#include "utils/rel.h"

#include "json/row.h"
#include "option/column.h"
#include "option/settings.h"
#include "source/convert.h"
#include "source/label.h"
#include "source/row.h"

/* A column that is wanted */
typedef struct PinTupleColumn
{
	AttrNumber	attnum;
	const char *name;
	PinSource	source;
	bool		is_key;			/* never null */
	bool		may_be_missing; /* a key that a report's row need not have */
	bool		is_spared;		/* without a value, the tuple's own is right */
	bool		is_unknown;		/* a field that the catalog does not know, */
	bool		has_come;		/* and that some entity had */
	const char *api_name;
	PinConverter converter;
	int			place;			/* among the fields; -1: not from a field */
} PinTupleColumn;

/* How the rows of a table become tuples */
typedef struct PinTuple
{
	const char *relname;
	PinTupleColumn *columns;
	int			ncolumns;
	int			natts;
	Datum	   *values;			/* of a row that has no fields */
	bool	   *isnull;
	const char *current;		/* name of the column at hand, or NULL */
} PinTuple;

extern PinTuple *pin_tuple_create(Relation rel, const PinOptions *options,
								  const char *relname, List *attributes,
								  List *attnums);
extern void pin_tuple_fill(PinTuple *tuple, const PinRow *row,
						   const PinCell *cells, const PinHour *hour,
						   TupleTableSlot *slot);
extern void pin_tuple_warn_of_unknown(PinTuple *tuple,
									  const PinResource *resource);

#endif							/* PINTEREST_SOURCE_TUPLE_H */
