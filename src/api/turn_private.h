/*
 * turn_private.h - what the files of the API's turns share.
 *
 *	turn.c		from chat's sink to the watchers; the start
 *	turn_watcher.c	what each watcher has been sent, and still lacks
 *	turns.c		which turns there are, and how those of late failed
 *
 * A turn ends in two steps: chat is done with it (over), and its last watcher
 * has had the end; then it is freed.  The maps know it until the first.
 */
#ifndef API_TURN_PRIVATE_H
#define API_TURN_PRIVATE_H

#include "api/turn.h"

struct turns {
	struct api *api;
	struct list list;
	size_t count;
	struct map by_conversation, by_answer; /* profile and id -> turn */
	struct failure *failures;              /* a ring */
	size_t failure_count;
};

/* Into the list and the maps, and out of the maps when it is over. */
void turns_add(struct turns *turns, struct turn *turn);
void turns_know(struct turn *turn); /* its conversation, once that has an id */
void turns_forget(struct turn *turn);
void turns_note_failure(struct turn *turn);
/* Out of the list, and freed. */
void turns_drop(struct turn *turn);

struct watcher *watcher_add(struct turn *turn, struct call *call,
			    const struct watcher_kind *kind);
void watcher_drop(struct watcher *w);
/* Its client is gone, or was told all.  The turn may be gone after these. */
void watcher_leave(struct watcher *w);
void watcher_gone(void *arg);
/* Sends every watcher what it lacks and has room for. */
void turn_pump(struct turn *turn);
/* Pauses the model while every watcher lags far behind, and lets it go on. */
void turn_balance(struct turn *turn);

#endif
