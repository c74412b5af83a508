/*
 * tree.c - messages as a tree: the path to a head, siblings, forks.
 *
 * The links lie in STORE_CONVERSATION_MESSAGES, beside the records, so that
 * walking them reads no content.  A parent is always older than its child
 * (a smaller seq), so a damaged store cannot make a walk go round.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/message.h"

enum { SUBTREE_MAX = 1 << 20 };

static bool
parent_of(struct store_txn *txn, struct id profile, struct id conversation,
	  uint64_t seq, uint64_t *parent, bool *found, struct error *err)
{
	struct key key = key_of_two(profile, conversation);
	struct slice value;

	key_u64(&key, seq);
	if (!store_get(txn, STORE_CONVERSATION_MESSAGES, key_slice(&key),
		       &value, err))
		return false;
	*found = value.data != NULL;
	*parent = *found ? key_tail_seq(value) : 0;
	if (*parent >= seq)
		*parent = 0;
	return true;
}

/* The seqs from `head` upwards, newest first. */
static bool
walk_up(struct store_txn *txn, const struct conversation *c, uint64_t head,
	uint64_t *seqs, size_t limit, size_t *n, struct error *err)
{
	bool found;

	*n = 0;
	for (uint64_t seq = head, parent; seq != 0 && *n < limit;
	     seq = parent) {
		if (!parent_of(txn, c->profile, c->id, seq, &parent, &found,
			       err))
			return false;
		if (!found)
			return error_set(err, ERROR_NOT_FOUND,
					 "no such message in the conversation");
		seqs[(*n)++] = seq;
	}
	return true;
}

/* How long a path to `head` is. */
static bool
path_length(struct store_txn *txn, const struct conversation *c, uint64_t head,
	    size_t *length, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message m;
	bool found;

	*length = c->turn_count;
	if (head == c->head)
		return true;
	if (!record_message_get(txn, c->profile, head, &arena, &m, &found, err))
		return false;
	if (!found || !id_equal(m.conversation, c->id))
		return error_set(err, ERROR_NOT_FOUND,
				 "no such message in the conversation");
	*length = m.turn_number;
	return true;
}

bool
record_message_path(struct store_txn *txn, const struct message_path *path,
		    struct arena *arena, struct message **out, size_t *n,
		    struct error *err)
{
	struct conversation c;
	struct message *list;
	uint64_t *seqs, all;
	size_t length, limit = path->limit;
	bool found;

	if (!conversation_need(txn, path->profile, path->conversation, arena,
			       &c, err))
		return false;
	uint64_t head = path->head ? path->head : c.head;
	if (!path_length(txn, &c, head, &length, err) ||
	    !store_count(txn, STORE_MESSAGES, &all, err))
		return false;
	if (limit == 0 || limit > length)
		limit = length;
	limit = (size_t)MIN(limit, all);
	seqs = arena_alloc(arena, limit + 1, sizeof(*seqs));
	list = arena_alloc(arena, limit + 1, sizeof(*list));
	if (!walk_up(txn, &c, head, seqs, limit, n, err))
		return false;
	for (size_t i = 0; i < *n; i++) {
		if (!record_message_get(txn, path->profile, seqs[*n - 1 - i],
					arena, &list[i], &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_IO,
					 "a message of the store is missing");
	}
	*out = list;
	return true;
}

static bool
collect_siblings(struct store_cursor *cursor, uint64_t parent,
		 struct arena *arena, uint64_t **out, size_t *n)
{
	size_t cap = 8;
	uint64_t *list = arena_alloc(arena, cap, sizeof(*list));
	struct slice key, value;

	*n = 0;
	while (store_next(cursor, &key, &value)) {
		if (key_tail_seq(value) != parent)
			continue;
		if (*n == cap) {
			uint64_t *more =
				arena_alloc(arena, cap * 2, sizeof(*more));

			memcpy(more, list, cap * sizeof(*more));
			list = more;
			cap *= 2;
		}
		list[(*n)++] = key_tail_seq(key);
	}
	*out = list;
	return true;
}

bool
record_message_siblings(struct store_txn *txn, struct id profile, uint64_t seq,
			struct arena *arena, uint64_t **out, size_t *n,
			struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix, from;
	struct message m;
	bool found;

	if (!record_message_get(txn, profile, seq, arena, &m, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such message");
	prefix = key_of_two(profile, m.conversation);
	from = prefix;
	key_u64(&from, m.parent);
	cursor = store_scan(txn, STORE_CONVERSATION_MESSAGES,
			    key_slice(&prefix), key_slice(&from), false, err);
	return cursor && collect_siblings(cursor, m.parent, arena, out, n) &&
	       store_scan_end(&cursor, err);
}

bool
record_message_links(struct store_txn *txn, struct id profile,
		     struct id conversation, struct arena *arena,
		     struct message_link **out, size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of_two(profile, conversation);
	struct slice key, value, none = {0};
	size_t cap = 64;
	struct message_link *list = arena_alloc(arena, cap, sizeof(*list));

	*n = 0;
	cursor = store_scan(txn, STORE_CONVERSATION_MESSAGES,
			    key_slice(&prefix), none, false, err);
	while (cursor && store_next(cursor, &key, &value)) {
		if (*n == cap) {
			struct message_link *more =
				arena_alloc(arena, cap * 2, sizeof(*more));

			memcpy(more, list, cap * sizeof(*more));
			list = more;
			cap *= 2;
		}
		list[(*n)++] = (struct message_link){key_tail_seq(key),
						     key_tail_seq(value)};
	}
	*out = list;
	return cursor && store_scan_end(&cursor, err);
}

bool
record_conversation_set_head(struct store_txn *txn, struct id profile,
			     struct id id, uint64_t seq, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation was, now;
	struct message m;
	bool found;

	if (!conversation_need(txn, profile, id, &arena, &was, err) ||
	    !record_message_get(txn, profile, seq, &arena, &m, &found, err))
		return false;
	if (!found || !id_equal(m.conversation, id))
		return error_set(err, ERROR_NOT_FOUND,
				 "no such message in the conversation");
	now = was;
	now.head = seq;
	now.turn_count = m.turn_number;
	return conversation_save(txn, &was, &now, err) &&
	       change_add(txn, profile, CHANGE_CONVERSATION, CHANGE_PUT, id, 0,
			  err);
}

static bool
copy_attachments(struct store_txn *txn, const struct message *m, struct id from,
		 struct error *err)
{
	for (size_t i = 0; i < m->attachment_count; i++) {
		SCOPED(arena_clear) struct arena arena = {0};
		const uint8_t *sha256 = m->attachments[i].sha256;
		struct slice bytes;
		bool found;

		if (!record_attachment_get(txn, m->profile, from, sha256,
					   &arena, &bytes, &found, err))
			return false;
		if (found &&
		    !record_attachment_put(txn, m->profile, m->conversation,
					   sha256, bytes, err))
			return false;
	}
	return true;
}

static bool
copy_path(struct store_txn *txn, const struct message *path, size_t n,
	  struct id to, struct error *err)
{
	for (size_t i = 0; i < n; i++) {
		struct message copy = path[i];

		copy.copy_of = copy.copy_of ? copy.copy_of : copy.seq;
		copy.seq = 0;
		copy.parent = 0;
		copy.id = (struct id){{0}};
		copy.external_id = (struct slice){0};
		copy.conversation = to;
		if (!record_message_append(txn, &copy, MESSAGE_NO_JOB, err) ||
		    !copy_attachments(txn, &copy, path[i].conversation, err))
			return false;
	}
	return true;
}

bool
record_conversation_fork(struct store_txn *txn, struct id profile,
			 struct id from, uint64_t seq, struct conversation *out,
			 struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct message_path to = {
		.profile = profile, .conversation = from, .head = seq};
	struct conversation stored;
	struct message *path;
	size_t n;

	if (!record_message_path(txn, &to, &arena, &path, &n, err))
		return false;
	out->profile = profile;
	out->forked_from = from;
	out->head = 0;
	out->turn_count = 0;
	if (!record_conversation_create(txn, out, err) ||
	    !copy_path(txn, path, n, out->id, err) ||
	    !conversation_need(txn, profile, out->id, &arena, &stored, err))
		return false;
	out->head = stored.head;
	out->turn_count = stored.turn_count;
	out->updated_at = stored.updated_at;
	return true;
}

/* ---- branches ---- */

static int
by_seq(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* A child comes after its parent, so one pass gathers all. */
bool
record_message_newest(struct store_txn *txn, struct id profile,
		      struct id conversation, uint64_t seq, uint64_t *newest,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_message_scan(
		txn, profile, conversation, seq, false, err);
	SCOPED(free_pointer) uint64_t *seqs = NULL;
	size_t n = 0, cap = 0;
	struct message m;

	while (scan && n < SUBTREE_MAX &&
	       record_message_next(scan, &arena, &m)) {
		if (m.seq == seq || (n > 0 && bsearch(&m.parent, seqs, n,
						      sizeof(*seqs), by_seq))) {
			seqs = grow(seqs, &cap, n + 1, sizeof(*seqs));
			seqs[n++] = m.seq;
			*newest = m.seq;
		}
		arena_reset(&arena);
	}
	return scan && record_scan_end(&scan, err);
}
