/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between the supported major versions of PostgreSQL.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_COMPAT_H
#define PINTEREST_BASE_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "pinterest_fdw needs PostgreSQL 15 or newer"
#endif

/* The macros for values of varying length have a header of their own since 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Stands in front of a declaration since 18. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* PostgreSQL's own JSON parser */
#if PG_VERSION_NUM >= 170000
#define pin_make_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(NULL, json, len, encoding, true)
#else
#define pin_make_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(json, len, encoding, true)
#endif

/* Raises the parser's error. */
#if PG_VERSION_NUM >= 160000
#define pin_json_error(error, lex) json_errsave_error(error, lex, NULL)
#else
#define pin_json_error(error, lex) json_ereport_error(error, lex)
#endif

/* A wait event set belongs to a resource owner since PostgreSQL 17. */
#if PG_VERSION_NUM >= 170000
#define pin_create_wait_event_set(n) \
	CreateWaitEventSet(CurrentResourceOwner, n)
#else
#define pin_create_wait_event_set(n) \
	CreateWaitEventSet(CurrentMemoryContext, n)
#endif

/* Whether a lock that is stronger counts, too, can be asked since 17. */
#if PG_VERSION_NUM >= 170000
#define pin_lock_held(tag, mode) LockHeldByMe(tag, mode, false)
#else
#define pin_lock_held(tag, mode) LockHeldByMe(tag, mode)
#endif

/* A description of rows is finished by a call since 19. */
#if PG_VERSION_NUM >= 190000
#define pin_finish_tupdesc(tupdesc) TupleDescFinalize(tupdesc)
#else
#define pin_finish_tupdesc(tupdesc) ((void) (tupdesc))
#endif

/* A column without a statistics target of its own has null since 17, not -1. */
#if PG_VERSION_NUM >= 170000
#define pin_statistics_target(tuple) \
	(heap_attisnull(tuple, Anum_pg_attribute_attstattarget, NULL) ? -1 : \
	 (int) DatumGetInt16(SysCacheGetAttrNotNull(ATTNUM, tuple, \
												Anum_pg_attribute_attstattarget)))
#else
#define pin_statistics_target(tuple) \
	((int) ((Form_pg_attribute) GETSTRUCT(tuple))->attstattarget)
#endif

/* Event triggers are told the statement that rebuilds indexes since 17. */
#if PG_VERSION_NUM >= 170000
#define pin_reindex_relation(relid, params) \
	reindex_relation(NULL, relid, REINDEX_REL_CHECK_CONSTRAINTS, params)
#else
#define pin_reindex_relation(relid, params) \
	reindex_relation(relid, REINDEX_REL_CHECK_CONSTRAINTS, params)
#endif

/* What inserting into an index has left over is to be cleared since 17. */
#if PG_VERSION_NUM >= 170000
#define pin_index_insert_cleanup(index, info) index_insert_cleanup(index, info)
#else
#define pin_index_insert_cleanup(index, info) ((void) 0)
#endif

/* Where the user whose rights count stands, for a query through a view */
#if PG_VERSION_NUM >= 160000
#define pin_scan_user(plan, estate) ((void) (estate), (plan)->checkAsUser)
#else
#define pin_scan_user(plan, estate) \
	(exec_rt_fetch((plan)->scan.scanrelid, estate)->checkAsUser)
#endif

/* Operators of other kinds of indexes than btree count, too, since 18. */
#if PG_VERSION_NUM >= 180000
#define get_op_btree_interpretation(opno) get_op_index_interpretation(opno)
#endif

/* Checks of privileges have one function for all kinds of objects since 16. */
#if PG_VERSION_NUM >= 160000
#include "catalog/pg_class_d.h"
#include "catalog/pg_database_d.h"
#include "catalog/pg_foreign_data_wrapper_d.h"
#include "catalog/pg_foreign_server_d.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_proc_d.h"

#define pin_class_ownercheck(relid, userid) \
	object_ownercheck(RelationRelationId, relid, userid)
#define pin_wrapper_aclcheck(fdwid, userid, mode) \
	object_aclcheck(ForeignDataWrapperRelationId, fdwid, userid, mode)
#define pin_server_aclcheck(serverid, userid, mode) \
	object_aclcheck(ForeignServerRelationId, serverid, userid, mode)
#define pin_server_ownercheck(serverid, userid) \
	object_ownercheck(ForeignServerRelationId, serverid, userid)
#define pin_database_aclcheck(oid, role, mode) \
	object_aclcheck(DatabaseRelationId, oid, role, mode)
#define pin_namespace_aclcheck(oid, role, mode) \
	object_aclcheck(NamespaceRelationId, oid, role, mode)
#define pin_proc_aclcheck(oid, role, mode) \
	object_aclcheck(ProcedureRelationId, oid, role, mode)
#else
#define pin_class_ownercheck pg_class_ownercheck
#define pin_wrapper_aclcheck(fdwid, userid, mode) \
	pg_foreign_data_wrapper_aclcheck(fdwid, userid, mode)
#define pin_server_aclcheck(serverid, userid, mode) \
	pg_foreign_server_aclcheck(serverid, userid, mode)
#define pin_server_ownercheck(serverid, userid) \
	pg_foreign_server_ownercheck(serverid, userid)
#define pin_database_aclcheck pg_database_aclcheck
#define pin_namespace_aclcheck pg_namespace_aclcheck
#define pin_proc_aclcheck pg_proc_aclcheck
#endif

/* Privilege to maintain a table, which PostgreSQL 17 has brought */
#if PG_VERSION_NUM >= 170000
#define pin_may_maintain(relid, role) \
	(pg_class_aclcheck(relid, role, ACL_MAINTAIN) == ACLCHECK_OK)
#else
#define pin_may_maintain(relid, role) ((void) (relid), (void) (role), false)
#endif

/* Whether this process holds a lock, in just that mode */
#if PG_VERSION_NUM >= 170000
#define pin_holds_lock(tag, mode) LockHeldByMe(tag, mode, false)
#else
#define pin_holds_lock(tag, mode) LockHeldByMe(tag, mode)
#endif

/* What an Append or MergeAppend prunes, kept elsewhere since PostgreSQL 18 */
#if PG_VERSION_NUM >= 180000
#define pin_append_pruning(estate, append) \
	((append)->part_prune_index < 0 ? NULL : \
	 list_nth_node(PartitionPruneInfo, (estate)->es_part_prune_infos, \
				   (append)->part_prune_index))
#else
#define pin_append_pruning(estate, append) ((append)->part_prune_info)
#endif

/* What is measured of any part of a query is a struct of its own since 19. */
#if PG_VERSION_NUM >= 190000
#define pin_is_timed(instrumentation) ((instrumentation)->instr.need_timer)
#else
#define pin_is_timed(instrumentation) ((instrumentation)->need_timer)
#endif

/*
 * The planner got "restrictinfo" in PostgreSQL 17 and "disabled nodes" in 18.
 */
#if PG_VERSION_NUM >= 180000
#define pin_create_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, 0, startup, total, pathkeys, \
							outer, NULL, NIL, private)
#elif PG_VERSION_NUM >= 170000
#define pin_create_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys, \
							outer, NULL, NIL, private)
#else
#define pin_create_foreignscan_path(root, rel, rows, startup, total, pathkeys, outer, private) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, pathkeys, \
							outer, NULL, private)
#endif

/* Since PostgreSQL 18 a pathkey does not name a btree strategy any more. */
#if PG_VERSION_NUM >= 180000
#define pin_pathkey_descends(pathkey) ((pathkey)->pk_cmptype == COMPARE_GT)
#else
#define pin_pathkey_descends(pathkey) \
	((pathkey)->pk_strategy == BTGreaterStrategyNumber)
#endif

/* EXPLAIN (GENERIC_PLAN), of PostgreSQL 16 and newer, has no parameters. */
#if PG_VERSION_NUM >= 160000
#define pin_explains_generic_plan(es) ((es)->generic)
#else
#define pin_explains_generic_plan(es) false
#endif

/*
 * The closest match to a misspelt name: core's own since PostgreSQL 16, the
 * same on top of its Levenshtein distance before.
 */
#include "utils/varlena.h"

#if PG_VERSION_NUM < 160000
#define PIN_MAX_LEVENSHTEIN 255

typedef struct ClosestMatchState
{
	const char *source;
	int			min_d;
	int			max_d;
	const char *match;
} ClosestMatchState;

static inline void
initClosestMatch(ClosestMatchState *state, const char *source, int max_d)
{
	state->source = source;
	state->min_d = -1;
	state->max_d = max_d;
	state->match = NULL;
}

static inline void
updateClosestMatch(ClosestMatchState *state, const char *candidate)
{
	int			slen = strlen(state->source);
	int			clen = strlen(candidate);
	int			d;

	if (slen == 0 || slen > PIN_MAX_LEVENSHTEIN ||
		clen == 0 || clen > PIN_MAX_LEVENSHTEIN)
		return;
	d = varstr_levenshtein_less_equal(state->source, slen, candidate, clen,
									  1, 1, 1, state->max_d, true);
	if (d <= state->max_d && d <= slen / 2 &&
		(state->min_d == -1 || d < state->min_d))
	{
		state->min_d = d;
		state->match = candidate;
	}
}

static inline const char *
getClosestMatch(ClosestMatchState *state)
{
	return state->match;
}
#endif							/* PG_VERSION_NUM < 160000 */

#endif							/* PINTEREST_BASE_COMPAT_H */
