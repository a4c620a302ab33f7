/*-------------------------------------------------------------------------
 *
 * tempfile.c
 *	  Temporary files that outlast the transaction.
 *
 * Whoever has one closes it, also after an error, and so possibly since the disk is
 * full: that must not fail.  A BufFile first writes what is in its buffer when it is
 * closed.  These have no buffer, and FileClose() does nothing but close them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/wait_event.h"

#include "base/tempfile.h"

/*
 * pin_file_create
 *		A new file, which is deleted when it is closed, at the end of the process at
 *		the latest.
 */
File
pin_file_create(void)
{
	return OpenTemporaryFile(true);
}

/*
 * pin_file_write
 *		Writes bytes at a place of a file.
 *
 * Raises an error if there is no room, or less than the setting temp_file_limit.
 */
void
pin_file_write(File file, off_t offset, const void *data, int len)
{
	/* the data are not changed, whatever the type says before PostgreSQL 16 */
	if (FileWrite(file, (char *) unconstify(void *, data), len, offset,
				  WAIT_EVENT_BUFFILE_WRITE) != len)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not write to a temporary file: %m")));
}

/*
 * pin_file_read
 *		Reads bytes that have been written at a place of a file.
 */
void
pin_file_read(File file, off_t offset, void *data, int len)
{
	if (FileRead(file, data, len, offset, WAIT_EVENT_BUFFILE_READ) != len)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file: %m")));
}
