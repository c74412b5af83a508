/*
 * turns.c - the turns of the server: by conversation, which may have one, and
 * by answer; and what was wrong with the last that failed, for clients that
 * come back.
 */
#include <stdlib.h>

#include "api/turn_private.h"
#include "mneme/loop.h"

enum { FAILURES_MAX = 256 };

struct failure {
	struct id profile, answer;
	struct problem problem;
};

struct turns *
turns_create(struct api *api)
{
	struct turns *turns = xcalloc(1, sizeof(*turns));

	turns->api = api;
	list_init(&turns->list);
	return turns;
}

struct pair {
	char bytes[2 * ID_BYTES];
};

static struct slice
pair_of(struct pair *pair, struct id profile, struct id id)
{
	memcpy(pair->bytes, profile.bytes, ID_BYTES);
	memcpy(pair->bytes + ID_BYTES, id.bytes, ID_BYTES);
	return slice_make(pair->bytes, sizeof(pair->bytes));
}

struct turn *
turn_in(struct turns *turns, struct id profile, struct id conversation)
{
	struct pair pair;

	return map_get(&turns->by_conversation,
		       pair_of(&pair, profile, conversation));
}

struct turn *
turn_of(struct turns *turns, struct id profile, struct id answer)
{
	struct pair pair;

	return map_get(&turns->by_answer, pair_of(&pair, profile, answer));
}

const struct problem *
turn_failure(struct turns *turns, struct id profile, struct id answer)
{
	size_t n = MIN(turns->failure_count, (size_t)FAILURES_MAX);

	for (size_t i = 0; i < n; i++)
		if (id_equal(turns->failures[i].answer, answer) &&
		    id_equal(turns->failures[i].profile, profile))
			return &turns->failures[i].problem;
	return NULL;
}

void
turns_note_failure(struct turn *turn)
{
	struct turns *turns = turn->turns;

	if (!turns->failures)
		turns->failures =
			xcalloc(FAILURES_MAX, sizeof(*turns->failures));
	turns->failures[turns->failure_count++ % FAILURES_MAX] =
		(struct failure){turn->profile, turn->answer, *turn->problem};
}

void
turns_know(struct turn *turn)
{
	struct pair pair;

	if (!turn->shared && !id_none(turn->conversation))
		map_put(&turn->turns->by_conversation,
			pair_of(&pair, turn->profile, turn->conversation),
			turn);
}

void
turns_add(struct turns *turns, struct turn *turn)
{
	struct pair pair;

	list_insert(&turns->list, &turn->link);
	turns->count++;
	map_put(&turns->by_answer, pair_of(&pair, turn->profile, turn->answer),
		turn);
	turns_know(turn);
}

void
turns_forget(struct turn *turn)
{
	struct turns *turns = turn->turns;
	struct pair pair;

	map_drop(&turns->by_answer,
		 pair_of(&pair, turn->profile, turn->answer));
	if (turn_in(turns, turn->profile, turn->conversation) == turn)
		map_drop(&turns->by_conversation,
			 pair_of(&pair, turn->profile, turn->conversation));
}

void
turns_drop(struct turn *turn)
{
	list_unlink(&turn->link);
	turn->turns->count--;
	loop_timer_drop(&turn->grace);
	voice_drop(&turn->voice);
	json_drop(&turn->body);
	arena_clear(&turn->keep);
	buf_clear(&turn->text);
	buf_clear(&turn->used);
	arena_clear(&turn->arena);
	free(turn);
}

void
turns_cancel_of(struct turns *turns, struct id profile)
{
	LIST_EACH(&turns->list, at)
	{
		struct turn *turn = HOLDER(at, struct turn, link);

		if (id_equal(turn->profile, profile))
			turn_cancel(turn);
	}
}

void
turns_destroy(struct turns **turns)
{
	struct turns *t = *turns;

	if (!t)
		return;
	LIST_EACH(&t->list, at)
	turn_cancel(HOLDER(at, struct turn, link));
	while (!list_empty(&t->list)) {
		struct turn *turn = HOLDER(t->list.next, struct turn, link);

		/* One that is over has a watcher, and goes with its last; a
		 * turn that is gone is off the list. */
		if (turn->over) /* NOLINT(clang-analyzer-unix.Malloc) */
			/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
			watcher_leave(HOLDER(turn->watchers.next,
					     struct watcher, link));
		else
			loop_turn(t->api->loop, true);
	}
	map_clear(&t->by_conversation, NULL);
	map_clear(&t->by_answer, NULL);
	free(t->failures);
	free(t);
	*turns = NULL;
}
