/*-------------------------------------------------------------------------
 *
 * apierror.c
 *	  Pinterest's error object.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <errno.h>
#include <limits.h>

#include "base/text.h"
#include "json/apierror.h"
#include "json/document.h"

/*
 * code_of
 *		A number as a code of Pinterest's; 0 if it cannot be one.
 */
static int
code_of(const char *text)
{
	const char *digits = pin_whole_number(text);
	long		code;

	if (digits == NULL)
		return 0;
	errno = 0;
	code = strtol(digits, NULL, 10);
	return errno == 0 && code >= INT_MIN && code <= INT_MAX ? (int) code : 0;
}

/*
 * pin_read_api_error
 *		Pinterest's own code and message, from an answer that is an error.
 *
 * The API has the fields "code" and "message", some of its resources
 * "message_detail" besides; a token endpoint may have those of RFC 6749, section
 * 5.2, in their place.  body: of len bytes, and maybe something else, such as the
 * page of a proxy; then there is neither.  Never raises an error for what it
 * says.  Memory comes from the current context.
 */
PinApiError
pin_read_api_error(const char *body, size_t len)
{
	PinApiError error = {false, 0, NULL};
	PinJsonDocument *document = pin_json_try_open(body, len);
	PinJsonValue code,
				message,
				detail,
				description,
				kind;
	const PinJsonField fields[] = {
		{"code", PIN_JSON_NUMBER, &code, PIN_OPTIONAL},
		{"message", PIN_JSON_STRING, &message, PIN_OPTIONAL},
		{"message_detail", PIN_JSON_STRING, &detail, PIN_OPTIONAL},
		{"error_description", PIN_JSON_STRING, &description, PIN_OPTIONAL},
		{"error", PIN_JSON_STRING, &kind, PIN_OPTIONAL}
	};

	if (document == NULL)
		return error;

	/* whatever is wrong, what is right can be shown */
	(void) pin_json_try_read(pin_json_root(document), fields, lengthof(fields));
	pin_json_close(document);
	if (code.text != NULL)
	{
		error.has_code = true;
		error.code = code_of(code.text);
	}
	error.message = message.text != NULL ? message.text :
		description.text != NULL ? description.text : kind.text;
	if (detail.text != NULL && error.message == NULL)
		error.message = detail.text;
	else if (detail.text != NULL && strcmp(error.message, detail.text) != 0)
		error.message = psprintf("%s %s", error.message, detail.text);
	return error;
}
