#include "openai.h"

#include <stdio.h>

#include "mneme/error.h"
#include "mneme/printer.h"
#include "scan.h"

static const char *const role_names[] = {
	[LLM_SYSTEM] = "system",
	[LLM_USER] = "user",
	[LLM_ASSISTANT] = "assistant",
};

static void
write_messages(struct printer *p, const struct llm_request *r)
{
	printer_key(p, "messages");
	printer_list(p);
	for (size_t i = 0; i < r->message_count; i++) {
		printer_map(p);
		printer_key(p, "role");
		printer_string(p, slice_of(role_names[r->messages[i].role]));
		printer_key(p, "content");
		printer_string(p, r->messages[i].content);
		printer_end(p);
	}
	printer_end(p);
}

static void
write_schema(struct printer *p, const struct llm_request *r)
{
	printer_key(p, "response_format");
	printer_map(p);
	printer_key(p, "type");
	printer_string(p, slice_of("json_schema"));
	printer_key(p, "json_schema");
	printer_map(p);
	printer_key(p, "name");
	printer_string(p, slice_of(r->schema_name));
	printer_key(p, "schema");
	printer_json(p, r->schema);
	printer_end(p);
	printer_end(p);
}

bool
openai_request(const struct llm_request *r, const char *model, struct buf *out,
	       struct error *err)
{
	struct printer p;

	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	printer_key(&p, "model");
	printer_string(&p, slice_of(model));
	write_messages(&p, r);
	printer_key(&p, "stream");
	printer_bool(&p, r->stream);
	if (r->stream) {
		printer_key(&p, "stream_options");
		printer_json(&p, slice_of("{\"include_usage\":true}"));
	}
	if (r->temperature >= 0) {
		printer_key(&p, "temperature");
		printer_real(&p, r->temperature);
	}
	if (r->max_tokens > 0) {
		printer_key(&p, "max_tokens");
		printer_int(&p, r->max_tokens);
	}
	if (r->schema_name)
		write_schema(&p, r);
	printer_end(&p);
	return !out->over ||
	       error_set(err, ERROR_LIMIT, "the request passes %zu bytes",
			 out->max);
}

static void
keep(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", (int)MIN(text.len, size - 1),
		 text.data ? text.data : "");
}

static void
read_text(struct scan *s, char *out, size_t size)
{
	struct slice text;

	if (scan_text(s, &text) && text.len)
		keep(out, size, text);
}

/* An error is a string, or an object with a message. */
static void
read_error(struct scan *s, struct answer *a)
{
	struct slice name;

	if (scan_kind(s) == SCAN_TEXT) {
		read_text(s, a->error, sizeof(a->error));
		return;
	}
	if (!scan_object(s))
		return;
	keep(a->error, sizeof(a->error), slice_of("the provider failed"));
	while (scan_member(s, &name)) {
		if (slice_is(name, "message"))
			read_text(s, a->error, sizeof(a->error));
		else
			scan_skip(s);
	}
}

static void
read_count(struct scan *s, int64_t *count)
{
	double n;

	if (scan_number(s, &n) && n >= 0 && n < 1e15)
		*count = (int64_t)n;
}

static void
read_usage(struct scan *s, struct llm_usage *u)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "prompt_tokens"))
			read_count(s, &u->prompt_tokens);
		else if (slice_is(name, "completion_tokens"))
			read_count(s, &u->completion_tokens);
		else if (slice_is(name, "cost"))
			scan_number(s, &u->cost);
		else if (!slice_is(name, "prompt_tokens_details") ||
			 !scan_object(s))
			scan_skip(s);
		else
			while (scan_member(s, &name)) {
				if (slice_is(name, "cached_tokens"))
					read_count(s, &u->cached_tokens);
				else
					scan_skip(s);
			}
	}
}

static bool
read_message(struct scan *s, struct answer *a,
	     bool (*text)(void *arg, struct slice text), void *arg)
{
	struct slice name, piece;
	bool go_on = true;

	if (!scan_object(s))
		return true;
	while (scan_member(s, &name)) {
		if (!slice_is(name, "content")) {
			scan_skip(s);
		} else if (scan_text(s, &piece) && piece.len && go_on) {
			a->text += piece.len;
			go_on = text(arg, piece);
		}
	}
	return go_on;
}

static bool
read_choices(struct scan *s, struct answer *a,
	     bool (*text)(void *arg, struct slice text), void *arg)
{
	struct slice name;
	bool go_on = true;

	if (!scan_array(s))
		return true;
	while (scan_item(s)) {
		if (!scan_object(s))
			continue;
		while (scan_member(s, &name)) {
			if (slice_is(name, "delta") ||
			    slice_is(name, "message"))
				go_on = read_message(s, a, text, arg) && go_on;
			else if (slice_is(name, "finish_reason"))
				read_text(s, a->finish_reason,
					  sizeof(a->finish_reason));
			else
				scan_skip(s);
		}
	}
	return go_on;
}

bool
openai_read(struct answer *a, char *json, size_t len,
	    bool (*text)(void *arg, struct slice text), void *arg,
	    struct error *err)
{
	struct scan s;
	struct slice name;
	bool go_on = true;

	scan_init(&s, json, len);
	if (!scan_object(&s))
		return error_set(err, ERROR_UPSTREAM,
				 "the provider sent no JSON object");
	while (scan_member(&s, &name)) {
		if (slice_is(name, "choices"))
			go_on = read_choices(&s, a, text, arg) && go_on;
		else if (slice_is(name, "model"))
			read_text(&s, a->model, sizeof(a->model));
		else if (slice_is(name, "usage"))
			read_usage(&s, &a->usage);
		else if (slice_is(name, "error"))
			read_error(&s, a);
		else
			scan_skip(&s);
	}
	if (!scan_finish(&s))
		return error_set(err, ERROR_UPSTREAM,
				 "the provider sent broken JSON");
	return go_on;
}

static bool
no_text(void *arg, struct slice text)
{
	(void)arg;
	(void)text;
	return true;
}

void
openai_error(char *body, size_t len, char out[512])
{
	struct answer a = {0};
	SCOPED(free_pointer) char *copy = slice_dup(slice_make(body, len));

	out[0] = '\0';
	if (openai_read(&a, copy, len, no_text, NULL, NULL) && a.error[0])
		keep(out, 512, slice_of(a.error));
	else
		keep(out, 200, slice_trim(slice_make(body, len)));
}
