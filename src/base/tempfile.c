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
 *		A new file, which is the caller's to close, by FileClose(); that deletes it,
 *		as the end of the process does.
 *
 * Raises the errors of OpenTemporaryFile().
 */
File
pin_file_create(void)
{
	return OpenTemporaryFile(true);
}

/*
 * pin_file_write
 *		Writes len bytes at a place of a file; offset: in bytes.
 *
 * Raises 53100 or the like if there is no room, 53400 beyond temp_file_limit.
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
 *		Reads len bytes that have been written at a place of a file; offset: in bytes.
 *
 * Raises an error of the file if they cannot be read, XX001 if there are fewer.
 */
void
pin_file_read(File file, off_t offset, void *data, int len)
{
	int			nread = FileRead(file, data, len, offset, WAIT_EVENT_BUFFILE_READ);

	if (nread < 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not read from a temporary file: %m")));
	if (nread != len)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("could not read from a temporary file: read only %d of %d bytes",
						nread, len)));
}
