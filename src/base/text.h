/*-------------------------------------------------------------------------
 *
 * text.h
 *	  Words: other people's, made fit for a message, and our own lists of them.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_BASE_TEXT_H
#define PINTEREST_BASE_TEXT_H

#include "nodes/pg_list.h"

/* As distance of a hint, what postgres_fdw uses */
#define PIN_HINT_DISTANCE	4

extern char *pin_clip(char *text, int max);
extern char *pin_shorten(const char *text);
extern void pin_shorten_error(void);
extern const char *pin_whole_number(const char *text);
extern bool pin_has_word(const char *words, const char *word);
extern List *pin_split_words(const char *words);
extern char *pin_comma_list(const char *words);
extern List *pin_split_list(const char *value);
extern char *pin_join_list(const List *strings);
extern bool pin_has_string(const List *strings, const char *string);
extern bool pin_equal_strings(const List *a, const List *b);
extern Datum pin_text_array(const List *strings);

#endif							/* PINTEREST_BASE_TEXT_H */
