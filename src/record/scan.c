/*
 * scan.c - the walks.  A failure ends the walk and waits for its end call.
 */
#include "record/scan.h"

#include "mneme/error.h"
#include "record/rows.h"

#include <stdlib.h>

struct record_scan {
	struct store_txn *txn;
	struct store_cursor *cursor;
	struct id profile;
	size_t length;
	bool failed;
	struct error error;
};

struct record_scan *
scan_open(struct store_txn *txn, enum store_table table, struct id profile,
	  const struct key *prefix, const struct key *from, size_t length,
	  bool backward, struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan = xcalloc(1, sizeof(*scan));

	scan->txn = txn;
	scan->profile = profile;
	scan->length = length;
	scan->cursor = store_scan(txn, table, key_slice(prefix),
				  key_slice(from), backward, err);
	if (!scan->cursor)
		return NULL;
	return TAKE(scan);
}

bool
scan_step(struct record_scan *scan, struct slice *key, struct slice *value)
{
	while (!scan->failed && store_next(scan->cursor, key, value))
		if (key->len == scan->length)
			return true;
	return false;
}

struct store_txn *
scan_txn(struct record_scan *scan)
{
	return scan->txn;
}

struct id
scan_profile(const struct record_scan *scan)
{
	return scan->profile;
}

struct error *
scan_error(struct record_scan *scan)
{
	return &scan->error;
}

bool
scan_fail(struct record_scan *scan)
{
	scan->failed = true;
	return false;
}

bool
record_scan_end(struct record_scan **scan, struct error *err)
{
	bool good;

	if (!*scan)
		return false;
	good = store_scan_end(&(*scan)->cursor, err);
	if ((*scan)->failed) {
		good = false;
		if (err)
			*err = (*scan)->error;
	}
	record_scan_drop(scan);
	return good;
}

void
record_scan_drop(struct record_scan **scan)
{
	if (!*scan)
		return;
	store_scan_drop(&(*scan)->cursor);
	free(*scan);
	*scan = NULL;
}

struct record_scan *
record_message_scan(struct store_txn *txn, struct id profile,
		    struct id conversation, uint64_t from, bool backward,
		    struct error *err)
{
	struct key prefix = key_of(profile), start;
	enum store_table table = STORE_PROFILE_MESSAGES;

	if (!key_profile(profile, err))
		return NULL;
	if (!id_none(conversation)) {
		key_id(&prefix, conversation);
		table = STORE_CONVERSATION_MESSAGES;
	}
	start = prefix;
	if (from > 0)
		key_u64(&start, from);
	else
		start.len = 0;
	return scan_open(txn, table, profile, &prefix, &start, prefix.len + 8,
			 backward, err);
}

bool
record_message_next(struct record_scan *scan, struct arena *arena,
		    struct message *out)
{
	struct slice key, value;
	bool found;

	while (scan_step(scan, &key, &value)) {
		if (!record_message_get(scan->txn, scan->profile,
					key_tail_seq(key), arena, out, &found,
					&scan->error))
			return scan_fail(scan);
		if (found)
			return true;
	}
	return false;
}

struct record_scan *
record_change_scan(struct store_txn *txn, uint64_t since, struct error *err)
{
	struct key prefix = {0}, from = key_of_seq(since + 1);
	struct id everybody = {{0}};

	return scan_open(txn, STORE_CHANGES, everybody, &prefix, &from, 8,
			 false, err);
}

bool
record_change_next(struct record_scan *scan, struct change *out)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice key, value;
	struct change c = {0};

	if (!scan_step(scan, &key, &value))
		return false;
	if (!row_read(value, row_change, &c, &arena, &scan->error))
		return scan_fail(scan);
	*out = c;
	return true;
}
