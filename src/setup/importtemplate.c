/*-------------------------------------------------------------------------
 *
 * importtemplate.c
 *	  Makes a foreign table of a report template of Ads Manager.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"

#include "api/session.h"
#include "base/argument.h"
#include "base/relation.h"
#include "base/text.h"
#include "option/import.h"
#include "option/key.h"
#include "option/option.h"
#include "option/settings.h"
#include "setup/importtemplate.h"
#include "setup/objects.h"
#include "source/list.h"
#include "source/template.h"

PG_FUNCTION_INFO_V1(pinterest_import_template);

#define FUNCTION "pinterest.import_template"

/*
 * find_template
 *		The template of one of the server's advertisers, who becomes *advertiser_id.
 *
 * Raises HV002 if the server names no advertiser, HV00R if none of them has it.
 */
static PinTemplate *
find_template(const ForeignServer *server, const char *template_id,
			  char **advertiser_id)
{
	PinOptions *options = pin_get_server_options(server->serverid);
	PinSession *session = pin_session_create(options, GetUserId(), NULL);
	List	   *advertisers = options->all_advertisers ?
		pin_list_advertisers(session) : options->advertiser_ids;
	ListCell   *lc;

	if (advertisers == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"advertiser_id\" of server \"%s\" is needed",
						server->servername),
				 errhint("Set it with ALTER SERVER %s OPTIONS (ADD advertiser_id '...').",
						 quote_identifier(server->servername))));
	foreach(lc, advertisers)
	{
		PinTemplate *template = pin_find_template(session, lfirst(lc), template_id);

		if (template != NULL)
		{
			*advertiser_id = lfirst(lc);
			return template;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
			 errmsg("no advertiser of server \"%s\" has a report template %s",
					server->servername, pin_shorten(template_id)),
			 errhint("The table \"report_templates\" lists them: CALL pinterest.import_tables('{report_templates}'%s).",
					 strcmp(server->servername, "pinterest") == 0 ? "" :
					 psprintf(", server => %s", quote_literal_cstr(server->servername)))));
	return NULL;				/* keep compiler quiet */
}

/*
 * find_report
 *		The report of a template's level; raises 22023 if there is none.
 */
static const PinResource *
find_report(const PinTemplate *template, const char *template_id)
{
	for (int i = 0; template->level != NULL && i < pin_nresources; i++)
	{
		if (pin_resources[i].kind == PIN_REPORT &&
			strcmp(pin_resources[i].level_name, template->level) == 0)
			return &pin_resources[i];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("report template %s is of level %s, which there is no report of",
					template_id,
					template->level != NULL ? pin_shorten(template->level) : "unknown"),
			 errhint("The view pinterest.resources lists the levels that there are.")));
	return NULL;				/* keep compiler quiet */
}

/*
 * find_granularity
 *		The granularity of a template; that of days if it does not say.
 */
static PinGranularity
find_granularity(const PinTemplate *template)
{
	for (int i = PIN_DAY; template->granularity != NULL && i <= PIN_TOTAL; i++)
	{
		if (pg_strcasecmp(pin_granularity_name(i), template->granularity) == 0)
			return i;
	}
	return PIN_DAY;
}

/*
 * find_columns
 *		The columns of the table: those of the key that a report of a template always
 *		has, and those of the template, as far as they are known.
 */
static List *
find_columns(const PinTemplate *template, const PinResource *resource, List *key)
{
	List	   *result = NIL;
	List	   *unknown = NIL;
	ListCell   *lc;

	foreach(lc, key)
	{
		const PinColumn *column = lfirst(lc);

		if (column->source != PIN_FROM_FIELD ||
			pin_has_string(template->columns, column->api_name))
			result = lappend(result, (void *) column);
	}
	foreach(lc, template->columns)
	{
		const PinColumn *column = pin_find_column(resource, lfirst(lc));

		if (column == NULL)
			unknown = lappend(unknown, pin_shorten(lfirst(lc)));
		else if (!list_member_ptr(result, column))
			result = lappend(result, (void *) column);
	}
	if (unknown != NIL)
		ereport(NOTICE,
				(errmsg("columns of the template that are not known are left out: %s",
						pin_join_list(unknown))));
	return result;
}

/*
 * import_template(server text, template_id text, name text) returns regclass
 *
 * The template's report is run as it is in Ads Manager, but for the dates, which are
 * those of the table.
 */
Datum
pinterest_import_template(PG_FUNCTION_ARGS)
{
	ForeignServer *server;
	char	   *template_id;
	char	   *advertiser_id;
	RangeVar   *rv;
	char	   *name;
	PinTemplate *template;
	const PinResource *resource;
	PinGranularity granularity;
	const PinOptionDef *granularities = pin_option_def("granularity", PIN_IN_TABLE);
	List	   *key;
	List	   *options = NIL;

	pin_check_argument(fcinfo, 0, FUNCTION, "server");
	pin_check_argument(fcinfo, 1, FUNCTION, "template_id");
	pin_check_argument(fcinfo, 2, FUNCTION, "name");
	PreventCommandIfReadOnly("pinterest.import_template()");
	template_id = text_to_cstring(PG_GETARG_TEXT_PP(1));
	pin_check_value(pin_option_def("template_id", PIN_IN_TABLE), template_id);
	rv = pin_parse_relation_name(PG_GETARG_TEXT_PP(2));
	name = pstrdup(rv->schemaname == NULL ? quote_identifier(rv->relname) :
				   quote_qualified_identifier(rv->schemaname, rv->relname));
	server = GetForeignServer(pin_get_server(text_to_cstring(PG_GETARG_TEXT_PP(0))));

	template = find_template(server, template_id, &advertiser_id);
	pin_check_template_format(template, template_id);
	resource = find_report(template, template_id);
	granularity = find_granularity(template);
	key = pin_natural_key(resource, granularity, NIL);

	options = lappend(options, makeDefElem("template_id",
										   (Node *) makeString(template_id), -1));
	options = lappend(options, makeDefElem("advertiser_id",
										   (Node *) makeString(advertiser_id), -1));
	options = lappend(options,
					  makeDefElem("granularity",
								  (Node *) makeString(pin_canonical_value(granularities,
																		  pin_granularity_name(granularity))),
								  -1));
	pin_run_ddl(pin_foreign_table_sql(name, resource, server, key,
									  find_columns(template, resource, key),
									  options, granularity));
	PG_RETURN_OID(RangeVarGetRelid(rv, NoLock, false));
}
