/*-------------------------------------------------------------------------
 *
 * subxact.h
 *	  Steps that may fail without the transaction failing along with them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_SUBXACT_H
#define PINTEREST_BASE_SUBXACT_H

extern bool pin_is_cancellation(const ErrorData *error);
extern ErrorData *pin_try(void (*step) (void *arg), void *arg);
extern void pin_peek(void (*step) (void *arg), void *arg);
extern ErrorData *pin_try_by_name(char *(*name) (Oid object), Oid object,
								  void (*step) (void *arg), void *arg);

#endif							/* PINTEREST_BASE_SUBXACT_H */
