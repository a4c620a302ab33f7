/*-------------------------------------------------------------------------
 *
 * catalog.h
 *	  The fixed schema: Pinterest's resources and their columns, as data.
 *
 * The data stand in resourcelist.h, reportcolumnlist.h, entitycolumnlist.h and,
 * for each remote schema, in a list of its lists (adslists.h and so on).  They are
 * expanded by catalog.c in the manner of PostgreSQL's kwlist.h.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_CATALOG_CATALOG_H
#define PINTEREST_CATALOG_CATALOG_H

#include "base/dates.h"

/*
 * What a value is.  It decides the PostgreSQL type of the column and, in a
 * report, what a value stands for that Pinterest left out: zero for counts
 * and amounts, null for everything else.
 */
typedef enum PinKind
{
	PIN_COUNT,					/* bigint */
	PIN_MICRO,					/* bigint, amount in micro-currency */
	PIN_AMOUNT,					/* numeric, amount in the account's currency */
	PIN_RATIO,					/* numeric, not additive */
	PIN_ID,						/* text, digits */
	PIN_TEXT,					/* text */
	PIN_FLAG,					/* boolean */
	PIN_DATE,					/* date */
	PIN_SECONDS,				/* timestamptz, Unix time in seconds */
	PIN_MILLISECONDS,			/* timestamptz, Unix time in milliseconds */
	PIN_TIME,					/* timestamptz, a text as of ISO 8601 */
	PIN_TEXTS,					/* text[] */
	PIN_JSON					/* jsonb */
} PinKind;

/* Reporting levels, a bit each, so that a column can name a set of them */
#define PIN_LEVEL_ADVERTISER				(1 << 0)
#define PIN_LEVEL_CAMPAIGN					(1 << 1)
#define PIN_LEVEL_AD_GROUP					(1 << 2)
#define PIN_LEVEL_PIN_PROMOTION				(1 << 3)
#define PIN_LEVEL_KEYWORD					(1 << 4)
#define PIN_LEVEL_PRODUCT_GROUP				(1 << 5)
#define PIN_LEVEL_PRODUCT_ITEM				(1 << 6)
#define PIN_LEVEL_ADVERTISER_TARGETING		(1 << 7)
#define PIN_LEVEL_CAMPAIGN_TARGETING		(1 << 8)
#define PIN_LEVEL_AD_GROUP_TARGETING		(1 << 9)
#define PIN_LEVEL_PIN_PROMOTION_TARGETING	(1 << 10)
#define PIN_LEVEL_PRODUCT_GROUP_TARGETING	(1 << 11)
#define PIN_LEVEL_PRODUCT_ITEM_TARGETING	(1 << 12)

/* The scope of OAuth without which Pinterest answers nothing that we ask */
#define PIN_SCOPE "ads:read"

/* Column flags */
#define PIN_STANDARD	(1 << 0)	/* part of "columns 'standard'" */
#define PIN_CONVERSION	(1 << 1)	/* conversion metric: none by hour */
#define PIN_PRESENCE	(1 << 2)	/* always requested, see source/reader.c */
#define PIN_SYNC		(1 << 3)	/* synchronous analytics have it, written as
									 * in reports, see source/analytics.c */
#define PIN_BLANK		(1 << 4)	/* a row may lack it: as part of a key, it is
									 * an empty text then */

/*
 * Where a column's value comes from.  Key columns of a report do not stand in
 * its rows, or not reliably.
 */
typedef enum PinSource
{
	PIN_FROM_FIELD,				/* the field named api_name */
	PIN_FROM_ADVERTISER,		/* the advertiser that was asked for */
	PIN_FROM_ENTITY,			/* the key under which a report files the row */
	PIN_FROM_DATE,				/* the DATE field of a report row */
	PIN_FROM_ROW				/* the field named api_name, which a report
								 * has without being asked for it */
} PinSource;

typedef struct PinColumn
{
	const char *name;			/* SQL name in the fixed schema */
	const char *api_name;		/* Pinterest's name */
	PinKind		kind;
	PinSource	source;
	int			levels;			/* levels at which a report has it; 0 for
								 * columns of entities, as the next one */
	int			finer_levels;	/* levels at which it may differ between rows
								 * of the same natural key */
	int			flags;
	const char *description;
} PinColumn;

typedef enum PinResourceKind
{
	PIN_ENTITY,
	PIN_REPORT
} PinResourceKind;

/* How a list of entities is asked for */
typedef enum PinListing
{
	PIN_LIST_ADVERTISERS,		/* /ad_accounts */
	PIN_LIST_PAGES,				/* /ad_accounts/{id}/{path}, page by page */
	PIN_LIST_WHOLE,				/* the same, all in one answer */
	PIN_LIST_BY_AD_GROUP,		/* page by page for each ad group, with the
								 * parameter ad_group_id */
	PIN_LIST_BY_PARENT,			/* page by page for the advertiser, for each
								 * campaign with the parameter campaign_id,
								 * and for each ad group likewise */
	PIN_LIST_GLOBAL,			/* /{path}, all in one answer, whoever asks */
	PIN_LIST_BY_TYPE,			/* /{path}/{type} for each of "types": maps of
								 * code to name */
	PIN_LIST_BY_CHOICE,			/* for each of "types" as the value of "parameter" */
	PIN_LIST_BELOW,				/* for each entity of "parent", whose id is part of
								 * the path, or for some at once, which "parameter"
								 * names */
	PIN_LIST_BY_DAY				/* /{path}?date={day}, an object for each of the
								 * last PIN_LISTED_DAYS, whoever asks */
} PinListing;

/* Days of a list by day, today by UTC included */
#define PIN_LISTED_DAYS	8

/* What the path of a list begins with */
typedef enum PinBase
{
	PIN_BASE_ACCOUNT,			/* /ad_accounts/{id} */
	PIN_BASE_USER,				/* nothing; the parameter ad_account_id says whose
								 * owner's it is */
	PIN_BASE_NOBODY				/* nothing: it is the token's user's */
} PinBase;

/* What is the answer to a list, other than the listing already says */
typedef enum PinAnswer
{
	PIN_ANSWER_PAGES,			/* items, and a bookmark of the next page */
	PIN_ANSWER_ITEMS,			/* items, all of them */
	PIN_ANSWER_ARRAY,			/* an array of all */
	PIN_ANSWER_OBJECT,			/* one entity */
	PIN_ANSWER_DAILY,			/* metrics by day, see source/metrics.c */
	PIN_ANSWER_TOP				/* Pins with metrics, the best one first */
} PinAnswer;

typedef struct PinResource
{
	const char *name;			/* SQL name, value of the option "resource" */
	const char *schema;			/* of IMPORT FOREIGN SCHEMA */
	PinResourceKind kind;
	int			level;			/* one of PIN_LEVEL_*; 0 for entities */
	const char *level_name;		/* as in the API; NULL for entities */
	PinListing	listing;		/* of entities */
	PinBase		base;			/* likewise */
	PinAnswer	answer;			/* likewise */
	const char *path;			/* below the base, or below the API's URL if the
								 * listing is global or by type; braces around
								 * what is the parent's id */
	const char *query;			/* parameters that are always the same, as they
								 * are sent; NULL: none */
	const char *parameter;		/* that says which of "types" a list is of, or of
								 * which parents, if there are several at once */
	const char *parent;			/* resource below whose entities the lists are */
	const char *parent_field;	/* of these, what is their id in the path */
	int			parents_at_once;	/* of these, in one list, by "parameter"; 0: one
								 * each, in the path */
	const char *one_path;		/* of the list of one of them, where the other is
								 * not to be had; NULL: there is none */
	const char *stamp;			/* field of each row that says of which parent it
								 * is; NULL: none */
	const char *choice_stamp;	/* likewise, of which of "types" */
	const char *place;			/* likewise, which one of its list it is, from 1 on:
								 * of rows that have no id */
	const char *within;			/* field of each item whose elements are the
								 * entities; NULL: the items are */
	const char *lifted;			/* fields of nested objects that become fields of a
								 * row: "name=object.field", separated by spaces;
								 * NULL: none */
	bool		first_page_only;	/* bookmarks lead nowhere */
	bool		has_media;		/* rows are Pins, of which image_url and video_url
								 * are made: see source/pinmedia.c */
	bool		unordered;		/* there is no parameter "order" */
	bool		beta;			/* not every advertiser or app may have it */
	const char *filters;		/* standing filters it takes, names as in the
								 * API, separated by spaces */
	const char *types;			/* targeting types, separated by spaces: those
								 * asked for by default, or listed; NULL where
								 * there are none */
	const char *more_types;		/* those that a report takes besides, likewise */
	int			history_days;	/* days back from today that Pinterest keeps; 0
								 * where it does not apply, as all below */
	int			hourly_history_days;	/* the same by the hour */
	int			range_days;		/* longest range of one request, both ends
								 * counted */
	int			hourly_range_days;	/* the same by the hour */
	int			max_ids;		/* ids in one filter of one request */
	int			max_id_filters; /* filters by ids in one request; 0: all */
	int			max_types;		/* targeting types in one request */
	int			page_size;		/* of the largest page of entities */
	const char *scopes;			/* of OAuth that reading it takes, separated by
								 * spaces */
	const char *more_scopes;	/* with which there is more to read, likewise; NULL:
								 * none */
	const char *description;
	const PinColumn *keys;		/* natural key, in order */
	int			nkeys;
	const PinColumn *columns;	/* all others, in the order of the schema */
	int			ncolumns;
} PinResource;

extern const PinResource *const pin_resources;
extern const int pin_nresources;

extern const PinResource *pin_find_resource(const char *name);
extern bool pin_is_schema(const char *name);
extern bool pin_has_advertiser(const PinResource *resource);
extern bool pin_is_paged(const PinResource *resource);
extern bool pin_has_days(const PinResource *resource);
extern const PinColumn *pin_find_column(const PinResource *resource,
										const char *api_name);
extern const PinColumn *pin_find_fixed_column(const PinResource *resource,
												const char *name);
extern bool pin_resource_is_global(const PinResource *resource);
extern bool pin_column_is_valid(const PinResource *resource,
								const PinColumn *column,
								PinGranularity granularity,
								const char **reason);
extern bool pin_column_is_standard(const PinResource *resource,
								   const PinColumn *column);
extern bool pin_column_is_finer(const PinResource *resource,
								const PinColumn *column);
extern Oid	pin_kind_oid(PinKind kind);
extern const char *pin_kind_type(PinKind kind);
extern const char *pin_kind_unit(PinKind kind);
extern bool pin_kind_zero_fills(PinKind kind);

#endif							/* PINTEREST_CATALOG_CATALOG_H */
