/*-------------------------------------------------------------------------
 *
 * shape.h
 *	  What a row of a report has to be like.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_SHAPE_H
#define PINTEREST_SOURCE_SHAPE_H

#include "option/settings.h"
#include "source/row.h"

/* What is checked of the rows of a table */
typedef struct PinShape PinShape;

/* What has come so far, in one scan */
typedef struct PinRowsSeen PinRowsSeen;

extern PinShape *pin_shape_create(const PinOptions *options, const char *relname,
								  List *attributes, List *requested,
								  const char **names, int *nnames);
extern int	pin_shape_max_names(const PinOptions *options, List *attributes,
								List *requested);
extern PinRowsSeen *pin_rows_seen_create(void);
extern void pin_shape_check(const PinShape *shape, PinRowsSeen *seen,
							const PinRow *row, const PinCell *cells);

#endif							/* PINTEREST_SOURCE_SHAPE_H */
