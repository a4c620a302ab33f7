/*-------------------------------------------------------------------------
 *
 * document.h
 *	  Whole JSON documents: answers to read, and bodies to send.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_DOCUMENT_H
#define PINTEREST_JSON_DOCUMENT_H

#include "nodes/pg_list.h"

/* Types of values; several can be meant at once. */
typedef enum PinJsonType
{
	PIN_JSON_MISSING = 0,		/* no such field */
	PIN_JSON_NULL = 1,
	PIN_JSON_BOOL = 2,
	PIN_JSON_NUMBER = 4,
	PIN_JSON_STRING = 8,
	PIN_JSON_OBJECT = 16,
	PIN_JSON_ARRAY = 32
} PinJsonType;

#define PIN_JSON_NESTED	(PIN_JSON_OBJECT | PIN_JSON_ARRAY)
#define PIN_JSON_ANY	(PIN_JSON_NULL | PIN_JSON_BOOL | PIN_JSON_NUMBER | \
						 PIN_JSON_STRING | PIN_JSON_NESTED)

/* Pinterest writes ids either way. */
#define PIN_JSON_ID		(PIN_JSON_NUMBER | PIN_JSON_STRING)

/* A document; it lives in a memory context, like anything palloc'ed. */
typedef struct PinJsonDocument PinJsonDocument;

/* A value of a document, and gone with it.  NULL stands for JSON's null. */
typedef struct PinJsonNode PinJsonNode;

/*
 * A value taken from a document, or from a row of a report.  The text is
 * palloc'ed: of a number as in the source, of a string the string itself.  It is
 * in the server's encoding, unless pin_json_pick() or pin_json_row() says
 * otherwise.
 */
typedef struct PinJsonValue
{
	PinJsonType type;
	char	   *text;			/* NULL: none, or that of "node" */
	const PinJsonNode *node;	/* in the document; NULL: there is none */
} PinJsonValue;

/* A field to read from an object */
typedef struct PinJsonField
{
	const char *name;
	int			types;			/* PIN_JSON_*: those it may be of */
	PinJsonValue *value;		/* where it goes */
	bool		required;		/* neither missing nor null */
} PinJsonField;

#define PIN_REQUIRED	true
#define PIN_OPTIONAL	false

/* A field of an object of which nobody knows the names; its own in UTF-8 */
typedef struct PinJsonMember
{
	char	   *name;
	const PinJsonNode *node;
} PinJsonMember;

extern PinJsonDocument *pin_json_open(const char *body, size_t len);
extern PinJsonDocument *pin_json_try_open(const char *body, size_t len);
extern bool pin_json_was_mended(const PinJsonDocument *document);
extern void pin_json_close(PinJsonDocument *document);

extern PinJsonNode *pin_json_root(const PinJsonDocument *document);
extern PinJsonType pin_json_type(const PinJsonNode *node);
extern PinJsonValue pin_json_value(const PinJsonNode *node);
extern char *pin_json_text(const PinJsonValue *value);
extern char *pin_json_server_text(char *text);
extern char *pin_json_shown_text(const char *text);
extern bool pin_json_is_zero(const PinJsonValue *value);
extern int64 pin_json_size(const PinJsonValue *value);
extern int	pin_json_length(const PinJsonNode *array);
extern const PinJsonNode *pin_json_element(const PinJsonNode *array, int i);
extern List *pin_json_members(const PinJsonNode *object);
extern void pin_json_read(const PinJsonNode *object,
						  const PinJsonField *fields, int nfields,
						  const char *subject);
extern char *pin_json_try_read(const PinJsonNode *object,
							   const PinJsonField *fields, int nfields);
extern void pin_json_pick(const PinJsonNode *object, int count,
						  const char *const *names, PinJsonValue *values);

extern PinJsonDocument *pin_json_create(PinJsonType type);
extern void pin_json_add_string(PinJsonNode *object, const char *name,
								const char *value);
extern void pin_json_add_utf8(PinJsonNode *object, const char *name,
							  const char *value);
extern void pin_json_add_strings(PinJsonNode *object, const char *name,
								 List *values);
extern void pin_json_add_int(PinJsonNode *object, const char *name, int value);
extern void pin_json_add_node(PinJsonNode *object, const char *name,
							  const PinJsonNode *value);
extern PinJsonNode *pin_json_append_object(PinJsonNode *array);
extern char *pin_json_body(const PinJsonDocument *document);

extern const char *pin_json_library(void);

#endif							/* PINTEREST_JSON_DOCUMENT_H */
