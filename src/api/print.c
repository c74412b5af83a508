/* print.c - records as the API shows them. */
#include "api/private.h"

void
print_person(struct printer *p, const struct profile *profile)
{
	printer_map(p);
	printer_add_id(p, "id", profile->id);
	printer_add_string(p, "email", profile->email);
	printer_add_string(p, "username", profile->name);
	if (profile->created_at)
		printer_add_time_or_null(p, "created_at", profile->created_at);
	printer_end(p);
}

void
print_conversation(struct printer *p, const struct conversation *c)
{
	struct conversation shown = *c;

	shown.external_id = (struct slice){0};
	if (shown.title.len == 0)
		shown.title = slice_of("New Conversation");
	chat_print_conversation(p, &shown);
}

void
print_usage(struct printer *p, const struct message_usage *u)
{
	printer_map(p);
	printer_add_int(p, "prompt_tokens", MAX(u->prompt, (int64_t)0));
	printer_add_int(p, "completion_tokens", MAX(u->completion, (int64_t)0));
	printer_add_int(p, "total_tokens",
			MAX(u->prompt, (int64_t)0) +
				MAX(u->completion, (int64_t)0));
	if (u->cached >= 0)
		printer_add_int(p, "cached_tokens", u->cached);
	if (u->cost >= 0)
		printer_add_real(p, "cost", u->cost);
	printer_end(p);
}

static void
print_used(struct printer *p, const struct message *m)
{
	printer_key(p, "memories");
	printer_list(p);
	for (size_t i = 0; i < m->memory_count; i++) {
		printer_map(p);
		printer_add_word(p, "kind",
				 m->memories[i].kind == USED_MEMORY
					 ? "memory"
					 : "message");
		printer_add_id(p, "id", m->memories[i].id);
		printer_add_real(p, "score", m->memories[i].score);
		printer_end(p);
	}
	printer_end(p);
}

void
show_message_as(struct printer *p, const struct message *m, struct slice text)
{
	struct message shown = *m;

	shown.speaker = (struct slice){0};
	printer_map(p);
	chat_print_members(p, &shown, text);
	if (m->has_usage) {
		printer_key(p, "usage");
		print_usage(p, &m->usage);
	}
	if (m->role == MESSAGE_ASSISTANT)
		print_used(p, m);
	chat_print_attachments(p, m);
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
