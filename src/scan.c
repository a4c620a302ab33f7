/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Execution of scans.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "commands/explain.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif
#include "executor/executor.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "convert.h"
#include "plan.h"
#include "qual.h"

/* A column that the query uses */
typedef struct ScanColumn
{
	AttrNumber	attnum;
	const char *name;
	PinSource	source;
	bool		is_key;			/* never null */
	PinConverter converter;
	int			place;			/* among the fields; -1: not from a field */
} ScanColumn;

typedef struct PinScan
{
	PinOptions *options;
	Oid			userid;
	const char *relname;
	ScanColumn *columns;
	int			ncolumns;
	PinJsonFields *fields;		/* to pick from each row */
	PinJsonValue *values;		/* of the row, as many */
	List	   *requested;		/* const char *: columns to ask a report for */
	List	   *date_exprs;		/* ExprState *, see qual.c */
	List	   *date_strategies;

	/* made at the first row, gone at a rescan */
	MemoryContext cxt;
	bool		started;
	PinSession *session;
	PinReport  *report;			/* one of these two, or none if there is */
	PinEntities *entities;		/* nothing to ask for */
	PinUsage	usage;			/* of the sessions before the current one */

	/* for messages */
	PinRow		row;
	const char *current;		/* name of the field or column at hand */
} PinScan;

/*
 * is_key
 *		Whether a column belongs to the natural key of a resource.
 */
static bool
is_key(const PinResource *resource, const PinColumn *column)
{
	for (int i = 0; i < resource->nkeys; i++)
	{
		if (&resource->keys[i] == column)
			return true;
	}
	return false;
}

/*
 * request_columns
 *		Completes the list of columns to ask a report for.
 *
 * Pinterest leaves out the rows in which all the metrics asked for are zero.
 * So that a query finds the same rows whichever columns it uses, a few metrics
 * are always asked for that are not all zero if any metric is not.
 */
static List *
request_columns(const PinOptions *options, List *requested)
{
	for (int i = 0; i < options->resource->ncolumns; i++)
	{
		const PinColumn *column = &options->resource->columns[i];
		const char *reason;
		bool		found = false;
		ListCell   *lc;

		if (!(column->flags & PIN_PRESENCE) ||
			!pin_column_is_valid(options->resource, column,
								 options->granularity == PIN_HOUR, &reason))
			continue;
		foreach(lc, requested)
			found = found || strcmp(lfirst(lc), column->api_name) == 0;
		if (!found)
			requested = lappend(requested, (void *) column->api_name);
	}
	return requested;
}

/*
 * pinBeginForeignScan
 *		Prepares a scan; the first request is sent with the first row.
 */
void
pinBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	EState	   *estate = node->ss.ps.state;
	Relation	rel = node->ss.ss_currentRelation;
	TupleDesc	tupdesc = RelationGetDescr(rel);
	PinScan    *scan = palloc0(sizeof(PinScan));
	List	   *attnums = list_nth(plan->fdw_private, PinScanPrivateAttnums);
	const char **names;
	int			nnames = 0;
	ListCell   *lc;

	scan->options = pin_get_options(RelationGetRelid(rel));
	scan->userid = pin_scan_user(plan, estate);
	if (!OidIsValid(scan->userid))
		scan->userid = GetUserId();
	scan->relname = RelationGetRelationName(rel);
	scan->columns = palloc0(Max(list_length(attnums), 1) * sizeof(ScanColumn));
	names = palloc0(Max(list_length(attnums), 1) * sizeof(char *));

	foreach(lc, pin_get_attributes(rel, scan->options->resource))
	{
		PinAttribute *attribute = lfirst(lc);
		const PinColumn *known = attribute->column;
		ScanColumn *column = &scan->columns[scan->ncolumns];
		bool		is_report = scan->options->resource->kind == PIN_REPORT;

		if (!list_member_int(attnums, attribute->attnum))
			continue;
		scan->ncolumns++;
		column->attnum = attribute->attnum;
		column->name = attribute->name;
		column->source = known != NULL ? known->source : PIN_FROM_FIELD;
		column->is_key = known != NULL && is_key(scan->options->resource, known);
		column->place = -1;
		pin_converter_init(&column->converter,
						   TupleDescAttr(tupdesc, attribute->attnum - 1),
						   known, is_report);
		if (column->source == PIN_FROM_FIELD || column->source == PIN_FROM_DATE)
		{
			column->place = nnames;
			names[nnames++] = attribute->api_name;
		}
		if (is_report && column->source == PIN_FROM_FIELD)
			scan->requested = lappend(scan->requested,
									  (void *) attribute->api_name);
	}
	scan->fields = pin_json_fields(nnames, names);
	scan->values = palloc0(Max(nnames, 1) * sizeof(PinJsonValue));
	if (scan->options->resource->kind == PIN_REPORT)
		scan->requested = request_columns(scan->options, scan->requested);

	scan->date_exprs = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	scan->date_strategies = list_nth(plan->fdw_private,
									 PinScanPrivateDateStrategies);
	scan->cxt = AllocSetContextCreate(estate->es_query_cxt,
									  "pinterest_fdw scan",
									  ALLOCSET_DEFAULT_SIZES);
	node->fdw_state = scan;
}

/*
 * scan_ranges
 *		The windows of days that a report scan needs, as a List of PinRange;
 *		empty if the conditions rule out every day.
 */
static List *
scan_ranges(PinScan *scan, ExprContext *econtext)
{
	DateADT		today = pin_today();
	PinRange	all = {pin_history_start(scan->options, today), today};
	PinRange	range = all;

	if (!pin_apply_date_bounds(scan->date_exprs, scan->date_strategies,
							   econtext, &range))
		return NIL;
	pin_widen_range(scan->options, &range);
	return pin_split_range(scan->options, Max(range.start, all.start),
						   Min(range.end, all.end));
}

/*
 * start_scan
 *		Finds what to ask for and prepares asking for it.
 */
static void
start_scan(PinScan *scan, ExprContext *econtext)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	const PinResource *resource = scan->options->resource;
	List	   *advertisers = scan->options->advertiser_ids;
	List	   *ranges = NIL;

	scan->started = true;
	if (resource->kind == PIN_REPORT)
	{
		ranges = scan_ranges(scan, econtext);
		if (ranges == NIL)
		{
			MemoryContextSwitchTo(old);
			return;
		}
	}
	scan->session = pin_session_create(scan->options, scan->userid, scan->relname);
	if (scan->options->all_advertisers && resource->path[0] != '\0')
		advertisers = pin_list_advertisers(scan->session);

	if (resource->kind == PIN_REPORT)
		scan->report = pin_report_begin(scan->session, advertisers,
										scan->requested, ranges);
	else if (advertisers != NIL || resource->path[0] == '\0')
		scan->entities = pin_entities_begin(scan->session, resource, advertisers);
	MemoryContextSwitchTo(old);
}

/*
 * row_context
 *		Error context callback: which value of which row is at hand.
 */
static void
row_context(void *arg)
{
	PinScan    *scan = arg;
	const PinRow *row = &scan->row;

	if (row->json == NULL)
		errcontext("scan of foreign table \"%s\"", scan->relname);
	else if (scan->current == NULL)
		errcontext("row of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   scan->relname,
				   row->advertiser_id != NULL ? row->advertiser_id : "unknown",
				   row->entity_id != NULL ? row->entity_id : "unknown");
	else
		errcontext("column \"%s\" of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   scan->current, scan->relname,
				   row->advertiser_id != NULL ? row->advertiser_id : "unknown",
				   row->entity_id != NULL ? row->entity_id : "unknown");
}

/*
 * fill_slot
 *		Converts a row's values and stores them in the scan's slot.
 */
static void
fill_slot(PinScan *scan, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	pin_json_object(scan->fields, scan->row.json, scan->row.len,
					scan->row.encoding, scan->values, &scan->current);

	memset(slot->tts_isnull, true, natts * sizeof(bool));
	memset(slot->tts_values, 0, natts * sizeof(Datum));
	for (int i = 0; i < scan->ncolumns; i++)
	{
		ScanColumn *column = &scan->columns[i];
		PinJsonValue value;

		scan->current = column->name;
		if (column->place >= 0)
			value = scan->values[column->place];
		else
		{
			const char *text = column->source == PIN_FROM_ENTITY ?
				scan->row.entity_id : scan->row.advertiser_id;

			value.type = text == NULL || text[0] == '\0' ?
				PIN_JSON_MISSING : PIN_JSON_STRING;
			value.text = (char *) text;
		}
		slot->tts_values[column->attnum - 1] =
			pin_convert(&column->converter, &value,
						&slot->tts_isnull[column->attnum - 1]);
		if (column->is_key && slot->tts_isnull[column->attnum - 1])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("Pinterest sent a row without its key for foreign table \"%s\"",
							scan->relname)));
	}
	scan->current = NULL;
	ExecStoreVirtualTuple(slot);
}

/*
 * pinIterateForeignScan
 *		Next row, in the per-tuple memory context; an empty slot at the end.
 */
TupleTableSlot *
pinIterateForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	ErrorContextCallback callback;
	bool		found = false;

	ExecClearTuple(slot);
	scan->row.json = NULL;
	callback.callback = row_context;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	if (!scan->started)
		start_scan(scan, node->ss.ps.ps_ExprContext);
	if (scan->report != NULL)
		found = pin_report_next(scan->report, &scan->row);
	else if (scan->entities != NULL)
		found = pin_entities_next(scan->entities, &scan->row);
	if (found)
		fill_slot(scan, slot);

	error_context_stack = callback.previous;
	return slot;
}

/*
 * end_session
 *		Ends all requests of a scan, keeping the counts.
 */
static void
end_session(PinScan *scan)
{
	if (scan->session != NULL)
	{
		scan->usage.requests += scan->session->pool->usage.requests;
		scan->usage.retries += scan->session->pool->usage.retries;
		scan->usage.bytes += scan->session->pool->usage.bytes;
	}
	scan->session = NULL;
	scan->report = NULL;
	scan->entities = NULL;
	scan->started = false;
	MemoryContextReset(scan->cxt);
}

/*
 * pinReScanForeignScan
 *		Begins anew, with the current values of parameters.
 */
void
pinReScanForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;

	if (scan->started)
		end_session(scan);
}

/*
 * pinEndForeignScan
 *		Ends a scan.
 */
void
pinEndForeignScan(ForeignScanState *node)
{
	PinScan    *scan = node->fdw_state;

	if (scan != NULL)
		end_session(scan);
}

/*
 * has_exec_param
 *		Whether an expression needs a value that only execution gives.
 */
static bool
has_exec_param(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		return true;
	return expression_tree_walker(node, has_exec_param, context);
}

/*
 * pinExplainForeignScan
 *		Shows what is asked of Pinterest, and what that took.
 */
void
pinExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	PinScan    *scan = node->fdw_state;
	const PinOptions *options = scan->options;
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;

	if (options->resource->kind == PIN_ENTITY)
		ExplainPropertyText("Pinterest Endpoint",
							psprintf("GET %s",
									 pin_entities_path(options, options->resource,
													   options->resource->path[0] != '\0' ||
													   options->advertiser_ids != NIL ?
													   "{ad_account_id}" : NULL)),
							es);
	else
	{
		List	   *windows = NIL;
		ListCell   *lc;

		ExplainPropertyText("Pinterest Endpoint",
							"POST /ad_accounts/{ad_account_id}/reports", es);
		ExplainPropertyText("Pinterest Level", options->resource->level_name, es);
		ExplainPropertyText("Pinterest Granularity",
							pin_granularity_name(options->granularity), es);
		if (has_exec_param((Node *) plan->fdw_exprs, NULL))
			windows = list_make1("known at execution");
		else
		{
			foreach(lc, scan_ranges(scan, node->ss.ps.ps_ExprContext))
			{
				PinRange   *range = lfirst(lc);

				windows = lappend(windows,
								  psprintf("%s..%s", pin_format_date(range->start),
										   pin_format_date(range->end)));
			}
			if (windows == NIL)
				windows = list_make1("none");
		}
		ExplainPropertyList("Pinterest Windows", windows, es);
		ExplainPropertyList("Pinterest Columns", scan->requested, es);
	}
	ExplainPropertyList("Pinterest Advertisers",
						options->advertiser_ids != NIL ? options->advertiser_ids :
						list_make1("*"), es);

	if (es->analyze)
	{
		PinUsage	usage = scan->usage;

		if (scan->session != NULL)
		{
			usage.requests += scan->session->pool->usage.requests;
			usage.retries += scan->session->pool->usage.retries;
			usage.bytes += scan->session->pool->usage.bytes;
		}
		ExplainPropertyInteger("Pinterest Requests", NULL, usage.requests, es);
		ExplainPropertyInteger("Pinterest Retries", NULL, usage.retries, es);
		ExplainPropertyInteger("Pinterest Bytes", NULL, usage.bytes, es);
	}
}
