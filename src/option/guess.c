/*-------------------------------------------------------------------------
 *
 * guess.c
 *	  Names and values of options that people try, and what they are here.
 *
 * Other wrappers, other tools for ads and other parts of Pinterest's API have
 * words of their own for the same things.  They are too far from ours for a
 * comparison of letters, which would suggest a wrong one.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/text.h"
#include "option/guess.h"

/* A name that people try */
typedef struct Guess
{
	const char *name;
	const char *meant;			/* the option; NULL: there is none */
	const char *advice;			/* what to do in that case */
} Guess;

#define NO_END \
	"Reports reach up to today. Limit the days by a condition on the column \"date\"."
#define NO_COLUMNS \
	"The columns of a foreign table are those that CREATE FOREIGN TABLE names. " \
	"IMPORT FOREIGN SCHEMA and pinterest.import_tables() take columns 'all'."

static const Guess option_guesses[] = {
	{"account", "advertiser_id", NULL},
	{"account_id", "advertiser_id", NULL},
	{"account_ids", "advertiser_id", NULL},
	{"ad_account", "advertiser_id", NULL},
	{"ad_account_id", "advertiser_id", NULL},
	{"ad_account_ids", "advertiser_id", NULL},
	{"ad_accounts", "advertiser_id", NULL},
	{"advertiser", "advertiser_id", NULL},
	{"advertisers", "advertiser_id", NULL},
	{"customer", "advertiser_id", NULL},
	{"customer_id", "advertiser_id", NULL},
	{"customer_ids", "advertiser_id", NULL},

	{"begin_date", "historical_date", NULL},
	{"date_from", "historical_date", NULL},
	{"days", "historical_date", NULL},
	{"from_date", "historical_date", NULL},
	{"history", "historical_date", NULL},
	{"last", "historical_date", NULL},
	{"lookback", "historical_date", NULL},
	{"lookback_window", "historical_date", NULL},
	{"since", "historical_date", NULL},
	{"start", "historical_date", NULL},
	{"start_date", "historical_date", NULL},
	{"end", NULL, NO_END},
	{"end_date", NULL, NO_END},
	{"date_to", NULL, NO_END},
	{"to_date", NULL, NO_END},
	{"until", NULL, NO_END},

	{"app_id", "client_id", NULL},
	{"app", "client_id", NULL},
	{"consumer_id", "client_id", NULL},
	{"user", "client_id", NULL},
	{"username", "client_id", NULL},
	{"app_secret", "client_secret", NULL},
	{"app_secret_key", "client_secret", NULL},
	{"consumer_secret", "client_secret", NULL},
	{"password", "client_secret", NULL},
	{"secret", "client_secret", NULL},
	{"secret_key", "client_secret", NULL},
	{"api_key", "access_token", NULL},
	{"bearer_token", "access_token", NULL},
	{"token", "access_token", NULL},

	{"base_url", "api_url", NULL},
	{"endpoint", "api_url", NULL},
	{"host", "api_url", NULL},
	{"hostname", "api_url", NULL},
	{"url", "api_url", NULL},
	{"callback", "redirect_uri", NULL},
	{"callback_url", "redirect_uri", NULL},
	{"auth_url", "authorization_url", NULL},
	{"oauth_url", "authorization_url", NULL},
	{"cacert", "ca_file", NULL},
	{"sslrootcert", "ca_file", NULL},
	{"http_proxy", "proxy", NULL},
	{"https_proxy", "proxy", NULL},
	{"proxy_url", "proxy", NULL},
	{"concurrency", "max_connections", NULL},
	{"connections", "max_connections", NULL},
	{"parallelism", "max_connections", NULL},
	{"max_requests", "max_connections", NULL},
	{"connect_timeout", "timeout", NULL},
	{"request_timeout", "timeout", NULL},
	{"max_retries", "retry_timeout", NULL},
	{"retries", "retry_timeout", NULL},
	{"cache", "report_reuse", NULL},
	{"cache_ttl", "report_reuse", NULL},
	{"reuse", "report_reuse", NULL},

	{"entity", "resource", NULL},
	{"level", "resource", NULL},
	{"object", "resource", NULL},
	{"report", "resource", NULL},
	{"report_level", "resource", NULL},
	{"report_type", "resource", NULL},
	{"table", "resource", NULL},
	{"table_name", "resource", NULL},
	{"columns", NULL, NO_COLUMNS},
	{"fields", NULL, NO_COLUMNS},
	{"metrics", NULL, NO_COLUMNS},
	{"column", "column_name", NULL},
	{"field", "column_name", NULL},
	{"metric", "column_name", NULL},
	{"key", "key_columns", NULL},
	{"primary_key", "key_columns", NULL},
	{"template", "template_id", NULL},
	{"report_template_id", "template_id", NULL},
	{"aggregation", "granularity", NULL},
	{"interval", "granularity", NULL},
	{"period", "granularity", NULL},
	{"time_granularity", "granularity", NULL},
	{"time_increment", "granularity", NULL},
	{"click_window", "click_window_days", NULL},
	{"engagement_window", "engagement_window_days", NULL},
	{"view_window", "view_window_days", NULL},
	{"attribution_window", "click_window_days", NULL},
	{"attribution_window_days", "click_window_days", NULL},
	{"time_zone", "reporting_timezone", NULL},
	{"timezone", "reporting_timezone", NULL},
	{"status", "entity_statuses", NULL},
	{"statuses", "entity_statuses", NULL},
	{"objective", "campaign_objective_types", NULL},
	{"objective_type", "campaign_objective_types", NULL},
	{"objectives", "campaign_objective_types", NULL},
	{"breakdown", "targeting_types", NULL},
	{"breakdowns", "targeting_types", NULL},
	{"targeting", "targeting_types", NULL}
};

/* A value that people try, and ours, of whichever option has it */
static const struct
{
	const char *value;
	const char *meant;
}			value_guesses[] = {
	{"ACTIVE", "RUNNING"},
	{"ACTIVE", "APPROVED"},
	{"APPROVED", "RUNNING"},
	{"APPROVED", "ACTIVE"},
	{"DELETED", "ARCHIVED"},
	{"DISABLED", "PAUSED"},
	{"ENABLED", "RUNNING"},
	{"ENABLED", "ACTIVE"},
	{"ENABLED", "APPROVED"},
	{"ENDED", "COMPLETED"},
	{"FINISHED", "COMPLETED"},
	{"INACTIVE", "PAUSED"},
	{"LIVE", "RUNNING"},
	{"LIVE", "ACTIVE"},
	{"LIVE", "APPROVED"},
	{"REMOVED", "ARCHIVED"},
	{"RUNNING", "ACTIVE"},
	{"RUNNING", "APPROVED"},
	{"SCHEDULED", "NOT_STARTED"},
	{"CONVERSION", "WEB_CONVERSION"},
	{"CONVERSIONS", "WEB_CONVERSION"},
	{"SALES", "CATALOG_SALES"},
	{"TRAFFIC", "CONSIDERATION"},
	{"VIDEO_VIEWS", "VIDEO_VIEW"},
	{"SHARED", "RECEIVED"},
	{"AGE", "AGE_BUCKET"},
	{"AGE_GROUP", "AGE_BUCKET"},
	{"DEVICE", "APPTYPE"},
	{"INTEREST", "TARGETED_INTEREST"},
	{"DAILY", "day"},
	{"HOURLY", "hour"},
	{"MONTHLY", "month"},
	{"WEEKLY", "week"},
	{"ALL", "total"},
	{"UTC", "PINTEREST_TIME_ZONE"},
	{"GMT", "PINTEREST_TIME_ZONE"},
	{"LOCAL", "AD_ACCOUNT_TIME_ZONE"},
	{"TRUE", "on"},
	{"YES", "on"},
	{"1", "on"},
	{"FALSE", "off"},
	{"NO", "off"},
	{"0", "off"}
};

/*
 * pin_guess_option
 *		What an option is called here that somebody gave under another name; NULL
 *		if that is not known.
 *
 * *advice: a sentence on what to do where there is no such option, else NULL.
 */
const char *
pin_guess_option(const char *name, const char **advice)
{
	*advice = NULL;
	for (int i = 0; i < lengthof(option_guesses); i++)
	{
		if (pg_strcasecmp(option_guesses[i].name, name) != 0)
			continue;
		*advice = option_guesses[i].advice;
		return option_guesses[i].meant;
	}
	return NULL;
}

/*
 * pin_guess_value
 *		What a value is called here that somebody gave under another name; NULL if
 *		that is not known.
 *
 * values: those that the option has, separated by spaces.
 */
const char *
pin_guess_value(const char *values, const char *value)
{
	for (int i = 0; i < lengthof(value_guesses); i++)
	{
		if (pg_strcasecmp(value_guesses[i].value, value) == 0 &&
			pin_has_word(values, value_guesses[i].meant))
			return value_guesses[i].meant;
	}
	return NULL;
}
