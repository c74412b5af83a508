/* Google's generateContent. */
#include "llm/format.h"
#include "llm/scan.h"
#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/printer.h"

static void
address(const char *base, const char *model, bool stream, struct buf *out)
{
	buf_addf(out, "%s/models/%s:%s", base, model,
		 stream ? "streamGenerateContent?alt=sse" : "generateContent");
}

static void
print_text(struct printer *p, struct slice text)
{
	printer_map(p);
	printer_add_string(p, "text", text);
	printer_end(p);
}

static void
print_image(struct printer *p, const struct llm_image *image)
{
	printer_map(p);
	printer_key(p, "inlineData");
	printer_map(p);
	printer_add_word(p, "mimeType", image->media_type);
	printer_key(p, "data");
	printer_json(p, slice_of("\""));
	base64_write(image->bytes, p->out);
	buf_addc(p->out, '"');
	printer_end(p);
	printer_end(p);
}

static void
print_system(struct printer *p, const struct llm_request *r)
{
	bool any = false;

	for (size_t i = 0; i < r->message_count; i++) {
		if (r->messages[i].role != LLM_SYSTEM)
			continue;
		if (!any) {
			printer_key(p, "systemInstruction");
			printer_map(p);
			printer_key(p, "parts");
			printer_list(p);
		}
		any = true;
		print_text(p, r->messages[i].content);
	}
	if (!any)
		return;
	printer_end(p);
	printer_end(p);
}

static void
print_contents(struct printer *p, const struct llm_request *r)
{
	printer_key(p, "contents");
	printer_list(p);
	for (size_t i = 0; i < r->message_count; i++) {
		const struct llm_message *m = &r->messages[i];
		if (m->role == LLM_SYSTEM)
			continue;
		printer_map(p);
		printer_key(p, "role");
		printer_string(
			p, slice_of(m->role == LLM_USER ? "user" : "model"));
		printer_key(p, "parts");
		printer_list(p);
		print_text(p, m->content);
		for (size_t k = 0; k < m->image_count; k++)
			print_image(p, &m->images[k]);
		printer_end(p);
		printer_end(p);
	}
	printer_end(p);
}

static void
print_config(struct printer *p, const struct llm_request *r)
{
	if (r->temperature < 0 && r->max_tokens <= 0 && !r->schema_name)
		return;
	printer_key(p, "generationConfig");
	printer_map(p);
	if (r->temperature >= 0)
		printer_add_real(p, "temperature", r->temperature);
	if (r->max_tokens > 0)
		printer_add_int(p, "maxOutputTokens", r->max_tokens);
	if (r->schema_name) {
		printer_add_word(p, "responseMimeType", "application/json");
		printer_key(p, "responseJsonSchema");
		printer_json(p, r->schema);
	}
	printer_end(p);
}

static size_t
print(const struct llm_request *r, const char *base, const char *model,
      struct buf *out)
{
	struct printer p;

	(void)base;
	(void)model; /* stands in the address */
	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	print_system(&p, r);
	print_contents(&p, r);
	print_config(&p, r);
	llm_print_extra(r->extra, out);
	printer_end(&p);
	return 0;
}

/* A part is text of the answer unless it is a thought. */
static void
read_part(struct scan *s, struct slice *text)
{
	struct slice name, piece = {0};
	bool thought = false;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "text"))
			scan_text(s, &piece);
		else if (slice_is(name, "thought"))
			scan_bool(s, &thought);
		else
			scan_skip(s);
	}
	if (!thought && piece.len)
		llm_join(text, piece);
}

static void
read_content(struct scan *s, struct slice *text)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (!slice_is(name, "parts")) {
			scan_skip(s);
			continue;
		}
		if (!scan_array(s))
			continue;
		while (scan_item(s))
			read_part(s, text);
	}
}

/* The words that the other format uses, where there is one. */
static struct slice
finish_word(struct slice reason)
{
	if (slice_is(reason, "STOP"))
		return slice_of("stop");
	if (slice_is(reason, "MAX_TOKENS"))
		return slice_of("length");
	return reason;
}

static void
read_candidate(struct scan *s, struct llm_chunk *chunk)
{
	struct slice name, finish = {0};

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "content"))
			read_content(s, &chunk->text);
		else if (slice_is(name, "finishReason"))
			scan_text(s, &finish);
		else
			scan_skip(s);
	}
	if (finish.len)
		chunk->finish = finish_word(finish);
}

static void
read_feedback(struct scan *s, struct llm_chunk *chunk)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "blockReason"))
			scan_text(s, &chunk->finish);
		else
			scan_skip(s);
	}
}

static int64_t
read_count(struct scan *s)
{
	double n = -1;

	return scan_number(s, &n) && n >= 0 && n < 1e15 ? (int64_t)n : -1;
}

static void
read_usage(struct scan *s, struct llm_usage *usage)
{
	struct slice name;

	if (!scan_object(s))
		return;
	while (scan_member(s, &name)) {
		if (slice_is(name, "promptTokenCount"))
			usage->prompt_tokens = read_count(s);
		else if (slice_is(name, "candidatesTokenCount"))
			usage->completion_tokens = read_count(s);
		else if (slice_is(name, "cachedContentTokenCount"))
			usage->cached_tokens = read_count(s);
		else
			scan_skip(s);
	}
}

static bool
read_chunk(char *json, size_t len, struct llm_chunk *chunk)
{
	struct slice name;
	struct scan s;

	scan_init(&s, json, len);
	*chunk = (struct llm_chunk){.usage = {-1, -1, -1, -1}};
	if (!scan_object(&s))
		return false;
	while (scan_member(&s, &name)) {
		if (slice_is(name, "candidates")) {
			if (!scan_array(&s))
				continue;
			while (scan_item(&s))
				read_candidate(&s, chunk);
		} else if (slice_is(name, "usageMetadata"))
			read_usage(&s, &chunk->usage);
		else if (slice_is(name, "promptFeedback"))
			read_feedback(&s, chunk);
		else if (slice_is(name, "modelVersion"))
			scan_text(&s, &chunk->model);
		else if (slice_is(name, "error"))
			chunk->error = scan_raw(&s);
		else
			scan_skip(&s);
	}
	return scan_finish(&s);
}

const struct llm_format llm_gemini = {
	.key_header = "x-goog-api-key",
	.key_prefix = "",
	.address = address,
	.print = print,
	.read = read_chunk,
};
