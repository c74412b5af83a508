/*
 * message.c - the log of messages, and the rows that lead into it.
 *
 * STORE_MESSAGES: seq -> record, one sequence for the whole store, so that
 * appends are at its end.  STORE_PROFILE_MESSAGES: profile, seq -> nothing.
 * STORE_CONVERSATION_MESSAGES: profile, conversation, seq -> the parent's seq.
 * STORE_MESSAGE_IDS: profile, id -> seq.  STORE_MESSAGE_EXTERNAL: profile,
 * conversation, external id -> seq.
 */
#include "record/message.h"

#include "mneme/arena.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/rows.h"

static struct key
in_conversation(const struct message *m)
{
	struct key key = key_of_two(m->profile, m->conversation);

	return *key_u64(&key, m->seq);
}

static struct key
in_profile(const struct message *m)
{
	struct key key = key_of(m->profile);

	return *key_u64(&key, m->seq);
}

static struct key
external_key(struct id profile, struct id conversation, struct slice external)
{
	struct key key = key_of_two(profile, conversation);

	return *key_text(&key, external);
}

static bool
save(struct store_txn *txn, const struct message *m, struct error *err)
{
	struct key key = key_of_seq(m->seq);

	return row_put(txn, STORE_MESSAGES, key_slice(&key), row_message, m,
		       sizeof(*m), err);
}

bool
message_save_new(struct store_txn *txn, const struct message *m,
		 struct error *err)
{
	struct key seq = key_of_seq(m->seq), parent = key_of_seq(m->parent);
	struct key id = key_of_two(m->profile, m->id);
	struct key person = in_profile(m), place = in_conversation(m);
	struct key external =
		external_key(m->profile, m->conversation, m->external_id);

	if (m->external_id.len > 0 &&
	    !store_put(txn, STORE_MESSAGE_EXTERNAL, key_slice(&external),
		       key_slice(&seq), err))
		return false;
	return save(txn, m, err) &&
	       store_put(txn, STORE_MESSAGE_IDS, key_slice(&id),
			 key_slice(&seq), err) &&
	       store_put(txn, STORE_PROFILE_MESSAGES, key_slice(&person),
			 slice_make("", 0), err) &&
	       store_put(txn, STORE_CONVERSATION_MESSAGES, key_slice(&place),
			 key_slice(&parent), err);
}

/* How large what is attached is: the bytes have rows of their own. */
static bool
attachment_sizes(struct store_txn *txn, struct message *m, struct error *err)
{
	struct slice bytes;

	for (size_t i = 0; i < m->attachment_count; i++) {
		/* The array was made for this message. */
		struct message_attachment *a =
			(struct message_attachment *)(uintptr_t)&m
				->attachments[i];
		struct key key = key_of_two(m->profile, m->conversation);

		key_add(&key, a->sha256, sizeof(a->sha256));
		if (!store_get(txn, STORE_ATTACHMENTS, key_slice(&key), &bytes,
			       err))
			return false;
		a->size = bytes.len;
	}
	return true;
}

bool
record_message_get(struct store_txn *txn, struct id profile, uint64_t seq,
		   struct arena *arena, struct message *out, bool *found,
		   struct error *err)
{
	struct key key = key_of_seq(seq);
	struct message m = {0};

	if (!key_profile(profile, err) ||
	    !row_get(txn, STORE_MESSAGES, key_slice(&key), row_message, &m,
		     arena, found, err))
		return false;
	*found = *found && id_equal(m.profile, profile);
	if (!*found)
		return true;
	*out = m;
	return attachment_sizes(txn, out, err);
}

/* The message whose seq stands under `key`. */
static bool
get_by(struct store_txn *txn, enum store_table table, const struct key *key,
       struct id profile, struct arena *arena, struct message *out, bool *found,
       struct error *err)
{
	struct slice value;

	if (!store_get(txn, table, key_slice(key), &value, err))
		return false;
	*found = value.data != NULL;
	return !*found || record_message_get(txn, profile, key_tail_seq(value),
					     arena, out, found, err);
}

bool
record_message_by_id(struct store_txn *txn, struct id profile, struct id id,
		     struct arena *arena, struct message *out, bool *found,
		     struct error *err)
{
	struct key key = key_of_two(profile, id);

	return key_profile(profile, err) &&
	       get_by(txn, STORE_MESSAGE_IDS, &key, profile, arena, out, found,
		      err);
}

bool
record_message_find(struct store_txn *txn, struct id profile, struct slice text,
		    struct arena *arena, struct message *out, bool *found,
		    struct error *err)
{
	struct id id;

	if (!key_profile(profile, err) ||
	    !key_find_prefix(txn, STORE_MESSAGE_IDS, profile, text, &id, found,
			     err))
		return false;
	return !*found ||
	       record_message_by_id(txn, profile, id, arena, out, found, err);
}

bool
record_message_by_external(struct store_txn *txn, struct id profile,
			   struct id conversation, struct slice external_id,
			   struct arena *arena, struct message *out,
			   bool *found, struct error *err)
{
	struct key key = external_key(profile, conversation, external_id);

	*found = false;
	if (!key_profile(profile, err))
		return false;
	if (external_id.len == 0 || external_id.len > RECORD_EXTERNAL_MAX)
		return true;
	return get_by(txn, STORE_MESSAGE_EXTERNAL, &key, profile, arena, out,
		      found, err);
}

bool
record_message_update(struct store_txn *txn, const struct message *m,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct message now;
	bool found;

	if (!record_message_get(txn, m->profile, m->seq, &arena, &now, &found,
				err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such message");
	now.content = m->content;
	now.speaker = m->speaker;
	now.finish_reason = m->finish_reason;
	now.partial = m->partial;
	now.model = m->model;
	now.has_usage = m->has_usage;
	now.usage = m->usage;
	now.memories = m->memories;
	now.memory_count = m->memory_count;
	now.prompt = m->prompt;
	now.attachments = m->attachments;
	now.attachment_count = m->attachment_count;
	return save(txn, &now, err) &&
	       change_add(txn, now.profile, CHANGE_MESSAGE, CHANGE_PUT, now.id,
			  now.seq, err) &&
	       message_index_job(txn, now.profile, err);
}

bool
message_index_job(struct store_txn *txn, struct id profile, struct error *err)
{
	/* One for a person, not one for a message: the index goes by the
	 * changes.  The fixed time makes a second one the same row. */
	struct job job = {.id = profile,
			  .kind = slice_of("index"),
			  .profile = profile,
			  .due = 1};

	return record_job_add(txn, &job, err);
}

static bool
delete_one(struct store_txn *txn, const struct message *m, struct error *err)
{
	struct key seq = key_of_seq(m->seq);
	struct key id = key_of_two(m->profile, m->id);
	struct key person = in_profile(m), place = in_conversation(m);
	struct key external =
		external_key(m->profile, m->conversation, m->external_id);

	if (m->external_id.len > 0 &&
	    !store_delete(txn, STORE_MESSAGE_EXTERNAL, key_slice(&external),
			  NULL, err))
		return false;
	return store_delete(txn, STORE_MESSAGES, key_slice(&seq), NULL, err) &&
	       store_delete(txn, STORE_MESSAGE_IDS, key_slice(&id), NULL,
			    err) &&
	       store_delete(txn, STORE_PROFILE_MESSAGES, key_slice(&person),
			    NULL, err) &&
	       store_delete(txn, STORE_CONVERSATION_MESSAGES, key_slice(&place),
			    NULL, err) &&
	       change_add(txn, m->profile, CHANGE_MESSAGE, CHANGE_DELETE, m->id,
			  m->seq, err);
}

bool
message_purge(struct store_txn *txn, struct id profile, struct id conversation,
	      size_t *budget, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	SCOPED(arena_clear) struct arena arena = {0};
	struct key prefix = key_of_two(profile, conversation);
	struct slice key, value;
	struct message m;
	bool found;

	if (*budget == 0)
		return true;
	cursor = store_scan(txn, STORE_CONVERSATION_MESSAGES,
			    key_slice(&prefix), (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*budget > 0 && store_next(cursor, &key, &value)) {
		arena_reset(&arena);
		if (!record_message_get(txn, profile, key_tail_seq(key), &arena,
					&m, &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_IO,
					 "a message of the store is missing");
		if (!delete_one(txn, &m, err))
			return false;
		--*budget;
	}
	return store_scan_end(&cursor, err);
}

bool
record_message_last(struct store_txn *txn, uint64_t *seq, struct error *err)
{
	return key_last_seq(txn, MESSAGE_COUNTER, seq, err);
}

bool
record_message_count(struct store_txn *txn, struct id profile, uint64_t *n,
		     struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;

	if (!key_profile(profile, err))
		return false;
	cursor = store_scan(txn, STORE_PROFILE_MESSAGES, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	for (*n = 0; store_next(cursor, &key, &value);)
		++*n;
	return store_scan_end(&cursor, err);
}
