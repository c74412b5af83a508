/*
 * Records as lines of an export file.
 *
 * Members that hold nothing, or what import makes of nothing, are left out:
 * a simple record is a simple line.
 */
#include "inner.h"
#include "mneme/arena.h"
#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/printer.h"

struct slice
write_id(struct slice external, struct id id, char text[ID_TEXT + 1])
{
	return external.len ? external : slice_of(id_format(id, text));
}

static void
id_of(struct printer *p, const char *key, struct slice external, struct id id)
{
	char text[ID_TEXT + 1];

	printer_add_string(p, key, write_id(external, id, text));
}

static void
true_if(struct printer *p, const char *key, bool value)
{
	if (value)
		printer_add_bool(p, key, true);
}

static void
int_if(struct printer *p, const char *key, uint64_t value)
{
	if (value)
		printer_add_int(p, key, (int64_t)value);
}

static void
time_if(struct printer *p, const char *key, int64_t at)
{
	if (at)
		printer_add_time(p, key, at);
}

static void
type(struct printer *p, const char *name)
{
	printer_map(p);
	printer_add_word(p, "type", name);
}

void
write_conversation(struct printer *p, const struct conversation *c,
		   struct slice forked_from)
{
	type(p, "conversation");
	id_of(p, "id", c->external_id, c->id);
	printer_add_string(p, "title", c->title);
	time_if(p, "created_at", c->created_at);
	if (c->memory_mode != MEMORY_FULL)
		printer_add_word(p, "memory_mode",
				 memory_mode_names[c->memory_mode]);
	true_if(p, "archived", c->archived);
	true_if(p, "pinned", c->pinned);
	printer_add_string_if(p, "forked_from", forked_from);
	printer_end(p);
}

/* ---- messages ---- */

static void
usage(struct printer *p, const struct message_usage *u)
{
	const struct {
		const char *key;
		int64_t value;
	} parts[] = {{"prompt_tokens", u->prompt},
		     {"completion_tokens", u->completion},
		     {"cached_tokens", u->cached}};

	printer_key(p, "usage");
	printer_map(p);
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].value >= 0)
			printer_add_int(p, parts[i].key, parts[i].value);
	}
	if (u->cost >= 0)
		printer_add_real(p, "cost", u->cost);
	printer_end(p);
}

/* A message is named within its conversation, which may be another one. */
static bool
used_message(struct printer *p, struct store_txn *txn, struct id profile,
	     struct id id, struct arena *arena, struct error *err)
{
	struct message m;
	struct conversation c;
	bool found;

	if (!record_message_by_id(txn, profile, id, arena, &m, &found, err))
		return false;
	if (found && !record_conversation_get(txn, profile, m.conversation,
					      arena, &c, &found, err))
		return false;
	if (found)
		id_of(p, "conversation", c.external_id, c.id);
	id_of(p, "id", found ? m.external_id : (struct slice){0}, id);
	return true;
}

static bool
memory_id(struct printer *p, const char *key, struct store_txn *txn,
	  struct id profile, struct id id, struct arena *arena,
	  struct error *err)
{
	struct memory m;
	bool found;

	if (!record_memory_get(txn, profile, id, arena, &m, &found, err))
		return false;
	id_of(p, key, found ? m.external_id : (struct slice){0}, id);
	return true;
}

static bool
used(struct printer *p, struct store_txn *txn, const struct message *m,
     struct arena *arena, struct error *err)
{
	if (m->memory_count == 0)
		return true;
	printer_key(p, "memories");
	printer_list(p);
	for (size_t i = 0; i < m->memory_count; i++) {
		const struct message_memory *one = &m->memories[i];
		bool memory = one->kind == USED_MEMORY;

		printer_map(p);
		printer_add_word(p, "kind", memory ? "memory" : "message");
		if (memory ? !memory_id(p, "id", txn, m->profile, one->id,
					arena, err)
			   : !used_message(p, txn, m->profile, one->id, arena,
					   err))
			return false;
		printer_add_real(p, "score", one->score);
		printer_add_string_if(p, "why", one->why_json);
		printer_end(p);
	}
	printer_end(p);
	return true;
}

static bool
attachments(struct printer *p, struct store_txn *txn, const struct message *m,
	    struct arena *arena, struct error *err)
{
	char hex[DIGEST_HEX + 1];

	if (m->attachment_count == 0)
		return true;
	printer_key(p, "attachments");
	printer_list(p);
	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct message_attachment *a = &m->attachments[i];
		SCOPED(buf_clear) struct buf data;
		struct slice bytes;
		bool found;

		buf_init(&data, (size_t)RECORD_ATTACHMENT_MAX * 2);
		if (!record_attachment_get(txn, m->profile, m->conversation,
					   a->sha256, arena, &bytes, &found,
					   err))
			return false;
		printer_map(p);
		printer_add_string(p, "name", a->name);
		printer_add_string_if(p, "media_type", a->media_type);
		printer_add_word(p, "sha256", digest_hex(a->sha256, hex));
		if (found && base64_write(bytes, &data))
			printer_add_string(p, "data", buf_slice(&data));
		printer_end(p);
	}
	printer_end(p);
	return true;
}

static void
place_of(struct printer *p, const struct message_place *place)
{
	printer_add_string_if(p, "parent", place->parent);
	if (place->root) {
		printer_key(p, "parent");
		printer_null(p);
	}
	true_if(p, "aside", place->aside);
	if (place->copy_message.len == 0)
		return;
	printer_key(p, "copy_of");
	printer_map(p);
	printer_add_string_if(p, "conversation", place->copy_conversation);
	printer_add_string_if(p, "id", place->copy_message);
	printer_end(p);
}

bool
write_message(struct printer *p, struct store_txn *txn, const struct message *m,
	      const struct message_place *place, struct arena *arena,
	      struct error *err)
{
	const struct conversation *c = place->conversation;

	type(p, "message");
	id_of(p, "conversation", c->external_id, c->id);
	id_of(p, "id", m->external_id, m->id);
	printer_add_word(p, "role", message_role_names[m->role]);
	printer_add_string_if(p, "speaker", m->speaker);
	printer_add_string_if(p, "session", m->session_name);
	printer_add_string(p, "content", m->content);
	time_if(p, "created_at", m->created_at);
	place_of(p, place);
	printer_add_string_if(p, "finish_reason", m->finish_reason);
	true_if(p, "partial", m->partial);
	printer_add_string_if(p, "model", m->model);
	if (m->has_usage)
		usage(p, &m->usage);
	if (!used(p, txn, m, arena, err) || !attachments(p, txn, m, arena, err))
		return false;
	printer_end(p);
	return true;
}

/* ---- memories ---- */

static bool
source(struct printer *p, struct store_txn *txn, struct id profile,
       const struct memory_source *s, struct arena *arena, struct error *err)
{
	struct conversation c = {0};
	struct message m = {0};
	bool room = false, said = false;

	if (!id_none(s->conversation) &&
	    !record_conversation_get(txn, profile, s->conversation, arena, &c,
				     &room, err))
		return false;
	if (!id_none(s->message) &&
	    !record_message_by_id(txn, profile, s->message, arena, &m, &said,
				  err))
		return false;
	printer_map(p);
	if (!id_none(s->conversation))
		id_of(p, "conversation",
		      room ? c.external_id : (struct slice){0},
		      s->conversation);
	if (!id_none(s->message))
		id_of(p, "message", said ? m.external_id : (struct slice){0},
		      s->message);
	int_if(p, "turn", s->turn);
	printer_add_string_if(p, "quote", s->quote);
	printer_end(p);
	return true;
}

/* One is "source", several are "sources". */
static bool
sources(struct printer *p, struct store_txn *txn, const struct memory *m,
	struct arena *arena, struct error *err)
{
	if (m->source_count == 0)
		return true;
	printer_key(p, m->source_count == 1 ? "source" : "sources");
	if (m->source_count == 1)
		return source(p, txn, m->profile, &m->sources[0], arena, err);
	printer_list(p);
	for (size_t i = 0; i < m->source_count; i++)
		if (!source(p, txn, m->profile, &m->sources[i], arena, err))
			return false;
	printer_end(p);
	return true;
}

/* What a version and the present memory have in common. */
static bool
version(struct printer *p, struct store_txn *txn, const struct memory *m,
	struct arena *arena, struct error *err)
{
	printer_add_word(p, "memory_type", record_memory_types[m->type].name);
	printer_add_string_if(p, "key", m->key);
	printer_add_string(p, "value", m->value);
	printer_add_real(p, "confidence", m->confidence);
	printer_add_real(p, "importance", m->importance);
	if (!sources(p, txn, m, arena, err))
		return false;
	time_if(p, "created_at", m->created_at);
	if (m->updated_at != m->created_at)
		time_if(p, "updated_at", m->updated_at);
	time_if(p, "valid_from", m->valid_from);
	time_if(p, "valid_to", m->valid_to);
	time_if(p, "expires_at", m->expires_at);
	int_if(p, "access_count", m->access_count);
	time_if(p, "accessed_at", m->accessed_at);
	true_if(p, "pinned", m->pinned);
	if (m->state != MEMORY_ACTIVE)
		printer_add_word(p, "state", memory_state_names[m->state]);
	return id_none(m->superseded_by) ||
	       memory_id(p, "superseded_by", txn, m->profile, m->superseded_by,
			 arena, err);
}

bool
write_memory(struct printer *p, struct store_txn *txn, const struct memory *m,
	     struct arena *arena, struct error *err)
{
	struct memory *list;
	size_t n;

	if (!record_memory_versions(txn, m->profile, m->id, arena, &list, &n,
				    err))
		return false;
	type(p, "memory");
	id_of(p, "id", m->external_id, m->id);
	if (!version(p, txn, m, arena, err))
		return false;
	if (m->version > 1)
		int_if(p, "version", m->version);
	if (n > 1) {
		printer_key(p, "history");
		printer_list(p);
		for (size_t i = 0; i + 1 < n; i++) {
			printer_map(p);
			int_if(p, "version", list[i].version);
			if (!version(p, txn, &list[i], arena, err))
				return false;
			printer_end(p);
		}
		printer_end(p);
	}
	printer_end(p);
	return true;
}

void
write_forgotten(struct printer *p, const struct record_fingerprint *f)
{
	char hex[DIGEST_HEX + 1];

	type(p, "forgotten");
	printer_add_word(p, "fingerprint", digest_hex(f->fingerprint, hex));
	printer_add_word(p, "key", digest_hex(f->key, hex));
	printer_end(p);
}
