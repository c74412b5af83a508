/*
 * profile.c - people, and the names they are found by.
 *
 * STORE_PROFILES: id -> record.  STORE_PROFILE_NAMES: a letter and a folded
 * name -> id; n a name, e an e-mail, x somebody else's id, k and i see
 * sign_in.c.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "record/key.h"
#include "record/rows.h"

static struct key
name_key(char kind, struct slice name)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key key = {0};

	if (name.len == 0)
		return key;
	key_add(&key, &kind, 1);
	key_text(&key, kind == 'x' ? name : key_fold(&arena, name));
	return key;
}

static bool
get_any(struct store_txn *txn, struct id id, struct arena *arena,
	struct profile *out, bool *found, struct error *err)
{
	struct key key = key_of(id);
	struct profile p = {0};

	if (!row_get(txn, STORE_PROFILES, key_slice(&key), row_profile, &p,
		     arena, found, err))
		return false;
	if (*found)
		*out = p;
	return true;
}

static bool
save(struct store_txn *txn, const struct profile *was, const struct profile *p,
     struct error *err)
{
	const struct {
		char kind;
		struct slice was, now;
		const char *what;
	} names[] = {
		{'n', was->name, p->name, "name"},
		{'e', was->email, p->email, "e-mail"},
		{'x', was->external_id, p->external_id, "external id"},
	};
	struct key key = key_of(p->id);

	for (size_t i = 0; i < COUNT(names); i++) {
		struct key old = name_key(names[i].kind, names[i].was);
		struct key new = name_key(names[i].kind, names[i].now);

		if (!key_move(txn, STORE_PROFILE_NAMES, &old, &new, p->id,
			      names[i].what, err))
			return false;
	}
	return row_put(txn, STORE_PROFILES, key_slice(&key), row_profile, p,
		       sizeof(*p), err) &&
	       change_add(txn, p->id, CHANGE_PROFILE,
			  p->deleting ? CHANGE_DELETE : CHANGE_PUT, p->id, 0,
			  err);
}

static bool
check(const struct profile *p, struct error *err)
{
	if (slice_trim(p->name).len == 0)
		return error_set(err, ERROR_INVALID, "a profile needs a name");
	if (p->name.len > RECORD_NAME_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a name of %zu bytes, at most %d fit",
				 p->name.len, RECORD_NAME_MAX);
	return true;
}

bool
record_profile_create(struct store_txn *txn, struct profile *p,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct profile was = {0};
	bool found;

	if (!check(p, err))
		return false;
	if (id_none(p->id))
		p->id = id_make();
	if (p->created_at == 0)
		p->created_at = clock_now();
	if (!get_any(txn, p->id, &arena, &was, &found, err))
		return false;
	if (found)
		return error_set(err, ERROR_CONFLICT, "the profile exists");
	return save(txn, &was, p, err);
}

bool
record_profile_update(struct store_txn *txn, const struct profile *p,
		      struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct profile was = {0}, now;
	bool found;

	if (!check(p, err) ||
	    !record_profile_get(txn, p->id, &arena, &was, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such profile");
	now = *p;
	now.created_at = was.created_at;
	now.deleting = false;
	return save(txn, &was, &now, err);
}

bool
record_profile_get(struct store_txn *txn, struct id id, struct arena *arena,
		   struct profile *out, bool *found, struct error *err)
{
	struct profile p;

	if (!key_profile(id, err) || !get_any(txn, id, arena, &p, found, err))
		return false;
	*found = *found && !p.deleting;
	if (*found)
		*out = p;
	return true;
}

static bool
find(struct store_txn *txn, char kind, struct slice name, struct arena *arena,
     struct profile *out, bool *found, struct error *err)
{
	struct key key = name_key(kind, name);
	struct id id;

	*found = false;
	if (key.len == 0)
		return true;
	if (!key_get_id(txn, STORE_PROFILE_NAMES, &key, &id, found, err))
		return false;
	return !*found || record_profile_get(txn, id, arena, out, found, err);
}

bool
record_profile_find(struct store_txn *txn, struct slice name,
		    struct arena *arena, struct profile *out, bool *found,
		    struct error *err)
{
	return find(txn, 'n', name, arena, out, found, err);
}

bool
record_profile_by_email(struct store_txn *txn, struct slice email,
			struct arena *arena, struct profile *out, bool *found,
			struct error *err)
{
	return find(txn, 'e', email, arena, out, found, err);
}

bool
record_profile_list(struct store_txn *txn, struct arena *arena,
		    struct profile **out, size_t *n, struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct slice none = {0}, key, value;
	struct profile *list;
	uint64_t count;

	if (!store_count(txn, STORE_PROFILES, &count, err))
		return false;
	list = arena_alloc(arena, (size_t)count + 1, sizeof(*list));
	*n = 0;
	cursor = store_scan(txn, STORE_PROFILES, none, none, false, err);
	if (!cursor)
		return false;
	while (*n < count && store_next(cursor, &key, &value)) {
		struct profile p = {0};

		if (!row_read(value, row_profile, &p, arena, err))
			return false;
		if (!p.deleting)
			list[(*n)++] = p;
	}
	*out = list;
	return store_scan_end(&cursor, err);
}

bool
record_profile_ensure(struct store_txn *txn, struct slice name,
		      struct arena *arena, struct profile *out,
		      struct error *err)
{
	bool found;
	struct profile p = {.name = name.len ? name : slice_of("default")};

	if (!record_profile_find(txn, p.name, arena, out, &found, err))
		return false;
	if (found)
		return true;
	if (!slice_is(p.name, "default"))
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no profile \"%.*s\"",
				 SLICE_ARG(name));
	if (!record_profile_create(txn, &p, err))
		return false;
	p.name = arena_copy(arena, p.name);
	*out = p;
	return true;
}

/* Everything whose keys begin with the profile, but for what must be found
 * again until the end. */
static const enum store_table owned[] = {
	STORE_CONVERSATION_ORDER,
	STORE_CONVERSATION_EXTERNAL,
	STORE_CONVERSATIONS,
	STORE_CONVERSATION_MESSAGES,
	STORE_MESSAGE_IDS,
	STORE_MESSAGE_EXTERNAL,
	STORE_MEMORY_ORDER,
	STORE_MEMORY_KEYS,
	STORE_MEMORY_EXTERNAL,
	STORE_MEMORY_VERSIONS,
	STORE_MEMORY_SOURCES,
	STORE_MEMORIES,
	STORE_FORGOTTEN,
	STORE_JOURNAL,
	STORE_DRAFTS,
	STORE_ATTACHMENTS,
	STORE_SESSIONS,
	STORE_API_KEYS,
	STORE_IDENTITIES,
	STORE_IDEMPOTENCY,
	STORE_SETTINGS,
};

/* The log's rows, found by the index of the person's messages. */
static bool
purge_messages(struct store_txn *txn, struct id id, size_t *budget,
	       struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct key prefix = key_of(id);
	struct slice key, value;

	if (*budget == 0)
		return true;
	cursor = store_scan(txn, STORE_PROFILE_MESSAGES, key_slice(&prefix),
			    (struct slice){0}, false, err);
	if (!cursor)
		return false;
	while (*budget > 0 && store_next(cursor, &key, &value)) {
		uint64_t seq = key_tail_seq(key);
		struct key log = key_of_seq(seq), index = key_of(id);
		struct id none = {{0}};

		key_u64(&index, seq);
		if (!store_delete(txn, STORE_MESSAGES, key_slice(&log), NULL,
				  err) ||
		    !store_delete(txn, STORE_PROFILE_MESSAGES,
				  key_slice(&index), NULL, err) ||
		    !change_add(txn, id, CHANGE_MESSAGE, CHANGE_DELETE, none,
				seq, err))
			return false;
		--*budget;
	}
	return store_scan_end(&cursor, err);
}

static bool
purge_jobs(struct store_txn *txn, struct id id, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice all = {0};
	struct job *jobs;
	size_t n;

	if (!record_job_list(txn, all, &arena, &jobs, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (id_equal(jobs[i].profile, id) &&
		    !record_job_drop(txn, &jobs[i], err))
			return false;
	return true;
}

static bool
mark_deleting(struct store_txn *txn, const struct profile *was,
	      struct error *err)
{
	struct profile gone = {.id = was->id, .deleting = true};
	struct job job = {.id = was->id,
			  .kind = slice_of("delete"),
			  .profile = was->id,
			  .due = 1};

	return sign_in_drop_names(txn, was->id, err) &&
	       save(txn, was, &gone, err) && record_job_add(txn, &job, err);
}

bool
record_profile_delete(struct store_txn *txn, struct id id, size_t budget,
		      bool *done, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct key prefix = key_of(id);
	struct profile p;
	bool found;

	*done = false;
	if (!key_profile(id, err) || !get_any(txn, id, &arena, &p, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no such profile");
	if (!p.deleting && !mark_deleting(txn, &p, err))
		return false;
	if (!purge_messages(txn, id, &budget, err))
		return false;
	for (size_t i = 0; i < COUNT(owned); i++)
		if (!key_purge(txn, owned[i], &prefix, &budget, err))
			return false;
	if (budget == 0)
		return true;
	*done = true;
	return purge_jobs(txn, id, err) &&
	       store_delete(txn, STORE_PROFILES, key_slice(&prefix), NULL, err);
}
