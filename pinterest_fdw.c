/*-------------------------------------------------------------------------
 *
 * pinterest_fdw.c
 *	  Foreign data wrapper for Pinterest Ads: the front door.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "fdw/analyticsplan.h"
#include "http/http.h"
#include "pinterest_fdw.h"
#include "refresh/refresh.h"
#include "source/reuse.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "pinterest_fdw", .version = PINTEREST_FDW_VERSION);
#else
PG_MODULE_MAGIC;
#endif

PG_FUNCTION_INFO_V1(pinterest_fdw_handler);
PG_FUNCTION_INFO_V1(pinterest_fdw_version);

void		_PG_init(void);

/*
 * _PG_init
 *		Defines the module's settings.
 */
void
_PG_init(void)
{
	pin_refresh_init();
	pin_reuse_init();
	pin_analytics_init();
	MarkGUCPrefixReserved("pinterest_fdw");
}

/*
 * pinterest_fdw_handler
 *		Returns the callbacks of the foreign data wrapper.
 */
Datum
pinterest_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	routine->GetForeignRelSize = pinGetForeignRelSize;
	routine->GetForeignPaths = pinGetForeignPaths;
	routine->GetForeignPlan = pinGetForeignPlan;
	routine->BeginForeignScan = pinBeginForeignScan;
	routine->IterateForeignScan = pinIterateForeignScan;
	routine->ReScanForeignScan = pinReScanForeignScan;
	routine->EndForeignScan = pinEndForeignScan;
	routine->ExplainForeignScan = pinExplainForeignScan;
	routine->AnalyzeForeignTable = pinAnalyzeForeignTable;
	routine->PlanForeignModify = pinPlanForeignModify;
	routine->ExecForeignTruncate = pinExecForeignTruncate;
	routine->GetForeignRowMarkType = pinGetForeignRowMarkType;
	routine->ImportForeignSchema = pinImportForeignSchema;

	PG_RETURN_POINTER(routine);
}

/*
 * pin_versions
 *		Versions of what a bug report should name, in one line, palloc'ed.
 */
char *
pin_versions(void)
{
	return psprintf("pinterest_fdw %s, PostgreSQL %s, %s",
					PINTEREST_FDW_VERSION, PG_VERSION, pin_http_library());
}

/*
 * version() returns text
 */
Datum
pinterest_fdw_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(pin_versions()));
}
