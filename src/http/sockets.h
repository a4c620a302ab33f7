/*-------------------------------------------------------------------------
 *
 * sockets.h
 *	  The sockets that requests wait for, beside the backend's latch.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_HTTP_SOCKETS_H
#define PINTEREST_HTTP_SOCKETS_H

#include "storage/latch.h"

extern bool pin_socket_watch(pgsocket fd, uint32 events);
extern void pin_socket_forget(pgsocket fd);
extern void pin_sockets_forget(void);
extern int	pin_sockets_wait(long timeout_ms, WaitEvent **events);

#endif							/* PINTEREST_HTTP_SOCKETS_H */
