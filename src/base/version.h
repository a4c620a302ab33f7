/*-------------------------------------------------------------------------
 *
 * version.h
 *	  The version of this library, and that of its objects in the database.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_VERSION_H
#define PINTEREST_BASE_VERSION_H

/* That of pinterest_fdw.control, too: "release/run check" compares */
#define PINTEREST_FDW_VERSION "1.1.0"

extern int	pin_compare_versions(const char *a, const char *b);
extern char *pin_installed_version(void);
extern void pin_check_version(void);
extern void pin_tell_version(void);

#endif							/* PINTEREST_BASE_VERSION_H */
