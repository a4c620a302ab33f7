/*-------------------------------------------------------------------------
 *
 * prints.h
 *	  The fingerprints of all rows of a download.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_PRINTS_H
#define PINTEREST_REFRESH_PRINTS_H

#include "refresh/fingerprint.h"

/* The fingerprint of a row of a download */
typedef struct PinPrint
{
	PinFingerprint print;
	int64		row;			/* number of the row, from 0 on */
} PinPrint;

typedef struct PinPrints PinPrints;

extern PinPrints *pin_prints_create(MemoryContext context);
extern void pin_prints_free(PinPrints *prints);
extern void pin_prints_add(PinPrints *prints, PinFingerprint print, int64 row);
extern int	pin_prints_passes(const PinPrints *prints);
extern int	pin_prints_pass_of(const PinPrints *prints, PinFingerprint print);
extern void pin_prints_load(PinPrints *prints, int pass);
extern const PinPrint *pin_prints_find(const PinPrints *prints,
									   PinFingerprint print);
extern bool pin_prints_repeated(const PinPrints *prints, int64 *row,
								int64 *other);

#endif							/* PINTEREST_REFRESH_PRINTS_H */
