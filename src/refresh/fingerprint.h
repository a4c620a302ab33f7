/*-------------------------------------------------------------------------
 *
 * fingerprint.h
 *	  Hashes by which rows are told apart.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_FINGERPRINT_H
#define PINTEREST_REFRESH_FINGERPRINT_H

#include "access/tupdesc.h"

#include "refresh/key.h"

/* What a row is told apart by from others */
typedef struct PinFingerprint
{
	uint64		key;			/* the same for equal keys */
	uint64		image;			/* the same for rows that are equal byte by byte */
} PinFingerprint;

typedef struct PinPrinter PinPrinter;

extern PinPrinter *pin_printer_create(TupleDesc tupdesc, PinKey *key);
extern void pin_printer_reseed(PinPrinter *printer);
extern bool pin_printer_take(PinPrinter *printer, const Datum *values,
							 const bool *nulls, PinFingerprint *print);

#endif							/* PINTEREST_REFRESH_FINGERPRINT_H */
