/*
 * A message from a line: its place in the tree, what it was given to know,
 * what is attached to it.
 */
#include "inner.h"
#include "mneme/arena.h"
#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/digest.h"
#include "mneme/error.h"

enum { SHORT_MAX = 256, WHY_MAX = 16 << 10 };

bool
find_message(struct reading *r, struct id conversation, struct slice id,
	     struct message *m, bool *found, struct error *err)
{
	struct id own;

	if (!record_message_by_external(r->txn, r->profile, conversation, id,
					r->arena, m, found, err))
		return false;
	if (*found || !id_parse(id, &own))
		return true;
	if (!record_message_by_id(r->txn, r->profile, own, r->arena, m, found,
				  err))
		return false;
	*found = *found && id_equal(m->conversation, conversation);
	return true;
}

static bool
message_role(const struct reading *r, enum message_role *role,
	     struct error *err)
{
	struct slice name;

	if (!member_text(r, "role", true, 16, &name, err))
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

	if (!member_text(r, "parent", false, RECORD_EXTERNAL_MAX, &parent, err))
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

/* ---- attachments ---- */

static bool
attach(struct reading *r, const struct message *m, const json_t *one,
       struct message_attachment *out, struct error *err)
{
	SCOPED(buf_clear) struct buf bytes;
	struct slice data = json_text(one, "data");
	struct slice sum = json_text(one, "sha256");
	char hex[DIGEST_HEX + 1];

	buf_init(&bytes, RECORD_ATTACHMENT_MAX);
	out->name = json_text(one, "name");
	out->media_type = json_text(one, "media_type");
	if (!data.data)
		return error_set(err, ERROR_INVALID,
				 "an attachment has no \"data\"");
	if (out->name.len > RECORD_TITLE_MAX || out->media_type.len > SHORT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "an attachment's name is too long");
	if (data.len && !base64_read(data, &bytes))
		return error_set(err, ERROR_INVALID,
				 "an attachment's \"data\" is no base 64 of at "
				 "most %d bytes",
				 RECORD_ATTACHMENT_MAX);
	if (!digest_sha256(buf_slice(&bytes), out->sha256, err))
		return false;
	if (sum.len && !slice_is(sum, digest_hex(out->sha256, hex)))
		return error_set(err, ERROR_INVALID,
				 "an attachment's \"data\" is not what its "
				 "\"sha256\" says");
	return record_attachment_put(r->txn, r->profile, m->conversation,
				     out->sha256, buf_slice(&bytes), err);
}

static bool
attachments(struct reading *r, struct message *m, struct error *err)
{
	const json_t *list = json_object_get(r->line, "attachments");
	size_t n = json_array_size(list);
	struct message_attachment *out;

	if (list && !json_is_array(list))
		return error_set(err, ERROR_INVALID,
				 "\"attachments\" is no list");
	if (n > RECORD_LIST_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu attachments; at most %d fit", n,
				 RECORD_LIST_MAX);
	out = arena_alloc(r->arena, n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!attach(r, m, json_array_get(list, i), &out[i], err))
			return false;
	m->attachments = out;
	m->attachment_count = n;
	return true;
}

/* ---- the message ---- */

static bool
copy_of(struct reading *r, struct message *m, struct error *err)
{
	const json_t *copy = json_object_get(r->line, "copy_of");
	struct slice where = json_text(copy, "conversation");
	struct slice id = json_text(copy, "id");
	struct conversation c;
	struct message original;
	bool found;

	if (where.len == 0 || id.len == 0 || where.len > RECORD_EXTERNAL_MAX ||
	    id.len > RECORD_EXTERNAL_MAX)
		return true;
	if (!find_conversation(r, where, &c, &found, err))
		return false;
	if (!found)
		return true;
	if (!find_message(r, c.id, id, &original, &found, err))
		return false;
	m->copy_of = found ? original.seq : 0;
	return true;
}

static bool
store_message(struct reading *r, struct message *m, struct error *err)
{
	unsigned flags = MESSAGE_NO_TITLE;

	if (r->flags & TRANSFER_LEARN)
		flags |= MESSAGE_LEARN;

	m->partial = member_flag(r, "partial");
	message_usage(r, m);
	if (!message_parent(r, m, err) || !copy_of(r, m, err) ||
	    !attachments(r, m, err))
		return false;
	if (member_flag(r, "aside"))
		flags |= MESSAGE_KEEP_HEAD;
	r->outcome = LINE_ADDED;
	return record_message_append(r->txn, m, flags, err);
}

/* ---- known, but not learned from ---- */

static void
add_lesson(struct reading *r, const struct id *message)
{
	map_put(&r->lessons->messages, slice_make(message->bytes, ID_BYTES),
		r->lessons);
}

static bool
read_lessons(struct reading *r, struct error *err)
{
	struct record_scan *scan = record_memory_scan(
		r->txn, r->profile, MEMORY_TYPE_COUNT, false, err);
	struct memory m;
	struct job *jobs;
	size_t n;

	while (scan && record_memory_next(scan, r->arena, &m))
		for (size_t i = 0; i < m.source_count; i++)
			add_lesson(r, &m.sources[i].message);
	if (!record_scan_end(&scan, err) ||
	    !record_job_list(r->txn, slice_of("learn"), r->arena, &jobs, &n,
			     err))
		return false;
	for (size_t i = 0; i < n; i++)
		add_lesson(r, &jobs[i].ref);
	r->lessons->read = true;
	return true;
}

static bool
learn_after_all(struct reading *r, const struct message *m, struct error *err)
{
	if (!(r->flags & TRANSFER_LEARN))
		return true;
	if (!r->lessons->read && !read_lessons(r, err))
		return false;
	return map_get(&r->lessons->messages,
		       slice_make(m->id.bytes, ID_BYTES)) ||
	       record_message_learn(r->txn, m, err);
}

static bool
message_conversation(struct reading *r, struct conversation *c,
		     struct error *err)
{
	struct slice where;
	bool found;

	if (!member_text(r, "conversation", true, RECORD_EXTERNAL_MAX, &where,
			 err) ||
	    !find_conversation(r, where, c, &found, err))
		return false;
	return found || error_set(err, ERROR_INVALID,
				  "conversation \"%.*s\" is not known (yet)",
				  (int)MIN(where.len, (size_t)60), where.data);
}

bool
read_message(struct reading *r, struct error *err)
{
	struct message m = {.profile = r->profile}, old;
	struct conversation c;
	bool found;

	if (!member_text(r, "id", true, RECORD_EXTERNAL_MAX, &m.external_id,
			 err) ||
	    !member_text(r, "content", false, RECORD_CONTENT_MAX, &m.content,
			 err) ||
	    !member_text(r, "speaker", false, RECORD_NAME_MAX, &m.speaker,
			 err) ||
	    !member_text(r, "session", false, RECORD_EXTERNAL_MAX,
			 &m.session_name, err) ||
	    !member_text(r, "finish_reason", false, SHORT_MAX, &m.finish_reason,
			 err) ||
	    !member_text(r, "model", false, SHORT_MAX, &m.model, err) ||
	    !message_role(r, &m.role, err) ||
	    !member_time(r, "created_at", &m.created_at, err) ||
	    !message_conversation(r, &c, err))
		return false;
	m.conversation = c.id;
	r->later = json_array_size(json_object_get(r->line, "memories")) > 0;
	if (!find_message(r, c.id, m.external_id, &old, &found, err))
		return false;
	if (found)
		return known(r,
			     slice_equal(m.content, old.content) &&
				     m.role == old.role,
			     "message", m.external_id, err) &&
		       learn_after_all(r, &old, err);
	return store_message(r, &m, err);
}

/* ---- what it was given to know ---- */

static bool
used_one(struct reading *r, const json_t *one, struct message_memory *out,
	 struct error *err)
{
	struct slice id = json_text(one, "id");
	struct slice where = json_text(one, "conversation");
	struct conversation c = {0};
	struct message m = {0};
	struct memory memory = {0};
	bool found = false;

	out->kind = slice_is(json_text(one, "kind"), "message") ? USED_MESSAGE
								: USED_MEMORY;
	out->score = json_number_value(json_object_get(one, "score"));
	out->why_json = json_text(one, "why");
	if (out->why_json.len > WHY_MAX || id.len > RECORD_EXTERNAL_MAX ||
	    where.len > RECORD_EXTERNAL_MAX)
		return error_set(err, ERROR_LIMIT,
				 "one of \"memories\" is too long");
	if (out->kind == USED_MEMORY) {
		if (!find_memory(r, id, &memory, &found, err))
			return false;
		out->id = found_id(found, memory.id, id);
		return true;
	}
	if (where.len && !find_conversation(r, where, &c, &found, err))
		return false;
	if (found && !find_message(r, c.id, id, &m, &found, err))
		return false;
	out->id = found_id(found, m.id, id);
	return true;
}

bool
read_message_references(struct reading *r, struct error *err)
{
	const json_t *list = json_object_get(r->line, "memories");
	size_t n = MIN(json_array_size(list), (size_t)RECORD_LIST_MAX);
	struct message_memory *out = arena_alloc(r->arena, n + 1, sizeof(*out));
	struct slice id;
	struct conversation c;
	struct message m;
	bool found;

	if (!member_text(r, "id", true, RECORD_EXTERNAL_MAX, &id, err) ||
	    !message_conversation(r, &c, err) ||
	    !find_message(r, c.id, id, &m, &found, err))
		return false;
	if (!found || m.memory_count > 0)
		return true;
	for (size_t i = 0; i < n; i++)
		if (!used_one(r, json_array_get(list, i), &out[i], err))
			return false;
	m.memories = out;
	m.memory_count = n;
	return record_message_update(r->txn, &m, err);
}
