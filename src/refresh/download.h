/*-------------------------------------------------------------------------
 *
 * download.h
 *	  Downloads a foreign table for a refresh.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_REFRESH_DOWNLOAD_H
#define PINTEREST_REFRESH_DOWNLOAD_H

#include "refresh/state.h"

extern int	pin_refresh_request(PinRefresh *refresh);
extern void pin_refresh_download(PinRefresh *refresh);
extern void pin_refresh_fail(PinRefresh *refresh, const ErrorData *error);

#endif							/* PINTEREST_REFRESH_DOWNLOAD_H */
