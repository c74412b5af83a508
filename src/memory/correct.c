/*
 * What a person changes: each change is a version, and each version can be
 * had again.
 *
 * A supersede and a merge touch two memories in one change, which gives both
 * the same updated_at.  That is how restoring the one finds what happened to
 * the other, whoever made the change.
 */
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/utf8.h"

enum { CHAIN_MAX = 64 /* memories that superseded each other in turn */ };

const struct memory_edit memory_edit_nothing = {
	.type = -1, .importance = -1, .pinned = -1};

static bool
need(struct store_txn *txn, struct id profile, struct id id,
     struct arena *arena, struct memory *out, struct error *err)
{
	bool found;

	if (!record_memory_get(txn, profile, id, arena, out, &found, err))
		return false;
	return found || error_set(err, ERROR_NOT_FOUND, "no such memory");
}

/* Store the next version of `m`; later changes have later times. */
static bool
put(struct store_txn *txn, struct memory *m, int64_t at, struct error *err)
{
	m->updated_at = MAX(at, m->updated_at + 1);
	if (!record_memory_put(txn, m, err))
		return false;
	m->version++;
	return true;
}

/* ---- edit ---- */

static bool
check_text(struct slice text, const char *what, size_t max, struct error *err)
{
	if (text.len > max)
		return error_set(err, ERROR_LIMIT,
				 "a %s of %zu bytes; at most %zu fit", what,
				 text.len, max);
	if (!utf8_valid(text))
		return error_set(err, ERROR_INVALID,
				 "the %s is not UTF-8 (byte %zu)", what,
				 utf8_valid_length(text));
	return true;
}

static bool
check_edit(const struct memory_edit *edit, struct error *err)
{
	if (edit->value.data && slice_trim(edit->value).len == 0)
		return error_set(err, ERROR_INVALID,
				 "the value is empty: a memory says something");
	if (edit->type >= MEMORY_TYPE_COUNT)
		return error_set(err, ERROR_INVALID, "no such type of memory");
	if (edit->importance > 1)
		return error_set(err, ERROR_INVALID,
				 "importance is between 0 and 1");
	return check_text(edit->value, "value", MEMORY_TEXT_MAX, err) &&
	       check_text(edit->key, "key", RECORD_KEY_MAX, err);
}

static bool
apply_edit(struct memory *m, const struct memory_edit *edit)
{
	const struct memory was = *m;

	if (edit->value.data &&
	    !slice_equal(slice_trim(edit->value), m->value)) {
		m->value = slice_trim(edit->value);
		m->confidence = 1;
	}
	if (edit->key.data)
		m->key = slice_trim(edit->key);
	if (edit->type >= 0)
		m->type = (enum memory_type)edit->type;
	if (edit->importance >= 0)
		m->importance = edit->importance;
	if (edit->pinned >= 0)
		m->pinned = edit->pinned > 0;
	return !slice_equal(m->value, was.value) ||
	       !slice_equal(m->key, was.key) || m->type != was.type ||
	       m->importance < was.importance ||
	       m->importance > was.importance || m->pinned != was.pinned;
}

bool
memory_edit(struct store_txn *txn, struct id profile, struct id id,
	    const struct memory_edit *edit, struct arena *arena,
	    struct memory *out, struct error *err)
{
	struct memory m;

	if (!check_edit(edit, err) || !need(txn, profile, id, arena, &m, err))
		return false;
	/* What changes nothing makes no version. */
	if (apply_edit(&m, edit) && !put(txn, &m, clock_now(), err))
		return false;
	if (out)
		*out = m;
	return true;
}

bool
memory_pin(struct store_txn *txn, struct id profile, struct id id, bool pinned,
	   struct arena *arena, struct memory *out, struct error *err)
{
	struct memory_edit edit = memory_edit_nothing;

	edit.pinned = pinned;
	return memory_edit(txn, profile, id, &edit, arena, out, err);
}

/* ---- merge, put away ---- */

static bool
has_source(const struct memory_source *list, size_t n,
	   const struct memory_source *s)
{
	for (size_t i = 0; i < n; i++)
		if (id_equal(list[i].conversation, s->conversation) &&
		    id_equal(list[i].message, s->message) &&
		    slice_equal(list[i].quote, s->quote))
			return true;
	return false;
}

/* The sources of both, each once; in the arena. */
static void
join_sources(struct memory *into, const struct memory *from,
	     struct arena *arena)
{
	struct memory_source *list =
		arena_alloc(arena, into->source_count + from->source_count + 1,
			    sizeof(*list));
	size_t n = into->source_count;

	if (n)
		memcpy(list, into->sources, n * sizeof(*list));
	for (size_t i = 0; i < from->source_count; i++)
		if (n < RECORD_LIST_MAX &&
		    !has_source(list, n, &from->sources[i]))
			list[n++] = from->sources[i];
	into->sources = list;
	into->source_count = n;
}

bool
memory_merge(struct store_txn *txn, struct memory *into, struct memory *from,
	     int64_t at, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory kept = *into, gone = *from;

	at = MAX(at, MAX(into->updated_at, from->updated_at) + 1);
	join_sources(&kept, from, &arena);
	kept.confidence += (1 - kept.confidence) * from->confidence / 2;
	kept.importance = MAX(kept.importance, from->importance);
	kept.access_count += from->access_count;
	kept.pinned = kept.pinned || from->pinned;
	gone.state = MEMORY_MERGED;
	gone.superseded_by = into->id;
	if (!put(txn, &kept, at, err) || !put(txn, &gone, at, err))
		return false;
	into->version = kept.version;
	from->version = gone.version;
	from->state = gone.state;
	from->superseded_by = gone.superseded_by;
	return true;
}

bool
memory_put_away(struct store_txn *txn, struct memory *m, int64_t at,
		struct error *err)
{
	m->state = MEMORY_PUT_AWAY;
	return put(txn, m, at, err);
}

/* ---- history ---- */

bool
memory_history(struct store_txn *txn, struct id profile, struct id id,
	       struct arena *arena, struct memory **out, size_t *n,
	       struct error *err)
{
	struct memory m;

	return need(txn, profile, id, arena, &m, err) &&
	       record_memory_versions(txn, profile, id, arena, out, n, err);
}

const char *
memory_change(const struct memory *was, const struct memory *now)
{
	static const char *const states[MEMORY_STATE_COUNT] = {
		[MEMORY_ACTIVE] = "restored",
		[MEMORY_SUPERSEDED] = "superseded",
		[MEMORY_MERGED] = "merged",
		[MEMORY_PUT_AWAY] = "put away"};

	_Static_assert(COUNT(states) == MEMORY_PUT_AWAY + 1, "a word a state");
	if (!was)
		return "stored";
	if (was->state != now->state)
		return states[now->state];
	if (!slice_equal(was->value, now->value))
		return "value changed";
	if (was->source_count != now->source_count ||
	    now->confidence > was->confidence)
		return "confirmed";
	if (was->type != now->type)
		return "type changed";
	if (!slice_equal(was->key, now->key))
		return "key changed";
	if (was->pinned != now->pinned)
		return now->pinned ? "pinned" : "unpinned";
	if (was->valid_to != now->valid_to ||
	    was->valid_from != now->valid_from)
		return "validity changed";
	return "changed";
}

/* ---- restore ---- */

/* The version of `id` that was stored at `at`, and the one before it; what is
 * not there has version 0. */
static bool
version_at(struct store_txn *txn, struct id profile, struct id id, int64_t at,
	   struct arena *arena, struct memory *then, struct memory *before,
	   struct error *err)
{
	struct memory *list;
	size_t n;

	*then = *before = (struct memory){0};
	if (!record_memory_versions(txn, profile, id, arena, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (list[i].updated_at != at)
			continue;
		*then = list[i];
		if (i > 0)
			*before = list[i - 1];
		return true;
	}
	return true;
}

/* As `old` was, in the place of `now`. */
static struct memory
again(const struct memory *now, const struct memory *old)
{
	struct memory m = *old;

	m.version = now->version;
	m.updated_at = now->updated_at;
	m.external_id = now->external_id;
	m.access_count = now->access_count;
	m.accessed_at = now->accessed_at;
	return m;
}

/* When the newest of the versions came into its state. */
static int64_t
since_when(const struct memory *list, size_t n)
{
	size_t i = n - 1;

	while (i > 0 && list[i - 1].state == list[n - 1].state &&
	       id_equal(list[i - 1].superseded_by, list[n - 1].superseded_by))
		i--;
	return list[i].updated_at;
}

/* Take what came with the merge of `gone`, `merged_at`, back out of `into`. */
static bool
split(struct store_txn *txn, const struct memory *gone, int64_t merged_at,
      struct memory *into, int64_t at, struct arena *arena, struct error *err)
{
	struct memory then, before;
	struct memory_source *list;
	size_t n = 0;

	if (!version_at(txn, gone->profile, into->id, merged_at, arena, &then,
			&before, err))
		return false;
	if (before.version == 0)
		return true;
	if (into->version == then.version) {
		*into = again(into, &before);
		return put(txn, into, at, err);
	}
	/* Changed since: it only loses the sources that it got then. */
	list = arena_alloc(arena, into->source_count + 1, sizeof(*list));
	for (size_t i = 0; i < into->source_count; i++)
		if (!has_source(gone->sources, gone->source_count,
				&into->sources[i]) ||
		    has_source(before.sources, before.source_count,
			       &into->sources[i]))
			list[n++] = into->sources[i];
	into->sources = list;
	into->source_count = n;
	return put(txn, into, at, err);
}

/* What stands in the place of `m` now: the end of the chain. */
static bool
successor(struct store_txn *txn, const struct memory *m, struct arena *arena,
	  struct memory *out, bool *found, struct error *err)
{
	struct id next = m->superseded_by;

	*found = false;
	for (int i = 0; i < CHAIN_MAX && !id_none(next); i++) {
		if (!record_memory_get(txn, m->profile, next, arena, out, found,
				       err))
			return false;
		if (!*found || out->state == MEMORY_ACTIVE)
			return true;
		next = out->state == MEMORY_SUPERSEDED ||
				       out->state == MEMORY_MERGED
			       ? out->superseded_by
			       : (struct id){{0}};
	}
	*found = false;
	return true;
}

/* The newest of the versions stood back for another, and will not any more. */
static bool
step_back(struct store_txn *txn, const struct memory *list, size_t n,
	  int64_t at, struct arena *arena, struct error *err)
{
	const struct memory *m = &list[n - 1];
	struct memory other;
	bool found;

	if (m->state == MEMORY_MERGED) {
		if (!record_memory_get(txn, m->profile, m->superseded_by, arena,
				       &other, &found, err))
			return false;
		return !found || split(txn, m, since_when(list, n), &other, at,
				       arena, err);
	}
	if (m->state != MEMORY_SUPERSEDED)
		return true;
	if (!successor(txn, m, arena, &other, &found, err))
		return false;
	if (!found || id_equal(other.id, m->id))
		return true;
	/* An empty interval: it was never so. */
	other.valid_to = other.valid_from ? other.valid_from : other.created_at;
	return memory_put_away(txn, &other, at, err);
}

/* `m` will stand back for another again: which must be there for that. */
static bool
step_up(struct store_txn *txn, struct memory *m, int64_t at,
	struct arena *arena, struct error *err)
{
	struct memory other, *list;
	bool found;
	size_t n;

	if (m->state != MEMORY_SUPERSEDED && m->state != MEMORY_MERGED)
		return true;
	if (!record_memory_get(txn, m->profile, m->superseded_by, arena, &other,
			       &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_CONFLICT,
				 "what stood in its place is forgotten");
	if (other.state != MEMORY_PUT_AWAY)
		return true;
	if (!record_memory_versions(txn, m->profile, other.id, arena, &list, &n,
				    err))
		return false;
	for (size_t i = n; i-- > 0;) {
		if (list[i].state != MEMORY_ACTIVE)
			continue;
		other = again(&other, &list[i]);
		return put(txn, &other, at, err);
	}
	return true;
}

/* NULL when there is no such version. */
static const struct memory *
find_version(const struct memory *list, size_t n, uint32_t version,
	     struct error *err)
{
	uint32_t newest = list[n - 1].version;

	if (version == 0 && newest == 1) {
		error_set(err, ERROR_CONFLICT,
			  "there is no version before this one");
		return NULL;
	}
	if (version == 0)
		version = newest - 1;
	for (size_t i = 0; i < n; i++)
		if (list[i].version == version)
			return &list[i];
	error_set(err, ERROR_NOT_FOUND, "no version %u; the newest is %u",
		  version, newest);
	return NULL;
}

bool
memory_restore(struct store_txn *txn, struct id profile, struct id id,
	       uint32_t version, struct arena *arena, struct memory *out,
	       struct error *err)
{
	struct memory *list, m;
	int64_t at = clock_now();
	size_t n;

	if (!need(txn, profile, id, arena, &m, err) ||
	    !record_memory_versions(txn, profile, id, arena, &list, &n, err))
		return false;
	if (n == 0)
		return error_set(err, ERROR_IO, "a memory without versions");
	const struct memory *old = find_version(list, n, version, err);
	if (!old)
		return false;
	if (slice_is(old->value, RECORD_FORGOTTEN_TEXT))
		return error_set(err, ERROR_NOT_FOUND,
				 "what version %u said is forgotten",
				 old->version);
	if (old->version != m.version) {
		struct memory now = again(&m, old);

		at = MAX(at, m.updated_at + 1);
		if (!step_back(txn, list, n, at, arena, err) ||
		    !step_up(txn, &now, at, arena, err) ||
		    !put(txn, &now, at, err))
			return false;
		m = now;
	}
	if (out)
		*out = m;
	return true;
}
