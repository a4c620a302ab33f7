/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  EXPLAIN: what is asked of Pinterest, and what that took.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#endif
#include "nodes/nodeFuncs.h"

#include "base/compat.h"
#include "base/dates.h"
#include "catalog/catalog.h"
#include "fdw/explain.h"
#include "fdw/scan.h"
#include "http/http.h"
#include "option/settings.h"
#include "request/condition.h"
#include "request/request.h"
#include "request/window.h"
#include "source/analytics.h"
#include "source/listpath.h"
#include "source/reader.h"

/* Ids that are shown of a filter, so that the plan can be read */
#define SHOWN_VALUES	20

/* More columns than these are only counted, unless they are asked for */
#define SHOWN_COLUMNS	20

/*
 * has_open_param
 *		Whether an expression needs a value that only execution gives.
 *
 * context: ExplainState *
 */
static bool
has_open_param(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) &&
		(((Param *) node)->paramkind == PARAM_EXEC ||
		 pin_explains_generic_plan((ExplainState *) context)))
		return true;
	return expression_tree_walker(node, has_open_param, context);
}

/*
 * is_open
 *		Whether what conditions say about something depends on a value that
 *		only execution gives.
 */
static bool
is_open(PinScan *scan, const char *name)
{
	ListCell   *lc;

	foreach(lc, scan->conditions)
	{
		List	   *tree = pin_condition_tree(lfirst(lc));

		if (strcmp(pin_condition_name(lfirst(lc)), name) != 0)
			continue;
		for (int i = 0; i < list_length(tree); i++)
		{
			PinTest		test = list_nth_int(tree, i);

			if (test == PIN_NOTHING)
				continue;
			i++;				/* a number of arms, or a value's place */
			if (test != PIN_AND && test != PIN_OR &&
				!scan->values[list_nth_int(tree, i)].is_known)
				return true;
		}
	}
	return false;
}

/*
 * show_list
 *		Shows values, as far as they are known, or that there are none.
 */
static void
show_list(PinScan *scan, const char *label, const char *name, List *values,
		  ExplainState *es)
{
	List	   *shown = list_copy(values);

	if (list_length(values) > SHOWN_VALUES)
		shown = lappend(list_truncate(shown, SHOWN_VALUES),
						psprintf("... (%d in all)", list_length(values)));
	if (is_open(scan, name))
		shown = list_make1("known at execution");
	else if (values == NIL)
		shown = list_make1("none");
	ExplainPropertyList(label, shown, es);
}

/*
 * show_windows
 *		Shows the windows of days of a report.
 */
static void
show_windows(PinScan *scan, PinRequest *request, ExplainState *es)
{
	List	   *windows = NIL;
	ListCell   *lc;

	foreach(lc, request->ranges)
	{
		PinRange   *range = lfirst(lc);

		windows = lappend(windows,
						  psprintf("%s..%s", pin_format_date(range->start),
								   pin_format_date(range->end)));
	}
	show_list(scan, "Pinterest Windows", PIN_SUBJECT_DATE, windows, es);
}

/*
 * show_filters
 *		Shows the filters, each as "name = value, value", and those that the
 *		values of other nodes will be.
 */
static void
show_filters(PinScan *scan, PinRequest *request, ExplainState *es)
{
	List	   *shown = NIL;
	ListCell   *lc;

	foreach(lc, request->filters)
	{
		PinFilter  *filter = lfirst(lc);
		StringInfoData text;
		ListCell   *lc2;

		if (is_open(scan, filter->name))
			continue;
		initStringInfo(&text);
		foreach(lc2, filter->values)
		{
			if (foreach_current_index(lc2) == SHOWN_VALUES)
			{
				appendStringInfo(&text, ", ... (%d in all)",
								 list_length(filter->values));
				break;
			}
			appendStringInfo(&text, "%s%s", lc2 == list_head(filter->values) ?
							 "" : ", ", (char *) lfirst(lc2));
		}
		shown = lappend(shown, psprintf("%s = %s", filter->name,
										text.len > 0 ? text.data : "none"));
	}
	foreach(lc, scan->conditions)
	{
		const char *name = pin_condition_name(lfirst(lc));

		if (strcmp(name, PIN_SUBJECT_DATE) != 0 &&
			strcmp(name, PIN_SUBJECT_ADVERTISER) != 0 &&
			strcmp(name, "targeting_types") != 0 && is_open(scan, name))
			shown = lappend(shown, psprintf("%s known at execution", name));
	}
	if (shown != NIL)
		ExplainPropertyList("Pinterest Filters", shown, es);
}

/*
 * is_synchronous
 *		Whether a request is answered without a report, unless Pinterest refuses
 *		that; if the ids are not known yet, whether that is planned.
 */
static bool
is_synchronous(PinScan *scan, const PinRequest *request)
{
	const char *filter;

	if (!request->synchronous)
		return false;
	filter = pin_analytics_filter(request->resource);
	return (filter != NULL && is_open(scan, filter)) ||
		pin_analytics_requests(scan->options, request) > 0;
}

/*
 * show_usage
 *		Shows what a scan has taken so far.
 */
static void
show_usage(PinScan *scan, ExplainState *es)
{
	PinUsage	usage = pin_reader_usage(scan->reader);

	ExplainPropertyInteger("Pinterest Requests", NULL, usage.requests, es);
	ExplainPropertyInteger("Pinterest Retries", NULL, usage.retries, es);
	ExplainPropertyInteger("Pinterest Bytes", NULL, usage.bytes, es);
	if (scan->options->resource->kind == PIN_REPORT)
		ExplainPropertyInteger("Pinterest Reports Reused", NULL,
							   pin_reader_reused(scan->reader), es);
	if (pin_reader_fallbacks(scan->reader) > 0)
		ExplainPropertyInteger("Pinterest Fallbacks to Reports", NULL,
							   pin_reader_fallbacks(scan->reader), es);
	if (es->timing)
	{
		double		waited = INSTR_TIME_GET_MILLISEC(scan->waited);

		ExplainPropertyFloat("Pinterest Waiting Time", "ms", waited, 3, es);
		ExplainPropertyFloat("Pinterest Reading Time", "ms",
							 INSTR_TIME_GET_MILLISEC(scan->total) - waited,
							 3, es);
	}
}

/*
 * show_columns
 *		Shows the columns that a report is asked for, or how many they are.
 */
static void
show_columns(List *columns, ExplainState *es)
{
	if (list_length(columns) > SHOWN_COLUMNS && !es->verbose)
		columns = list_make1(psprintf("%d, which VERBOSE shows",
									  list_length(columns)));
	ExplainPropertyList("Pinterest Columns", columns, es);
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
	PinRequest *request;

	/* what depends on other nodes is shown as if it did not narrow anything */
	request = pin_scan_request(scan, node->ss.ps.ps_ExprContext,
							   has_open_param, es);

	if (options->resource->kind == PIN_ENTITY)
	{
		ExplainPropertyText("Pinterest Way", "list", es);
		ExplainPropertyText("Pinterest Endpoint",
							psprintf("GET %s", pin_list_endpoint(request)), es);
		if (request->page_size != options->resource->page_size)
			ExplainPropertyInteger("Pinterest Page Size", NULL,
								   request->page_size, es);
		if (request->order != NULL)
			ExplainPropertyText("Pinterest Order", request->order, es);
		if (pin_has_days(options->resource))
			show_windows(scan, request, es);
	}
	else
	{
		bool		synchronous = is_synchronous(scan, request);

		ExplainPropertyText("Pinterest Way",
							synchronous ? "synchronous" : "report", es);
		ExplainPropertyText("Pinterest Endpoint",
							synchronous ?
							psprintf("GET %s", pin_analytics_endpoint(request->resource)) :
							options->template_id == NULL ?
							"POST /ad_accounts/{ad_account_id}/reports" :
							psprintf("POST /ad_accounts/{ad_account_id}/templates/%s/reports",
									 options->template_id), es);
		ExplainPropertyText("Pinterest Level", options->resource->level_name, es);
		ExplainPropertyText("Pinterest Granularity",
							pin_granularity_name(options->granularity), es);
		show_windows(scan, request, es);
		if (pin_days_are_local(options))
			ExplainPropertyText("Pinterest Days",
								"each ad account's own, these windows are by UTC", es);
		if (request->first_share > 0 && request->first_share < 1 && !synchronous)
			ExplainPropertyText("Pinterest Reports",
								"the newest first, others if these have too few rows", es);
		show_columns(synchronous ? pin_analytics_columns(request) :
					 request->columns, es);
	}
	if (options->resource->types != NULL && options->template_id == NULL)
		show_list(scan, options->resource->listing == PIN_LIST_BY_CHOICE ?
				  psprintf("Pinterest Parameter %s", options->resource->parameter) :
				  "Pinterest Targeting Types", "targeting_types",
				  request->types, es);
	show_filters(scan, request, es);
	if (request->list_advertisers ||
		(options->resource->listing == PIN_LIST_ADVERTISERS &&
		 options->resource->kind == PIN_ENTITY && options->advertiser_ids == NIL))
		ExplainPropertyList("Pinterest Advertisers", list_make1("*"), es);
	else if (!pin_resource_is_global(options->resource))
		show_list(scan, "Pinterest Advertisers", PIN_SUBJECT_ADVERTISER,
				  request->advertiser_ids, es);
	if (request->is_empty)
		ExplainPropertyText("Pinterest Request",
							"none, no row can fulfill the conditions", es);

	if (es->analyze)
		show_usage(scan, es);
}
