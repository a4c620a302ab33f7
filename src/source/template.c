/*-------------------------------------------------------------------------
 *
 * template.c
 *	  Report templates of Ads Manager.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/session.h"
#include "base/text.h"
#include "json/document.h"
#include "option/settings.h"
#include "source/list.h"
#include "source/row.h"
#include "source/template.h"

/*
 * column_names
 *		The texts in an array, or none in its absence: a List of char *, palloc'ed.
 */
static List *
column_names(const PinJsonNode *array)
{
	int			n = array == NULL ? 0 : pin_json_length(array);
	List	   *result = NIL;

	for (int i = 0; i < n; i++)
	{
		PinJsonValue name = pin_json_value(pin_json_element(array, i));

		if (name.type == PIN_JSON_STRING)
			result = lappend(result, pstrdup(name.text));
	}
	return result;
}

/*
 * copied
 *		A text that stays, or NULL.
 */
static char *
copied(const PinJsonValue *value)
{
	return value->text == NULL ? NULL : pstrdup(value->text);
}

/*
 * pin_find_template
 *		A template of an advertiser, palloc'ed; NULL if there is none of that id, it
 *		is deleted, or those of the advertiser may not be read, see
 *		pin_is_left_out().
 */
PinTemplate *
pin_find_template(PinSession *session, const char *advertiser_id,
				  const char *template_id)
{
	PinJsonValue id,
				level,
				available,
				format,
				granularity,
				deleted;
	const PinJsonField fields[] = {
		{"id", PIN_JSON_ID, &id, PIN_OPTIONAL},
		{"report_level", PIN_JSON_STRING, &level, PIN_OPTIONAL},
		{"columns", PIN_JSON_ARRAY, &available, PIN_OPTIONAL},
		{"report_format", PIN_JSON_STRING, &format, PIN_OPTIONAL},
		{"granularity", PIN_JSON_STRING, &granularity, PIN_OPTIONAL},
		{"is_deleted", PIN_JSON_BOOL, &deleted, PIN_OPTIONAL}
	};
	PinEntities *entities =
		pin_entities_begin(session,
						   pin_entities_request("report_templates",
												list_make1((char *) advertiser_id)));
	PinRow		row;

	while (pin_entities_next(entities, &row))
	{
		pin_json_read(row.node, fields, lengthof(fields), session->subject);
		if (id.text != NULL && pin_whole_number(id.text) != NULL &&
			strcmp(pin_whole_number(id.text), template_id) == 0 &&
			(deleted.text == NULL || strcmp(deleted.text, "true") != 0))
		{
			PinTemplate *result = palloc(sizeof(PinTemplate));

			result->level = copied(&level);
			result->format = copied(&format);
			result->granularity = copied(&granularity);
			result->columns = column_names(available.node);
			return result;
		}
	}
	return NULL;
}

/*
 * pin_check_template_format
 *		Raises 22023 if the reports of a template are in a format that is not read.
 */
void
pin_check_template_format(const PinTemplate *template, const char *template_id)
{
	if (template->format != NULL && strcmp(template->format, "JSON") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("report template %s gives %s, not JSON",
						template_id, pin_shorten(template->format)),
				 errhint("Choose another template, or make one whose format is JSON.")));
}

/*
 * pin_check_template
 *		Checks that a template of Ads Manager gives what a table wants.
 *
 * columns: const char *, the API's names.  A template of another level, or
 * without one of the columns, is an error: a count that it lacks would look
 * like zero.  Raises HV00R if an advertiser has no such template, HV005 or
 * 22023 if it does not fit.
 *
 * Returns the advertisers without those whose templates may not be read.
 */
List *
pin_check_template(PinSession *session, List *advertiser_ids, List *columns)
{
	const PinOptions *options = session->options;
	List	   *readable = NIL;
	ListCell   *lc;

	foreach(lc, advertiser_ids)
	{
		PinTemplate *template = pin_find_template(session, lfirst(lc),
												  options->template_id);
		ListCell   *lc2;

		if (template == NULL && pin_is_left_out(session, lfirst(lc)))
			continue;
		if (template == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("advertiser %s has no report template %s",
							(char *) lfirst(lc), options->template_id),
					 errhint("The table \"report_templates\" lists them.")));
		if (template->level == NULL ||
			strcmp(template->level, options->resource->level_name) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("report template %s is of level %s, not %s",
							options->template_id,
							template->level != NULL ? pin_shorten(template->level) : "unknown",
							options->resource->level_name),
					 errhint("Set the option \"resource\" of foreign table \"%s\" to a report of that level.",
							 session->relname)));

		pin_check_template_format(template, options->template_id);
		foreach(lc2, columns)
		{
			const char *column = lfirst(lc2);

			if (!pin_has_string(template->columns, column))
				ereport(ERROR,
						(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
						 errmsg("report template %s has no column %s",
								options->template_id, column),
						 pin_is_key(options, pin_find_column(options->resource, column)) ?
						 errhint("Add it to the template in Ads Manager. It is part of the natural key of foreign table \"%s\".",
								 session->relname) :
						 errhint("Add it to the template in Ads Manager, or drop it from foreign table \"%s\".",
								 session->relname)));
		}
		readable = lappend(readable, lfirst(lc));
	}
	return readable;
}
