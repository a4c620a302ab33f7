/*-------------------------------------------------------------------------
 *
 * spec.c
 *	  What a request asks for.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/spec.h"

/*
 * pin_spec_keep_secrets
 *		Notes what a request sends that no message may repeat.
 *
 * The answers to one request may still be read when it is gone, so that this
 * lives as long as cxt, that of its pool; a signed link only until the caller
 * passes the result, which is NULL for others, to pin_secret_forget().
 */
PinSecret *
pin_spec_keep_secrets(const PinHttpSpec *spec, MemoryContext cxt)
{
	pin_secret_keep(cxt, spec->bearer);
	pin_secret_keep(cxt, spec->secret);
	if (spec->basic != NULL)
		pin_secret_keep_basic(cxt, spec->basic);
	if (spec->bearer == NULL && spec->basic == NULL)
		return pin_secret_keep_query(spec->url);
	return NULL;
}
