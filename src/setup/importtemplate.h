/*-------------------------------------------------------------------------
 *
 * importtemplate.h
 *	  Makes a foreign table of a report template of Ads Manager.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SETUP_IMPORTTEMPLATE_H
#define PINTEREST_SETUP_IMPORTTEMPLATE_H

#include "fmgr.h"

/* SQL functions */
extern PGDLLEXPORT Datum pinterest_import_template(PG_FUNCTION_ARGS);

#endif							/* PINTEREST_SETUP_IMPORTTEMPLATE_H */
