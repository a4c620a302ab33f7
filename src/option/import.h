/*-------------------------------------------------------------------------
 *
 * import.h
 *	  IMPORT FOREIGN SCHEMA: the fixed schema as foreign tables.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_IMPORT_H
#define PINTEREST_OPTION_IMPORT_H

#include "foreign/foreign.h"
#include "nodes/parsenodes.h"

#include "base/dates.h"
#include "catalog/catalog.h"

extern List *pinImportForeignSchema(ImportForeignSchemaStmt *stmt,
									Oid serverOid);
extern char *pin_foreign_table_sql(const char *name,
								   const PinResource *resource,
								   const ForeignServer *server, List *key,
								   List *columns, List *options,
								   PinGranularity granularity);

#endif							/* PINTEREST_OPTION_IMPORT_H */
