/*
 * talk_branch.c - other ways that a conversation went: counting them, going
 * over to one, going on from any place in a conversation of its own.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/talk_private.h"

enum { FAR = 256, MANY = 4096 };

static int
by_parent(const void *a, const void *b)
{
	const struct message_link *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* The first link that is not before `wanted`. */
static size_t
find_link(const struct message_link *links, size_t n,
	  const struct message_link *wanted)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_parent(&links[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
place_among(struct item *item, const struct message_link *links, size_t n)
{
	struct message_link first = {0, item->parent},
			    mine = {item->seq, item->parent},
			    next = {0, item->parent + 1};
	size_t at = find_link(links, n, &first);

	item->branch = (uint32_t)(find_link(links, n, &mine) - at) + 1;
	item->branches = (uint32_t)(find_link(links, n, &next) - at);
}

static bool
is_counted(const struct item *item)
{
	return item->branches || item->seq == 0 || item->state != ITEM_STORED;
}

/* One by one, what comes after each message is looked through: little near the
 * end of a long conversation. */
static bool
is_cheaper_whole(const struct talk *talk, size_t first)
{
	return talk->conversation.turn_count <= FAR ||
	       talk->count - first > FAR;
}

static bool
count_all(struct talk *talk, struct store_txn *txn, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message_link *links;
	size_t n;

	if (!record_message_links(txn, talk->app->profile.id,
				  talk->conversation.id, &arena, &links, &n,
				  err))
		return false;
	if (n > MANY)
		store_trim(txn);
	qsort(links, n, sizeof(*links), by_parent);
	for (size_t i = 0; i < talk->count; i++)
		if (!is_counted(talk->items[i]))
			place_among(talk->items[i], links, n);
	return true;
}

static bool
count_one(struct talk *talk, struct item *item, struct store_txn *txn,
	  struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	uint64_t *seqs;
	size_t n;

	if (!record_message_siblings(txn, talk->app->profile.id, item->seq,
				     &arena, &seqs, &n, err))
		return false;
	item->branches = (uint32_t)n;
	for (size_t at = 0; at < n; at++)
		if (seqs[at] == item->seq)
			item->branch = (uint32_t)at + 1;
	return true;
}

bool
talk_count_branches(struct talk *talk, size_t first, size_t last,
		    struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = NULL;

	for (size_t i = first; i < last; i++) {
		if (is_counted(talk->items[i]))
			continue;
		if (!txn)
			txn = store_read(talk->app->store, err);
		if (!txn)
			return false;
		if (is_cheaper_whole(talk, i))
			return count_all(talk, txn, err);
		if (!count_one(talk, talk->items[i], txn, err))
			return false;
	}
	return true;
}

/* ---- changes, on the writer thread ---- */

struct move {
	struct app *app;
	struct id profile, conversation;
	uint64_t seq;
	enum memory_mode mode;
	struct conversation fork;
};

static bool
set_head(struct store_txn *txn, void *arg, struct error *err)
{
	struct move *move = arg;

	return record_conversation_set_head(txn, move->profile,
					    move->conversation, move->seq, err);
}

static void
head_set(void *arg, const struct error *err)
{
	struct move *move = arg;

	if (err)
		app_fail(move->app, err);
	app_changed(move->app);
	free(move);
}

static bool
make_fork(struct store_txn *txn, void *arg, struct error *err)
{
	struct move *move = arg;

	move->fork = (struct conversation){.profile = move->profile};
	return record_conversation_fork(txn, move->profile, move->conversation,
					move->seq, &move->fork, err);
}

static void
forked(void *arg, const struct error *err)
{
	struct move *move = arg;

	if (err) {
		app_fail(move->app, err);
	} else {
		app_open(move->app, move->fork.id, 0);
		app_say(move->app, "a conversation of its own from here on");
	}
	free(move);
}

static bool
submit(struct talk *talk, uint64_t seq, enum memory_mode mode,
       store_change_fn *change, store_done_fn *done, struct error *err)
{
	struct move *move = xcalloc(1, sizeof(*move));

	move->app = talk->app;
	move->profile = talk->app->profile.id;
	move->conversation = talk->conversation.id;
	move->seq = seq;
	move->mode = mode;
	if (store_submit(talk->app->store, talk->app->loop, change, move, done,
			 err))
		return true;
	free(move);
	return false;
}

bool
talk_branch(struct talk *talk, size_t i, int by, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct item *item = talk->items[i];
	uint64_t *seqs, newest = 0;
	size_t n, at = 0;

	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(talk->app->store, err);

		if (!txn ||
		    !record_message_siblings(txn, talk->app->profile.id,
					     item->seq, &arena, &seqs, &n, err))
			return false;
		while (at < n && seqs[at] != item->seq)
			at++;
		if (n < 2 || (by < 0 ? at == 0 : at + 1 >= n))
			return error_set(err, ERROR_NOT_FOUND,
					 "there is no %s branch here",
					 n < 2    ? "other"
					 : by < 0 ? "earlier"
						  : "later");
		if (!record_message_newest(
			    txn, talk->app->profile.id, talk->conversation.id,
			    seqs[by < 0 ? at - 1 : at + 1], &newest, err))
			return false;
	}
	return submit(talk, newest, MEMORY_FULL, set_head, head_set, err);
}

static bool
set_mode(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct move *move = arg;
	struct conversation c;
	bool found;

	if (!record_conversation_get(txn, move->profile, move->conversation,
				     &arena, &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "this conversation was deleted");
	c.memory_mode = move->mode;
	return record_conversation_update(txn, &c, err);
}

bool
talk_memory_mode(struct talk *talk, enum memory_mode mode, struct error *err)
{
	talk->conversation.memory_mode = mode;
	app_dirty(talk->app);
	if (id_none(talk->conversation.id) || talk->incognito)
		return true;
	return submit(talk, 0, mode, set_mode, head_set, err);
}

bool
talk_fork(struct talk *talk, size_t i, struct error *err)
{
	if (talk->incognito || talk->items[i]->seq == 0)
		return error_set(err, ERROR_INVALID,
				 "only what is stored can be forked");
	return submit(talk, talk->items[i]->seq, MEMORY_FULL, make_fork, forked,
		      err);
}
