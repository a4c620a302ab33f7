/*-------------------------------------------------------------------------
 *
 * endpoint.h
 *	  The token endpoint: a grant for new tokens.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_AUTH_ENDPOINT_H
#define PINTEREST_AUTH_ENDPOINT_H

#include "auth/client.h"
#include "auth/tokenstore.h"

typedef enum PinGrantOutcome
{
	PIN_GRANT_ISSUED,
	PIN_GRANT_NOT_SPENT,					/* the code or refresh token is as it was */
	PIN_GRANT_REFUSED,					/* it is worth nothing */
	PIN_GRANT_UNKNOWN
} PinGrantOutcome;

/* An error to raise, once all has been written down */
typedef struct PinProblem
{
	int			sqlstate;
	char	   *message;
	char	   *detail;			/* NULL: none, as the next one */
	char	   *hint;
} PinProblem;

extern bool pin_read_tokens(const char *body, size_t len, const char *digest,
							PinTokens *tokens);
extern PinGrantOutcome pin_ask_endpoint(const PinClient *client, const char *form,
										const char *secret, PinTokens *tokens,
										PinProblem *problem);
extern void pin_raise_problem(const PinProblem *problem);

#endif							/* PINTEREST_AUTH_ENDPOINT_H */
