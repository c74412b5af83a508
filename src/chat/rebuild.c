/*
 * The request of an answer, again.
 *
 * An answer stores no text of its request but the system's: a note says which
 * provider's format, which model and options, from which message on the path
 * stood in it; which memories, the answer names anyway.  So what is forgotten
 * or redacted is not kept here, either.  The note ends with a sum over the
 * bytes that were sent: equal sums say that the rebuilt request is the same.
 */
#include <inttypes.h>
#include <stdio.h>

#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/json.h"
#include "mneme/printer.h"
#include "prompt.h"

enum {
	NOTE_MAX = 1 << 20,
	REQUEST_MAX = 64 << 20,
	SUM_TEXT = 32,
	SUMMED_BY_BYTES = 1 << 20
};

/* FNV-1a with the length: against changes, not against people.  With images it
 * would take longer than all else, so it goes by words of 8 bytes then. */
static const char *
sum_name(size_t len)
{
	return len > SUMMED_BY_BYTES ? "sum64" : "sum";
}

static char *
sum_of(struct slice bytes, bool words, char out[SUM_TEXT])
{
	const uint64_t prime = UINT64_C(1099511628211);
	uint64_t hash = UINT64_C(14695981039346656037), word;
	size_t at = 0;

	for (; words && at + sizeof(word) <= bytes.len; at += sizeof(word)) {
		memcpy(&word, bytes.data + at, sizeof(word));
		hash = (hash ^ word) * prime;
		hash ^= hash >> 32; /* a product moves bits up only */
	}
	for (; at < bytes.len; at++)
		hash = (hash ^ (uint8_t)bytes.data[at]) * prime;
	snprintf(out, SUM_TEXT, "%zx-%016" PRIx64, bytes.len, hash);
	return out;
}

static bool
is_part(const struct memory_result *r)
{
	return r->excerpt.len && r->excerpt.len < r->text.len &&
	       r->excerpt.data >= r->text.data &&
	       r->excerpt.data + r->excerpt.len <= r->text.data + r->text.len;
}

/* Of long texts, which bytes stood in the block: index, from, length. */
static void
print_parts(struct printer *p, const struct memory_results *used)
{
	printer_key(p, "parts");
	printer_list(p);
	for (size_t i = 0; i < used->count; i++) {
		const struct memory_result *r = &used->items[i];

		if (!is_part(r))
			continue;
		printer_list(p);
		printer_int(p, (int64_t)i);
		printer_int(p, r->excerpt.data - r->text.data);
		printer_int(p, (int64_t)r->excerpt.len);
		printer_end(p);
	}
	printer_end(p);
}

static void
print_note(struct printer *p, const struct chat *chat,
	   const struct prompt_sent *sent)
{
	const struct llm_request *r = sent->request;
	SCOPED(buf_clear) struct buf base;

	buf_init(&base, NOTE_MAX);
	llm_base(chat->llm, &base);
	printer_add_word(p, "provider", llm_provider(chat->llm)->name);
	printer_add_string_if(p, "base", buf_slice(&base));
	printer_add_string_if(
		p, "model",
		slice_of(r->model ? r->model : llm_model(chat->llm)));
	printer_add_string_if(p, "system", sent->system);
	if (r->temperature >= 0)
		printer_add_real(p, "temperature", r->temperature);
	printer_add_string_if(p, "extra", r->extra);
	printer_add_int(p, "max_tokens", r->max_tokens);
	printer_add_bool(p, "stream", r->stream);
	printer_add_int(p, "oldest", (int64_t)sent->prompt->oldest);
	printer_add_int(p, "begun", (int64_t)sent->prompt->begun);
	printer_add_int(p, "at", sent->at);
}

bool
prompt_note(const struct chat *chat, const struct prompt_sent *sent,
	    struct arena *arena, struct slice *note, struct error *err)
{
	SCOPED(buf_clear) struct buf out, json;
	char sum[SUM_TEXT];
	struct printer p;

	buf_init(&out, NOTE_MAX);
	buf_init(&json, REQUEST_MAX);
	if (!llm_request_json(chat->llm, sent->request, &json, err))
		return false;
	printer_init(&p, PRINTER_JSON, &out);
	printer_map(&p);
	print_note(&p, chat, sent);
	print_parts(&p, sent->used);
	printer_add_word(
		&p, sum_name(json.len),
		sum_of(buf_slice(&json), json.len > SUMMED_BY_BYTES, sum));
	printer_end(&p);
	/* A system text so long is not kept; then nothing can be rebuilt. */
	*note = out.over ? (struct slice){0}
			 : arena_copy(arena, buf_slice(&out));
	return true;
}

/* ---- again ---- */

struct rebuild {
	struct store_txn *txn;
	const struct message *answer;
	struct arena *arena;
	const json_t *note;
	int64_t at;     /* when memory was asked */
	bool forgotten; /* something is not there any more */
	struct llm_message *messages;
	size_t count;
};

/* The memory as it was then. */
static bool
version_then(struct rebuild *b, const struct message_memory *used,
	     struct memory_result *r, bool *found, struct error *err)
{
	struct memory *list;
	size_t n;

	if (!record_memory_versions(b->txn, b->answer->profile, used->id,
				    b->arena, &list, &n, err))
		return false;
	*found = n > 0;
	if (n == 0)
		return true;
	while (n > 1 && list[n - 1].updated_at > b->at)
		n--;
	r->kind = USED_MEMORY;
	r->id = used->id;
	r->text = r->excerpt = list[n - 1].value;
	r->created_at = list[n - 1].created_at;
	return true;
}

/* An id's first 48 bits say when it was made. */
static int64_t
made_at(struct id id)
{
	uint64_t ms = 0;

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.bytes[i];
	return (int64_t)ms * 1000;
}

static bool
resolve(struct rebuild *b, const struct message_memory *used,
	struct memory_result *r, struct error *err)
{
	bool found, known = true;

	if (!memory_resolve(b->txn, b->answer->profile, used, b->arena, r,
			    &found, err))
		return false;
	if (used->kind == USED_MEMORY && !version_then(b, used, r, &known, err))
		return false;
	if (used->kind == USED_MEMORY ? known : found) {
		b->forgotten = b->forgotten ||
			       slice_is(r->text, RECORD_FORGOTTEN_TEXT);
		return true;
	}
	*r = (struct memory_result){.kind = used->kind,
				    .id = used->id,
				    .text = slice_of(RECORD_FORGOTTEN_TEXT),
				    .excerpt = slice_of(RECORD_FORGOTTEN_TEXT),
				    .created_at = made_at(used->id)};
	b->forgotten = true;
	return true;
}

static void
cut_parts(const struct rebuild *b, struct memory_results *results)
{
	json_t *part;
	size_t at;

	json_array_foreach(json_object_get(b->note, "parts"), at, part)
	{
		json_int_t i = json_integer_value(json_array_get(part, 0));
		json_int_t from = json_integer_value(json_array_get(part, 1));
		json_int_t len = json_integer_value(json_array_get(part, 2));

		if (i < 0 || (size_t)i >= results->count || from < 0 || len < 0)
			continue;
		struct memory_result *r = &results->items[i];
		if ((size_t)from <= r->text.len &&
		    (size_t)len <= r->text.len - (size_t)from)
			r->excerpt =
				slice_make(r->text.data + from, (size_t)len);
	}
}

static bool
rebuild_block(struct rebuild *b, struct slice *block, struct error *err)
{
	SCOPED(buf_clear) struct buf out;
	size_t n = b->answer->memory_count;
	struct memory_results results = {
		.items = arena_alloc(b->arena, n + 1, sizeof(*results.items)),
		.count = n};
	bool *used = arena_alloc(b->arena, n + 1, sizeof(*used));

	buf_init(&out, RECORD_CONTENT_MAX);
	for (size_t i = 0; i < n; i++)
		if (!resolve(b, &b->answer->memories[i], &results.items[i],
			     err))
			return false;
	cut_parts(b, &results);
	/* What is stored is what fitted. */
	if (!memory_block(&results, MEMORY_BLOCK_WHOLE, &out, used, err))
		return false;
	*block = arena_copy(b->arena, buf_slice(&out));
	return true;
}

static void
add(struct rebuild *b, enum llm_role role, struct slice content,
    const struct prompt_images *images)
{
	static const struct prompt_images none;

	b->forgotten = b->forgotten || slice_is(content, RECORD_FORGOTTEN_TEXT);
	b->messages[b->count++] = prompt_message(
		role, content, images ? images : &none, b->arena);
}

/* What the answer began with, when it went on from there. */
static struct slice
begun_of(struct rebuild *b)
{
	json_int_t len = json_integer_value(json_object_get(b->note, "begun"));
	struct slice content = b->answer->content;

	if (len <= 0 || (size_t)len > content.len) {
		b->forgotten = b->forgotten || len > 0;
		return len > 0 ? slice_of(RECORD_FORGOTTEN_TEXT)
			       : (struct slice){0};
	}
	return slice_make(content.data, (size_t)len);
}

/* The first message of the path that stood in the prompt. */
static size_t
first_of(const struct message *path, size_t n, uint64_t oldest)
{
	size_t first = 0;

	while (first + 1 < n && (!oldest || path[first].seq < oldest))
		first++;
	return first;
}

static bool
rebuild_messages(struct rebuild *b, struct error *err)
{
	uint64_t oldest = (uint64_t)json_integer_value(
		json_object_get(b->note, "oldest"));
	struct slice system = json_text(b->note, "system"), block;
	const struct message_path to = {.profile = b->answer->profile,
					.conversation = b->answer->conversation,
					.head = b->answer->parent};
	struct prompt_images *images;
	struct message *path;
	size_t n, room = ATTACH_BYTES_MAX, first;

	if (!record_message_path(b->txn, &to, b->arena, &path, &n, err))
		return false;
	first = first_of(path, n, oldest);
	if (!prompt_images(b->txn, path, n, first, &room, b->arena, &images,
			   err) ||
	    !rebuild_block(b, &block, err))
		return false;
	b->messages = arena_alloc(b->arena, n + 4, sizeof(*b->messages));
	if (system.len)
		add(b, LLM_SYSTEM, system, NULL);
	for (size_t i = first; i + 1 < n; i++)
		if (path[i].content.len)
			add(b, prompt_role(&path[i]), path[i].content,
			    &images[i]);
	if (n) {
		struct slice asked = path[n - 1].content;

		b->forgotten =
			b->forgotten || slice_is(asked, RECORD_FORGOTTEN_TEXT);
		add(b, LLM_USER, prompt_question(asked, block, b->arena),
		    &images[n - 1]);
	}
	b->count += prompt_go_on(begun_of(b), b->messages + b->count);
	return true;
}

static bool
print_request(struct rebuild *b, struct buf *out, struct error *err)
{
	struct slice name = json_text(b->note, "provider");
	const struct llm_provider *provider = llm_provider_find(name);
	const json_t *temperature = json_object_get(b->note, "temperature");
	struct slice base = json_text(b->note, "base");
	const struct llm_request request = {
		.messages = b->messages,
		.message_count = b->count,
		.model = arena_text(b->arena, json_text(b->note, "model")),
		.temperature =
			temperature ? json_number_value(temperature) : -1,
		.max_tokens = json_integer_value(
			json_object_get(b->note, "max_tokens")),
		.stream = json_is_true(json_object_get(b->note, "stream")),
		.extra = json_text(b->note, "extra"),
	};

	if (!provider)
		return error_set(err, ERROR_SETUP,
				 "the request was made for %.*s, which this "
				 "mneme does not know",
				 SLICE_ARG(name));
	return llm_print_request(provider,
				 base.len ? arena_text(b->arena, base) : NULL,
				 &request, out, err);
}

bool
chat_rebuild(struct store_txn *txn, const struct message *answer,
	     struct arena *arena, struct buf *out, enum chat_rebuilt *how,
	     struct error *err)
{
	struct rebuild b = {.txn = txn, .answer = answer, .arena = arena};
	SCOPED(json_drop) json_t *note = NULL;
	char sum[SUM_TEXT];
	size_t from = out->len;

	*how = CHAT_NO_REQUEST;
	if (answer->prompt.len == 0)
		return true;
	note = json_read(answer->prompt, err);
	if (!note)
		return false;
	b.note = note;
	b.at = json_integer_value(json_object_get(note, "at"));
	if (!rebuild_messages(&b, err) || !print_request(&b, out, err))
		return false;
	struct slice now = slice_make(out->data + from, out->len - from);
	/* Older notes were all made by bytes. */
	struct slice then = json_text(note, "sum");
	bool words = !then.data;
	if (words)
		then = json_text(note, "sum64");
	if (slice_is(then, sum_of(now, words, sum)))
		*how = CHAT_AS_SENT;
	else
		*how = b.forgotten ? CHAT_FORGOTTEN : CHAT_CHANGED;
	return true;
}
