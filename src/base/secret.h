/*-------------------------------------------------------------------------
 *
 * secret.h
 *	  The secrets that this backend has sent, so that no message repeats them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_SECRET_H
#define PINTEREST_BASE_SECRET_H

#include "utils/palloc.h"

/* More bytes than the longest piece of a text that stands for PIN_SECRET_PIECE
 * characters, as they are looked for */
#define PIN_SECRET_MARGIN 256

typedef struct PinSecret PinSecret;

extern void pin_secret_keep(MemoryContext cxt, const char *text);
extern void pin_secret_keep_basic(MemoryContext cxt, const char *pair);
extern PinSecret *pin_secret_keep_query(const char *url);
extern void pin_secret_forget(PinSecret *secret);
extern void pin_secrets_hide(char *text, size_t len);

#endif							/* PINTEREST_BASE_SECRET_H */
