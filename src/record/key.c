/*
 * key.c - numbers lie big-endian and times with their sign turned, so that
 * the order of bytes is the order of values.
 */
#include "record/key.h"

#include "mneme/arena.h"
#include "mneme/error.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define SIGN (UINT64_C(1) << 63)

struct key *
key_add(struct key *k, const void *data, size_t len)
{
	len = MIN(len, sizeof(k->bytes) - k->len);
	if (len > 0)
		memcpy(k->bytes + k->len, data, len);
	k->len += len;
	return k;
}

struct key *
key_id(struct key *k, struct id id)
{
	return key_add(k, id.bytes, sizeof(id.bytes));
}

struct key *
key_u64(struct key *k, uint64_t n)
{
	uint8_t bytes[8];

	store_key_u64(n, bytes);
	return key_add(k, bytes, sizeof(bytes));
}

struct key *
key_time(struct key *k, int64_t at)
{
	return key_u64(k, (uint64_t)at ^ SIGN);
}

struct key *
key_time_newest(struct key *k, int64_t at)
{
	return key_u64(k, ~((uint64_t)at ^ SIGN));
}

struct key *
key_text(struct key *k, struct slice text)
{
	return key_add(k, text.data, MIN(text.len, RECORD_EXTERNAL_MAX));
}

struct slice
key_slice(const struct key *k)
{
	return slice_make(k->bytes, k->len);
}

struct key
key_of(struct id id)
{
	struct key k = {0};

	return *key_id(&k, id);
}

struct key
key_of_two(struct id first, struct id second)
{
	struct key k = {0};

	return *key_id(key_id(&k, first), second);
}

struct key
key_of_seq(uint64_t seq)
{
	struct key k = {0};

	return *key_u64(&k, seq);
}

struct id
key_tail_id(struct slice key)
{
	struct id id = {{0}};

	if (key.len >= sizeof(id.bytes))
		memcpy(id.bytes, key.data + key.len - sizeof(id.bytes),
		       sizeof(id.bytes));
	return id;
}

uint64_t
key_tail_seq(struct slice key)
{
	uint8_t bytes[8] = {0};

	if (key.len >= sizeof(bytes))
		memcpy(bytes, key.data + key.len - sizeof(bytes),
		       sizeof(bytes));
	return store_key_read_u64(bytes);
}

bool
key_profile(struct id profile, struct error *err)
{
	if (id_none(profile))
		return error_set(err, ERROR_INVALID, "no profile is given");
	return true;
}

bool
key_find_prefix(struct store_txn *txn, enum store_table table,
		struct id profile, struct slice text, struct id *id,
		bool *found, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(profile);
	struct id first, last;
	struct key from;
	struct slice key, value;
	size_t n = 0;

	*found = false;
	if (!id_range(text, &first, &last))
		return true;
	from = key_of_two(profile, first);
	cursor = store_scan(txn, table, key_slice(&prefix), key_slice(&from),
			    false, err);
	if (!cursor)
		return false;
	while (n < 2 && store_next(cursor, &key, &value)) {
		struct id at = key_tail_id(key);

		if (memcmp(at.bytes, last.bytes, sizeof(at.bytes)) > 0)
			break;
		*id = n++ ? *id : at;
	}
	if (n > 1)
		return error_set(err, ERROR_USAGE,
				 "%.*s begins more than one id",
				 SLICE_ARG(text));
	*found = n == 1;
	return store_scan_end(&cursor, err);
}

bool
key_get_id(struct store_txn *txn, enum store_table table, const struct key *key,
	   struct id *id, bool *found, struct error *err)
{
	struct slice value;

	if (!store_get(txn, table, key_slice(key), &value, err))
		return false;
	*found = value.data && value.len == sizeof(id->bytes);
	if (*found)
		*id = key_tail_id(value);
	return true;
}

bool
key_move(struct store_txn *txn, enum store_table table, const struct key *was,
	 const struct key *now, struct id id, const char *what,
	 struct error *err)
{
	struct id other;
	bool taken = false;

	if (slice_equal(key_slice(was), key_slice(now)))
		return true;
	if (now->len > 0 && !key_get_id(txn, table, now, &other, &taken, err))
		return false;
	if (taken && !id_equal(other, id))
		return error_set(err, ERROR_CONFLICT, "the %s is taken", what);
	if (was->len > 0 &&
	    !store_delete(txn, table, key_slice(was), NULL, err))
		return false;
	return now->len == 0 ||
	       store_put(txn, table, key_slice(now), id_slice(&id), err);
}

bool
key_last_seq(struct store_txn *txn, const char *name, uint64_t *seq,
	     struct error *err)
{
	struct slice value;

	if (!store_get(txn, STORE_META, slice_of(name), &value, err))
		return false;
	*seq = value.data ? key_tail_seq(value) : 0;
	return true;
}

bool
key_next_seq(struct store_txn *txn, const char *name, uint64_t *seq,
	     struct error *err)
{
	uint64_t last;
	struct key value;

	if (!key_last_seq(txn, name, &last, err))
		return false;
	*seq = last + 1;
	value = key_of_seq(*seq);
	return store_put(txn, STORE_META, slice_of(name), key_slice(&value),
			 err);
}

bool
key_purge(struct store_txn *txn, enum store_table table,
	  const struct key *prefix, size_t *budget, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct slice key, value;

	if (*budget == 0)
		return true;
	cursor = store_scan(txn, table, key_slice(prefix), (struct slice){0},
			    false, err);
	if (!cursor)
		return false;
	while (*budget > 0 && store_next(cursor, &key, &value)) {
		struct key copy = {0};

		key_add(&copy, key.data, key.len);
		if (!store_delete(txn, table, key_slice(&copy), NULL, err))
			return false;
		--*budget;
	}
	return store_scan_end(&cursor, err);
}

struct slice
key_fold(struct arena *arena, struct slice text)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t len;
	struct slice out;

	if (text.len == 0)
		return text;
	len = utf8proc_map((const utf8proc_uint8_t *)text.data,
			   (utf8proc_ssize_t)text.len, &folded,
			   UTF8PROC_STABLE | UTF8PROC_COMPOSE |
				   UTF8PROC_CASEFOLD);
	if (len < 0)
		return arena_copy(arena, text);
	out = arena_copy(arena, slice_make(folded, (size_t)len));
	free(folded);
	return out;
}
