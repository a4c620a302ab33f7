/*-------------------------------------------------------------------------
 *
 * words.h
 *	  How often, in the words of users.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SCHEDULE_WORDS_H
#define PINTEREST_SCHEDULE_WORDS_H

extern char *pin_cron_expression(const char *every, const char *hash_of,
								 int shift);

#endif							/* PINTEREST_SCHEDULE_WORDS_H */
