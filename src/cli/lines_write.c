/* Records as lines of an export file; members that hold nothing are left
 * out. */
#include "lines.h"

static void
id_of(struct printer *p, const char *key, struct slice external, struct id id)
{
	printer_key(p, key);
	if (external.len)
		printer_string(p, external);
	else
		printer_id(p, id);
}

static void
text_if(struct printer *p, const char *key, struct slice value)
{
	if (value.len == 0)
		return;
	printer_key(p, key);
	printer_string(p, value);
}

static void
true_if(struct printer *p, const char *key, bool value)
{
	if (!value)
		return;
	printer_key(p, key);
	printer_bool(p, true);
}

static void
time_if(struct printer *p, const char *key, int64_t at)
{
	if (at == 0)
		return;
	printer_key(p, key);
	printer_time(p, at);
}

static void
type(struct printer *p, const char *name)
{
	printer_map(p);
	printer_key(p, "type");
	printer_string(p, slice_of(name));
}

void
lines_conversation(struct printer *p, const struct conversation *c)
{
	type(p, "conversation");
	id_of(p, "id", c->external_id, c->id);
	printer_key(p, "title");
	printer_string(p, c->title);
	time_if(p, "created_at", c->created_at);
	if (c->memory_mode != MEMORY_FULL)
		text_if(p, "memory_mode",
			slice_of(memory_mode_names[c->memory_mode]));
	true_if(p, "archived", c->archived);
	true_if(p, "pinned", c->pinned);
	printer_end(p);
}

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
		if (parts[i].value < 0)
			continue;
		printer_key(p, parts[i].key);
		printer_int(p, parts[i].value);
	}
	if (u->cost >= 0) {
		printer_key(p, "cost");
		printer_real(p, u->cost);
	}
	printer_end(p);
}

void
lines_message(struct printer *p, const struct conversation *c,
	      const struct message *m, struct slice parent)
{
	type(p, "message");
	id_of(p, "conversation", c->external_id, c->id);
	id_of(p, "id", m->external_id, m->id);
	printer_key(p, "role");
	printer_string(p, slice_of(message_role_names[m->role]));
	text_if(p, "speaker", m->speaker);
	text_if(p, "session", m->session_name);
	printer_key(p, "content");
	printer_string(p, m->content);
	time_if(p, "created_at", m->created_at);
	text_if(p, "parent", parent);
	text_if(p, "finish_reason", m->finish_reason);
	true_if(p, "partial", m->partial);
	text_if(p, "model", m->model);
	if (m->has_usage)
		usage(p, &m->usage);
	printer_end(p);
}

void
lines_memory(struct printer *p, const struct memory *m)
{
	type(p, "memory");
	id_of(p, "id", m->external_id, m->id);
	printer_key(p, "memory_type");
	printer_string(p, slice_of(record_memory_types[m->type].name));
	text_if(p, "key", m->key);
	printer_key(p, "value");
	printer_string(p, m->value);
	printer_key(p, "confidence");
	printer_real(p, m->confidence);
	printer_key(p, "importance");
	printer_real(p, m->importance);
	time_if(p, "created_at", m->created_at);
	time_if(p, "valid_from", m->valid_from);
	time_if(p, "valid_to", m->valid_to);
	time_if(p, "expires_at", m->expires_at);
	true_if(p, "pinned", m->pinned);
	printer_end(p);
}
