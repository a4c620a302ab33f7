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
#include "base/text.h"
#include "json/document.h"
#include "option/settings.h"
#include "source/list.h"
#include "source/row.h"
#include "source/template.h"

/*
 * has_column
 *		Whether a column is among those of a template.  available: an array, or
 *		NULL.
 */
static bool
has_column(const PinJsonNode *available, const char *column)
{
	int			n = available == NULL ? 0 : pin_json_length(available);

	for (int i = 0; i < n; i++)
	{
		PinJsonValue name = pin_json_value(pin_json_element(available, i));

		if (name.type == PIN_JSON_STRING && strcmp(name.text, column) == 0)
			return true;
	}
	return false;
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
	PinJsonValue id,
				level,
				available,
				format;
	const PinJsonField fields[] = {
		{"id", PIN_JSON_ID, &id, PIN_OPTIONAL},
		{"report_level", PIN_JSON_STRING, &level, PIN_OPTIONAL},
		{"columns", PIN_JSON_ARRAY, &available, PIN_OPTIONAL},
		{"report_format", PIN_JSON_STRING, &format, PIN_OPTIONAL}
	};
	const PinOptions *options = session->options;
	List	   *readable = NIL;
	ListCell   *lc;

	foreach(lc, advertiser_ids)
	{
		PinEntities *entities =
			pin_entities_begin(session,
							   pin_entities_request("report_templates",
													list_make1(lfirst(lc))));
		bool		found = false;
		ListCell   *lc2;
		PinRow		row;

		while (!found && pin_entities_next(entities, &row))
		{
			pin_json_read(row.node, fields, lengthof(fields), session->subject);
			found = id.text != NULL && pin_whole_number(id.text) != NULL &&
				strcmp(pin_whole_number(id.text), options->template_id) == 0;
		}
		if (!found && pin_is_left_out(session, lfirst(lc)))
			continue;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("advertiser %s has no report template %s",
							(char *) lfirst(lc), options->template_id),
					 errhint("The table \"report_templates\" lists them.")));
		if (level.text == NULL ||
			strcmp(level.text, options->resource->level_name) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("report template %s is of level %s, not %s",
							options->template_id,
							level.text != NULL ? pin_shorten(level.text) : "unknown",
							options->resource->level_name),
					 errhint("Set the option \"resource\" of foreign table \"%s\" to a report of that level.",
							 session->relname)));

		if (format.text != NULL && strcmp(format.text, "JSON") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("report template %s gives %s, not JSON",
							options->template_id, pin_shorten(format.text)),
					 errhint("Choose another template, or make one whose format is JSON.")));

		foreach(lc2, columns)
		{
			const char *column = lfirst(lc2);

			if (!has_column(available.node, column))
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
