/* print.c - conversations and messages as the objects that programs get. */
#include "mneme/chat.h"
#include "mneme/digest.h"
#include "mneme/printer.h"

void
chat_print_conversation(struct printer *p, const struct conversation *c)
{
	printer_map(p);
	printer_add_id(p, "id", c->id);
	printer_add_string_if(p, "external_id", c->external_id);
	printer_add_string(p, "title", c->title);
	printer_add_time_or_null(p, "created_at", c->created_at);
	printer_add_time_or_null(p, "updated_at", c->updated_at);
	printer_add_int(p, "turn_count", c->turn_count);
	printer_add_word(p, "memory_mode", memory_mode_names[c->memory_mode]);
	printer_add_bool(p, "archived", c->archived);
	printer_add_bool(p, "pinned", c->pinned);
	if (!id_none(c->forked_from))
		printer_add_id(p, "forked_from", c->forked_from);
	printer_end(p);
}

void
chat_print_attachments(struct printer *p, const struct message *m)
{
	char hex[DIGEST_HEX + 1];

	if (m->attachment_count == 0)
		return;
	printer_key(p, "attachments");
	printer_list(p);
	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct message_attachment *a = &m->attachments[i];

		printer_map(p);
		printer_add_string(p, "name", a->name);
		printer_add_string(p, "media_type", a->media_type);
		printer_add_word(p, "sha256", digest_hex(a->sha256, hex));
		printer_add_int(p, "size", (int64_t)a->size);
		printer_end(p);
	}
	printer_end(p);
}

void
chat_print_members(struct printer *p, const struct message *m,
		   struct slice text)
{
	printer_add_id(p, "id", m->id);
	printer_add_word(p, "role", message_role_names[m->role]);
	printer_add_string_if(p, "speaker", m->speaker);
	printer_add_string(p, "content", text);
	printer_add_int(p, "turn_number", m->turn_number);
	printer_add_time_or_null(p, "created_at", m->created_at);
	printer_add_string_or_null(p, "finish_reason", m->finish_reason);
	printer_add_bool(p, "partial", m->partial);
	printer_add_string_if(p, "model", m->model);
}

void
chat_print_message(struct printer *p, const struct message *m,
		   struct slice text)
{
	printer_map(p);
	chat_print_members(p, m, text);
	chat_print_attachments(p, m);
	printer_end(p);
}

void
chat_print_inference(struct printer *p,
		     const struct memory_inference *inference)
{
	printer_map(p);
	printer_add_real(p, "confidence", inference->confidence);
	printer_key(p, "memories");
	printer_list(p);
	for (size_t i = 0; i < inference->count; i++)
		printer_id(p, inference->rests_on[i]->id);
	printer_end(p);
	printer_end(p);
}
