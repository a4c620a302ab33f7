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

#include "base/version.h"
#include "fdw/analyticsplan.h"
#include "fdw/analyze.h"
#include "fdw/explain.h"
#include "fdw/modify.h"
#include "fdw/plan.h"
#include "fdw/scan.h"
#include "option/import.h"
#include "refresh/announce.h"
#include "source/reuse.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "pinterest_fdw", .version = PINTEREST_FDW_VERSION);
#else
PG_MODULE_MAGIC;
#endif

PG_FUNCTION_INFO_V1(pinterest_fdw_handler);

void		_PG_init(void);

/*
 * _PG_init
 *		Defines the module's settings.
 */
void
_PG_init(void)
{
	pin_announce_init();
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
