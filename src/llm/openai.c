/* The format that OpenAI made and most servers speak. */
#include "llm/format.h"
#include "llm/scan.h"
#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/printer.h"

static void
address(const char *base, const char *model, bool stream, struct buf *out)
{
	(void)model;
	(void)stream;
	buf_addf(out, "%s/chat/completions", base);
}

static void
print_image(struct printer *p, const struct llm_image *image)
{
	printer_map(p);
	printer_add_word(p, "type", "image_url");
	printer_key(p, "image_url");
	printer_map(p);
	printer_key(p, "url");
	printer_json(p, slice_make("\"data:", 6));
	buf_addf(p->out, "%s;base64,", image->media_type);
	base64_write(image->bytes, p->out);
	buf_addc(p->out, '"');
	printer_end(p);
	printer_end(p);
}

static void
print_content(struct printer *p, const struct llm_message *m)
{
	if (m->image_count == 0) {
		printer_string(p, m->content);
		return;
	}
	printer_list(p);
	printer_map(p);
	printer_add_word(p, "type", "text");
	printer_add_string(p, "text", m->content);
	printer_end(p);
	for (size_t i = 0; i < m->image_count; i++)
		print_image(p, &m->images[i]);
	printer_end(p);
}

static void
print_messages(struct printer *p, const struct llm_request *r)
{
	static const char *const roles[] = {
		[LLM_SYSTEM] = "system",
		[LLM_USER] = "user",
		[LLM_ASSISTANT] = "assistant",
	};

	printer_key(p, "messages");
	printer_list(p);
	for (size_t i = 0; i < r->message_count; i++) {
		if (r->messages[i].json.len) {
			printer_json(p, r->messages[i].json);
			continue;
		}
		printer_map(p);
		printer_add_word(p, "role", roles[r->messages[i].role]);
		printer_key(p, "content");
		print_content(p, &r->messages[i]);
		printer_end(p);
	}
	printer_end(p);
}

static void
print_schema(struct printer *p, const struct llm_request *r)
{
	printer_key(p, "response_format");
	printer_map(p);
	printer_add_word(p, "type", "json_schema");
	printer_key(p, "json_schema");
	printer_map(p);
	printer_add_word(p, "name", r->schema_name);
	printer_add_bool(p, "strict", true);
	printer_key(p, "schema");
	printer_json(p, r->schema);
	printer_end(p);
	printer_end(p);
}

static void
print_stream(struct printer *p, bool stream)
{
	printer_add_bool(p, "stream", stream);
	if (!stream)
		return;
	printer_key(p, "stream_options");
	printer_map(p);
	printer_add_bool(p, "include_usage", true);
	printer_end(p);
}

static size_t
print(const struct llm_request *r, const char *base, const char *model,
      struct buf *out)
{
	/* OpenAI's newer models refuse the old name, others know no other. */
	bool own = strstr(base, "//api.openai.com/") != NULL;
	struct printer p;

	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	printer_add_word(&p, "model", model);
	size_t same = out->len;
	print_messages(&p, r);
	if (r->temperature >= 0)
		printer_add_real(&p, "temperature", r->temperature);
	if (r->max_tokens > 0)
		printer_add_int(&p,
				own ? "max_completion_tokens" : "max_tokens",
				r->max_tokens);
	if (r->schema_name)
		print_schema(&p, r);
	print_stream(&p, r->stream);
	llm_print_extra(r->extra, out);
	printer_end(&p);
	return same;
}

/* A text, or a list of parts with one. */
static void
read_content(struct scan *s, struct slice *text)
{
	struct slice name, type, piece;

	if (scan_kind(s) != SCAN_ARRAY) {
		if (scan_text(s, &piece))
			llm_join(text, piece);
		return;
	}
	scan_array(s);
	while (scan_item(s)) {
		if (!scan_object(s))
			continue;
		while (scan_member(s, &name)) {
			if (slice_is(name, "text") && scan_text(s, &piece))
				llm_join(text, piece);
			else if (slice_is(name, "type"))
				scan_text(s, &type);
			else if (!slice_is(name, "text"))
				scan_skip(s);
		}
	}
}

/* *other: it is told to do something, not only to say it. */
static void
read_message(struct scan *s, struct slice *text, bool *other)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "content")) {
			read_content(s, text);
			continue;
		}
		if (slice_is(name, "tool_calls") ||
		    slice_is(name, "function_call") ||
		    slice_is(name, "audio") || slice_is(name, "refusal"))
			*other |= scan_kind(s) != SCAN_NULL;
		scan_skip(s);
	}
}

static void
read_choice(struct scan *s, struct llm_chunk *chunk)
{
	struct slice name, text = {0}, finish = {0};
	double index = 0;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "delta") || slice_is(name, "message"))
			read_message(s, &text, &chunk->other);
		else if (slice_is(name, "finish_reason"))
			scan_text(s, &finish);
		else if (slice_is(name, "index"))
			scan_number(s, &index);
		else
			scan_skip(s);
	}
	if (index != 0)
		return;
	llm_join(&chunk->text, text);
	if (finish.len)
		chunk->finish = finish;
}

static int64_t
read_count(struct scan *s)
{
	double n = -1;

	return scan_number(s, &n) && n >= 0 && n < 1e15 ? (int64_t)n : -1;
}

static int64_t
read_cached(struct scan *s)
{
	struct slice name;
	int64_t cached = -1;

	if (!scan_object(s))
		return -1;
	while (scan_member(s, &name)) {
		if (slice_is(name, "cached_tokens"))
			cached = read_count(s);
		else
			scan_skip(s);
	}
	return cached;
}

static void
read_usage(struct scan *s, struct llm_usage *usage)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "prompt_tokens"))
			usage->prompt_tokens = read_count(s);
		else if (slice_is(name, "completion_tokens"))
			usage->completion_tokens = read_count(s);
		else if (slice_is(name, "prompt_tokens_details"))
			usage->cached_tokens = read_cached(s);
		else if (slice_is(name, "cost"))
			scan_number(s, &usage->cost);
		else
			scan_skip(s);
	}
}

static void
read_error(struct scan *s, struct llm_chunk *chunk)
{
	bool null = scan_kind(s) == SCAN_NULL;
	struct slice raw = scan_raw(s);

	if (!null)
		chunk->error = raw;
}

static bool
read_chunk(char *json, size_t len, struct llm_chunk *chunk)
{
	struct slice name, object = {0};
	struct scan s;

	scan_init(&s, json, len);
	*chunk = (struct llm_chunk){.usage = {-1, -1, -1, -1}};
	if (!scan_object(&s))
		return false;
	while (scan_member(&s, &name)) {
		if (slice_is(name, "choices")) {
			if (!scan_array(&s))
				continue;
			while (scan_item(&s))
				read_choice(&s, chunk);
		} else if (slice_is(name, "usage"))
			read_usage(&s, &chunk->usage);
		else if (slice_is(name, "model"))
			scan_text(&s, &chunk->model);
		else if (slice_is(name, "object"))
			scan_text(&s, &object);
		else if (slice_is(name, "error"))
			read_error(&s, chunk);
		else
			scan_skip(&s);
	}
	if (!chunk->error.len && slice_is(object, "error"))
		chunk->error = slice_make(json, len);
	return scan_finish(&s);
}

const struct llm_format llm_openai = {
	.key_header = "Authorization",
	.key_prefix = "Bearer ",
	.address = address,
	.print = print,
	.read = read_chunk,
};
