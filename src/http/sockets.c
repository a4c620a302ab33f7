/*-------------------------------------------------------------------------
 *
 * sockets.c
 *	  The sockets that requests wait for, beside the backend's latch.
 *
 * The list is changed by callbacks that must not raise errors, so it is malloc'ed.
 * It lives as long as the backend.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/wait_event.h"

#include "base/compat.h"
#include "http/sockets.h"

typedef struct PinSocket
{
	pgsocket	fd;
	uint32		events;			/* WL_SOCKET_*; 0: none for the time being */
} PinSocket;

static PinSocket *sockets = NULL;
static int	nsockets = 0;
static int	max_sockets = 0;

/*
 * find_socket
 *		Place of a socket in the list, or -1.
 */
static int
find_socket(pgsocket fd)
{
	for (int i = 0; i < nsockets; i++)
	{
		if (sockets[i].fd == fd)
			return i;
	}
	return -1;
}

/*
 * pin_socket_watch
 *		Has pin_sockets_wait() wait for events on a socket, in the place of what
 *		it waited for there.  False without memory.
 */
bool
pin_socket_watch(pgsocket fd, uint32 events)
{
	int			i = find_socket(fd);

	if (i < 0)
	{
		if (nsockets == max_sockets)
		{
			int			newmax = Max(16, max_sockets * 2);
			PinSocket  *newlist = realloc(sockets, newmax * sizeof(PinSocket));

			if (newlist == NULL)
				return false;
			sockets = newlist;
			max_sockets = newmax;
		}
		i = nsockets++;
		sockets[i].fd = fd;
	}
	sockets[i].events = events;
	return true;
}

/*
 * pin_socket_forget
 *		Waits for a socket no longer.
 */
void
pin_socket_forget(pgsocket fd)
{
	int			i = find_socket(fd);

	if (i >= 0)
		sockets[i] = sockets[--nsockets];
}

/*
 * pin_sockets_forget
 *		Waits for none any more.
 */
void
pin_sockets_forget(void)
{
	nsockets = 0;
}

/*
 * wait_event
 *		How waiting for Pinterest is called in pg_stat_activity.
 */
static uint32
wait_event(void)
{
#if PG_VERSION_NUM >= 170000
	static uint32 event = 0;

	if (event == 0)
		event = WaitEventExtensionNew("PinterestRequest");
	return event;
#else
	return PG_WAIT_EXTENSION;
#endif
}

/*
 * pin_sockets_wait
 *		Waits for the latch and for the sockets, timeout_ms milliseconds at most.
 *
 * Returns the number of events; *events gets these, palloc'ed.
 */
int
pin_sockets_wait(long timeout_ms, WaitEvent **events)
{
	int			max_events = nsockets + 2;
	WaitEventSet *set;
	volatile int nevents = 0;

	*events = palloc(max_events * sizeof(WaitEvent));
	set = pin_create_wait_event_set(max_events);
	PG_TRY();
	{
		AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
		AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
		for (int i = 0; i < nsockets; i++)
		{
			if (sockets[i].events != 0)
				AddWaitEventToSet(set, sockets[i].events, sockets[i].fd, NULL, NULL);
		}
		nevents = WaitEventSetWait(set, timeout_ms, *events, max_events,
								   wait_event());
	}
	PG_FINALLY();
	{
		/* before PostgreSQL 17 nobody else would close its descriptor */
		FreeWaitEventSet(set);
	}
	PG_END_TRY();
	return nevents;
}
