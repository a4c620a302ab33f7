/*-------------------------------------------------------------------------
 *
 * pinmedia.h
 *	  URLs of the picture and the video of a Pin.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_PINMEDIA_H
#define PINTEREST_SOURCE_PINMEDIA_H

#include "json/document.h"

extern void pin_media_add(PinJsonNode *pin);

#endif							/* PINTEREST_SOURCE_PINMEDIA_H */
