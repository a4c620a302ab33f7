/*-------------------------------------------------------------------------
 *
 * batch.h
 *	  Batches of advertisers, each of which is a refresh by itself.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_BATCH_H
#define PINTEREST_REFRESH_BATCH_H

#include "refresh/state.h"

/* What has become of the batches of a table so far */
typedef struct PinBatches
{
	List	   *done;			/* char *: advertisers whose turn is over */
	List	   *left_out;		/* PinLeftOut *: those of them who are left out */
	bool		more;			/* there are others */
} PinBatches;

extern void pin_batch_choose(PinRefresh *refresh);
extern void pin_batch_begin(PinRefresh *refresh);
extern void pin_batch_note(PinRefresh *refresh);
extern bool pin_batch_is_part(const PinRefresh *refresh);
extern bool pin_batch_is_over(const PinRefresh *refresh,
							  const char *advertiser_id);
extern void pin_batch_end(const PinRefresh *refresh, const ErrorData *error);

#endif							/* PINTEREST_REFRESH_BATCH_H */
