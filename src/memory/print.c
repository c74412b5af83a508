/* Memories and results as printed for people and programs. */
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/memory.h"
#include "mneme/printer.h"

static void
text_or_null(struct printer *p, const char *key, struct slice value)
{
	printer_key(p, key);
	if (value.len)
		printer_string(p, value);
	else
		printer_null(p);
}

void
memory_print_result(struct printer *p, const struct memory_result *r)
{
	printer_map(p);
	printer_key(p, "kind");
	printer_string(p,
		       slice_of(r->kind == USED_MEMORY ? "memory" : "message"));
	printer_key(p, "id");
	printer_id(p, r->id);
	text_or_null(p, "external_id", r->external_id);
	printer_key(p, "conversation_id");
	printer_id(p, r->conversation);
	printer_key(p, "text");
	printer_string(p, r->text);
	text_or_null(p, "speaker", r->speaker);
	printer_key(p, "created_at");
	printer_time(p, r->created_at);
	printer_key(p, "score");
	printer_real(p, r->score);
	printer_key(p, "why");
	printer_map(p);
	for (size_t i = 0; i < r->term_count; i++) {
		printer_key(p, r->terms[i].name);
		printer_real(p, r->terms[i].value);
	}
	printer_end(p);
	printer_end(p);
}

void
memory_print_results(struct printer *p, struct slice query,
		     const struct memory_results *results)
{
	printer_map(p);
	printer_key(p, "query");
	printer_string(p, query);
	printer_key(p, "results");
	printer_list(p);
	for (size_t i = 0; i < results->count; i++)
		memory_print_result(p, &results->items[i]);
	printer_end(p);
	printer_key(p, "answerable");
	printer_bool(p, results->answerable);
	printer_key(p, "elapsed_ms");
	printer_real(p, (double)results->elapsed / 1000);
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
		printer_key(p, "conversation_id");
		printer_id(p, s->conversation);
		printer_key(p, "message_id");
		printer_id(p, s->message);
		printer_key(p, "turn");
		printer_int(p, s->turn);
		text_or_null(p, "quote", s->quote);
		printer_end(p);
	}
	printer_end(p);
}

static void
time_or_null(struct printer *p, const char *key, int64_t at)
{
	printer_key(p, key);
	if (at)
		printer_time(p, at);
	else
		printer_null(p);
}

static void
print_members(struct printer *p, const struct memory *m)
{
	printer_key(p, "id");
	printer_id(p, m->id);
	if (m->external_id.len)
		text_or_null(p, "external_id", m->external_id);
	printer_key(p, "type");
	printer_string(p, slice_of(record_memory_types[m->type].name));
	text_or_null(p, "key", m->key);
	printer_key(p, "value");
	printer_string(p, m->value);
	printer_key(p, "confidence");
	printer_real(p, m->confidence);
	printer_key(p, "importance");
	printer_real(p, m->importance);
	print_sources(p, m);
	time_or_null(p, "created_at", m->created_at);
	time_or_null(p, "updated_at", m->updated_at);
	time_or_null(p, "valid_from", m->valid_from);
	time_or_null(p, "valid_to", m->valid_to);
	time_or_null(p, "expires_at", m->expires_at);
	printer_key(p, "access_count");
	printer_int(p, (int64_t)m->access_count);
	time_or_null(p, "accessed_at", m->accessed_at);
	printer_key(p, "pinned");
	printer_bool(p, m->pinned);
	printer_key(p, "version");
	printer_int(p, m->version);
	printer_key(p, "state");
	printer_string(p, slice_of(memory_state_names[m->state]));
	if (!id_none(m->superseded_by)) {
		printer_key(p, "superseded_by");
		printer_id(p, m->superseded_by);
	}
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
	printer_key(p, "change");
	printer_string(p, slice_of(memory_change(was, now)));
	print_members(p, now);
	printer_end(p);
}
