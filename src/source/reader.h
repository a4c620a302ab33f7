/*-------------------------------------------------------------------------
 *
 * reader.h
 *	  Reads the rows that a request gives.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_READER_H
#define PINTEREST_SOURCE_READER_H

#include "api/call.h"
#include "base/progress.h"
#include "http/http.h"
#include "option/settings.h"
#include "request/request.h"
#include "source/loaded.h"
#include "source/ready.h"

typedef struct PinReader PinReader;

extern PinReader *pin_reader_create(Relation rel, const PinOptions *options,
									Oid userid, List *attnums);
extern List *pin_reader_columns(const PinReader *reader);
extern int	pin_reader_nused(const PinReader *reader);
extern void pin_reader_join(PinReader *reader, PinChannel *channel);
extern void pin_reader_tolerate(PinReader *reader);
extern void pin_reader_start(PinReader *reader, const PinRequest *asked);
extern void pin_reader_send(PinReader *reader);
extern bool pin_reader_next(PinReader *reader, TupleTableSlot *slot);
extern PinReady pin_reader_ready(PinReader *reader);
extern PinUsage pin_reader_usage(const PinReader *reader);
extern int64 pin_reader_reused(const PinReader *reader);
extern int64 pin_reader_fallbacks(const PinReader *reader);
extern List *pin_reader_loaded(const PinReader *reader);
extern List *pin_reader_empty(const PinReader *reader);
extern List *pin_reader_left_out(const PinReader *reader);
extern List *pin_reader_advertisers(const PinReader *reader);
extern List *pin_reader_postponed(const PinReader *reader);
extern PinUsage pin_reader_stop(PinReader *reader);
extern PinRequest *pin_reader_whole(const PinReader *reader, TimestampTz now);
extern void pin_reader_show(PinReader *reader, PinProgress *progress);
extern int	pin_reader_nreports(const PinReader *reader);
extern int	pin_reader_request(PinReader *reader);

#endif							/* PINTEREST_SOURCE_READER_H */
