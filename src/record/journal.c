/*
 * journal.c - answers that are still coming, so that a crash keeps them.
 *
 * STORE_JOURNAL: profile, time, message id -> record, with what came of the
 * text since the answer's row before.  What many answers write at once stands
 * side by side, and no text is written twice: a commit is a few pages.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/message.h"
#include "record/rows.h"

static struct key
journal_key(struct id profile, struct id message, int64_t at)
{
	struct key key = key_of(profile);

	return *key_id(key_time(&key, at), message);
}

bool
record_journal_add(struct store_txn *txn, const struct journal *j,
		   struct error *err)
{
	struct key key = journal_key(j->profile, j->message, j->updated_at);
	struct journal now = *j;

	if (!key_profile(j->profile, err))
		return false;
	if (id_none(j->message) || !j->updated_at)
		return error_set(err, ERROR_INVALID,
				 "a journal of no message, or of no time");
	now.created_at = now.created_at ? now.created_at : now.updated_at;
	return row_put(txn, STORE_JOURNAL, key_slice(&key), row_journal, &now,
		       sizeof(now), err);
}

/* ---- the whole of each ---- */

struct part {
	struct slice key;
	struct journal row;
};

static int
by_message(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int order = memcmp(&x->row.message, &y->row.message, sizeof(struct id));

	return order ? order
		     : (x->row.updated_at > y->row.updated_at) -
			       (x->row.updated_at < y->row.updated_at);
}

/* How many of the parts, which are sorted, are of the first one's answer. */
static size_t
count_parts(const struct part *parts, size_t n)
{
	size_t i = 1;

	while (i < n && id_equal(parts[i].row.message, parts->row.message))
		i++;
	return i;
}

static struct journal
join(const struct part *parts, size_t n, struct arena *arena)
{
	struct journal whole = parts[n - 1].row;
	struct slice *rows = arena_alloc(arena, n, sizeof(*rows));
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += parts[i].row.text.len;
	char *text = arena_alloc(arena, len + 1, 1);
	whole.text = slice_make(text, len);
	for (size_t i = 0; i < n; i++) {
		struct slice part = parts[i].row.text;
		memcpy(text, part.data, part.len);
		text += part.len;
		rows[i] = parts[i].key;
	}
	whole.created_at = parts[0].row.created_at;
	whole.rows = rows;
	whole.row_count = n;
	return whole;
}

static bool
read_parts(struct store_txn *txn, struct id profile, struct arena *arena,
	   struct part **out, size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = {0};
	struct slice key, value;
	struct part *list;
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
	while (*n < count && store_next(cursor, &key, &value)) {
		struct part *part = &list[(*n)++];
		part->key = arena_copy(arena, key);
		if (!row_read(value, row_journal, &part->row, arena, err))
			return false;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_journal_list(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct journal **out, size_t *n,
		    struct error *err)
{
	struct part *parts;
	size_t count;

	if (!read_parts(txn, profile, arena, &parts, &count, err))
		return false;
	qsort(parts, count, sizeof(*parts), by_message);
	*out = arena_alloc(arena, count + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0, of; i < count; i += of) {
		of = count_parts(parts + i, count - i);
		(*out)[(*n)++] = join(parts + i, of, arena);
	}
	return true;
}

bool
record_journal_drop(struct store_txn *txn, const struct journal *j,
		    struct error *err)
{
	for (size_t i = 0; i < j->row_count; i++)
		if (!store_delete(txn, STORE_JOURNAL, j->rows[i], NULL, err))
			return false;
	return true;
}

bool
record_journal_end(struct store_txn *txn, struct id profile, struct id message,
		   const int64_t *times, size_t n, struct error *err)
{
	if (!key_profile(profile, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct key key = journal_key(profile, message, times[i]);
		if (!store_delete(txn, STORE_JOURNAL, key_slice(&key), NULL,
				  err))
			return false;
	}
	return true;
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
	bool worth;

	if (!worth_keeping(txn, j, &arena, &worth, err) ||
	    (worth && !record_message_append(txn, &m, 0, err)))
		return false;
	return record_journal_drop(txn, j, err);
}
