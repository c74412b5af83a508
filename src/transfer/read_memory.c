/*
 * A memory from a line, with its sources and every version of it.
 *
 * What superseded a version may stand further on in the file: it is looked up
 * when all lines are stored.
 */
#include "inner.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"

bool
find_memory(struct reading *r, struct slice id, struct memory *m, bool *found,
	    struct error *err)
{
	struct id own;

	if (!record_memory_by_external(r->txn, r->profile, id, r->arena, m,
				       found, err))
		return false;
	if (*found || !id_parse(id, &own))
		return true;
	return record_memory_get(r->txn, r->profile, own, r->arena, m, found,
				 err);
}

static bool
read_source(struct reading *r, const json_t *one, struct memory_source *out,
	    struct error *err)
{
	struct slice where = json_text(one, "conversation");
	struct slice said = json_text(one, "message");
	struct conversation c = {0};
	struct message m = {0};
	bool found = false;

	out->turn = (uint32_t)json_integer_value(json_object_get(one, "turn"));
	out->quote = json_text(one, "quote");
	if (out->quote.len > RECORD_VALUE_MAX ||
	    where.len > RECORD_EXTERNAL_MAX || said.len > RECORD_EXTERNAL_MAX)
		return error_set(err, ERROR_LIMIT, "a source is too long");
	if (where.len && !find_conversation(r, where, &c, &found, err))
		return false;
	out->conversation = found_id(found, c.id, where);
	if (said.len && found && !find_message(r, c.id, said, &m, &found, err))
		return false;
	out->message = found_id(said.len && found, m.id, said);
	return true;
}

static bool
read_sources(struct reading *r, struct memory *m, struct error *err)
{
	const json_t *one = json_object_get(r->line, "source");
	const json_t *list = json_object_get(r->line, "sources");
	size_t n = json_is_object(one) ? 1 : json_array_size(list);
	struct memory_source *out;

	if (n > RECORD_LIST_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu sources; at most %d fit", n,
				 RECORD_LIST_MAX);
	out = arena_alloc(r->arena, n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!read_source(r,
				 json_is_object(one) ? one
						     : json_array_get(list, i),
				 &out[i], err))
			return false;
	m->sources = out;
	m->source_count = n;
	return true;
}

static bool
read_state(struct reading *r, struct memory *m, struct error *err)
{
	struct slice name;

	if (!member_text(r, "state", false, 32, &name, err))
		return false;
	for (int i = 0; name.len && i < MEMORY_STATE_COUNT; i++) {
		if (slice_is(name, memory_state_names[i])) {
			m->state = (enum memory_state)i;
			return true;
		}
	}
	return name.len == 0 ||
	       error_set(err, ERROR_INVALID, "\"state\": no such state");
}

static bool
read_number(const struct reading *r, const char *key, int64_t most,
	    int64_t *out, struct error *err)
{
	const json_t *value = json_object_get(r->line, key);

	*out = json_integer_value(value);
	if (!value || json_is_null(value))
		return true;
	return (json_is_integer(value) && *out >= 0 && *out <= most) ||
	       error_set(err, ERROR_INVALID, "\"%s\" is no such number", key);
}

/* What a version and the present memory have in common. */
static bool
read_version(struct reading *r, struct memory *m, struct error *err)
{
	struct slice type;
	int64_t version, uses;

	if (!member_text(r, "memory_type", true, 32, &type, err) ||
	    !member_text(r, "key", false, RECORD_KEY_MAX, &m->key, err) ||
	    !member_text(r, "value", true, RECORD_VALUE_MAX, &m->value, err) ||
	    !member_part(r, "confidence", 1, &m->confidence, err) ||
	    !member_part(r, "importance", .8, &m->importance, err) ||
	    !member_time(r, "created_at", &m->created_at, err) ||
	    !member_time(r, "updated_at", &m->updated_at, err) ||
	    !member_time(r, "valid_from", &m->valid_from, err) ||
	    !member_time(r, "valid_to", &m->valid_to, err) ||
	    !member_time(r, "expires_at", &m->expires_at, err) ||
	    !member_time(r, "accessed_at", &m->accessed_at, err) ||
	    !read_number(r, "access_count", INT64_MAX, &uses, err) ||
	    !read_number(r, "version", UINT32_MAX, &version, err) ||
	    !read_state(r, m, err) || !read_sources(r, m, err))
		return false;
	if (!record_memory_type_find(type, &m->type))
		return error_set(err, ERROR_INVALID,
				 "\"memory_type\": no such type");
	m->access_count = (uint64_t)uses;
	m->version = (uint32_t)version;
	m->pinned = member_flag(r, "pinned");
	if (m->updated_at == 0)
		m->updated_at = m->created_at;
	return true;
}

static bool
store_history(struct reading *r, const struct memory *present,
	      struct error *err)
{
	const json_t *history = json_object_get(r->line, "history"), *whole;
	size_t n = json_array_size(history);
	bool good = true;

	if (history && !json_is_array(history))
		return error_set(err, ERROR_INVALID, "\"history\" is no list");
	whole = r->line;
	for (size_t i = 0; good && i < n; i++) {
		struct memory old = {.id = present->id,
				     .profile = r->profile,
				     .external_id = present->external_id};
		bool forgotten = false;

		r->line = json_array_get(history, i);
		good = read_version(r, &old, err) &&
		       record_forgotten(r->txn, r->profile, old.value,
					&forgotten, err);
		if (good &&
		    (old.version == 0 || old.version >= present->version))
			good = error_set(err, ERROR_INVALID,
					 "\"history\" has a version %u of %u",
					 old.version, present->version);
		if (forgotten)
			old.value = slice_of(RECORD_FORGOTTEN_TEXT);
		good = good && record_memory_put_version(r->txn, &old, err);
	}
	r->line = whole;
	return good;
}

bool
read_memory(struct reading *r, struct error *err)
{
	struct memory m = {.profile = r->profile}, old;
	bool found, forgotten;

	if (!member_text(r, "id", true, RECORD_EXTERNAL_MAX, &m.external_id,
			 err) ||
	    !read_version(r, &m, err) ||
	    !find_memory(r, m.external_id, &old, &found, err) ||
	    !record_forgotten(r->txn, r->profile, m.value, &forgotten, err))
		return false;
	r->later = json_object_get(r->line, "superseded_by") ||
		   json_object_get(r->line, "history");
	if (found)
		return known(r, slice_equal(m.value, old.value), "memory",
			     m.external_id, err);
	r->outcome = forgotten ? LINE_KNOWN : LINE_ADDED;
	if (forgotten)
		return true;
	if (m.version <= 1) {
		m.version = 0;
		return record_memory_put(r->txn, &m, err);
	}
	m.id = id_make();
	if (m.created_at == 0)
		m.created_at = m.updated_at = clock_now();
	return record_memory_put_version(r->txn, &m, err) &&
	       store_history(r, &m, err);
}

/* ---- what superseded it ---- */

static bool
refer(struct reading *r, struct memory *m, struct error *err)
{
	struct slice id = json_text(r->line, "superseded_by");
	struct memory other = {0};
	bool found;

	if (id.len == 0 || id.len > RECORD_EXTERNAL_MAX ||
	    !id_none(m->superseded_by))
		return true;
	if (!find_memory(r, id, &other, &found, err))
		return false;
	m->superseded_by = found_id(found, other.id, id);
	return id_none(m->superseded_by) ||
	       record_memory_rewrite(r->txn, m, err);
}

bool
read_memory_references(struct reading *r, struct error *err)
{
	const json_t *whole = r->line;
	const json_t *history = json_object_get(whole, "history");
	struct slice id;
	struct memory m, *list;
	size_t n;
	bool found, good;

	if (!member_text(r, "id", true, RECORD_EXTERNAL_MAX, &id, err) ||
	    !find_memory(r, id, &m, &found, err))
		return false;
	if (!found)
		return true;
	if (!record_memory_versions(r->txn, r->profile, m.id, r->arena, &list,
				    &n, err))
		return false;
	good = n == 0 || refer(r, &list[n - 1], err);
	for (size_t i = 0; good && i + 1 < n; i++) {
		r->line = json_array_get(history, i);
		good = refer(r, &list[i], err);
	}
	r->line = whole;
	return good;
}
