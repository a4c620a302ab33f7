/*-------------------------------------------------------------------------
 *
 * metrics.c
 *	  Analytics of users and Pins as rows.
 *
 * Pinterest nests them: under the id of a Pin, if several were asked for, then under
 * the value of the split, which is "all" if there is none, there are days, and of
 * each the metrics.  Top Pins are a list, of which each has metrics.  A row has
 * everything side by side.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/dates.h"
#include "source/metrics.h"

/* What is being made, for those who make a part of it */
typedef struct Rows
{
	PinJsonDocument *document;
	const PinRange *range;		/* days that were asked for */
	const char *subject;		/* what it is for, for messages */
} Rows;

/*
 * add_metrics
 *		Adds the metrics of a row, by their names.
 */
static void
add_metrics(PinJsonNode *row, const PinJsonNode *metrics)
{
	ListCell   *lc;

	foreach(lc, metrics == NULL ? NIL : pin_json_members(metrics))
	{
		PinJsonMember *member = lfirst(lc);

		pin_json_add_node(row, member->name, member->node);
	}
}

/*
 * object_at
 *		An item of an array, which has to be an object.  name: of the array.
 */
static const PinJsonNode *
object_at(const Rows *rows, const PinJsonNode *array, int i, const char *name)
{
	const PinJsonNode *item = pin_json_element(array, i);

	if (pin_json_type(item) != PIN_JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid answer from Pinterest for %s", rows->subject),
				 errdetail("Item %d of \"%s\" is no JSON object.", i + 1, name)));
	return item;
}

/*
 * add_day
 *		Adds the row of a day, unless that was not asked for.
 *
 * id: of the Pin, or NULL; value: of the split.  What cannot be read as a day is
 * left to whoever converts it.
 */
static void
add_day(Rows *rows, const char *id, const char *value, const PinJsonNode *day)
{
	PinJsonValue date,
				status,
				metrics;
	const PinJsonField fields[] = {
		{"date", PIN_JSON_STRING, &date, PIN_REQUIRED},
		{"data_status", PIN_JSON_STRING, &status, PIN_OPTIONAL},
		{"metrics", PIN_JSON_OBJECT, &metrics, PIN_OPTIONAL}
	};
	DateADT		known;
	PinJsonNode *row;

	pin_json_read(day, fields, lengthof(fields), rows->subject);
	if (pin_read_day(date.text, strlen(date.text), &known) &&
		(known < rows->range->start || known > rows->range->end))
		return;
	row = pin_json_append_object(pin_json_root(rows->document));
	if (id != NULL)
		pin_json_add_utf8(row, "pin_id", id);
	pin_json_add_string(row, "date", date.text);
	pin_json_add_utf8(row, "split_value", value);
	if (status.text != NULL)
		pin_json_add_string(row, "data_status", status.text);
	add_metrics(row, metrics.node);
}

/*
 * add_days
 *		Adds the rows of what is below a split's value; false if there are no days,
 *		but further levels.
 */
static bool
add_days(Rows *rows, const char *id, const char *value, const PinJsonNode *node)
{
	static const char *const name = "daily_metrics";
	PinJsonValue days;

	pin_json_pick(node, 1, &name, &days);
	if (days.type != PIN_JSON_ARRAY)
		return false;
	for (int i = 0; i < pin_json_length(days.node); i++)
		add_day(rows, id, value, object_at(rows, days.node, i, name));
	return true;
}

/*
 * add_top
 *		Adds the rows of Pins, which are in order.
 */
static void
add_top(Rows *rows, const PinJsonNode *answer)
{
	PinJsonValue pins;
	const PinJsonField fields[] = {{"pins", PIN_JSON_ARRAY, &pins, PIN_REQUIRED}};

	pin_json_read(answer, fields, lengthof(fields), rows->subject);
	for (int i = 0; i < pin_json_length(pins.node); i++)
	{
		PinJsonValue id,
					status,
					metrics;
		const PinJsonField of_pin[] = {
			{"pin_id", PIN_JSON_ID, &id, PIN_REQUIRED},
			{"data_status", PIN_JSON_OBJECT, &status, PIN_OPTIONAL},
			{"metrics", PIN_JSON_OBJECT, &metrics, PIN_OPTIONAL}
		};
		PinJsonNode *row;

		pin_json_read(object_at(rows, pins.node, i, "pins"), of_pin, lengthof(of_pin),
					  rows->subject);
		row = pin_json_append_object(pin_json_root(rows->document));
		pin_json_add_string(row, "pin_id", id.text);
		pin_json_add_string(row, "date", pin_format_date(rows->range->start));
		pin_json_add_int(row, "rank", i + 1);
		if (status.node != NULL)
			pin_json_add_node(row, "data_status", status.node);
		add_metrics(row, metrics.node);
	}
}

/*
 * pin_metrics_rows
 *		The rows of an answer about days: a document that is an array of objects, in
 *		the current memory context.
 *
 * range: the days that were asked for, of Top Pins a single one; subject: what it is
 * for.  Raises 22P02 and HV000 for an answer of another shape.
 */
PinJsonDocument *
pin_metrics_rows(const PinResource *resource, const PinJsonNode *answer,
				 const PinRange *range, const char *subject)
{
	Rows		rows = {pin_json_create(PIN_JSON_ARRAY), range, subject};
	ListCell   *lc;

	if (resource->answer == PIN_ANSWER_TOP)
	{
		add_top(&rows, answer);
		return rows.document;
	}
	foreach(lc, pin_json_members(answer))
	{
		PinJsonMember *member = lfirst(lc);
		ListCell   *lc2;

		if (pin_json_type(member->node) != PIN_JSON_OBJECT ||
			add_days(&rows, NULL, member->name, member->node))
			continue;
		foreach(lc2, pin_json_members(member->node))
		{
			PinJsonMember *inner = lfirst(lc2);

			if (pin_json_type(inner->node) == PIN_JSON_OBJECT)
				(void) add_days(&rows, member->name, inner->name, inner->node);
		}
	}
	return rows.document;
}
