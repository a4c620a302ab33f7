/*-------------------------------------------------------------------------
 *
 * spare.c
 *	  Columns of a report that Pinterest refuses and that can be spared.
 *
 * A report is asked for a few metrics that the query does not use, so that the
 * same rows are found whichever columns it uses (source/reader.c).  They come
 * last in the request.  If Pinterest does not have one of them, for a level, an
 * account or at all, the report goes on without it.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/session.h"
#include "base/text.h"
#include "source/refusal.h"
#include "source/spare.h"

/* A column that an advertiser's reports do without */
typedef struct SpareColumn
{
	const char *advertiser_id;
	const char *name;			/* the API's */
} SpareColumn;

/*
 * pin_spare_possible
 *		Whether there is a column that the query does not use.
 *
 * The columns of a template are those that Pinterest has listed.
 */
bool
pin_spare_possible(const PinSession *session, const PinRequest *request)
{
	return session->options->template_id == NULL &&
		request->nused < list_length(request->columns);
}

/*
 * pin_spare_count
 *		How many columns the scan leaves out so far; each advertiser counts by
 *		itself.
 */
int
pin_spare_count(const PinSession *session)
{
	return list_length(session->lessons->refused);
}

/*
 * is_spared
 *		Whether a column is among the first few of those that are left out.
 *
 * advertiser_id: of whose reports; NULL: of anybody's.
 */
static bool
is_spared(const PinSession *session, int first, const char *advertiser_id,
		  const char *name)
{
	for (int i = 0; i < first; i++)
	{
		const SpareColumn *column = list_nth(session->lessons->refused, i);

		if (strcmp(column->name, name) == 0 &&
			(advertiser_id == NULL ||
			 strcmp(column->advertiser_id, advertiser_id) == 0))
			return true;
	}
	return false;
}

/*
 * pin_spare_rest
 *		What to ask for in the reports of an advertiser: const char *, the API's
 *		names.  The List may be that of the request.
 */
List *
pin_spare_rest(const PinSession *session, const PinRequest *request,
			   const char *advertiser_id)
{
	List	   *rest = NIL;
	ListCell   *lc;

	if (session->lessons->refused == NIL)
		return request->columns;
	foreach(lc, request->columns)
	{
		if (!is_spared(session, pin_spare_count(session), advertiser_id, lfirst(lc)))
			rest = lappend(rest, lfirst(lc));
	}
	return rest;
}

/*
 * leave_out
 *		Leaves a column out of the reports of an advertiser; warns if it is the
 *		first one.
 */
static void
leave_out(PinSession *session, const char *advertiser_id, const char *name,
		  const char *words)
{
	PinLessons *lessons = session->lessons;
	MemoryContext old;
	SpareColumn *column;

	if (is_spared(session, pin_spare_count(session), advertiser_id, name))
		return;
	if (!is_spared(session, pin_spare_count(session), NULL, name))
		ereport(WARNING,
				(errcode(ERRCODE_WARNING),
				 errmsg("leaving out column %s, which Pinterest refuses for %s: %s",
						name, session->subject, pin_shorten(words)),
				 errdetail("The query does not use it. It is asked for so that the same rows are found whichever columns are used: rows in which all others are zero may be missing.")));
	old = MemoryContextSwitchTo(lessons->cxt);
	column = palloc(sizeof(SpareColumn));
	column->advertiser_id = pstrdup(advertiser_id);
	column->name = pstrdup(name);
	lessons->refused = lappend(lessons->refused, column);
	MemoryContextSwitchTo(old);
}

/*
 * pin_spare_refused
 *		Leaves out the columns that are the reason for the refusal of a report;
 *		false if these cannot be left out, or are not the reason.
 *
 * call: the refused request; known: pin_spare_count() when it was sent.  If it is
 * true, the report is to be asked for with what is left.
 */
bool
pin_spare_refused(PinSession *session, const PinRequest *request, PinCall *call,
				  int known)
{
	char	   *words = pin_call_refusal(call);
	List	   *refused = NIL;
	ListCell   *lc;

	if (words == NULL)
		return false;
	foreach(lc, request->columns)
	{
		/* what it was not asked for is not the reason */
		if (is_spared(session, known, call->advertiser_id, lfirst(lc)) ||
			!pin_refusal_names_column(words, lfirst(lc)))
			continue;
		if (foreach_current_index(lc) < request->nused)
			return false;
		refused = lappend(refused, lfirst(lc));
	}
	foreach(lc, refused)
		leave_out(session, call->advertiser_id, lfirst(lc), words);
	return refused != NIL &&
		pin_spare_rest(session, request, call->advertiser_id) != NIL;
}
