/*-------------------------------------------------------------------------
 *
 * foreign.h
 *	  The foreign table that a materialized one is loaded from, and whether they fit.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_FOREIGN_H
#define PINTEREST_REFRESH_FOREIGN_H

#include "nodes/bitmapset.h"
#include "utils/rel.h"

#include "option/settings.h"

/* A column of a foreign table, as its materialized table has it too */
typedef struct PinSourceColumn
{
	const char *name;
	AttrNumber	attnum;
	Oid			type;
	int32		typmod;
	Oid			collation;
	const char *api_name;		/* what Pinterest calls it */
	const char *comment;		/* NULL: none */
} PinSourceColumn;

/* A foreign table to load from */
typedef struct PinSourceTable
{
	Oid			relid;
	const char *name;			/* qualified, for messages */
	const char *relname;		/* alone, as PostgreSQL's messages have it */
	PinOptions *options;
	int			ncolumns;
	PinSourceColumn *columns;
	List	   *attributes;		/* PinAttribute *: the same columns as Pinterest's */
	List	   *key;			/* natural key in order: indexes of columns, as
								 * the next two */
	int			date;			/* day of a report's rows; -1: none */
	int			advertiser;		/* -1: none */
	List	   *children;		/* PinSourceTable *: the foreign tables below it,
								 * whose rows are its; NIL: it is one itself */
} PinSourceTable;

/* Column of a target in which entities that are gone stay: since when they are */
#define PIN_DELETED_AT "deleted_at"

extern PinSourceTable *pin_describe_table(Relation rel, PinOptions *options,
										   List *attributes);
extern bool pin_hold_source(Oid relid);
extern void pin_lock_source(Oid relid, const char *target);
extern Bitmapset *pin_match_columns(const PinSourceTable *source,
									Relation target, bool complete);
extern Bitmapset *pin_match_tables(const PinSourceTable *source,
								   Relation target, List *registered);
extern void pin_check_types(const PinSourceTable *source, Oid role);
extern Oid	pin_check_key_index(const PinSourceTable *source,
								Relation target);
extern void pin_check_keep_deleted(const PinSourceTable *source);
extern void pin_check_deleted_at(const PinSourceTable *source,
								 Relation target);
extern char *pin_column_definition(const PinSourceColumn *column);
extern void pin_comment_column(Oid target, const PinSourceColumn *column);

#endif							/* PINTEREST_REFRESH_FOREIGN_H */
