/*-------------------------------------------------------------------------
 *
 * pinterest_fdw.h
 *	  What the files of pinterest_fdw share.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_FDW_H
#define PINTEREST_FDW_H

#include "access/attnum.h"
#include "datatype/timestamp.h"
#include "foreign/fdwapi.h"
#include "lib/stringinfo.h"
#include "nodes/pathnodes.h"
#include "utils/date.h"
#include "utils/rel.h"

#include "catalog/catalog.h"
#include "base/compat.h"

#define PINTEREST_FDW_VERSION "1.0"

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
	int			timeout;		/* seconds, as the next two */
	int			report_timeout;
	int			retry_timeout;

	bool		all_advertisers;	/* advertiser_id is '*' */
	List	   *advertiser_ids; /* of char *, else */
	char	   *historical_date;	/* as given; NULL: one year */
	PinGranularity granularity;
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

/* A column of a foreign table, tied to Pinterest's column */
typedef struct PinAttribute
{
	AttrNumber	attnum;
	const char *name;			/* SQL name */
	const char *api_name;
	const PinColumn *column;	/* NULL: not in the catalog, kept as it comes */
} PinAttribute;

/* A table of the extension's, written with the rights of its owner */
typedef struct PinOwned
{
	Relation	rel;
	Oid			user;			/* who he was before, and in which context */
	int			context;
} PinOwned;

/* in pinterest_fdw.c */
extern char *pin_versions(void);

/* in option.c */
extern PinOptions *pin_get_options(Oid relid);
extern PinOptions *pin_get_server_options(Oid serverid);
extern const char *pin_find_option(List *options, const char *name);
extern List *pin_get_attributes(Relation rel, const PinResource *resource);
extern DateADT pin_history_start(const PinOptions *options, DateADT today);
extern DateADT pin_today(void);
extern void pin_period(PinGranularity granularity, DateADT date,
					   DateADT *first, DateADT *last);
extern const char *pin_granularity_name(PinGranularity granularity);

/* in extension.c */
extern Oid	pin_extension_relid(const char *name);
extern PinOwned pin_open_as_owner(const char *name);
extern void pin_close_as_owner(PinOwned owned);

/* in authorize.c */
extern Oid	pin_get_server(const char *name);

/* in subxact.c */
extern ErrorData *pin_try(void (*step) (void *arg), void *arg);

/* in plan.c */
extern void pinGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
								 Oid foreigntableid);
extern void pinGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
							   Oid foreigntableid);
extern ForeignScan *pinGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel,
									  Oid foreigntableid,
									  ForeignPath *best_path, List *tlist,
									  List *scan_clauses, Plan *outer_plan);

/* in scan.c */
extern void pinBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *pinIterateForeignScan(ForeignScanState *node);
extern void pinReScanForeignScan(ForeignScanState *node);
extern void pinEndForeignScan(ForeignScanState *node);

/* in explain.c */
extern void pinExplainForeignScan(ForeignScanState *node,
								  struct ExplainState *es);

/* in analyze.c */
extern bool pinAnalyzeForeignTable(Relation rel, AcquireSampleRowsFunc *func,
								   BlockNumber *totalpages);

/* in modify.c */
extern List *pinPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
								  Index resultRelation, int subplan_index);
extern void pinExecForeignTruncate(List *rels, DropBehavior behavior,
								   bool restart_seqs);
extern RowMarkType pinGetForeignRowMarkType(RangeTblEntry *rte,
											LockClauseStrength strength);

/* in import.c */
extern List *pinImportForeignSchema(ImportForeignSchemaStmt *stmt,
									Oid serverOid);

#endif							/* PINTEREST_FDW_H */
