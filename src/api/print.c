/* print.c - records as the API shows them. */
#include "api/private.h"
#include "mneme/config.h"

void
print_text(struct printer *p, const char *key, struct slice value)
{
	printer_key(p, key);
	printer_string(p, value);
}

void
print_time(struct printer *p, const char *key, int64_t at)
{
	printer_key(p, key);
	if (at)
		printer_time(p, at);
	else
		printer_null(p);
}

static void
print_sources(struct printer *p, const struct memory *m)
{
	printer_key(p, "sources");
	printer_list(p);
	for (size_t i = 0; i < m->source_count; i++) {
		const struct memory_source *s = &m->sources[i];

		printer_map(p);
		printer_key(p, "conversation_id");
		printer_id(p, s->conversation);
		printer_key(p, "message_id");
		printer_id(p, s->message);
		printer_key(p, "turn");
		printer_int(p, s->turn);
		print_text(p, "quote", s->quote);
		printer_end(p);
	}
	printer_end(p);
}

void
print_memory(struct printer *p, const struct memory *m)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, m->id);
	print_text(p, "type", slice_of(record_memory_types[m->type].name));
	print_text(p, "key", m->key);
	print_text(p, "value", m->value);
	printer_key(p, "confidence");
	printer_real(p, m->confidence);
	printer_key(p, "importance");
	printer_real(p, m->importance);
	printer_key(p, "source_turn");
	if (m->source_count)
		printer_int(p, m->sources[0].turn);
	else
		printer_null(p);
	print_sources(p, m);
	printer_key(p, "access_count");
	printer_int(p, (int64_t)m->access_count);
	print_time(p, "created_at", m->created_at);
	print_time(p, "updated_at", m->updated_at);
	print_time(p, "valid_from", m->valid_from);
	print_time(p, "valid_to", m->valid_to);
	print_time(p, "expires_at", m->expires_at);
	printer_key(p, "pinned");
	printer_bool(p, m->pinned);
	printer_key(p, "version");
	printer_int(p, m->version);
	print_text(p, "state", slice_of(memory_state_names[m->state]));
	printer_end(p);
}

void
print_person(struct printer *p, const struct profile *profile)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, profile->id);
	print_text(p, "email", profile->email);
	print_text(p, "username", profile->name);
	if (profile->created_at)
		print_time(p, "created_at", profile->created_at);
	printer_end(p);
}

void
print_conversation(struct printer *p, const struct conversation *c)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, c->id);
	print_text(p, "title",
		   c->title.len ? c->title : slice_of("New Conversation"));
	print_time(p, "created_at", c->created_at);
	print_time(p, "updated_at", c->updated_at);
	printer_key(p, "turn_count");
	printer_int(p, c->turn_count);
	print_text(p, "memory_mode",
		   slice_of(memory_mode_names[c->memory_mode]));
	printer_key(p, "archived");
	printer_bool(p, c->archived);
	printer_key(p, "pinned");
	printer_bool(p, c->pinned);
	if (!id_none(c->forked_from)) {
		printer_key(p, "forked_from");
		printer_id(p, c->forked_from);
	}
	printer_end(p);
}

void
print_usage(struct printer *p, const struct message_usage *u)
{
	printer_map(p);
	printer_key(p, "prompt_tokens");
	printer_int(p, MAX(u->prompt, (int64_t)0));
	printer_key(p, "completion_tokens");
	printer_int(p, MAX(u->completion, (int64_t)0));
	printer_key(p, "total_tokens");
	printer_int(p, MAX(u->prompt, (int64_t)0) +
			       MAX(u->completion, (int64_t)0));
	if (u->cached >= 0) {
		printer_key(p, "cached_tokens");
		printer_int(p, u->cached);
	}
	if (u->cost >= 0) {
		printer_key(p, "cost");
		printer_real(p, u->cost);
	}
	printer_end(p);
}

static void
print_used(struct printer *p, const struct message *m)
{
	printer_key(p, "memories");
	printer_list(p);
	for (size_t i = 0; i < m->memory_count; i++) {
		printer_map(p);
		print_text(p, "kind",
			   slice_of(m->memories[i].kind == USED_MEMORY
					    ? "memory"
					    : "message"));
		printer_key(p, "id");
		printer_id(p, m->memories[i].id);
		printer_key(p, "score");
		printer_real(p, m->memories[i].score);
		printer_end(p);
	}
	printer_end(p);
}

void
show_message_as(struct printer *p, const struct message *m, struct slice text)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, m->id);
	print_text(p, "role", slice_of(message_role_names[m->role]));
	print_text(p, "content", text);
	printer_key(p, "turn_number");
	printer_int(p, m->turn_number);
	print_time(p, "created_at", m->created_at);
	printer_key(p, "finish_reason");
	if (m->finish_reason.len)
		printer_string(p, m->finish_reason);
	else
		printer_null(p);
	printer_key(p, "partial");
	printer_bool(p, m->partial);
	if (m->model.len)
		print_text(p, "model", m->model);
	if (m->has_usage) {
		printer_key(p, "usage");
		print_usage(p, &m->usage);
	}
	if (m->role == MESSAGE_ASSISTANT)
		print_used(p, m);
	printer_end(p);
}

bool
show_message(struct printer *p, struct store_txn *txn, const struct message *m,
	     struct arena *arena, struct error *err)
{
	struct slice text;

	if (!chat_message_text(txn, m, arena, &text, err))
		return false;
	show_message_as(p, m, text);
	return true;
}

double
default_temperature(const struct config *config)
{
	return config_is_set(config, CONFIG_LLM_TEMPERATURE)
		       ? config_real(config, CONFIG_LLM_TEMPERATURE)
		       : -1;
}

int64_t
default_max_tokens(const struct config *config)
{
	return config_int(config, CONFIG_LLM_MAX_TOKENS);
}
