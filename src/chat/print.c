/* print.c - conversations and messages as the objects that programs get. */
#include "mneme/chat.h"
#include "mneme/digest.h"
#include "mneme/printer.h"

void
chat_print_conversation(struct printer *p, const struct conversation *c)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, c->id);
	if (c->external_id.len) {
		printer_key(p, "external_id");
		printer_string(p, c->external_id);
	}
	printer_key(p, "title");
	printer_string(p, c->title);
	printer_key(p, "created_at");
	printer_time(p, c->created_at);
	printer_key(p, "updated_at");
	printer_time(p, c->updated_at);
	printer_key(p, "turn_count");
	printer_int(p, c->turn_count);
	printer_key(p, "memory_mode");
	printer_string(p, slice_of(memory_mode_names[c->memory_mode]));
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
		printer_key(p, "name");
		printer_string(p, a->name);
		printer_key(p, "media_type");
		printer_string(p, a->media_type);
		printer_key(p, "sha256");
		printer_string(p, slice_of(digest_hex(a->sha256, hex)));
		printer_key(p, "size");
		printer_int(p, (int64_t)a->size);
		printer_end(p);
	}
	printer_end(p);
}

void
chat_print_message(struct printer *p, const struct message *m,
		   struct slice text)
{
	printer_map(p);
	printer_key(p, "id");
	printer_id(p, m->id);
	printer_key(p, "role");
	printer_string(p, slice_of(message_role_names[m->role]));
	if (m->speaker.len) {
		printer_key(p, "speaker");
		printer_string(p, m->speaker);
	}
	printer_key(p, "content");
	printer_string(p, text);
	printer_key(p, "turn_number");
	printer_int(p, m->turn_number);
	printer_key(p, "created_at");
	printer_time(p, m->created_at);
	printer_key(p, "finish_reason");
	m->finish_reason.len ? printer_string(p, m->finish_reason)
			     : printer_null(p);
	printer_key(p, "partial");
	printer_bool(p, m->partial);
	if (m->model.len) {
		printer_key(p, "model");
		printer_string(p, m->model);
	}
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
