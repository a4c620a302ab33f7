/*-------------------------------------------------------------------------
 *
 * analytics.c
 *	  Synchronous analytics: rows of a report without one.
 *
 * Pinterest answers questions about some entities, by their ids, and the last
 * 90 days at once, in requests of their own for each kind of entity.  What they
 * answer is not what a report has, though, and so they are used only where the
 * difference does not show:
 *
 * - They lack many columns; those of which the documentation leaves open how
 *	 they are written are not used either (PIN_SYNC marks what is left).  By its
 *	 words their engagement window gives no new data any more, so that there are
 *	 no conversions.
 * - Pinterest leaves out the rows in which all metrics that were asked for are
 *	 zero.  The metrics that a report is always asked for, so that all queries
 *	 find the same rows, are not all there.  So a condition of the query must
 *	 reject those rows (analyticsplan.c).
 * - Which day labels a week or month, and how an hour is written, is not
 *	 documented; and they take no filters but ids.
 * - Whether ids that do not belong to the advertiser are refused, or a request
 *	 for another reason, shows only then: the scan falls back to a report.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/session.h"
#include "base/dates.h"
#include "base/text.h"
#include "http/url.h"
#include "json/document.h"
#include "request/window.h"
#include "source/analytics.h"

/*
 * Pinterest grants 90 days back and takes 90 days at once, but does not say how
 * it counts.  One day is left out, since the day may turn before the request
 * arrives.
 */
#define HISTORY_DAYS	89

/*
 * Rows of one request, and ids: Pinterest warns that large requests may fail or
 * be truncated, and its limit is 250 ids.
 */
#define MAX_ROWS		2500
#define MAX_IDS			50

/* More requests than this are not worth it. */
#define MAX_REQUESTS	8

/* Where a level is answered */
typedef struct Endpoint
{
	int			level;			/* PIN_LEVEL_* */
	const char *path;			/* below the advertiser */
	const char *filter;			/* parameter with the ids; NULL: none */
	const char *id;				/* field with the id of a row's entity */
} Endpoint;

static const Endpoint endpoints[] =
{
	{PIN_LEVEL_ADVERTISER, "analytics", NULL, "AD_ACCOUNT_ID"},
	{PIN_LEVEL_CAMPAIGN, "campaigns/analytics", "campaign_ids", "CAMPAIGN_ID"},
	{PIN_LEVEL_AD_GROUP, "ad_groups/analytics", "ad_group_ids", "AD_GROUP_ID"},
	{PIN_LEVEL_PIN_PROMOTION, "ads/analytics", "ad_ids", "AD_ID"},
	{PIN_LEVEL_PRODUCT_GROUP, "product_groups/analytics", "product_group_ids",
	"PRODUCT_GROUP_ID"}
};

/* One request */
typedef struct Question
{
	const char *advertiser_id;
	PinCall    *call;
} Question;

struct PinAnalytics
{
	PinSession *session;
	const PinRequest *request;
	const Endpoint *endpoint;
	const char **names;			/* of the id, and the metrics behind it */
	int			nnames;
	PinJsonValue *values;		/* of a row, as many */
	List	   *questions;		/* Question *; the first one is being read */
	PinJsonDocument *answer;	/* to that one; NULL: not begun */
	int			next_row;
	MemoryContext answer_cxt;
	MemoryContext row_cxt;
};

/*
 * find_endpoint
 *		Where a resource is answered, or NULL.
 */
static const Endpoint *
find_endpoint(const PinResource *resource)
{
	for (int i = 0; i < (int) lengthof(endpoints); i++)
	{
		if (resource->kind == PIN_REPORT && endpoints[i].level == resource->level)
			return &endpoints[i];
	}
	return NULL;
}

/*
 * pin_analytics_possible
 *		Whether some query of a table can be answered here.
 */
bool
pin_analytics_possible(const PinOptions *options)
{
	ListCell   *lc;

	foreach(lc, options->key)
	{
		if (!pin_analytics_has(lfirst(lc)))
			return false;
	}
	return options->synchronous &&
		find_endpoint(options->resource) != NULL &&
		(options->granularity == PIN_DAY || options->granularity == PIN_TOTAL) &&
		options->template_id == NULL && options->attribution_types == NIL &&
		options->reporting_timezone == NULL;
}

/*
 * pin_analytics_has
 *		Whether a column has the same values here as in a report.
 */
bool
pin_analytics_has(const PinColumn *column)
{
	return column->source != PIN_FROM_FIELD ||
		((column->flags & PIN_SYNC) != 0 &&
		 (column->flags & PIN_CONVERSION) == 0);
}

/*
 * pin_analytics_filter
 *		Name of the filter that must say which entities to ask for; NULL if
 *		none need be named, as the resource has no others than advertisers.
 */
const char *
pin_analytics_filter(const PinResource *resource)
{
	return find_endpoint(resource)->filter;
}

/*
 * batch_size
 *		How many entities to ask for at once.
 */
static int
batch_size(const PinOptions *options, const PinRange *range)
{
	int			rows = options->granularity == PIN_TOTAL ? 1 :
		range->end - range->start + 1;

	return Max(Min(MAX_ROWS / rows, MAX_IDS), 1);
}

/*
 * pin_analytics_requests
 *		How many requests it takes to answer a request here; 0: it cannot be.
 *
 * The table must be one of which pin_analytics_possible() is true.
 */
int
pin_analytics_requests(const PinOptions *options, const PinRequest *request)
{
	const Endpoint *endpoint = find_endpoint(request->resource);
	int			nadvertisers = list_length(request->advertiser_ids);
	PinRange   *range;
	PinFilter  *filter;
	int			nrequests;
	int			size;

	if (request->is_empty || list_length(request->ranges) != 1)
		return 0;
	range = linitial(request->ranges);
	if (range->start < pin_today() - HISTORY_DAYS)
		return 0;

	if (endpoint->filter == NULL)
		nrequests = request->filters == NIL ? nadvertisers : 0;
	else
	{
		/* the ids of one advertiser are refused by the others */
		if (nadvertisers != 1 || list_length(request->filters) != 1)
			return 0;
		filter = linitial(request->filters);
		if (strcmp(filter->name, endpoint->filter) != 0)
			return 0;
		size = batch_size(options, range);
		nrequests = (list_length(filter->values) + size - 1) / size;
	}
	return nrequests <= MAX_REQUESTS ? nrequests : 0;
}

/*
 * pin_analytics_endpoint
 *		Path of a resource's requests, for people to read, palloc'ed.
 */
char *
pin_analytics_endpoint(const PinResource *resource)
{
	return psprintf("/ad_accounts/{ad_account_id}/%s",
					find_endpoint(resource)->path);
}

/*
 * pin_analytics_columns
 *		Which of the columns of a request to ask for here, a List of const char *.
 *
 * A condition of the query rejects the rows in which all that it uses is
 * missing; so nothing else need show that there is a row.
 */
List *
pin_analytics_columns(const PinRequest *request)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, request->columns)
	{
		const PinColumn *column = pin_find_column(request->resource, lfirst(lc));

		if (foreach_current_index(lc) >= request->nused)
			break;
		if (column != NULL && (column->flags & PIN_SYNC))
			columns = lappend(columns, lfirst(lc));
	}
	return columns;
}

/*
 * append_window
 *		Appends an attribution window, if it is set.
 */
static void
append_window(StringInfo path, const char *name, int days)
{
	if (days >= 0)
		appendStringInfo(path, "&%s=%d", name, days);
}

/*
 * ask
 *		Adds a question about some ids, from one place in their list to before
 *		another.
 */
static void
ask(PinAnalytics *analytics, const char *advertiser_id, List *ids, int from,
	int to)
{
	const PinOptions *options = analytics->session->options;
	const PinRange *range = linitial(analytics->request->ranges);
	Question   *question = palloc0(sizeof(Question));
	const char *separator = "";
	StringInfoData path;
	ListCell   *lc;

	initStringInfo(&path);
	appendStringInfo(&path, "/ad_accounts/%s/%s?start_date=%s&end_date=%s&granularity=%s&columns=",
					 pin_url_escaped(advertiser_id), analytics->endpoint->path,
					 pin_format_date(range->start), pin_format_date(range->end),
					 pin_granularity_name(options->granularity));
	foreach(lc, pin_analytics_columns(analytics->request))
	{
		appendStringInfo(&path, "%s%s", separator, (char *) lfirst(lc));
		separator = ",";
	}
	append_window(&path, "click_window_days", options->click_window_days);
	append_window(&path, "engagement_window_days",
				  options->engagement_window_days);
	append_window(&path, "view_window_days", options->view_window_days);
	if (options->conversion_report_time != NULL)
		appendStringInfo(&path, "&conversion_report_time=%s",
						 options->conversion_report_time);
	for (int i = from; i < to; i++)
	{
		appendStringInfo(&path, "&%s=", analytics->endpoint->filter);
		pin_url_append_escaped(&path, list_nth(ids, i));
	}

	question->advertiser_id = advertiser_id;
	question->call = pin_call_get(analytics->session, path.data);
	question->call->tentative = true;
	question->call->advertiser_id = advertiser_id;
	question->call->one_of_many = analytics->session->one_of_many;
	question->call->missing_hint = "Check the ids that are asked for.";
	analytics->questions = lappend(analytics->questions, question);
	pfree(path.data);
}

/*
 * pin_analytics_begin
 *		Prepares answering a request.
 *
 * The request must live as long as the session, in whose memory context the
 * result is made, and be one of which pin_analytics_requests() is true.  Nothing
 * is sent yet.
 */
PinAnalytics *
pin_analytics_begin(PinSession *session, const PinRequest *request)
{
	MemoryContext old = MemoryContextSwitchTo(session->cxt);
	PinAnalytics *analytics = palloc0(sizeof(PinAnalytics));
	List	   *columns = pin_analytics_columns(request);
	const char **names = palloc((list_length(columns) + 1) * sizeof(char *));
	int			nnames = 0;
	ListCell   *lc;

	analytics->session = session;
	analytics->request = request;
	analytics->endpoint = find_endpoint(request->resource);
	names[nnames++] = analytics->endpoint->id;
	foreach(lc, columns)
	{
		switch (pin_find_column(request->resource, lfirst(lc))->kind)
		{
			case PIN_COUNT:
			case PIN_MICRO:
			case PIN_AMOUNT:
			case PIN_RATIO:
				names[nnames++] = lfirst(lc);
				break;
			default:
				break;
		}
	}
	analytics->names = names;
	analytics->nnames = nnames;
	analytics->values = palloc0(nnames * sizeof(PinJsonValue));
	analytics->answer_cxt = AllocSetContextCreate(session->cxt,
												  "pinterest_fdw analytics",
												  ALLOCSET_DEFAULT_SIZES);
	analytics->row_cxt = AllocSetContextCreate(session->cxt,
											   "pinterest_fdw analytics row",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(old);
	return analytics;
}

/*
 * pin_analytics_start
 *		Asks all questions; they are sent when any session runs that shares the
 *		channel.
 */
void
pin_analytics_start(PinAnalytics *analytics)
{
	const PinRequest *request = analytics->request;
	const PinOptions *options = analytics->session->options;
	MemoryContext old = MemoryContextSwitchTo(analytics->session->cxt);
	ListCell   *lc;

	if (analytics->questions == NIL)
	{
		foreach(lc, request->advertiser_ids)
		{
			List	   *ids;
			int			size;

			if (analytics->endpoint->filter == NULL)
			{
				ask(analytics, lfirst(lc), NIL, 0, 0);
				continue;
			}
			ids = ((PinFilter *) linitial(request->filters))->values;
			size = batch_size(options, linitial(request->ranges));
			for (int i = 0; i < list_length(ids); i += size)
				ask(analytics, lfirst(lc), ids, i,
					Min(i + size, list_length(ids)));
		}
	}
	MemoryContextSwitchTo(old);
}

/*
 * pin_analytics_wait
 *		Waits for all answers; false if one of the questions was refused.
 *
 * Then nothing must have been read yet: what the others have answered is of no
 * use.  The caller's way out is a report.  Advertisers that Pinterest denies are
 * left out.
 */
bool
pin_analytics_wait(PinAnalytics *analytics)
{
	bool		refused = false;
	ListCell   *lc;

	foreach(lc, analytics->questions)
	{
		PinCall    *call = ((Question *) lfirst(lc))->call;

		while (call->state == PIN_CALL_WAITING ||
			   call->state == PIN_CALL_UNDER_WAY)
			pin_session_run(analytics->session);
		refused = refused || call->state == PIN_CALL_REFUSED;
	}
	foreach(lc, analytics->questions)
	{
		PinCall    *call = ((Question *) lfirst(lc))->call;

		if (refused)
			pin_call_free(analytics->session, call);
		else if (call->state == PIN_CALL_DENIED)
			pin_leave_out(analytics->session, call);
	}
	if (refused)
		analytics->questions = NIL;
	return !refused;
}

/*
 * begin_answer
 *		Begins reading the first answer, which must be an array.
 */
static void
begin_answer(PinAnalytics *analytics, Question *question)
{
	MemoryContext old = MemoryContextSwitchTo(analytics->answer_cxt);

	analytics->answer = pin_call_document(analytics->session, question->call,
										  PIN_JSON_ARRAY);
	analytics->next_row = 0;
	MemoryContextSwitchTo(old);
}

/*
 * check_id
 *		Checks that a row is of an entity that was asked for, and sets its id.
 *
 * Rows of an advertiser need not say so.
 */
static void
check_id(PinAnalytics *analytics, Question *question, PinRow *row)
{
	const char *filter = analytics->endpoint->filter;
	PinJsonValue *own = &analytics->values[0];
	const char *id = (own->type & PIN_JSON_ID) ? pin_whole_number(own->text) : NULL;
	List	   *ids = filter == NULL ? list_make1((char *) question->advertiser_id) :
		pin_request_filter(analytics->request, filter)->values;
	ListCell   *lc;

	row->entity_id = own->text;
	if (filter == NULL && (own->type & PIN_JSON_ID) == 0)
		return;
	foreach(lc, ids)
	{
		if (id != NULL && strcmp(lfirst(lc), id) == 0)
		{
			row->entity_id = id;
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_ERROR),
			 errmsg("invalid answer from Pinterest for %s",
					analytics->session->subject),
			 own->text == NULL ?
			 errdetail("Row %d of the answer to %s has no %s.",
					   analytics->next_row, question->call->what,
					   analytics->endpoint->id) :
			 errdetail("Row %d of the answer to %s has the %s \"%s\", which was not asked for.",
					   analytics->next_row, question->call->what,
					   analytics->endpoint->id, pin_json_shown_text(own->text)),
			 errhint("Set the option \"synchronous\" of the foreign table to off, which asks for a report instead.")));
}

/*
 * take_row
 *		Finds out whose a row is; false if it has nothing that is not zero.
 *
 * A report has no such rows.
 */
static bool
take_row(PinAnalytics *analytics, Question *question, const PinJsonNode *node,
		 PinRow *row)
{
	MemoryContext old;
	bool		found = false;

	/* messages name the row at hand, not the one before, which goes */
	row->node = NULL;
	row->entity_id = NULL;
	if (pin_json_type(node) != PIN_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid answer from Pinterest for %s",
						analytics->session->subject),
				 errdetail("Row %d of the answer to %s is no JSON object.",
						   analytics->next_row, question->call->what)));
	MemoryContextReset(analytics->row_cxt);
	old = MemoryContextSwitchTo(analytics->row_cxt);
	row->node = node;
	row->json.text = NULL;
	row->advertiser_id = question->advertiser_id;
	row->writes_zeros = true;
	pin_json_pick(row->node, analytics->nnames, analytics->names,
				  analytics->values);
	check_id(analytics, question, row);
	for (int i = 1; i < analytics->nnames && !found; i++)
		found = !pin_json_is_zero(&analytics->values[i]);
	MemoryContextSwitchTo(old);
	return found;
}

/*
 * pin_analytics_next
 *		Next row of the answers, or false when all have been read.
 *
 * pin_analytics_wait() must have been true.
 */
bool
pin_analytics_next(PinAnalytics *analytics, PinRow *row)
{
	while (analytics->questions != NIL)
	{
		Question   *question = linitial(analytics->questions);

		if (question->call->state != PIN_CALL_DENIED)
		{
			const PinJsonNode *rows;

			if (analytics->answer == NULL)
				begin_answer(analytics, question);
			rows = pin_json_root(analytics->answer);
			while (analytics->next_row < pin_json_length(rows))
			{
				const PinJsonNode *node = pin_json_element(rows,
														   analytics->next_row++);

				if (take_row(analytics, question, node, row))
					return true;
			}
		}
		pin_json_close(analytics->answer);
		analytics->answer = NULL;
		pin_call_free(analytics->session, question->call);
		analytics->questions = list_delete_first(analytics->questions);
	}
	return false;
}
