/* One record of an import file: checked member by member, then stored. */
#include "lines.h"
#include "mneme/clock.h"
#include "mneme/store.h"

struct reading {
	struct store_txn *txn;
	struct id profile;
	const json_t *line;
	struct arena *arena;
	enum line_outcome *outcome;
};

/* A string member; a missing one is empty unless `wanted`. */
static bool
text(const struct reading *r, const char *key, bool wanted, size_t max,
     struct slice *out, struct error *err)
{
	const json_t *value = json_object_get(r->line, key);

	*out = (struct slice){0};
	if (!value || json_is_null(value))
		return !wanted ||
		       error_set(err, ERROR_INVALID, "\"%s\" is missing", key);
	if (!json_is_string(value))
		return error_set(err, ERROR_INVALID, "\"%s\" is no string",
				 key);
	*out = json_text(r->line, key);
	if (wanted && out->len == 0)
		return error_set(err, ERROR_INVALID, "\"%s\" is empty", key);
	return out->len <= max ||
	       error_set(err, ERROR_LIMIT,
			 "\"%s\" has %zu bytes; at most %zu fit", key, out->len,
			 max);
}

static bool
time_of(const struct reading *r, const char *key, int64_t *out,
	struct error *err)
{
	struct slice value;

	*out = 0;
	if (!text(r, key, false, 64, &value, err))
		return false;
	if (value.len == 0 || clock_parse(value, out))
		return true;
	return error_set(err, ERROR_INVALID, "\"%s\" is no RFC 3339 time: %.*s",
			 key, SLICE_ARG(value));
}

static bool
flag(const struct reading *r, const char *key)
{
	return json_is_true(json_object_get(r->line, key));
}

static bool
real(const struct reading *r, const char *key, double fallback, double *out,
     struct error *err)
{
	const json_t *value = json_object_get(r->line, key);

	*out = value && !json_is_null(value) ? json_number_value(value)
					     : fallback;
	if (value && !json_is_null(value) && !json_is_number(value))
		return error_set(err, ERROR_INVALID, "\"%s\" is no number",
				 key);
	return (*out >= 0 && *out <= 1) ||
	       error_set(err, ERROR_INVALID, "\"%s\" is not from 0 to 1", key);
}

static bool
known(struct reading *r, bool same, const char *what, struct slice id,
      struct error *err)
{
	*r->outcome = LINE_KNOWN;
	return same || error_set(err, ERROR_CONFLICT,
				 "%s \"%.*s\" is known with other content",
				 what, (int)MIN(id.len, (size_t)60), id.data);
}

static bool
find_conversation(struct reading *r, struct slice id, struct conversation *c,
		  bool *found, struct error *err)
{
	struct id own;

	if (!record_conversation_by_external(r->txn, r->profile, id, r->arena,
					     c, found, err))
		return false;
	if (*found || !id_parse(id, &own))
		return true;
	return record_conversation_get(r->txn, r->profile, own, r->arena, c,
				       found, err);
}

static bool
memory_mode(const struct reading *r, enum memory_mode *mode, struct error *err)
{
	struct slice name;

	if (!text(r, "memory_mode", false, 16, &name, err))
		return false;
	*mode = MEMORY_FULL;
	for (int i = 0; name.len && i < MEMORY_MODE_COUNT; i++) {
		if (slice_is(name, memory_mode_names[i])) {
			*mode = (enum memory_mode)i;
			return true;
		}
	}
	return name.len == 0 || error_set(err, ERROR_INVALID,
					  "\"memory_mode\" is full, read or "
					  "off");
}

static bool
store_conversation(struct reading *r, struct error *err)
{
	struct conversation c = {.profile = r->profile}, old;
	bool found;

	if (!text(r, "id", true, RECORD_EXTERNAL_MAX, &c.external_id, err) ||
	    !text(r, "title", false, RECORD_TITLE_MAX, &c.title, err) ||
	    !time_of(r, "created_at", &c.created_at, err) ||
	    !memory_mode(r, &c.memory_mode, err) ||
	    !find_conversation(r, c.external_id, &old, &found, err))
		return false;
	if (found)
		return known(
			r, slice_equal(c.title, old.title) || c.title.len == 0,
			"conversation", c.external_id, err);
	c.archived = flag(r, "archived");
	c.pinned = flag(r, "pinned");
	c.updated_at = c.created_at;
	*r->outcome = LINE_ADDED;
	return record_conversation_create(r->txn, &c, err);
}

static bool
find_message(struct reading *r, struct id conversation, struct slice id,
	     struct message *m, bool *found, struct error *err)
{
	struct id own;

	if (!record_message_by_external(r->txn, r->profile, conversation, id,
					r->arena, m, found, err))
		return false;
	if (*found || !id_parse(id, &own))
		return true;
	return record_message_by_id(r->txn, r->profile, own, r->arena, m, found,
				    err);
}

static bool
message_role(const struct reading *r, enum message_role *role,
	     struct error *err)
{
	struct slice name;

	if (!text(r, "role", true, 16, &name, err))
		return false;
	for (int i = 0; i < MESSAGE_ROLE_COUNT; i++) {
		if (slice_is(name, message_role_names[i])) {
			*role = (enum message_role)i;
			return true;
		}
	}
	return error_set(err, ERROR_INVALID,
			 "\"role\" is user, assistant or system");
}

static bool
message_parent(struct reading *r, struct message *m, struct error *err)
{
	struct slice parent;
	struct message at;
	bool found;

	if (!text(r, "parent", false, RECORD_EXTERNAL_MAX, &parent, err))
		return false;
	if (parent.len == 0) {
		m->parent = json_object_get(r->line, "parent")
				    ? MESSAGE_NO_PARENT
				    : 0;
		return true;
	}
	if (!find_message(r, m->conversation, parent, &at, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_INVALID,
				 "\"parent\" is not known (yet)");
	m->parent = at.seq;
	return true;
}

static void
message_usage(const struct reading *r, struct message *m)
{
	const json_t *usage = json_object_get(r->line, "usage");
	const char *const keys[] = {"prompt_tokens", "completion_tokens",
				    "cached_tokens"};
	int64_t *const values[] = {&m->usage.prompt, &m->usage.completion,
				   &m->usage.cached};

	m->has_usage = json_is_object(usage);
	for (size_t i = 0; i < COUNT(keys); i++) {
		const json_t *n = json_object_get(usage, keys[i]);
		*values[i] = json_is_integer(n) ? json_integer_value(n) : -1;
	}
	const json_t *cost = json_object_get(usage, "cost");
	m->usage.cost = json_is_number(cost) ? json_number_value(cost) : -1;
}

static bool
store_message(struct reading *r, struct error *err)
{
	struct message m = {.profile = r->profile}, old;
	struct conversation c;
	struct slice where;
	bool found;

	if (!text(r, "conversation", true, RECORD_EXTERNAL_MAX, &where, err) ||
	    !text(r, "id", true, RECORD_EXTERNAL_MAX, &m.external_id, err) ||
	    !text(r, "content", false, RECORD_CONTENT_MAX, &m.content, err) ||
	    !text(r, "speaker", false, RECORD_NAME_MAX, &m.speaker, err) ||
	    !text(r, "session", false, RECORD_NAME_MAX, &m.session_name, err) ||
	    !text(r, "finish_reason", false, 64, &m.finish_reason, err) ||
	    !text(r, "model", false, 256, &m.model, err) ||
	    !message_role(r, &m.role, err) ||
	    !time_of(r, "created_at", &m.created_at, err) ||
	    !find_conversation(r, where, &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_INVALID,
				 "conversation \"%.*s\" is not known (yet)",
				 (int)MIN(where.len, (size_t)60), where.data);
	m.conversation = c.id;
	if (!find_message(r, c.id, m.external_id, &old, &found, err))
		return false;
	if (found)
		return known(r,
			     slice_equal(m.content, old.content) &&
				     m.role == old.role,
			     "message", m.external_id, err);
	m.partial = flag(r, "partial");
	message_usage(r, &m);
	if (!message_parent(r, &m, err))
		return false;
	*r->outcome = LINE_ADDED;
	return record_message_append(r->txn, &m, MESSAGE_NO_TITLE, err);
}

static bool
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
store_memory(struct reading *r, struct error *err)
{
	struct memory m = {.profile = r->profile}, old;
	struct slice type;
	bool found, forgotten;

	if (!text(r, "id", true, RECORD_EXTERNAL_MAX, &m.external_id, err) ||
	    !text(r, "memory_type", true, 32, &type, err) ||
	    !text(r, "key", false, RECORD_KEY_MAX, &m.key, err) ||
	    !text(r, "value", true, RECORD_VALUE_MAX, &m.value, err) ||
	    !real(r, "confidence", 1, &m.confidence, err) ||
	    !real(r, "importance", .8, &m.importance, err) ||
	    !time_of(r, "created_at", &m.created_at, err) ||
	    !time_of(r, "valid_from", &m.valid_from, err) ||
	    !time_of(r, "valid_to", &m.valid_to, err) ||
	    !time_of(r, "expires_at", &m.expires_at, err))
		return false;
	if (!record_memory_type_find(type, &m.type))
		return error_set(err, ERROR_INVALID,
				 "\"memory_type\": no such type");
	if (!find_memory(r, m.external_id, &old, &found, err) ||
	    !record_forgotten(r->txn, r->profile, m.value, &forgotten, err))
		return false;
	if (found)
		return known(r, slice_equal(m.value, old.value), "memory",
			     m.external_id, err);
	*r->outcome = forgotten ? LINE_KNOWN : LINE_ADDED;
	m.pinned = flag(r, "pinned");
	m.updated_at = m.created_at;
	return forgotten || record_memory_put(r->txn, &m, err);
}

bool
lines_store(struct store_txn *txn, struct id profile, const json_t *line,
	    struct arena *arena, enum line_outcome *outcome, struct error *err)
{
	struct reading r = {txn, profile, line, arena, outcome};
	struct slice type;

	if (!json_is_object(line))
		return error_set(err, ERROR_INVALID, "not a JSON object");
	if (!text(&r, "type", true, 32, &type, err))
		return false;
	if (slice_is(type, "conversation"))
		return store_conversation(&r, err);
	if (slice_is(type, "message"))
		return store_message(&r, err);
	if (slice_is(type, "memory"))
		return store_memory(&r, err);
	return error_set(err, ERROR_INVALID,
			 "\"type\" is conversation, message or memory");
}
