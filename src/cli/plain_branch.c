/*
 * plain_branch.c - other ways that a conversation went: going over to one,
 * going on from any place in a conversation of its own.
 */
#include <stdlib.h>

#include "mneme/store.h"
#include "plain_private.h"

/* ---- fork ---- */

struct forking {
	const struct conversation *from;
	uint64_t seq;
	struct conversation made;
};

static bool
fork_at(struct store_txn *txn, void *arg, struct error *err)
{
	struct forking *f = arg;

	f->made = (struct conversation){.title = f->from->title,
					.memory_mode = f->from->memory_mode};
	return record_conversation_fork(txn, f->from->profile, f->from->id,
					f->seq, &f->made, err);
}

/* The last message of a turn. */
static size_t
end_of_turn(const struct plain_path *path, size_t at)
{
	while (at + 1 < path->count &&
	       path->at[at + 1].number == path->at[at].number)
		at++;
	return at;
}

bool
plain_fork(struct plain *p, struct slice number, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	struct conversation c;
	struct forking f = {.from = &c};
	char id[ID_TEXT + 1];
	size_t at;

	if (!plain_stored(p, &c, err) || !plain_read_path(p, &path, err))
		return false;
	at = path.count - 1;
	if (number.len && !plain_choose(&path, number, true, &at, err))
		return false;
	f.seq = path.at[end_of_turn(&path, at)].m.seq;
	if (!store_write(p->cli->store, fork_at, &f, err))
		return false;
	plain_go_on_with(p, f.made.id);
	buf_addf(&p->cli->out,
		 "a conversation of its own from here on, after turn %zu: "
		 "%s\n",
		 path.at[at].number, id_format(f.made.id, id));
	return true;
}

/* ---- branches ---- */

struct heading {
	struct id profile, conversation;
	uint64_t seq;
};

static bool
set_head(struct store_txn *txn, void *arg, struct error *err)
{
	const struct heading *h = arg;

	return record_conversation_set_head(txn, h->profile, h->conversation,
					    h->seq, err);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool
has_others(const uint64_t *parents, size_t n, uint64_t parent)
{
	const uint64_t *found =
		bsearch(&parent, parents, n, sizeof(*parents), by_value);
	size_t i = found ? (size_t)(found - parents) : 0;

	return found && ((i > 0 && parents[i - 1] == parent) ||
			 (i + 1 < n && parents[i + 1] == parent));
}

/* Of what was said, the last that has others beside it, or of a turn (not 0)
 * the first; SIZE_MAX: none. */
static bool
choose_branch(struct store_txn *txn, const struct conversation *c,
	      const struct plain_path *path, size_t number, size_t *at,
	      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message_link *links;
	uint64_t *parents;
	size_t n;

	*at = SIZE_MAX;
	if (!record_message_links(txn, c->profile, c->id, &arena, &links, &n,
				  err))
		return false;
	parents = arena_alloc(&arena, n + 1, sizeof(*parents));
	for (size_t i = 0; i < n; i++)
		parents[i] = links[i].parent;
	qsort(parents, n, sizeof(*parents), by_value);
	for (size_t i = path->count; i-- > 0;) {
		if (number && path->at[i].number != number)
			continue;
		if (!has_others(parents, n, path->at[i].m.parent))
			continue;
		*at = i;
		if (!number)
			return true;
	}
	return true;
}

/* Where the message stands among those beside it, and what comes last of the
 * one that is `by` from there. */
static bool
beside(struct store_txn *txn, const struct conversation *c, uint64_t seq,
       int by, struct heading *to, size_t place[2], struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	uint64_t *seqs;
	size_t n, at = 0;

	if (!record_message_siblings(txn, c->profile, seq, &arena, &seqs, &n,
				     err))
		return false;
	while (at < n && seqs[at] != seq)
		at++;
	if (by < 0 ? at == 0 : at + 1 >= n)
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no %s branch here; this is %zu/%zu",
				 by < 0 ? "earlier" : "later", at + 1, n);
	at = by < 0 ? at - 1 : at + 1;
	place[0] = at + 1;
	place[1] = n;
	*to = (struct heading){.profile = c->profile, .conversation = c->id};
	return record_message_newest(txn, c->profile, c->id, seqs[at], &to->seq,
				     err);
}

static bool
find_branch(struct plain *p, const struct conversation *c,
	    const struct plain_path *path, size_t number, size_t *at,
	    struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(p->cli->store, err);

	if (!txn || !choose_branch(txn, c, path, number, at, err))
		return false;
	return *at != SIZE_MAX ||
	       error_set(err, ERROR_NOT_FOUND, "there is no other branch here");
}

static bool
find_beside(struct plain *p, const struct conversation *c, uint64_t seq, int by,
	    struct heading *to, size_t place[2], struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(p->cli->store, err);

	return txn && beside(txn, c, seq, by, to, place, err);
}

/* Go over, and print what is otherwise from there on. */
static bool
go(struct plain *p, struct slice number, int by, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	SCOPED(plain_path_clear) struct plain_path now = {0};
	struct conversation c;
	struct heading to;
	size_t at, place[2] = {0}, turn = 0;

	if (!plain_stored(p, &c, err) || !plain_read_path(p, &path, err))
		return false;
	if (number.len) {
		if (!plain_choose(&path, number, true, &at, err))
			return false;
		turn = path.at[at].number;
	}
	if (!find_branch(p, &c, &path, turn, &at, err) ||
	    !find_beside(p, &c, path.at[at].m.seq, by, &to, place, err) ||
	    !store_write(p->cli->store, set_head, &to, err) ||
	    !plain_read_path(p, &now, err))
		return false;
	buf_addf(&p->cli->out, "branch %zu/%zu\n", place[0], place[1]);
	for (size_t i = at; i < now.count; i++)
		plain_show_item(p, &now.at[i]);
	return true;
}

bool
plain_branch_back(struct plain *p, struct slice number, struct error *err)
{
	return go(p, number, -1, err);
}

bool
plain_branch_on(struct plain *p, struct slice number, struct error *err)
{
	return go(p, number, 1, err);
}
