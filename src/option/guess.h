/*-------------------------------------------------------------------------
 *
 * guess.h
 *	  Names and values of options that people try, and what they are here.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_OPTION_GUESS_H
#define PINTEREST_OPTION_GUESS_H

extern const char *pin_guess_option(const char *name, const char **advice);
extern const char *pin_guess_value(const char *values, const char *value);

#endif							/* PINTEREST_OPTION_GUESS_H */
