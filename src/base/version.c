/*-------------------------------------------------------------------------
 *
 * version.c
 *	  The version of this library, and that of its objects in the database.
 *
 * A package replaces the library for all databases at once, and sessions that are
 * open keep the one that they have loaded.  ALTER EXTENSION ... UPDATE changes the
 * objects of one database.  So a library meets objects of other releases:
 *
 * - Older ones work, since the functions of each released script stay.  What has
 *   been added since is missing until the update; who can run it is told once.
 * - Newer ones may have columns that this library does not know, and to write rows
 *   without them is not possible.  That is an error, until the session has the newer
 *   library.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "base/version.h"

/* Whether this session has been told that its objects are older */
static bool is_told = false;

/*
 * pin_compare_versions
 *		Compares two versions such as 1.0.0: below 0, 0 or above 0, as strcmp().
 *
 * Numbers count as numbers, and missing ones as 0; what follows a number, as in
 * 1.1.0beta, is compared as text.
 */
int
pin_compare_versions(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0')
	{
		char	   *rest_a;
		char	   *rest_b;
		unsigned long number_a = strtoul(a, &rest_a, 10);
		unsigned long number_b = strtoul(b, &rest_b, 10);

		if (number_a != number_b)
			return number_a < number_b ? -1 : 1;
		if ((*rest_a != '.' && *rest_a != '\0') ||
			(*rest_b != '.' && *rest_b != '\0'))
			return strcmp(rest_a, rest_b);
		a = rest_a + (*rest_a == '.');
		b = rest_b + (*rest_b == '.');
	}
	return 0;
}

/*
 * find_extension
 *		The version of the extension in this database, palloc'ed, or NULL if there is
 *		none; and its owner.
 */
static char *
find_extension(Oid *owner)
{
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	char	   *result = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum("pinterest_fdw"));
	scan = systable_beginscan(rel, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		version = heap_getattr(tuple, Anum_pg_extension_extversion,
										   RelationGetDescr(rel), &isnull);

		if (!isnull)
			result = TextDatumGetCString(version);
		*owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return result;
}

/*
 * pin_installed_version
 *		The version of the extension in this database, palloc'ed, or NULL if there is
 *		none.
 */
char *
pin_installed_version(void)
{
	Oid			owner;

	return find_extension(&owner);
}

/*
 * compare_installed
 *		The version of the extension, and how it compares to that of the library, as
 *		pin_compare_versions().  It is the same while a script changes it.
 *
 * It is looked up each time, as sessions outlive updates: one row of a catalog, by
 * its index.
 */
static int
compare_installed(char **installed, Oid *owner)
{
	*installed = NULL;
	if (creating_extension || IsBinaryUpgrade)
		return 0;
	*installed = find_extension(owner);
	if (*installed == NULL)
		return 0;
	return pin_compare_versions(*installed, PINTEREST_FDW_VERSION);
}

/*
 * pin_check_version
 *		Raises 55000 if the extension in this database is newer than the library.
 */
void
pin_check_version(void)
{
	char	   *installed;
	Oid			owner;

	if (compare_installed(&installed, &owner) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension pinterest_fdw is of version %s, but the library of this session is of version %s",
						installed, PINTEREST_FDW_VERSION),
				 errhint("Connect anew. If the error remains, install pinterest_fdw %s on this machine.",
						 installed)));
}

/*
 * pin_tell_version
 *		As pin_check_version(), and tells whoever may update the extension that it is
 *		older than the library, once in a session.
 */
void
pin_tell_version(void)
{
	char	   *installed;
	Oid			owner = InvalidOid;

	pin_check_version();
	if (is_told || compare_installed(&installed, &owner) >= 0 ||
		!has_privs_of_role(GetUserId(), owner))
		return;
	is_told = true;
	ereport(NOTICE,
			(errmsg("extension pinterest_fdw is of version %s, and its library of version %s",
					installed, PINTEREST_FDW_VERSION),
			 errhint("Run ALTER EXTENSION pinterest_fdw UPDATE.")));
}
