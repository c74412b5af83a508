/*
 * conversation.c - conversations, by id, by others' ids, and newest first.
 *
 * STORE_CONVERSATIONS: profile, id -> record.  STORE_CONVERSATION_ORDER:
 * profile, updated_at counted down, id -> one byte, 1 when archived; so a page
 * of the list costs a page, however many there are.
 * STORE_CONVERSATION_EXTERNAL: profile, external id -> id.
 */
#include "record/conversation.h"

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/rows.h"

static struct key
order_key(const struct conversation *c)
{
	struct key key = key_of(c->profile);

	return *key_id(key_time_newest(&key, c->updated_at), c->id);
}

static struct key
external_key(struct id profile, struct slice external_id)
{
	struct key key = {0};

	if (external_id.len == 0)
		return key;
	return *key_text(key_id(&key, profile), external_id);
}

static bool
save_order(struct store_txn *txn, const struct conversation *was,
	   const struct conversation *now, struct error *err)
{
	struct key old = order_key(was), new = order_key(now);
	char flags = now->archived ? 1 : 0;
	bool stood = !id_none(was->id) && !was->deleting;
	bool same = slice_equal(key_slice(&old), key_slice(&new));

	if (stood && (!same || now->deleting) &&
	    !store_delete(txn, STORE_CONVERSATION_ORDER, key_slice(&old), NULL,
			  err))
		return false;
	if (now->deleting || (stood && same && was->archived == now->archived))
		return true;
	return store_put(txn, STORE_CONVERSATION_ORDER, key_slice(&new),
			 slice_make(&flags, 1), err);
}

bool
conversation_save(struct store_txn *txn, const struct conversation *was,
		  const struct conversation *now, struct error *err)
{
	struct key key = key_of_two(now->profile, now->id);
	struct key old = external_key(was->profile, was->external_id);
	struct key new = external_key(now->profile, now->external_id);

	return row_put(txn, STORE_CONVERSATIONS, key_slice(&key),
		       row_conversation, now, sizeof(*now), err) &&
	       save_order(txn, was, now, err) &&
	       key_move(txn, STORE_CONVERSATION_EXTERNAL, &old, &new, now->id,
			"external id", err);
}

bool
conversation_any(struct store_txn *txn, struct id profile, struct id id,
		 struct arena *arena, struct conversation *out, bool *found,
		 struct error *err)
{
	struct key key = key_of_two(profile, id);
	struct conversation c = {0};

	if (!key_profile(profile, err) ||
	    !row_get(txn, STORE_CONVERSATIONS, key_slice(&key),
		     row_conversation, &c, arena, found, err))
		return false;
	if (*found)
		*out = c;
	return true;
}

bool
record_conversation_get(struct store_txn *txn, struct id profile, struct id id,
			struct arena *arena, struct conversation *out,
			bool *found, struct error *err)
{
	struct conversation c;

	if (!conversation_any(txn, profile, id, arena, &c, found, err))
		return false;
	*found = *found && !c.deleting;
	if (*found)
		*out = c;
	return true;
}

bool
conversation_need(struct store_txn *txn, struct id profile, struct id id,
		  struct arena *arena, struct conversation *out,
		  struct error *err)
{
	bool found;

	if (!record_conversation_get(txn, profile, id, arena, out, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such conversation");
	return true;
}

bool
record_conversation_create(struct store_txn *txn, struct conversation *c,
			   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation was = {0};
	bool found;

	if (id_none(c->id))
		c->id = id_make();
	if (c->created_at == 0)
		c->created_at = clock_now();
	if (c->updated_at == 0)
		c->updated_at = c->created_at;
	if (!conversation_any(txn, c->profile, c->id, &arena, &was, &found,
			      err))
		return false;
	if (found)
		return error_set(err, ERROR_CONFLICT,
				 "the conversation exists");
	return conversation_save(txn, &was, c, err) &&
	       change_add(txn, c->profile, CHANGE_CONVERSATION, CHANGE_PUT,
			  c->id, 0, err);
}

bool
record_conversation_update(struct store_txn *txn, const struct conversation *c,
			   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation was, now = *c;

	if (!conversation_need(txn, c->profile, c->id, &arena, &was, err))
		return false;
	now.created_at = was.created_at;
	now.deleting = false;
	return conversation_save(txn, &was, &now, err) &&
	       change_add(txn, c->profile, CHANGE_CONVERSATION, CHANGE_PUT,
			  c->id, 0, err);
}

bool
record_conversation_by_external(struct store_txn *txn, struct id profile,
				struct slice external_id, struct arena *arena,
				struct conversation *out, bool *found,
				struct error *err)
{
	struct key key = external_key(profile, external_id);
	struct id id;

	*found = false;
	if (!key_profile(profile, err))
		return false;
	if (key.len == 0 || external_id.len > RECORD_EXTERNAL_MAX)
		return true;
	if (!key_get_id(txn, STORE_CONVERSATION_EXTERNAL, &key, &id, found,
			err))
		return false;
	return !*found || record_conversation_get(txn, profile, id, arena, out,
						  found, err);
}

bool
record_conversation_find(struct store_txn *txn, struct id profile,
			 struct slice text, struct arena *arena,
			 struct conversation *out, bool *found,
			 struct error *err)
{
	struct id id;

	if (!record_conversation_by_external(txn, profile, text, arena, out,
					     found, err))
		return false;
	if (*found)
		return true;
	if (!key_find_prefix(txn, STORE_CONVERSATIONS, profile, text, &id,
			     found, err))
		return false;
	return !*found || record_conversation_get(txn, profile, id, arena, out,
						  found, err);
}

static bool
wanted(enum record_filter filter, struct slice flags)
{
	bool archived = flags.len > 0 && flags.data[0] & 1;

	return filter == RECORD_ALL || archived == (filter == RECORD_ARCHIVED);
}

/* Where the walk of a page begins; empty: at the newest. */
static struct key
page_begin(const struct conversation_page *page)
{
	struct conversation place;

	if (!page->after)
		return (struct key){0};
	place = *page->after;
	place.profile = page->profile;
	return order_key(&place);
}

bool
record_conversation_list(struct store_txn *txn,
			 const struct conversation_page *page,
			 struct arena *arena, struct conversation **out,
			 size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(page->profile), from = page_begin(page);
	struct slice key, value;
	uint64_t all;
	bool found;

	if (!key_profile(page->profile, err) ||
	    !store_count(txn, STORE_CONVERSATIONS, &all, err))
		return false;
	size_t limit = (size_t)MIN(all, page->limit);
	struct conversation *list =
		arena_alloc(arena, limit + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_CONVERSATION_ORDER, key_slice(&prefix),
			    key_slice(&from), false, err);
	if (!cursor)
		return false;
	while (*n < limit && store_next(cursor, &key, &value)) {
		if (slice_equal(key, key_slice(&from)) ||
		    !wanted(page->filter, value))
			continue;
		if (!record_conversation_get(txn, page->profile,
					     key_tail_id(key), arena, &list[*n],
					     &found, err))
			return false;
		*n += found;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_conversation_last(struct store_txn *txn, struct id profile,
			 struct arena *arena, struct conversation *out,
			 bool *found, struct error *err)
{
	const struct conversation_page page = {.profile = profile, .limit = 1};
	struct conversation *list;
	size_t n;

	if (!record_conversation_list(txn, &page, arena, &list, &n, err))
		return false;
	*found = n == 1;
	if (*found)
		*out = list[0];
	return true;
}
