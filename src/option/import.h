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

#include "nodes/parsenodes.h"

extern List *pinImportForeignSchema(ImportForeignSchemaStmt *stmt,
									Oid serverOid);

#endif							/* PINTEREST_OPTION_IMPORT_H */
