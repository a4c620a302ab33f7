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

#include "json/document.h"
#include "option/settings.h"
#include "source/list.h"
#include "source/row.h"
#include "source/template.h"

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
	static const char *const names[] = {"id", "report_level", "columns",
	"report_format"};
	const PinOptions *options = session->options;
	PinJsonFields *fields = pin_json_fields(lengthof(names), (const char **) names);
	List	   *readable = NIL;
	ListCell   *lc;

	foreach(lc, advertiser_ids)
	{
		PinEntities *entities =
			pin_entities_begin(session,
							   pin_entities_request("report_templates",
													list_make1(lfirst(lc))));
		PinJsonValue values[lengthof(names)];
		bool		found = false;
		List	   *available;
		ListCell   *lc2;
		PinRow		row;

		while (!found && pin_entities_next(entities, &row))
		{
			pin_json_object(fields, row.json, row.len, row.encoding, values, NULL);
			found = values[0].text != NULL &&
				strcmp(values[0].text, options->template_id) == 0;
		}
		if (!found && pin_entities_denied(entities))
			continue;
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("advertiser %s has no report template %s",
							(char *) lfirst(lc), options->template_id),
					 errhint("The table \"report_templates\" lists them.")));
		if (values[1].type != PIN_JSON_STRING ||
			strcmp(values[1].text, options->resource->level_name) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("report template %s is of level %s, not %s",
							options->template_id,
							values[1].text != NULL ? values[1].text : "unknown",
							options->resource->level_name),
					 errhint("Set the option \"resource\" of foreign table \"%s\" to a report of that level.",
							 session->relname)));

		if (values[3].type == PIN_JSON_STRING && strcmp(values[3].text, "JSON") != 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("report template %s gives %s, not JSON",
							options->template_id, values[3].text),
					 errhint("Choose another template, or make one whose format is JSON.")));

		available = values[2].type == PIN_JSON_NESTED ?
			pin_json_array(values[2].text) : NIL;
		foreach(lc2, columns)
		{
			const char *column = lfirst(lc2);
			bool		has = false;
			ListCell   *lc3;

			foreach(lc3, available)
				has = has || (lfirst(lc3) != NULL && strcmp(lfirst(lc3), column) == 0);
			if (!has)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
						 errmsg("report template %s has no column %s",
								options->template_id, column),
						 errhint("Add it to the template in Ads Manager, or drop it from foreign table \"%s\".",
								 session->relname)));
		}
		readable = lappend(readable, lfirst(lc));
	}
	return readable;
}
