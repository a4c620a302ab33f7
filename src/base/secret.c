/*-------------------------------------------------------------------------
 *
 * secret.c
 *	  The secrets that this backend has sent, so that no message repeats them.
 *
 * A server may repeat what it was sent: as it was, in percent encoding, with
 * the escapes of JSON or HTML, in base64, or a piece of it.  Whoever sends a
 * secret notes it here before, and pin_shorten(), which all words from outside
 * pass on their way into a message, hides it.  A piece is hidden as the whole is,
 * since a text may have been cut before it got here.
 *
 * A secret is noted as long as the memory context or the request that it was sent
 * for lives, and is overwritten then.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/base64.h"
#include "lib/ilist.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/limits.h"
#include "base/secret.h"

/* So many characters of a secret in a row are no chance */
#define PIECE			8

/* The same for the link of a download, most of which is known to all */
#define LINK_PIECE		16

/* Fewer than PIECE at the very end of a text that may have been cut there */
#define LAST_PIECE		4
#define MAYBE_CUT		200

/* Encodings of one upon another, such as percent encoding of JSON */
#define MAX_DEPTH		2

struct PinSecret
{
	dlist_node	node;			/* in "secrets" */
	MemoryContext owner;		/* that ends it; NULL: pin_secret_forget() does */
	size_t		piece;			/* shortest piece that is hidden */
	size_t		len;
	char		text[FLEXIBLE_ARRAY_MEMBER];
};

/* A text, and for each of its bytes where in the original that begins */
typedef struct View
{
	char	   *text;
	int		   *place;			/* one more: that of the end */
	int			len;
} View;

static dlist_head secrets = DLIST_STATIC_INIT(secrets);

/*
 * pin_secret_forget
 *		Overwrites a secret, and frees it if no memory context owns it.
 *
 * secret: or NULL.  Raises no errors: it is called while a context is deleted.
 */
void
pin_secret_forget(PinSecret *secret)
{
	if (secret == NULL)
		return;
	dlist_delete(&secret->node);
	explicit_bzero(secret->text, secret->len);
	if (secret->owner == NULL)
		pfree(secret);
}

/*
 * forget
 *		Memory context callback: the context that owns a secret ends.
 */
static void
forget(void *arg)
{
	pin_secret_forget(arg);
}

/*
 * note
 *		Notes a secret of len bytes, in the memory of its owner.
 *
 * Each place of a text is compared with each place of a secret.  Whoever takes a
 * secret from outside bounds its length; should one not, its beginning has to do.
 */
static PinSecret *
note(MemoryContext owner, const char *text, size_t len, size_t piece)
{
	PinSecret  *secret;

	len = Min(len, PIN_MAX_LINK);
	secret = MemoryContextAlloc(owner != NULL ? owner : TopMemoryContext,
								offsetof(PinSecret, text) + len + 1);
	secret->owner = owner;
	secret->piece = Min(piece, len);
	secret->len = len;
	memcpy(secret->text, text, len);
	secret->text[len] = '\0';
	dlist_push_head(&secrets, &secret->node);
	return secret;
}

/*
 * pin_secret_keep
 *		Notes a secret until a memory context ends.
 *
 * text: copied; NULL or empty: there is none.  It is noted once, however often
 * it is sent.
 */
void
pin_secret_keep(MemoryContext cxt, const char *text)
{
	MemoryContextCallback *callback;
	dlist_iter	iter;

	if (text == NULL || text[0] == '\0')
		return;
	dlist_foreach(iter, &secrets)
	{
		PinSecret  *secret = dlist_container(PinSecret, node, iter.cur);

		if (secret->owner == cxt && strcmp(secret->text, text) == 0)
			return;
	}
	callback = MemoryContextAlloc(cxt, sizeof(MemoryContextCallback));
	callback->func = forget;
	callback->arg = note(cxt, text, strlen(text), PIECE);
	MemoryContextRegisterResetCallback(cxt, callback);
}

/*
 * encode
 *		Text of len bytes in base64, palloc'ed.
 */
static char *
encode(const char *text, int len)
{
	int			size = pg_b64_enc_len(len) + 1;
	char	   *result = palloc0(size);

	/* which type of pointer it takes depends on the version of PostgreSQL */
	if (pg_b64_encode((const void *) text, len, result, size) < 0)
		elog(ERROR, "could not encode %d bytes in base64", len);
	return result;
}

/*
 * pin_secret_keep_basic
 *		Notes what basic authentication sends, until a memory context ends.
 *
 * pair: "user:password"; the user alone is no secret.
 */
void
pin_secret_keep_basic(MemoryContext cxt, const char *pair)
{
	const char *colon = strchr(pair, ':');
	char	   *encoded = encode(pair, strlen(pair));

	pin_secret_keep(cxt, encoded);
	if (colon != NULL)
		pin_secret_keep(cxt, colon + 1);
	explicit_bzero(encoded, strlen(encoded));
	pfree(encoded);
}

/*
 * pin_secret_keep_query
 *		Notes the query of a URL that needs no other credentials, until
 *		pin_secret_forget().  NULL if there is none.
 *
 * Such a link, which a storage has signed, is as good as a password.
 */
PinSecret *
pin_secret_keep_query(const char *url)
{
	const char *query = strchr(url, '?');

	if (query == NULL || query[1] == '\0')
		return NULL;
	return note(NULL, query + 1, strlen(query + 1), LINK_PIECE);
}

/*
 * number
 *		A number with digits of a base at a place, at least least and at most most
 *		of them; returns how many there are, or 0.
 */
static int
number(const char *text, int len, int base, int least, int most, int *value)
{
	static const char digits[] = "0123456789abcdef";
	int			n = 0;

	*value = 0;
	while (n < Min(len, most))
	{
		char		c = pg_ascii_tolower((unsigned char) text[n]);
		const char *digit = c == '\0' ? NULL : strchr(digits, c);

		if (digit == NULL || digit - digits >= base)
			break;
		*value = *value * base + (digit - digits);
		n++;
	}
	return n >= least ? n : 0;
}

/*
 * decode_one
 *		Decodes what stands at a place, of len bytes: percent encoding, or an
 *		escape of JSON or HTML.  Returns of how many bytes *c stands.
 */
static int
decode_one(const char *text, int len, char *c)
{
	static const struct
	{
		const char *name;
		char		c;
	}			entities[] =
	{
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}
	};
	int			value = 0;
	int			n = 0;

	*c = text[0];
	if (text[0] == '%' && number(text + 1, len - 1, 16, 2, 2, &value) > 0)
		n = 3;
	else if (text[0] == '\\' && len > 1 && (text[1] == 'u' || text[1] == 'x'))
	{
		int			most = text[1] == 'u' ? 4 : 2;

		if (number(text + 2, len - 2, 16, most, most, &value) > 0)
			n = most + 2;
	}
	else if (text[0] == '\\' && len > 1 && strchr("\"\\/'", text[1]) != NULL)
	{
		value = text[1];
		n = 2;
	}
	else if (text[0] == '&' && len > 3 && text[1] == '#')
	{
		int			prefix = text[2] == 'x' || text[2] == 'X' ? 3 : 2;
		int			digits = number(text + prefix, len - prefix,
									prefix == 3 ? 16 : 10, 1, 3, &value);

		if (digits > 0 && prefix + digits < len && text[prefix + digits] == ';')
			n = prefix + digits + 1;
	}
	for (int i = 0; text[0] == '&' && i < lengthof(entities); i++)
	{
		if (strncmp(text, entities[i].name, Min(len, strlen(entities[i].name))) == 0 &&
			len >= strlen(entities[i].name))
		{
			value = entities[i].c;
			n = strlen(entities[i].name);
		}
	}
	if (n == 0 || value == 0 || value > 0xff)
		return 1;
	*c = value;
	return n;
}

/*
 * decode
 *		What a text is without one layer of encoding.
 */
static View
decode(const View *from)
{
	View		to;
	int			in = 0;

	to.text = palloc(from->len + 1);
	to.place = palloc((from->len + 1) * sizeof(int));
	to.len = 0;
	while (in < from->len)
	{
		to.place[to.len] = from->place[in];
		in += decode_one(from->text + in, from->len - in, &to.text[to.len]);
		to.len++;
	}
	to.place[to.len] = from->place[from->len];
	return to;
}

/*
 * common_length
 *		How many bytes are the same from two places on, in any case of letters.
 */
static int
common_length(const char *a, int alen, const char *b, int blen)
{
	int			n = 0;

	while (n < alen && n < blen &&
		   pg_ascii_tolower((unsigned char) a[n]) == pg_ascii_tolower((unsigned char) b[n]))
		n++;
	return n;
}

/*
 * blank
 *		Blanks in a text the pieces of a secret that a view of it shows.
 */
static void
blank(char *text, const View *view, const char *secret, int len, int piece)
{
	bool		maybe_cut = view->place[view->len] >= MAYBE_CUT;
	int			i = 0;

	while (i < view->len)
	{
		int			longest = 0;

		for (int j = 0; j < len; j++)
		{
			int			n = common_length(view->text + i, view->len - i,
										  secret + j, len - j);

			if (n >= piece || (j == 0 && n >= LAST_PIECE && maybe_cut && i + n == view->len))
				longest = Max(longest, n);
		}
		if (longest > 0)
			memset(text + view->place[i], '*',
				   view->place[i + longest] - view->place[i]);
		/* another piece may begin within this one */
		i += Max(longest - piece, 0) + 1;
	}
}

/*
 * blank_encoded
 *		Blanks a secret in base64, where it may stand within something longer.
 *
 * Each three bytes give four characters, so that these depend on how many bytes
 * stand before.  The first and last ones depend on the neighbors, too.
 */
static void
blank_encoded(char *text, const View *view, const PinSecret *secret)
{
	char	   *shifted = palloc0(secret->len + 2);

	for (int shift = 0; shift < 3; shift++)
	{
		int			first = (4 * shift + 2) / 3;
		int			last = (secret->len + shift) * 4 / 3;
		char	   *encoded;

		memcpy(shifted + shift, secret->text, secret->len);
		encoded = encode(shifted, secret->len + shift);
		if (last - first >= PIECE)
		{
			blank(text, view, encoded + first, last - first, PIECE);

			/* as in a URL or a file name */
			for (char *c = encoded; *c != '\0'; c++)
				*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
			blank(text, view, encoded + first, last - first, PIECE);
		}
		explicit_bzero(encoded, strlen(encoded));
		pfree(encoded);
	}
	explicit_bzero(shifted, secret->len + 2);
	pfree(shifted);
}

/*
 * pin_secrets_hide
 *		Blanks in a text of len bytes, which end with a NUL, all secrets that this
 *		backend has sent.
 *
 * The text is one that the caller has bounded, to some thousand bytes: that is
 * compared byte by byte, without a check for interrupts.
 */
void
pin_secrets_hide(char *text, size_t len)
{
	View		views[MAX_DEPTH + 1];
	dlist_iter	iter;

	if (dlist_is_empty(&secrets))
		return;
	views[0].text = pstrdup(text);
	views[0].len = len;
	views[0].place = palloc((len + 1) * sizeof(int));
	for (int i = 0; i <= len; i++)
		views[0].place[i] = i;
	for (int depth = 1; depth <= MAX_DEPTH; depth++)
		views[depth] = decode(&views[depth - 1]);

	dlist_foreach(iter, &secrets)
	{
		PinSecret  *secret = dlist_container(PinSecret, node, iter.cur);

		for (int depth = 0; depth <= MAX_DEPTH; depth++)
		{
			blank(text, &views[depth], secret->text, secret->len, secret->piece);
			if (secret->piece <= PIECE)
				blank_encoded(text, &views[depth], secret);
		}
	}
	for (int depth = 0; depth <= MAX_DEPTH; depth++)
	{
		explicit_bzero(views[depth].text, views[depth].len);
		pfree(views[depth].text);
		pfree(views[depth].place);
	}
}
