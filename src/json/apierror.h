/*-------------------------------------------------------------------------
 *
 * apierror.h
 *	  Pinterest's error object.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_JSON_APIERROR_H
#define PINTEREST_JSON_APIERROR_H

/* What an answer says that is an error */
typedef struct PinApiError
{
	bool		has_code;		/* as each of Pinterest's has */
	int			code;			/* 0 if there is none */
	char	   *message;		/* palloc'ed, of any length; NULL: none */
} PinApiError;

extern PinApiError pin_read_api_error(const char *body, size_t len);

#endif							/* PINTEREST_JSON_APIERROR_H */
