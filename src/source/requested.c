/*-------------------------------------------------------------------------
 *
 * requested.c
 *	  Which columns a report is asked for.
 *
 * A query must find the same rows whichever columns it reads.  So a report is asked
 * for more than these: what decides which rows there are.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/text.h"
#include "catalog/catalog.h"
#include "option/column.h"
#include "option/key.h"
#include "source/requested.h"

/*
 * request_column
 *		Adds a column to those to ask a report for, unless it is there.
 */
static List *
request_column(List *requested, const char *name)
{
	return pin_has_string(requested, name) ? requested :
		lappend(requested, (void *) name);
}

/*
 * request_identity
 *		Adds the columns to ask a report for that decide what a row is about.
 *
 * Pinterest may split rows by the parents that are asked for.  So that a query
 * finds the same rows whichever columns it uses, the natural key is always asked
 * for, and the columns of the table that make its rows finer.
 */
static List *
request_identity(const PinOptions *options, List *attributes, List *requested)
{
	ListCell   *lc;

	foreach(lc, options->key)
	{
		const PinColumn *column = lfirst(lc);

		if (column->source == PIN_FROM_FIELD)
			requested = request_column(requested, column->api_name);
	}
	foreach(lc, attributes)
	{
		PinAttribute *attribute = lfirst(lc);

		if (attribute->column != NULL &&
			pin_column_is_finer(options->resource, attribute->column))
			requested = request_column(requested, attribute->api_name);
	}
	return requested;
}

/*
 * request_presence
 *		Adds the columns to ask a report for that show that there is a row.
 *
 * Pinterest leaves out the rows in which all the metrics asked for are zero.
 * So that a query finds the same rows whichever columns it uses, a few metrics
 * are always asked for that are not all zero if any metric is not.
 */
static List *
request_presence(const PinOptions *options, List *requested)
{
	for (int i = 0; i < options->resource->ncolumns; i++)
	{
		const PinColumn *column = &options->resource->columns[i];
		const char *reason;

		if ((column->flags & PIN_PRESENCE) &&
			pin_column_is_valid(options->resource, column,
								options->granularity, &reason))
			requested = request_column(requested, column->api_name);
	}
	return requested;
}

/*
 * pin_requested_columns
 *		The columns to ask a report for: const char *, the API's names, each once.
 *
 * options, attributes: of the foreign table; used: likewise, the columns that are
 * read.  nused: is set to how many of the result are read or decide what a row is
 * about; the others come last, and show that there is a row.  The result is in the
 * current memory context; the names are the catalog's, or those of the attributes
 * and of used.  For entities it is empty.
 */
List *
pin_requested_columns(const PinOptions *options, List *attributes, List *used,
					  int *nused)
{
	List	   *requested = NIL;
	ListCell   *lc;

	/* the rows of a template are the same, whatever a query reads of them */
	bool		chooses = options->resource->kind == PIN_REPORT &&
		options->template_id == NULL;

	foreach(lc, used)
		requested = request_column(requested, lfirst(lc));
	if (chooses)
		requested = request_identity(options, attributes, requested);
	*nused = list_length(requested);
	if (chooses)
		requested = request_presence(options, requested);
	return requested;
}
