/*-------------------------------------------------------------------------
 *
 * optionpage.h
 *	  Pages that are no lists of entities, but maps: options of targeting.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_OPTIONPAGE_H
#define PINTEREST_SOURCE_OPTIONPAGE_H

#include "json/document.h"

extern void pin_bad_item(int place, const char *subject);
extern PinJsonDocument *pin_read_options(const char *type, const PinJsonNode *options,
										 const char *subject);

#endif							/* PINTEREST_SOURCE_OPTIONPAGE_H */
