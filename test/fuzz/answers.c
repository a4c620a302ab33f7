/*-------------------------------------------------------------------------
 *
 * answers.c
 *	  Fuzzer: answers of the API that are errors, and of the token endpoint.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/verdict.h"
#include "auth/endpoint.h"
#include "fuzz.h"
#include "http/http.h"
#include "json/apierror.h"

/*
 * run_verdict
 *		An answer: two bytes choose its status, then come up to two lines of
 *		headers, and the body.  Judging raises no error, whatever the answer says.
 */
static void
run_verdict(const char *data, size_t size)
{
	static const long statuses[] = {
		200, 201, 204, 206, 301, 400, 401, 403, 404, 408, 409, 429, 500, 503, 599
	};
	PinHttpRequest request = {0};
	PinCall		call = {0};
	PinOutcome	outcome;
	const char *end;

	if (size < 2)
		return;
	request.status = statuses[(unsigned char) data[0] % lengthof(statuses)];
	call.download = data[1] & 1;
	call.one_of_many = data[1] & 2;
	call.ranged = call.download && (data[1] & 4);
	call.what = (data[1] & 8) ? "GET /ad_accounts/1/ads" : "GET /boards";
	data += 2;
	size -= 2;
	for (int i = 0; i < 2 && (end = memchr(data, '\n', size)) != NULL; i++)
	{
		size_t		len = end - data;

		memcpy(i == 0 ? request.retry_after : request.rate_limit_reset, data,
			   Min(len, PIN_HTTP_VALUE_SIZE - 1));
		data += len + 1;
		size -= len + 1;
	}
	request.data = unconstify(char *, data);
	request.len = size;
	call.request = &request;
	PG_TRY();
	{
		outcome = pin_judge(&call);
	}
	PG_CATCH();
	{
		fuzz_fail("judging an answer raises an error");
	}
	PG_END_TRY();
	fuzz_check(outcome.pause_ms >= -1);
	fuzz_check((outcome.verdict == PIN_GOOD) ==
			   (request.status >= 200 && request.status < 300 &&
				(request.status != 206 || call.ranged)));
}

/*
 * run_tokens
 *		An answer of the token endpoint.  What is taken can be put into a header.
 */
static void
run_tokens(const char *data, size_t size)
{
	PinTokens	tokens = {0};
	const char *issued[2];

	if (!pin_read_tokens(data, size, "digest", &tokens))
		return;
	issued[0] = tokens.access_token;
	issued[1] = tokens.refresh_token;
	fuzz_check(issued[0] != NULL);
	for (int i = 0; i < lengthof(issued); i++)
	{
		for (const char *c = issued[i]; c != NULL && *c != '\0'; c++)
			fuzz_check(*c > ' ' && *c < 0x7f);
	}
}

const FuzzTarget fuzz_answer_targets[] = {
	{"tokens", run_tokens},
	{"verdict", run_verdict},
	{NULL, NULL}
};
