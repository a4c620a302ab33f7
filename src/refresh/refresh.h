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
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/tuplestore.h"

#include "pinterest_fdw.h"
#include "refresh/log.h"
#include "source/reader.h"

/* Does the current user own this table?  The check has a new name since 16. */
#if PG_VERSION_NUM >= 160000
#define pin_owns_table(relid) \
	object_ownercheck(RelationRelationId, relid, GetUserId())
#else
#define pin_owns_table(relid) pg_class_ownercheck(relid, GetUserId())
#endif

/* Name under which SQL knows the download, see pin_register_download() */
#define PIN_DOWNLOAD "pinterest_download"

/* A column of a foreign table, as its materialized table has it too */
typedef struct PinSourceColumn
{
	const char *name;
	AttrNumber	attnum;
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
	List	   *key;			/* natural key in order: indexes of columns, as
								 * the next two */
	int			date;			/* day of a report's rows; -1: none */
	int			advertiser;		/* -1: none */
} PinSourceTable;

/*
 * A refresh on its way.  Everything it holds lives in a memory context of its
 * own, in a tuplestore and in shared memory that no transaction owns, so that a
 * procedure may commit between its steps.  pin_refresh_end() gives all of it
 * back, and must be called after an error, too.
 */
typedef struct PinRefresh
{
	struct PinRefresh *next;	/* of those under way in this session */
	MemoryContext context;
	const char *name;			/* of the target when the refresh began */
	LOCKTAG		locktag;		/* the lock that it holds */
	bool		session_lock;	/* which outlives the transaction */
	bool		has_since;
	DateADT		since;
	Oid			sourceid;
	PinRun	   *run;			/* NULL: not on record yet */
	PinSourceTable *source;		/* NULL: not looked at yet, as all below */
	List	   *registered;		/* names of the columns loaded so far */
	Bitmapset  *missing;		/* source columns that the target lacks */
	DateADT		start;			/* first day to load, if source->date >= 0 */
	TupleDesc	tupdesc;		/* of the download */
	PinReader  *reader;
	TupleTableSlot *slot;		/* a row of the source */
	Tuplestorestate *store;		/* the download; NULL: none yet */
	bool		has_days;		/* days of the download are known: */
	DateADT		first_day;
	DateADT		last_day;
	List	   *advertisers;	/* of char *, whose rows were loaded; NIL:
								 * everyone's */
	PinRefreshResult result;
} PinRefresh;

/* The lock that a refresh holds, on pin_refresh_locktag() */
#define PIN_REFRESH_LOCK ExclusiveLock

/* in materialize.c */
extern char *pin_relation_name(Oid relid);
extern char *pin_relation_sql(Oid relid);
extern PinSourceTable *pin_get_source_table(Oid relid);
extern Bitmapset *pin_match_columns(const PinSourceTable *source,
									Relation target, bool complete);
extern void pin_check_key_index(const PinSourceTable *source,
								Relation target);
extern char *pin_column_definition(const PinSourceColumn *column);

/* in registry.c */
extern Oid	pin_registry_relid(void);
extern bool pin_registry_get(Oid target, Oid *source, List **columns);
extern void pin_registry_put(Oid target, const PinSourceTable *source);
extern List *pin_registry_list(void);

/* in refreshsql.c */
extern int	pin_fix_settings(void);
extern void pin_append_columns(StringInfo sql, const PinRefresh *refresh,
							   const char *prefix);
extern void pin_append_key(StringInfo sql, const PinRefresh *refresh,
						   const char *prefix);
extern void pin_append_join(StringInfo sql, const PinRefresh *refresh);
extern void pin_append_range(StringInfo sql, const PinRefresh *refresh,
							 bool advertisers);
extern int64 pin_refresh_execute(const PinRefresh *refresh, const char *sql,
								 int expected);
extern void pin_register_download(PinRefresh *refresh);

/* in download.c */
extern void pin_refresh_open_source(PinRefresh *refresh);
extern int	pin_refresh_request(PinRefresh *refresh);
extern void pin_refresh_download(PinRefresh *refresh);

/* in apply.c */
extern void pin_refresh_extend(PinRefresh *refresh);
extern void pin_refresh_apply(PinRefresh *refresh);

/* in refresh.c */
extern bool pin_allow_mass_delete;
extern void pin_refresh_init(void);
extern void pin_refresh_locktag(LOCKTAG *tag, Oid target);
extern bool pin_may_refresh(Oid target);
extern void pin_match_tables(PinRefresh *refresh, Relation target);
extern PinRefresh *pin_refresh_begin(MemoryContext parent, Oid target,
									 const DateADT *since, bool session_lock);
extern void pin_refresh_prepare(PinRefresh *refresh);
extern void pin_refresh_end(PinRefresh *refresh);
extern void pin_refresh(Oid target, const DateADT *since,
						PinRefreshResult *result);

#endif							/* PINTEREST_REFRESH_H */
