/*-------------------------------------------------------------------------
 *
 * listpage.h
 *	  Lists that are being read, and the entities on their pages.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#ifndef PINTEREST_SOURCE_LISTPAGE_H
#define PINTEREST_SOURCE_LISTPAGE_H

#include "api/call.h"
#include "json/document.h"
#include "request/request.h"
#include "source/idset.h"
#include "source/parent.h"
#include "source/row.h"

/* One list, or the rest of it */
typedef struct PinList
{
	const char *advertiser_id;	/* NULL: nobody's */
	int			place;			/* of that among the request's */
	char	   *type;			/* targeting type, or NULL */
	const char *ownership;		/* who owns its entities, or NULL */
	const char *parameter;		/* that names the parent it is a list of, or NULL */
	char	   *parent_id;		/* likewise */
	char	   *stamp;			/* parent that its rows name, or NULL */
	char	   *choice;			/* likewise, value of the resource's parameter */
	bool		has_own_ids;	/* no other list has entities of the same key */
	const PinRange *range;		/* days that are asked for, or NULL */
	int			range_place;	/* of these among the request's */
	char	   *path;			/* of its first page, with the query */
	bool		has_ids;		/* there are some in it besides that of the
								 * advertiser */
	List	   *optional;		/* ids, char *, of a filter that Pinterest may
								 * refuse */
	char	   *longer_path;	/* of the list without that filter */
	List	   *only;			/* these ids are wanted, once it has been refused;
								 * NIL: all */
	bool		is_item;		/* it is about what others refer to, which may have
								 * gone */
	bool		may_be_gone;	/* it is below an entity that may have gone since it
								 * was listed */
	bool		is_single;		/* the answer is an entity, not a list */
	PinCall    *call;			/* the page that was asked for, or NULL */
	char	   *bookmark;		/* of the page after that; NULL: none */
	PinIdSet   *seen;			/* bookmarks so far, or NULL */
	int			npages;			/* so far */
	int64		nitems;			/* likewise, entities */
	int			nempty;			/* the latest of them that had no items */
	PinIdSet   *ids;			/* that came, together with some other lists */
} PinList;

typedef struct PinEntities
{
	PinSession *session;
	const PinRequest *request;
	int			next;			/* place of what the next list is for, among
								 * the advertisers (for each of them, the
								 * batches) or types */
	bool		by_parent;		/* each parent has a list */
	bool		is_above;		/* these are parents */
	bool		started;		/* the first pages have been asked for */
	bool		asked_parent[PIN_PARENTS];	/* of which kinds */
	struct PinEntities *parents[PIN_PARENTS];	/* likewise, but for the first */
	List	   *lists;			/* of PinList, those not read to their end */
	PinList    *list;			/* the one of the page, or NULL */
	MemoryContext page_cxt;
	PinJsonDocument *page;		/* the page being read, or NULL */
	const PinJsonNode *items;	/* its entities: an array, or a single one */
	int			nitems;
	int			next_item;
	const PinJsonNode *inner;	/* entities within the latest item, or NULL */
	int			ninner;
	int			next_inner;
	List	   *above;			/* char *: ids of the parents that the next list is
								 * of, if one has been found */
	const char *above_advertiser;	/* whose they are */
	char	   *above_next;		/* one that did not fit in; NULL: none */
	const char *above_next_advertiser;	/* likewise */
	bool		one_by_one;		/* several parents cannot be asked for at once */
	bool		found_below;	/* some of them were there */
	PinCall    *gone;			/* what says that the first one was not, as long as
								 * none was; NULL: nothing */
	int			next_below;		/* place of the choice and the days that it is of */
	PinIdSet  **asked;			/* ids of parents whose lists have been asked for,
								 * of each advertiser, where they may repeat */
	PinIdSet  **ids;			/* that came, of each advertiser, as long as there
								 * is more of it; each type has its own */
	int		   *nopen;			/* likewise, how many of its lists are there */
	int64	   *rows;			/* likewise, how many, of each range of days */
} PinEntities;

extern void pin_page_take(PinEntities *entities, PinList *list);
extern bool pin_page_next(PinEntities *entities, PinList *list, PinRow *row);

#endif							/* PINTEREST_SOURCE_LISTPAGE_H */
