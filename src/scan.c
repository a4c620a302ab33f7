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
#include "utils/snapmgr.h"

#include "convert.h"
#include "plan.h"
#include "qual.h"
#include "scan.h"

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

struct PinScan
{
	PinOptions *options;
	Oid			userid;
	const char *relname;
	ScanColumn *columns;
	int			ncolumns;
	PinJsonFields *fields;		/* to pick from each row */
	PinJsonValue *values;		/* of the row, as many */
	List	   *requested;		/* const char *: columns to ask a report for */
	List	   *exprs;			/* ExprState *, of the conditions in qual.h */
	List	   *conditions;
	int			hour;			/* place of the field HOUR; -1: not wanted */
	DateADT		first_day;		/* nothing older is asked for */
	PinProgress *progress;		/* to keep up to date, or NULL */

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
	int			id_place;		/* of an entity's id among the fields; -1: a
								 * report's row has it beside the fields */
};

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
 * request_column
 *		Adds a column to those to ask a report for, unless it is there.
 */
static List *
request_column(List *requested, const char *name)
{
	ListCell   *lc;

	foreach(lc, requested)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return requested;
	}
	return lappend(requested, (void *) name);
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

		if ((column->flags & PIN_PRESENCE) &&
			pin_column_is_valid(options->resource, column,
								options->granularity, &reason))
			requested = request_column(requested, column->api_name);
	}
	return requested;
}

/*
 * add_name
 *		Adds a name to a list of them unless it is there; returns its place.
 */
static int
add_name(const char **names, int *nnames, const char *name)
{
	for (int i = 0; i < *nnames; i++)
	{
		if (strcmp(names[i], name) == 0)
			return i;
	}
	names[*nnames] = name;
	return (*nnames)++;
}

/*
 * create_scan
 *		Prepares reading some columns of a foreign table as a user.
 *
 * attnums: numbers of the columns.  Everything is allocated in the current
 * memory context, in which the relation need not stay open.
 */
static PinScan *
create_scan(Relation rel, List *attnums, Oid userid)
{
	TupleDesc	tupdesc = RelationGetDescr(rel);
	PinScan    *scan = palloc0(sizeof(PinScan));
	const char **names;
	int			nnames = 0;
	ListCell   *lc;

	scan->options = pin_get_options(RelationGetRelid(rel));
	scan->userid = userid;
	scan->relname = pstrdup(RelationGetRelationName(rel));
	scan->first_day = DATEVAL_NOBEGIN;
	scan->columns = palloc0(Max(list_length(attnums), 1) * sizeof(ScanColumn));
	names = palloc0((list_length(attnums) + 1) * sizeof(char *));
	scan->hour = -1;

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
		if (column->source != PIN_FROM_ADVERTISER &&
			column->source != PIN_FROM_ENTITY)
			column->place = add_name(names, &nnames, attribute->api_name);
		if (column->source == PIN_FROM_DATE &&
			scan->options->granularity == PIN_HOUR)
			scan->hour = add_name(names, &nnames, "HOUR");
		if (is_report && column->source == PIN_FROM_FIELD)
			scan->requested = request_column(scan->requested,
											 attribute->api_name);
	}
	scan->id_place = -1;
	if (scan->options->resource->kind == PIN_ENTITY)
	{
		const PinResource *resource = scan->options->resource;
		const char *id = resource->keys[resource->nkeys - 1].api_name;

		/* messages name the entity, whether or not the query does */
		scan->id_place = add_name(names, &nnames, id);
	}
	scan->fields = pin_json_fields(nnames, names);
	scan->values = palloc0(Max(nnames, 1) * sizeof(PinJsonValue));
	if (scan->options->resource->kind == PIN_REPORT &&
		scan->options->template_id == NULL)
		scan->requested = request_columns(scan->options, scan->requested);

	scan->cxt = AllocSetContextCreate(CurrentMemoryContext,
									  "pinterest_fdw scan",
									  ALLOCSET_DEFAULT_SIZES);
	return scan;
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
	Oid			userid = pin_scan_user(plan, estate);
	PinScan    *scan;

	scan = create_scan(node->ss.ss_currentRelation,
					   list_nth(plan->fdw_private, PinScanPrivateAttnums),
					   OidIsValid(userid) ? userid : GetUserId());
	scan->exprs = ExecInitExprList(plan->fdw_exprs, (PlanState *) node);
	scan->conditions = list_nth(plan->fdw_private, PinScanPrivateConditions);
	node->fdw_state = scan;
}

/*
 * scan_ranges
 *		The windows of days that a report scan needs, as a List of PinRange;
 *		empty if the conditions rule out every row.
 */
static List *
scan_ranges(PinScan *scan, ExprContext *econtext)
{
	DateADT		today = pin_today();
	PinRange	all = {pin_history_start(scan->options, today), today};
	PinRange	range = all;

	range.start = Max(range.start, scan->first_day);
	if (!pin_apply_conditions(scan->exprs, scan->conditions, econtext,
							  scan->options->granularity == PIN_HOUR, &range, NULL))
		return NIL;
	pin_widen_range(scan->options, &range);
	return pin_split_range(scan->options, Max(range.start, all.start),
						   Min(range.end, all.end));
}

/*
 * scan_advertisers
 *		Narrows a list of advertisers to those that a scan needs.
 */
static List *
scan_advertisers(PinScan *scan, ExprContext *econtext, List *advertiser_ids)
{
	if (!pin_apply_conditions(scan->exprs, scan->conditions, econtext, false,
							  NULL, &advertiser_ids))
		return NIL;
	return advertiser_ids;
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
	bool		of_advertisers = resource->kind == PIN_REPORT ||
		(resource->listing != PIN_LIST_GLOBAL &&
		 resource->listing != PIN_LIST_BY_TYPE &&
		 (resource->listing != PIN_LIST_ADVERTISERS || advertisers != NIL));

	scan->started = true;
	if (resource->kind == PIN_REPORT)
		ranges = scan_ranges(scan, econtext);
	if (of_advertisers && advertisers != NIL)
		advertisers = scan_advertisers(scan, econtext, advertisers);
	if ((resource->kind == PIN_REPORT && ranges == NIL) ||
		(of_advertisers && advertisers == NIL && !scan->options->all_advertisers))
	{
		/* the conditions rule out every row */
		MemoryContextSwitchTo(old);
		return;
	}

	scan->session = pin_session_create(scan->options, scan->userid, scan->relname);
	scan->session->progress = scan->progress;
	if (of_advertisers && scan->options->all_advertisers)
		advertisers = scan_advertisers(scan, econtext,
									   pin_list_advertisers(scan->session));

	if (resource->kind == PIN_ENTITY)
	{
		if (advertisers != NIL || !of_advertisers)
			scan->entities = pin_entities_begin(scan->session, resource,
												scan->options->filters,
												of_advertisers ? advertisers : NIL);
	}
	else
	{
		if (scan->options->template_id != NULL)
			advertisers = pin_check_template(scan->session, advertisers,
											 scan->requested);
		scan->report = pin_report_begin(scan->session, advertisers,
										scan->requested, ranges);
	}
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
	const char *advertiser = row->advertiser_id;
	const char *entity = row->entity_id;

	if (row->json == NULL)
	{
		errcontext("scan of foreign table \"%s\"", scan->relname);
		return;
	}
	if (scan->id_place >= 0)
		entity = scan->values[scan->id_place].text;
	if (advertiser == NULL)
		advertiser = "unknown";
	if (entity == NULL)
		entity = "unknown";
	if (scan->current == NULL)
		errcontext("row of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   scan->relname, advertiser, entity);
	else
		errcontext("column \"%s\" of foreign table \"%s\", advertiser %s, entity \"%s\"",
				   scan->current, scan->relname, advertiser, entity);
}

/*
 * hour_text
 *		The hour that a row is about, as a timestamp of UTC.
 *
 * How Pinterest writes it is not documented: date and hour as two fields, or
 * as one, with a time behind the date.
 */
static char *
hour_text(const PinJsonValue *date, const PinJsonValue *hour)
{
	if (strlen(date->text) > strlen("YYYY-MM-DD"))
		return psprintf("%.19s+00", date->text);
	if (hour->text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("Pinterest sent a row without its hour")));
	return psprintf("%s %s:00+00", date->text, hour->text);
}

/*
 * fill_slot
 *		Converts a row's values and stores them in the scan's slot.
 */
static void
fill_slot(PinScan *scan, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	/* the texts of the row before have gone */
	if (scan->id_place >= 0)
		scan->values[scan->id_place].text = NULL;
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
		{
			value = scan->values[column->place];
			if (column->source == PIN_FROM_DATE && scan->hour >= 0 &&
				value.text != NULL)
				value.text = hour_text(&value, &scan->values[scan->hour]);
		}
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
 * next_row
 *		Stores the next row in a slot, which stays empty at the end.
 *
 * Values are made in the current memory context.
 */
static void
next_row(PinScan *scan, TupleTableSlot *slot, ExprContext *econtext)
{
	ErrorContextCallback callback;
	bool		found = false;

	ExecClearTuple(slot);
	scan->row.json = NULL;
	callback.callback = row_context;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	if (!scan->started)
		start_scan(scan, econtext);
	if (scan->report != NULL)
		found = pin_report_next(scan->report, &scan->row);
	else if (scan->entities != NULL)
		found = pin_entities_next(scan->entities, &scan->row);
	if (found)
	{
		/* a scan without a query has none, which a type's functions may need */
		bool		push = !ActiveSnapshotSet();

		if (push)
			PushActiveSnapshot(GetTransactionSnapshot());
		fill_slot(scan, slot);
		if (push)
			PopActiveSnapshot();
	}

	error_context_stack = callback.previous;
}

/*
 * pinIterateForeignScan
 *		Next row, in the per-tuple memory context; an empty slot at the end.
 */
TupleTableSlot *
pinIterateForeignScan(ForeignScanState *node)
{
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	next_row(node->fdw_state, slot, node->ss.ps.ps_ExprContext);
	return slot;
}

/*
 * scan_usage
 *		What a scan has asked and got so far.
 */
static PinUsage
scan_usage(const PinScan *scan)
{
	PinUsage	usage = scan->usage;

	if (scan->session != NULL)
	{
		usage.requests += scan->session->pool->usage.requests;
		usage.retries += scan->session->pool->usage.retries;
		usage.bytes += scan->session->pool->usage.bytes;
	}
	return usage;
}

/*
 * end_session
 *		Ends all requests of a scan, keeping the counts.
 */
static void
end_session(PinScan *scan)
{
	scan->usage = scan_usage(scan);
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
 * pin_scan_create
 *		Prepares reading a foreign table without a query plan.
 *
 * All columns in attnums are read, of a report from a day on.  progress: kept up
 * to date, or NULL.  The scan lives in the current memory context, and ends
 * with it; the relation need not stay open, nor the transaction.
 */
PinScan *
pin_scan_create(Relation rel, List *attnums, Oid userid, DateADT first_day,
				PinProgress *progress)
{
	PinScan    *scan = create_scan(rel, attnums, userid);

	scan->first_day = first_day;
	scan->progress = progress;
	return scan;
}

/*
 * pin_scan_request
 *		Asks for the reports of a scan, without awaiting any.
 *
 * Returns how many there are; 0 for a list of entities, whose pages are asked
 * for as they are read.
 */
int
pin_scan_request(PinScan *scan)
{
	if (scan->options->resource->kind != PIN_REPORT)
		return 0;
	if (!scan->started)
		start_scan(scan, NULL);
	return scan->report != NULL ? pin_report_request(scan->report) : 0;
}

/*
 * pin_scan_next
 *		Stores the next row in a slot, with values in the current memory
 *		context; false if all have been read.
 *
 * Raises an error unless all was read to its end.  No snapshot is needed, and
 * none is kept.
 */
bool
pin_scan_next(PinScan *scan, TupleTableSlot *slot)
{
	next_row(scan, slot, NULL);
	return !TupIsNull(slot);
}

/*
 * pin_scan_end
 *		Ends the requests of a scan; returns what has been asked and got.
 */
PinUsage
pin_scan_end(PinScan *scan)
{
	end_session(scan);
	return scan->usage;
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
	bool		exec_params = has_exec_param((Node *) plan->fdw_exprs, NULL);

	if (options->resource->kind == PIN_ENTITY)
		ExplainPropertyText("Pinterest Endpoint",
							psprintf("GET %s",
									 pin_entities_path(options->resource, options->filters,
													   options->resource->listing != PIN_LIST_ADVERTISERS ||
													   options->advertiser_ids != NIL ?
													   "{ad_account_id}" : NULL,
													   options->resource->listing == PIN_LIST_BY_TYPE ?
													   "{targeting_type}" : "{ad_group_id}")),
							es);
	else
	{
		List	   *windows = NIL;
		ListCell   *lc;

		ExplainPropertyText("Pinterest Endpoint",
							options->template_id == NULL ?
							"POST /ad_accounts/{ad_account_id}/reports" :
							psprintf("POST /ad_accounts/{ad_account_id}/templates/%s/reports",
									 options->template_id), es);
		ExplainPropertyText("Pinterest Level", options->resource->level_name, es);
		ExplainPropertyText("Pinterest Granularity",
							pin_granularity_name(options->granularity), es);
		if (exec_params)
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
	if (options->resource->kind == PIN_REPORT ||
		(options->resource->listing != PIN_LIST_GLOBAL &&
		 options->resource->listing != PIN_LIST_BY_TYPE))
	{
		List	   *advertisers = options->advertiser_ids;

		if (!exec_params && advertisers != NIL)
			advertisers = scan_advertisers(scan, node->ss.ps.ps_ExprContext,
										   advertisers);
		if (advertisers == NIL)
			advertisers = list_make1(options->advertiser_ids == NIL ? "*" : "none");
		ExplainPropertyList("Pinterest Advertisers", advertisers, es);
	}

	if (es->analyze)
	{
		PinUsage	usage = scan_usage(scan);

		ExplainPropertyInteger("Pinterest Requests", NULL, usage.requests, es);
		ExplainPropertyInteger("Pinterest Retries", NULL, usage.retries, es);
		ExplainPropertyInteger("Pinterest Bytes", NULL, usage.bytes, es);
	}
}
