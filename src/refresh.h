/*-------------------------------------------------------------------------
 *
 * refresh.h
 *	  Ordinary tables that are kept equal to foreign ones.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_H
#define PINTEREST_REFRESH_H

#include "nodes/bitmapset.h"
#include "utils/tuplestore.h"

#include "pinterest_fdw.h"

/* Does the current user own this table?  The check has a new name since 16. */
#if PG_VERSION_NUM >= 160000
#define pin_owns_table(relid) \
	object_ownercheck(RelationRelationId, relid, GetUserId())
#else
#define pin_owns_table(relid) pg_class_ownercheck(relid, GetUserId())
#endif

/* A column of a foreign table, as its materialized table has it too */
typedef struct PinSourceColumn
{
	const char *name;
	Oid			type;
	int32		typmod;
	Oid			collation;
	const char *comment;		/* NULL: none */
} PinSourceColumn;

/* A foreign table to load from */
typedef struct PinSourceTable
{
	Oid			relid;
	const char *name;			/* qualified, for messages */
	PinOptions *options;
	int			ncolumns;
	PinSourceColumn *columns;
	bool		all_columns;	/* these are all that the table has */
	List	   *key;			/* natural key in order: indexes of columns, as
								 * the next two */
	int			date;			/* day of a report's rows; -1: none */
	int			advertiser;		/* -1: none */
} PinSourceTable;

/* What one refresh did, in the order of the type pinterest.refresh_result */
typedef struct PinRefreshResult
{
	Oid			target;
	int64		rows;			/* downloaded */
	int64		inserted;
	int64		updated;
	int64		deleted;
	int64		unchanged;
	int64		api_calls;
	int64		bytes;
	TimestampTz started_at;
	TimestampTz finished_at;
} PinRefreshResult;

/*
 * A refresh on its way.  Everything it holds lives in a memory context of its
 * own and in a tuplestore that no transaction owns, so that a procedure may
 * commit between the download and its application.  pin_refresh_end() gives
 * both back, and must be called after an error, too.
 */
typedef struct PinRefresh
{
	MemoryContext context;
	const char *name;			/* of the target when the refresh began */
	PinSourceTable *source;
	List	   *registered;		/* names of the columns loaded so far */
	Bitmapset  *missing;		/* source columns that the target lacks */
	DateADT		start;			/* first day to load, if source->date >= 0 */
	TupleDesc	tupdesc;		/* of the download */
	Tuplestorestate *store;		/* the download; NULL: none yet */
	List	   *advertisers;	/* of char *, whose rows were loaded; NIL:
								 * everyone's */
	PinRefreshResult result;
} PinRefresh;

/* in materialize.c */
extern char *pin_relation_name(Oid relid);
extern char *pin_relation_sql(Oid relid);
extern PinSourceTable *pin_get_source_table(Oid relid);
extern Bitmapset *pin_match_columns(const PinSourceTable *source,
									Relation target, bool complete);
extern void pin_check_key_index(const PinSourceTable *source,
								Relation target);
extern char *pin_column_definition(const PinSourceColumn *column);
extern Oid	pin_registry_relid(void);
extern bool pin_registry_get(Oid target, Oid *source, List **columns);
extern void pin_registry_put(Oid target, const PinSourceTable *source);

/* in refresh.c */
extern void pin_refresh_init(void);
extern PinRefresh *pin_refresh_prepare(MemoryContext parent, Oid target,
									   const DateADT *since);
extern void pin_refresh_download(PinRefresh *refresh);
extern void pin_refresh_apply(PinRefresh *refresh);
extern void pin_refresh_end(PinRefresh *refresh);
extern void pin_refresh(Oid target, const DateADT *since,
						PinRefreshResult *result);

#endif							/* PINTEREST_REFRESH_H */
