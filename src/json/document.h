/*-------------------------------------------------------------------------
 *
 * document.h
 *	  Reading Pinterest's JSON: the fields of an object.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_DOCUMENT_H
#define PINTEREST_JSON_DOCUMENT_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef enum PinJsonType
{
	PIN_JSON_MISSING,			/* no such field */
	PIN_JSON_NULL,
	PIN_JSON_BOOL,
	PIN_JSON_NUMBER,
	PIN_JSON_STRING,
	PIN_JSON_NESTED				/* object or array */
} PinJsonType;

/*
 * A value.  The text of a number is the source's, of a string the string
 * itself, of a nested value its JSON; in the server's encoding.
 */
typedef struct PinJsonValue
{
	PinJsonType type;
	char	   *text;
} PinJsonValue;

/* A field of an object of which nobody knows the names */
typedef struct PinJsonMember
{
	char	   *name;
	PinJsonValue value;
} PinJsonMember;

/* Names of the fields to pick from an object, with the places of their values */
typedef struct PinJsonFields
{
	int			count;
	const char **names;
	struct HTAB *index;			/* name to place */
} PinJsonFields;

extern PinJsonFields *pin_json_fields(int count, const char **names);
extern void pin_json_object(const PinJsonFields *fields, const char *json,
							size_t len, int encoding, PinJsonValue *values,
							const char **current);
extern bool pin_json_try_object(const PinJsonFields *fields, const char *json,
								size_t len, PinJsonValue *values);
extern bool pin_json_is_zero(const PinJsonValue *value);
extern List *pin_json_array(const char *json);
extern List *pin_json_members(const char *json);

#endif							/* PINTEREST_JSON_DOCUMENT_H */
