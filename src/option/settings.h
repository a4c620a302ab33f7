/*-------------------------------------------------------------------------
 *
 * settings.h
 *	  Options as they take effect.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_SETTINGS_H
#define PINTEREST_OPTION_SETTINGS_H

#include "nodes/pg_list.h"

#include "base/dates.h"
#include "catalog/catalog.h"
#include "option/value.h"

/* A standing filter: a parameter of the API with its values */
typedef struct PinFilter
{
	const char *name;			/* "campaign_ids" */
	List	   *values;			/* of char * */
} PinFilter;

/*
 * Options of a foreign table as they take effect: the table's own ones, else
 * the server's, else the defaults.
 */
typedef struct PinOptions
{
	Oid			relid;			/* InvalidOid: those of a server alone */
	Oid			serverid;
	const PinResource *resource;

	char	   *api_url;		/* without a slash at the end */
	char	   *ca_file;		/* NULL: libcurl's own */
	char	   *proxy;			/* NULL: none */
	char	   *authorization_url;
	char	   *redirect_uri;
	int			max_connections;
	int			max_reports;	/* asked for and not read yet, at once */
	int			low_speed_limit;	/* bytes per second; 0: none */
	int			low_speed_time; /* seconds, as the next three */
	int			timeout;
	int			report_timeout;
	int			retry_timeout;
	int			max_requests_per_day;	/* 0: as many as Pinterest takes */

	bool		all_advertisers;	/* advertiser_id is '*' */
	List	   *advertiser_ids; /* of char *, else */
	PinHistory	historical_date;
	PinGranularity granularity;
	List	   *key_columns;	/* of char *: what the table adds to its key */
	List	   *key;			/* const PinColumn *, see pin_natural_key() */
	int			click_window_days;	/* -1: not set, as the next two */
	int			engagement_window_days;
	int			view_window_days;
	char	   *conversion_report_time; /* NULL: not set, as the next two */
	List	   *attribution_types;	/* of char * */
	char	   *reporting_timezone;
	char	   *template_id;	/* NULL: the table's own columns */
	int			report_reuse;	/* seconds */
	bool		synchronous;	/* analytics may take the place of a report */
	List	   *filters;		/* of PinFilter * */
} PinOptions;

extern PinOptions *pin_get_options(Oid relid);
extern PinOptions *pin_merge_options(Oid relid);
extern bool pin_is_key(const PinOptions *options, const PinColumn *column);
extern bool pin_is_always_asked_for(const PinOptions *options,
									const PinColumn *column);
extern PinOptions *pin_get_server_options(Oid serverid);
extern void pin_check_server_name(const char *name);
extern Oid	pin_get_server(const char *name);

#endif							/* PINTEREST_OPTION_SETTINGS_H */
