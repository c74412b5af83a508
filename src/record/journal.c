/*
 * journal.c - answers that are still coming, so that a crash keeps them.
 *
 * STORE_JOURNAL: profile, message id -> record.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/message.h"
#include "record/rows.h"

bool
record_journal_put(struct store_txn *txn, const struct journal *j,
		   struct error *err)
{
	struct key key = key_of_two(j->profile, j->message);
	struct journal now = *j;

	if (!key_profile(j->profile, err))
		return false;
	if (id_none(j->message))
		return error_set(err, ERROR_INVALID, "a journal of no message");
	now.updated_at = now.updated_at ? now.updated_at : clock_now();
	now.created_at = now.created_at ? now.created_at : now.updated_at;
	return row_put(txn, STORE_JOURNAL, key_slice(&key), row_journal, &now,
		       sizeof(now), err);
}

bool
record_journal_list(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct journal **out, size_t *n,
		    struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = {0};
	struct slice key, value;
	struct journal *list;
	uint64_t count;

	if (!id_none(profile))
		prefix = key_of(profile);
	if (!store_count(txn, STORE_JOURNAL, &count, err))
		return false;
	list = arena_alloc(arena, (size_t)count + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_JOURNAL, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*n < count && store_next(cursor, &key, &value))
		if (!row_read(value, row_journal, &list[(*n)++], arena, err))
			return false;
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_journal_drop(struct store_txn *txn, struct id profile, struct id message,
		    struct error *err)
{
	struct key key = key_of_two(profile, message);

	return key_profile(profile, err) &&
	       store_delete(txn, STORE_JOURNAL, key_slice(&key), NULL, err);
}

/* Whether there is a text to keep and a place to keep it. */
static bool
worth_keeping(struct store_txn *txn, const struct journal *j,
	      struct arena *arena, bool *worth, struct error *err)
{
	struct conversation c;
	struct message m;
	bool known, parent = true;

	*worth = false;
	if (j->text.len == 0)
		return true;
	if (!record_message_by_id(txn, j->profile, j->message, arena, &m,
				  &known, err))
		return false;
	if (known)
		return true;
	if (!record_conversation_get(txn, j->profile, j->conversation, arena,
				     &c, &known, err) ||
	    (j->parent && !record_message_get(txn, j->profile, j->parent, arena,
					      &m, &parent, err)))
		return false;
	*worth = known && parent;
	return true;
}

bool
record_journal_recover(struct store_txn *txn, const struct journal *j,
		       struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message m = {.id = j->message,
			    .profile = j->profile,
			    .conversation = j->conversation,
			    .role = MESSAGE_ASSISTANT,
			    .content = j->text,
			    .created_at = j->created_at,
			    .parent = j->parent,
			    .finish_reason = slice_of("error"),
			    .partial = true,
			    .model = j->model};
	struct key key = key_of_two(j->profile, j->message);
	struct slice value;
	bool worth;

	if (!key_profile(j->profile, err) ||
	    !store_get(txn, STORE_JOURNAL, key_slice(&key), &value, err))
		return false;
	if (!value.data)
		return true; /* another process was first */
	if (!worth_keeping(txn, j, &arena, &worth, err) ||
	    (worth && !record_message_append(txn, &m, 0, err)))
		return false;
	return record_journal_drop(txn, j->profile, j->message, err);
}
