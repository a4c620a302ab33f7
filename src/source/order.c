/*-------------------------------------------------------------------------
 *
 * order.c
 *	  What a report is ordered with.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/dates.h"
#include "http/url.h"
#include "json/document.h"
#include "source/order.h"

/*
 * pin_order_path
 *		Where a report is ordered, below the API's URL, palloc'ed.
 *
 * That of a template has its columns, level and filters.
 */
char *
pin_order_path(const PinOptions *options, const PinOrder *order)
{
	char	   *advertiser = pin_url_escaped(order->advertiser_id);

	if (options->template_id == NULL)
		return psprintf("/ad_accounts/%s/reports", advertiser);
	return psprintf("/ad_accounts/%s/templates/%s/reports?start_date=%s&end_date=%s&granularity=%s",
					advertiser, pin_url_escaped(options->template_id),
					pin_format_date(order->range.start),
					pin_format_date(order->range.end),
					pin_granularity_name(options->granularity));
}

/*
 * pin_order_body
 *		What is sent there, palloc'ed: a JSON object, or nothing for a template.
 */
char *
pin_order_body(const PinOptions *options, const PinOrder *order)
{
	PinJsonDocument *document;
	PinJsonNode *body;
	char	   *text;
	ListCell   *lc;

	if (options->template_id != NULL)
		return pstrdup("");
	document = pin_json_create(PIN_JSON_OBJECT);
	body = pin_json_root(document);
	pin_json_add_string(body, "start_date", pin_format_date(order->range.start));
	pin_json_add_string(body, "end_date", pin_format_date(order->range.end));
	pin_json_add_string(body, "granularity",
						pin_granularity_name(options->granularity));
	pin_json_add_string(body, "level", options->resource->level_name);
	pin_json_add_string(body, "report_format", "JSON");
	pin_json_add_strings(body, "columns", order->columns);
	if (options->click_window_days >= 0)
		pin_json_add_int(body, "click_window_days", options->click_window_days);
	if (options->engagement_window_days >= 0)
		pin_json_add_int(body, "engagement_window_days",
						 options->engagement_window_days);
	if (options->view_window_days >= 0)
		pin_json_add_int(body, "view_window_days", options->view_window_days);
	if (options->conversion_report_time != NULL)
		pin_json_add_string(body, "conversion_report_time",
							options->conversion_report_time);
	if (options->reporting_timezone != NULL)
		pin_json_add_string(body, "reporting_timezone",
							options->reporting_timezone);
	if (options->attribution_types != NIL)
		pin_json_add_strings(body, "attribution_types",
							 options->attribution_types);
	foreach(lc, order->filters)
	{
		PinFilter  *filter = lfirst(lc);

		pin_json_add_strings(body, filter->name, filter->values);
	}
	if (order->types != NIL)
		pin_json_add_strings(body, "targeting_types", order->types);
	text = pin_json_body(document);
	pin_json_close(document);
	return text;
}

/*
 * pin_order_types
 *		The targeting types to ask for, as Lists of as many as one request may
 *		have; a single empty one if the level has none.
 */
List *
pin_order_types(List *types, int max)
{
	List	   *batches = NIL;
	List	   *batch = NIL;
	ListCell   *lc;

	foreach(lc, types)
	{
		batch = lappend(batch, lfirst(lc));
		if (list_length(batch) == max)
		{
			batches = lappend(batches, batch);
			batch = NIL;
		}
	}
	if (batch != NIL || batches == NIL)
		batches = lappend(batches, batch);
	return batches;
}
