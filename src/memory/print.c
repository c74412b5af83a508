/* print.c - memories and results as printed for people and programs. */
#include "mneme/buf.h"
#include "mneme/memory.h"
#include "mneme/printer.h"

void
memory_print_result(struct printer *p, const struct memory_result *r)
{
	printer_map(p);
	printer_add_word(p, "kind",
			 r->kind == USED_MEMORY ? "memory" : "message");
	printer_add_id(p, "id", r->id);
	printer_add_string_or_null(p, "external_id", r->external_id);
	printer_add_id(p, "conversation_id", r->conversation);
	printer_add_string(p, "text", r->text);
	printer_add_string_or_null(p, "speaker", r->speaker);
	printer_add_time(p, "created_at", r->created_at);
	printer_add_real(p, "score", r->score);
	printer_key(p, "why");
	printer_map(p);
	for (size_t i = 0; i < r->term_count; i++)
		printer_add_real(p, r->terms[i].name, r->terms[i].value);
	printer_end(p);
	printer_end(p);
}

void
memory_print_results(struct printer *p, struct slice query,
		     const struct memory_results *results)
{
	printer_map(p);
	printer_add_string(p, "query", query);
	printer_key(p, "results");
	printer_list(p);
	for (size_t i = 0; i < results->count; i++)
		memory_print_result(p, &results->items[i]);
	printer_end(p);
	printer_add_bool(p, "answerable", results->answerable);
	printer_add_real(p, "elapsed_ms", (double)results->elapsed / 1000);
	printer_end(p);
}

static void
print_sources(struct printer *p, const struct memory *m)
{
	printer_key(p, "sources");
	printer_list(p);
	for (size_t i = 0; i < m->source_count; i++) {
		const struct memory_source *s = &m->sources[i];
		printer_map(p);
		printer_add_id(p, "conversation_id", s->conversation);
		printer_add_id(p, "message_id", s->message);
		printer_add_int(p, "turn", s->turn);
		printer_add_string_or_null(p, "quote", s->quote);
		printer_end(p);
	}
	printer_end(p);
}

static void
print_members(struct printer *p, const struct memory *m)
{
	printer_add_id(p, "id", m->id);
	printer_add_string_if(p, "external_id", m->external_id);
	printer_add_word(p, "type", record_memory_types[m->type].name);
	printer_add_string_or_null(p, "key", m->key);
	printer_add_string(p, "value", m->value);
	printer_add_real(p, "confidence", m->confidence);
	printer_add_real(p, "importance", m->importance);
	printer_key(p, "source_turn");
	if (m->source_count)
		printer_int(p, m->sources[0].turn);
	else
		printer_null(p);
	print_sources(p, m);
	printer_add_time_or_null(p, "created_at", m->created_at);
	printer_add_time_or_null(p, "updated_at", m->updated_at);
	printer_add_time_or_null(p, "valid_from", m->valid_from);
	printer_add_time_or_null(p, "valid_to", m->valid_to);
	printer_add_time_or_null(p, "expires_at", m->expires_at);
	printer_add_int(p, "access_count", (int64_t)m->access_count);
	printer_add_time_or_null(p, "accessed_at", m->accessed_at);
	printer_add_bool(p, "pinned", m->pinned);
	printer_add_int(p, "version", m->version);
	printer_add_word(p, "state", memory_state_names[m->state]);
	if (!id_none(m->superseded_by))
		printer_add_id(p, "superseded_by", m->superseded_by);
}

void
memory_print(struct printer *p, const struct memory *m)
{
	printer_map(p);
	print_members(p, m);
	printer_end(p);
}

void
memory_print_version(struct printer *p, const struct memory *was,
		     const struct memory *now)
{
	printer_map(p);
	printer_add_word(p, "change", memory_change(was, now));
	print_members(p, now);
	printer_end(p);
}
