/*
 * memory.c - what is known, each version of it.
 *
 * STORE_MEMORIES: profile, id -> record.  STORE_MEMORY_VERSIONS: profile, id,
 * version -> the record as it was.  STORE_MEMORY_ORDER: profile, 0 or type
 * and 1, created_at, id.  STORE_MEMORY_KEYS: profile, folded key, NUL, id.
 * STORE_MEMORY_SOURCES: profile, conversation, id.  STORE_MEMORY_EXTERNAL:
 * profile, external id -> id.
 */
#include "record/memory.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/message.h"
#include "record/rows.h"

static struct key
external_key(struct id profile, struct slice external_id)
{
	struct key key = {0};

	if (external_id.len == 0)
		return key;
	return *key_text(key_id(&key, profile), external_id);
}

struct key
memory_version_key(const struct memory *m)
{
	struct key key = key_of_two(m->profile, m->id);
	uint8_t bytes[8];

	store_key_u64(m->version, bytes);
	return *key_add(&key, bytes + 4, 4);
}

struct key
memory_order_prefix(struct id profile, unsigned row)
{
	struct key key = key_of(profile);
	char byte = (char)row;

	return *key_add(&key, &byte, 1);
}

struct key
memory_key_prefix(struct id profile, struct slice name)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key key = key_of(profile);

	key_text(&key, key_fold(&arena, name));
	return *key_add(&key, "", 1);
}

/* Put or delete one row that leads to `m`. */
static bool
link_row(struct store_txn *txn, enum store_table table, struct key *key,
	 const struct memory *m, bool put, struct error *err)
{
	key_id(key, m->id);
	if (put)
		return store_put(txn, table, key_slice(key), slice_make("", 0),
				 err);
	return store_delete(txn, table, key_slice(key), NULL, err);
}

static bool
link_rows(struct store_txn *txn, const struct memory *m, bool put,
	  struct error *err)
{
	struct key all = memory_order_prefix(m->profile, 0);
	struct key one = memory_order_prefix(m->profile, m->type + 1);
	struct key name = memory_key_prefix(m->profile, m->key);

	key_time(&all, m->created_at);
	key_time(&one, m->created_at);
	if (!link_row(txn, STORE_MEMORY_ORDER, &all, m, put, err) ||
	    !link_row(txn, STORE_MEMORY_ORDER, &one, m, put, err) ||
	    !link_row(txn, STORE_MEMORY_KEYS, &name, m, put, err))
		return false;
	for (size_t i = 0; i < m->source_count; i++) {
		struct key source =
			key_of_two(m->profile, m->sources[i].conversation);

		if (!id_none(m->sources[i].conversation) &&
		    !link_row(txn, STORE_MEMORY_SOURCES, &source, m, put, err))
			return false;
	}
	return true;
}

static bool
save(struct store_txn *txn, const struct memory *m, struct error *err)
{
	struct key key = key_of_two(m->profile, m->id);

	return row_put(txn, STORE_MEMORIES, key_slice(&key), row_memory, m,
		       sizeof(*m), err);
}

static bool
save_version(struct store_txn *txn, const struct memory *m, struct error *err)
{
	struct key key = memory_version_key(m);

	return row_put(txn, STORE_MEMORY_VERSIONS, key_slice(&key), row_memory,
		       m, sizeof(*m), err);
}

static bool
check(const struct memory *m, struct error *err)
{
	if (!key_profile(m->profile, err))
		return false;
	if (slice_trim(m->value).len == 0)
		return error_set(err, ERROR_INVALID, "a memory says something");
	if (m->confidence >= 0 && m->confidence <= 1 && m->importance >= 0 &&
	    m->importance <= 1)
		return true;
	return error_set(err, ERROR_INVALID,
			 "confidence and importance are between 0 and 1");
}

static bool
replace(struct store_txn *txn, const struct memory *was,
	const struct memory *now, struct error *err)
{
	struct key old = external_key(was->profile, was->external_id);
	struct key new = external_key(now->profile, now->external_id);

	return (was->version == 0 || link_rows(txn, was, false, err)) &&
	       save(txn, now, err) && save_version(txn, now, err) &&
	       link_rows(txn, now, true, err) &&
	       key_move(txn, STORE_MEMORY_EXTERNAL, &old, &new, now->id,
			"external id", err) &&
	       change_add(txn, now->profile, CHANGE_MEMORY, CHANGE_PUT, now->id,
			  0, err) &&
	       message_index_job(txn, now->profile, err);
}

bool
record_memory_put(struct store_txn *txn, struct memory *m, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory was = {0}, now;
	bool found;

	if (!check(m, err))
		return false;
	if (id_none(m->id))
		m->id = id_make();
	if (m->created_at == 0)
		m->created_at = clock_now();
	if (m->updated_at == 0)
		m->updated_at = m->created_at;
	if (!record_memory_get(txn, m->profile, m->id, &arena, &was, &found,
			       err))
		return false;
	if (was.version != m->version)
		return error_set(err, ERROR_CONFLICT,
				 "the memory was changed meanwhile");
	now = *m;
	now.version = m->version + 1;
	return replace(txn, &was, &now, err);
}

bool
record_memory_put_version(struct store_txn *txn, const struct memory *m,
			  struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory present;
	bool found;

	if (!check(m, err) || !record_memory_get(txn, m->profile, m->id, &arena,
						 &present, &found, err))
		return false;
	if (m->version == 0)
		return error_set(err, ERROR_INVALID, "versions begin at 1");
	if (found && m->version == present.version)
		return error_set(err, ERROR_CONFLICT,
				 "version %u is the present one", m->version);
	if (found && m->version < present.version)
		return save_version(txn, m, err);
	if (!found)
		present = (struct memory){0};
	return replace(txn, &present, m, err);
}

bool
record_memory_rewrite(struct store_txn *txn, const struct memory *m,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory now;
	bool found;

	if (!check(m, err) || !record_memory_get(txn, m->profile, m->id, &arena,
						 &now, &found, err))
		return false;
	if (!found || m->version == 0 || m->version > now.version)
		return error_set(err, ERROR_NOT_FOUND, "no such memory");
	return m->version == now.version ? replace(txn, &now, m, err)
					 : save_version(txn, m, err);
}

bool
record_memory_touch(struct store_txn *txn, struct id profile, struct id id,
		    int64_t at, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory m;
	bool found;

	if (!record_memory_get(txn, profile, id, &arena, &m, &found, err))
		return false;
	if (!found)
		return true;
	m.access_count++;
	m.accessed_at = MAX(m.accessed_at, at);
	return save(txn, &m, err);
}

bool
record_memory_get(struct store_txn *txn, struct id profile, struct id id,
		  struct arena *arena, struct memory *out, bool *found,
		  struct error *err)
{
	struct key key = key_of_two(profile, id);
	struct memory m = {0};

	if (!key_profile(profile, err) ||
	    !row_get(txn, STORE_MEMORIES, key_slice(&key), row_memory, &m,
		     arena, found, err))
		return false;
	if (*found)
		*out = m;
	return true;
}

bool
record_memory_by_external(struct store_txn *txn, struct id profile,
			  struct slice external_id, struct arena *arena,
			  struct memory *out, bool *found, struct error *err)
{
	struct key key = external_key(profile, external_id);
	struct id id;

	*found = false;
	if (!key_profile(profile, err))
		return false;
	if (key.len == 0 || external_id.len > RECORD_EXTERNAL_MAX)
		return true;
	if (!key_get_id(txn, STORE_MEMORY_EXTERNAL, &key, &id, found, err))
		return false;
	return !*found ||
	       record_memory_get(txn, profile, id, arena, out, found, err);
}

bool
record_memory_find(struct store_txn *txn, struct id profile, struct slice text,
		   struct arena *arena, struct memory *out, bool *found,
		   struct error *err)
{
	struct id id;

	if (!record_memory_by_external(txn, profile, text, arena, out, found,
				       err))
		return false;
	if (*found)
		return true;
	if (!key_find_prefix(txn, STORE_MEMORIES, profile, text, &id, found,
			     err))
		return false;
	return !*found ||
	       record_memory_get(txn, profile, id, arena, out, found, err);
}

bool
record_memory_delete(struct store_txn *txn, struct id profile, struct id id,
		     struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key key = key_of_two(profile, id), none = {0}, external;
	size_t every = SIZE_MAX;
	struct memory m;
	bool found;

	if (!record_memory_get(txn, profile, id, &arena, &m, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such memory");
	external = external_key(profile, m.external_id);
	return link_rows(txn, &m, false, err) &&
	       key_move(txn, STORE_MEMORY_EXTERNAL, &external, &none, id, "",
			err) &&
	       key_purge(txn, STORE_MEMORY_VERSIONS, &key, &every, err) &&
	       store_delete(txn, STORE_MEMORIES, key_slice(&key), NULL, err) &&
	       change_add(txn, profile, CHANGE_MEMORY, CHANGE_DELETE, id, 0,
			  err) &&
	       message_index_job(txn, profile, err);
}
