/*
 * rows.c - what each record is on disk.
 */
#include "record/rows.h"

#include "mneme/error.h"
#include "mneme/record.h"

enum {
	SHORT_MAX = 256, /* models, reasons, media types, owners */
	WHY_MAX = 16 << 10
};

void
row_profile(struct codec *c, void *record)
{
	struct profile *p = record;

	code_version(c, 1);
	code_id(c, &p->id);
	code_text(c, &p->name, RECORD_NAME_MAX);
	code_text(c, &p->email, RECORD_KEY_MAX);
	code_text(c, &p->external_id, RECORD_EXTERNAL_MAX);
	code_i64(c, &p->created_at);
	code_bool(c, &p->deleting);
}

void
row_conversation(struct codec *c, void *record)
{
	struct conversation *v = record;

	code_version(c, 1);
	code_id(c, &v->id);
	code_id(c, &v->profile);
	code_text(c, &v->external_id, RECORD_EXTERNAL_MAX);
	code_text(c, &v->title, RECORD_TITLE_MAX);
	code_i64(c, &v->created_at);
	code_i64(c, &v->updated_at);
	v->memory_mode = code_enum(c, v->memory_mode, MEMORY_MODE_COUNT);
	code_bool(c, &v->archived);
	code_bool(c, &v->pinned);
	code_bool(c, &v->deleting);
	code_u64(c, &v->head);
	code_u32(c, &v->turn_count);
	code_id(c, &v->forked_from);
}

static void
message_memories(struct codec *c, struct message *m)
{
	const void *array = m->memories;
	struct message_memory *at;

	m->memory_count = code_count(c, m->memory_count, &array, sizeof(*at));
	m->memories = array;
	for (size_t i = 0; i < m->memory_count; i++) {
		struct message_memory one = m->memories[i];

		one.kind = code_enum(c, one.kind, USED_KIND_COUNT);
		code_id(c, &one.id);
		code_double(c, &one.score);
		code_text(c, &one.why_json, WHY_MAX);
		if (!c->out)
			((struct message_memory *)array)[i] = one;
	}
}

static void
message_attachments(struct codec *c, struct message *m)
{
	const void *array = m->attachments;

	m->attachment_count = code_count(c, m->attachment_count, &array,
					 sizeof(*m->attachments));
	m->attachments = array;
	for (size_t i = 0; i < m->attachment_count; i++) {
		struct message_attachment one = m->attachments[i];

		code_text(c, &one.name, RECORD_TITLE_MAX);
		code_text(c, &one.media_type, SHORT_MAX);
		code_raw(c, one.sha256, sizeof(one.sha256));
		if (!c->out)
			((struct message_attachment *)array)[i] = one;
	}
}

static void
message_usage(struct codec *c, struct message *m)
{
	code_bool(c, &m->has_usage);
	if (!m->has_usage)
		return;
	code_i64(c, &m->usage.prompt);
	code_i64(c, &m->usage.completion);
	code_i64(c, &m->usage.cached);
	code_double(c, &m->usage.cost);
}

void
row_message(struct codec *c, void *record)
{
	struct message *m = record;

	code_version(c, 1);
	code_u64(c, &m->seq);
	code_id(c, &m->id);
	code_id(c, &m->profile);
	code_id(c, &m->conversation);
	code_text(c, &m->external_id, RECORD_EXTERNAL_MAX);
	m->role = code_enum(c, m->role, MESSAGE_ROLE_COUNT);
	code_text(c, &m->speaker, RECORD_NAME_MAX);
	code_text(c, &m->session_name, RECORD_EXTERNAL_MAX);
	code_u64(c, &m->session);
	code_i64(c, &m->created_at);
	code_u64(c, &m->parent);
	code_u32(c, &m->turn_number);
	code_text(c, &m->finish_reason, SHORT_MAX);
	code_bool(c, &m->partial);
	code_text(c, &m->model, SHORT_MAX);
	message_usage(c, m);
	code_u64(c, &m->copy_of);
	message_memories(c, m);
	message_attachments(c, m);
	code_text(c, &m->content, RECORD_CONTENT_MAX);
	code_blob(c, &m->prompt, RECORD_BLOB_MAX);
}

static void
memory_sources(struct codec *c, struct memory *m)
{
	const void *array = m->sources;

	m->source_count =
		code_count(c, m->source_count, &array, sizeof(*m->sources));
	m->sources = array;
	for (size_t i = 0; i < m->source_count; i++) {
		struct memory_source one = m->sources[i];

		code_id(c, &one.conversation);
		code_id(c, &one.message);
		code_u32(c, &one.turn);
		code_text(c, &one.quote, RECORD_VALUE_MAX);
		if (!c->out)
			((struct memory_source *)array)[i] = one;
	}
}

void
row_memory(struct codec *c, void *record)
{
	struct memory *m = record;

	code_version(c, 1);
	code_id(c, &m->id);
	code_id(c, &m->profile);
	code_text(c, &m->external_id, RECORD_EXTERNAL_MAX);
	m->type = code_enum(c, m->type, MEMORY_TYPE_COUNT);
	code_text(c, &m->key, RECORD_KEY_MAX);
	code_text(c, &m->value, RECORD_VALUE_MAX);
	code_double(c, &m->confidence);
	code_double(c, &m->importance);
	memory_sources(c, m);
	code_i64(c, &m->created_at);
	code_i64(c, &m->updated_at);
	code_i64(c, &m->valid_from);
	code_i64(c, &m->valid_to);
	code_i64(c, &m->expires_at);
	code_u64(c, &m->access_count);
	code_i64(c, &m->accessed_at);
	code_bool(c, &m->pinned);
	code_u32(c, &m->version);
	code_id(c, &m->superseded_by);
	m->state = code_enum(c, m->state, MEMORY_STATE_COUNT);
}

void
row_job(struct codec *c, void *record)
{
	struct job *j = record;

	code_version(c, 1);
	code_id(c, &j->id);
	code_text(c, &j->kind, RECORD_KIND_MAX);
	code_id(c, &j->profile);
	code_id(c, &j->ref);
	code_u64(c, &j->seq);
	code_i64(c, &j->due);
	code_u32(c, &j->attempts);
	code_text(c, &j->owner, SHORT_MAX);
	code_i64(c, &j->lease_until);
	code_blob(c, &j->payload, RECORD_BLOB_MAX);
	code_text(c, &j->error, RECORD_VALUE_MAX);
	code_bool(c, &j->poison);
	code_i64(c, &j->created_at);
}

void
row_journal(struct codec *c, void *record)
{
	struct journal *j = record;

	code_version(c, 1);
	code_id(c, &j->message);
	code_id(c, &j->profile);
	code_id(c, &j->conversation);
	code_u64(c, &j->parent);
	code_text(c, &j->model, SHORT_MAX);
	code_text(c, &j->owner, SHORT_MAX);
	code_i64(c, &j->created_at);
	code_i64(c, &j->updated_at);
	code_text(c, &j->text, RECORD_CONTENT_MAX);
}

void
row_change(struct codec *c, void *record)
{
	struct change *h = record;

	code_version(c, 1);
	code_u64(c, &h->seq);
	code_id(c, &h->profile);
	h->kind = code_enum(c, h->kind, CHANGE_KIND_COUNT);
	h->op = code_enum(c, h->op, CHANGE_OP_COUNT);
	code_id(c, &h->ref);
	code_u64(c, &h->message_seq);
}

void
row_identity(struct codec *c, void *record)
{
	struct identity *i = record;

	code_version(c, 1);
	code_text(c, &i->issuer, RECORD_KEY_MAX);
	code_text(c, &i->subject, RECORD_KEY_MAX);
	code_text(c, &i->email, RECORD_KEY_MAX);
	code_i64(c, &i->created_at);
}

void
row_session(struct codec *c, void *record)
{
	struct session *s = record;

	code_version(c, 1);
	code_id(c, &s->id);
	code_id(c, &s->profile);
	code_raw(c, s->refresh, sizeof(s->refresh));
	code_text(c, &s->label, RECORD_LABEL_MAX);
	code_text(c, &s->address, RECORD_LABEL_MAX);
	code_i64(c, &s->created_at);
	code_i64(c, &s->used_at);
	code_i64(c, &s->expires_at);
}

void
row_api_key(struct codec *c, void *record)
{
	struct api_key *k = record;

	code_version(c, 1);
	code_id(c, &k->id);
	code_id(c, &k->profile);
	code_raw(c, k->hash, sizeof(k->hash));
	code_text(c, &k->name, RECORD_NAME_MAX);
	code_text(c, &k->hint, RECORD_NAME_MAX);
	k->scope = code_enum(c, k->scope, API_SCOPE_COUNT);
	code_i64(c, &k->created_at);
	code_i64(c, &k->used_at);
}

void
row_idempotency(struct codec *c, void *record)
{
	struct idempotency *i = record;
	int64_t status = i->status;

	code_version(c, 1);
	code_raw(c, i->key, sizeof(i->key));
	code_raw(c, i->request, sizeof(i->request));
	code_i64(c, &i->created_at);
	code_id(c, &i->ref);
	code_i64(c, &status);
	code_blob(c, &i->body, RECORD_ANSWER_MAX);
	i->status = (int)status;
}

bool
record_decode(enum record_kind kind, struct slice bytes, struct arena *arena,
	      struct error *err)
{
	static fields_fn *const rows[] = {
		[RECORD_PROFILE] = row_profile,
		[RECORD_CONVERSATION] = row_conversation,
		[RECORD_MESSAGE] = row_message,
		[RECORD_MEMORY] = row_memory,
		[RECORD_JOB] = row_job,
		[RECORD_JOURNAL] = row_journal,
		[RECORD_CHANGE] = row_change,
		[RECORD_IDENTITY] = row_identity,
		[RECORD_SESSION] = row_session,
		[RECORD_API_KEY] = row_api_key,
		[RECORD_IDEMPOTENCY] = row_idempotency,
	};
	union {
		struct profile profile;
		struct conversation conversation;
		struct message message;
		struct memory memory;
		struct job job;
		struct journal journal;
		struct change change;
		struct identity identity;
		struct session session;
		struct api_key api_key;
		struct idempotency idempotency;
	} record;

	_Static_assert(COUNT(rows) == RECORD_KIND_COUNT, "a row a kind");
	memset(&record, 0, sizeof(record));
	return row_read(bytes, rows[kind], &record, arena, err);
}
