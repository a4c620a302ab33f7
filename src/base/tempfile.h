/*-------------------------------------------------------------------------
 *
 * tempfile.h
 *	  Temporary files that outlast the transaction.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_TEMPFILE_H
#define PINTEREST_BASE_TEMPFILE_H

#include "storage/fd.h"

/* No file: what a structure of zeros has */
#define PIN_NO_FILE 0

extern File pin_file_create(void);
extern void pin_file_write(File file, off_t offset, const void *data, int len);
extern void pin_file_read(File file, off_t offset, void *data, int len);

#endif							/* PINTEREST_BASE_TEMPFILE_H */
