/*-------------------------------------------------------------------------
 *
 * rate.c
 *	  How fast the body of an answer has to come.
 *
 * A server that sends a byte now and then is never silent for long, but would
 * hold a statement for ever.  Only the time that is spent in waiting for the
 * network counts: whoever takes rows slowly, as through a cursor, slows a
 * download down as well, and that is nobody's fault.  libcurl's option for this
 * measures by the clock, and is in use for the silence.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "datatype/timestamp.h"

#include "http/rate.h"

/*
 * pin_rate_is_low
 *		Counts a wait for the rest of a body; true if too little has come in the
 *		period that ends with it.
 *
 * bytes: of the body so far; waited: microseconds.
 */
bool
pin_rate_is_low(PinRate *rate, int64 bytes, int64 waited)
{
	bool		low;

	if (rate->limit == 0)
		return false;
	rate->waited += waited;
	if (rate->waited < rate->period * USECS_PER_SEC)
		return false;
	low = bytes - rate->bytes < (double) rate->limit * rate->waited / USECS_PER_SEC;
	rate->waited = 0;
	rate->bytes = bytes;
	return low;
}
