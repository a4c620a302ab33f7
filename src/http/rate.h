/*-------------------------------------------------------------------------
 *
 * rate.h
 *	  How fast the body of an answer has to come.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_RATE_H
#define PINTEREST_HTTP_RATE_H

/* All zero: nothing has come yet, and nothing is demanded */
typedef struct PinRate
{
	int			limit;			/* bytes per second; 0: any rate will do */
	int			period;			/* seconds over which that is the average */
	int64		waited;			/* microseconds of the present period so far */
	int64		bytes;			/* of the body when the period began */
} PinRate;

extern bool pin_rate_is_low(PinRate *rate, int64 bytes, int64 waited);

#endif							/* PINTEREST_HTTP_RATE_H */
