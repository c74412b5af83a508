/*
 * memory_scan.c - memories by time, key, source, and the versions of one.
 */
#include "mneme/arena.h"
#include "mneme/error.h"
#include "record/memory.h"
#include "record/rows.h"
#include "record/scan.h"

struct record_scan *
record_memory_scan(struct store_txn *txn, struct id profile,
		   enum memory_type type, bool backward, struct error *err)
{
	unsigned row = type == MEMORY_TYPE_COUNT ? 0 : type + 1;
	struct key prefix = memory_order_prefix(profile, row), none = {0};

	if (!key_profile(profile, err))
		return NULL;
	return scan_open(txn, STORE_MEMORY_ORDER, profile, &prefix, &none,
			 prefix.len + 8 + ID_BYTES, backward, err);
}

struct record_scan *
record_memory_scan_after(struct store_txn *txn, struct id profile,
			 enum memory_type type, const struct memory *after,
			 struct error *err)
{
	unsigned row = type == MEMORY_TYPE_COUNT ? 0 : type + 1;
	struct key prefix = memory_order_prefix(profile, row), from = {0};

	if (!key_profile(profile, err))
		return NULL;
	if (after) {
		from = prefix;
		key_time(&from, after->created_at);
		key_id(&from, after->id);
	}
	return scan_open(txn, STORE_MEMORY_ORDER, profile, &prefix, &from,
			 prefix.len + 8 + ID_BYTES, true, err);
}

struct record_scan *
record_memory_scan_key(struct store_txn *txn, struct id profile,
		       struct slice key, struct error *err)
{
	struct key prefix = memory_key_prefix(profile, key), none = {0};

	if (!key_profile(profile, err))
		return NULL;
	return scan_open(txn, STORE_MEMORY_KEYS, profile, &prefix, &none,
			 prefix.len + ID_BYTES, false, err);
}

struct record_scan *
record_memory_scan_source(struct store_txn *txn, struct id profile,
			  struct id conversation, struct error *err)
{
	struct key prefix = key_of_two(profile, conversation), none = {0};

	if (!key_profile(profile, err))
		return NULL;
	return scan_open(txn, STORE_MEMORY_SOURCES, profile, &prefix, &none,
			 prefix.len + ID_BYTES, false, err);
}

bool
record_memory_next(struct record_scan *scan, struct arena *arena,
		   struct memory *out)
{
	struct slice key, value;
	bool found;

	while (scan_step(scan, &key, &value)) {
		if (!record_memory_get(scan_txn(scan), scan_profile(scan),
				       key_tail_id(key), arena, out, &found,
				       scan_error(scan)))
			return scan_fail(scan);
		if (found)
			return true;
	}
	return false;
}

bool
record_memory_versions(struct store_txn *txn, struct id profile, struct id id,
		       struct arena *arena, struct memory **out, size_t *n,
		       struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of_two(profile, id);
	struct memory *list = NULL;
	struct slice key, value;
	size_t cap = 0;

	if (!key_profile(profile, err))
		return false;
	cursor = store_scan(txn, STORE_MEMORY_VERSIONS, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	*n = 0;
	while (store_next(cursor, &key, &value)) {
		if (*n == cap) {
			size_t more = cap ? cap * 2 : 4;
			struct memory *grown =
				arena_alloc(arena, more, sizeof(*grown));

			if (cap > 0)
				memcpy(grown, list, cap * sizeof(*grown));
			list = grown;
			cap = more;
		}
		if (!row_read(value, row_memory, &list[(*n)++], arena, err))
			return false;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}
