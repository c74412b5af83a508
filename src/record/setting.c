/*
 * setting.c - small texts by name: a person's settings, drafts, attachments.
 */
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/utf8.h"
#include "record/key.h"

/* Put, or delete when empty. */
static bool
put_text(struct store_txn *txn, enum store_table table, const struct key *key,
	 struct slice text, size_t max, struct error *err)
{
	if (text.len > max)
		return error_set(err, ERROR_LIMIT, "%zu bytes, at most %zu fit",
				 text.len, max);
	if (!utf8_valid(text))
		return error_set(err, ERROR_INVALID, "text that is not UTF-8");
	if (text.len == 0)
		return store_delete(txn, table, key_slice(key), NULL, err);
	return store_put(txn, table, key_slice(key), text, err);
}

static bool
get_text(struct store_txn *txn, enum store_table table, const struct key *key,
	 struct arena *arena, struct slice *text, bool *found,
	 struct error *err)
{
	struct slice value;

	if (!store_get(txn, table, key_slice(key), &value, err))
		return false;
	*found = value.data != NULL;
	*text = *found ? arena_copy(arena, value) : (struct slice){0};
	return true;
}

bool
record_setting_put(struct store_txn *txn, struct id profile, struct slice name,
		   struct slice value, struct error *err)
{
	struct key key = key_of(profile);

	if (!key_profile(profile, err))
		return false;
	if (name.len == 0 || name.len > RECORD_NAME_MAX)
		return error_set(err, ERROR_INVALID,
				 "a setting's name has 1 to %d bytes",
				 RECORD_NAME_MAX);
	key_text(&key, name);
	return put_text(txn, STORE_SETTINGS, &key, value, RECORD_VALUE_MAX,
			err);
}

bool
record_setting_get(struct store_txn *txn, struct id profile, struct slice name,
		   struct arena *arena, struct slice *value, bool *found,
		   struct error *err)
{
	struct key key = key_of(profile);

	if (!key_profile(profile, err))
		return false;
	key_text(&key, name);
	return get_text(txn, STORE_SETTINGS, &key, arena, value, found, err);
}

bool
record_setting_list(struct store_txn *txn, struct id profile,
		    struct arena *arena, struct record_setting **out, size_t *n,
		    struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct slice key, value;
	struct record_setting *list;

	if (!key_profile(profile, err))
		return false;
	cursor = store_scan(txn, STORE_SETTINGS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	list = arena_alloc(arena, RECORD_LIST_MAX, sizeof(*list));
	*n = 0;
	while (*n < RECORD_LIST_MAX && store_next(cursor, &key, &value)) {
		struct slice name =
			slice_make(key.data + prefix.len, key.len - prefix.len);

		list[*n].name = arena_copy(arena, name);
		list[(*n)++].value = arena_copy(arena, value);
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_draft_put(struct store_txn *txn, struct id profile,
		 struct id conversation, struct slice text, struct error *err)
{
	struct key key = key_of_two(profile, conversation);

	return key_profile(profile, err) &&
	       put_text(txn, STORE_DRAFTS, &key, text, RECORD_CONTENT_MAX, err);
}

bool
record_draft_get(struct store_txn *txn, struct id profile,
		 struct id conversation, struct arena *arena,
		 struct slice *text, struct error *err)
{
	struct key key = key_of_two(profile, conversation);
	bool found;

	return key_profile(profile, err) &&
	       get_text(txn, STORE_DRAFTS, &key, arena, text, &found, err);
}

static struct key
attachment_key(struct id profile, struct id conversation,
	       const uint8_t sha256[32])
{
	struct key key = key_of_two(profile, conversation);

	return *key_add(&key, sha256, 32);
}

bool
record_attachment_put(struct store_txn *txn, struct id profile,
		      struct id conversation, const uint8_t sha256[32],
		      struct slice bytes, struct error *err)
{
	struct key key = attachment_key(profile, conversation, sha256);

	if (!key_profile(profile, err))
		return false;
	if (bytes.len > RECORD_ATTACHMENT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "an attachment of %zu bytes, at most %d fit",
				 bytes.len, RECORD_ATTACHMENT_MAX);
	return store_put(txn, STORE_ATTACHMENTS, key_slice(&key), bytes, err);
}

bool
record_attachment_get(struct store_txn *txn, struct id profile,
		      struct id conversation, const uint8_t sha256[32],
		      struct arena *arena, struct slice *bytes, bool *found,
		      struct error *err)
{
	struct key key = attachment_key(profile, conversation, sha256);

	return key_profile(profile, err) &&
	       get_text(txn, STORE_ATTACHMENTS, &key, arena, bytes, found, err);
}
