/*
 * openai_unpack.c - an OpenAI client's messages, made ready where others need
 * not wait for it: each as JSON for providers that speak the same, and as
 * words and images for those that do not and for what is stored.
 *
 * What memory adds goes before the words of the user's last message, and is
 * not known yet: a place in its JSON is left for it.
 */
#include "api/openai.h"
#include "mneme/base64.h"
#include "mneme/utf8.h"

enum { JSON_MAX = 64 << 20 };

/* Members of a request that are ours; all others go on to the provider. */
static const char *const ours[] = {
	"model",       "messages",   "stream", "stream_options",
	"temperature", "max_tokens", "memory", "max_completion_tokens",
	"n",
};

/* ---- JSON */

static int
add_dumped(const char *text, size_t len, void *out)
{
	return buf_add(out, text, len) ? 0 : -1;
}

static void
dump(const json_t *value, struct buf *out)
{
	json_dump_callback(value, add_dumped, out,
			   JSON_COMPACT | JSON_ENCODE_ANY);
}

static void
dump_list(const json_t *list, struct buf *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i)
			buf_addc(out, ',');
		dump(json_array_get(list, i), out);
	}
	buf_addc(out, ']');
}

static void
dump_content(const json_t *content, struct openai_message *m, struct buf *out)
{
	m->gap = out->len + 1; /* behind the bracket, or the quote */
	if (json_is_array(content)) {
		m->gap_kind =
			json_array_size(content) ? GAP_PART : GAP_ONLY_PART;
		buf_addc(out, '[');
		dump_list(content, out);
		return;
	}
	m->gap_kind = GAP_TEXT;
	json_quote(json_slice(content), out);
}

/* As it came, but for `developer`, which most servers know as `system`. */
static void
dump_message(const json_t *message, struct openai_message *m, struct buf *out)
{
	const char *name;
	json_t *value;

	buf_addc(out, '{');
	json_object_foreach((json_t *)message, name, value)
	{
		if (out->len > 1)
			buf_addc(out, ',');
		json_quote(slice_of(name), out);
		buf_addc(out, ':');
		if (strcmp(name, "content") == 0 && !json_is_null(value))
			dump_content(value, m, out);
		else if (strcmp(name, "role") == 0 &&
			 slice_is(m->role, "developer"))
			buf_adds(out, "\"system\"");
		else
			dump(value, out);
	}
	buf_addc(out, '}');
}

/* ---- images */

/* "data:image/png;base64,..." */
static bool
read_image(struct slice url, struct arena *arena, struct llm_image *out)
{
	SCOPED(buf_clear) struct buf bytes;
	size_t mark = slice_find(url, slice_of(";base64,"));

	buf_init(&bytes, RECORD_CONTENT_MAX);
	if (!slice_starts(url, "data:") || mark == url.len ||
	    !base64_read(slice_make(url.data + mark + 8, url.len - mark - 8),
			 &bytes))
		return false;
	out->media_type = arena_text(arena, slice_make(url.data + 5, mark - 5));
	out->bytes = arena_copy(arena, buf_slice(&bytes));
	return true;
}

static void
read_images(const json_t *message, struct arena *arena,
	    struct openai_message *m)
{
	const json_t *content = json_object_get(message, "content"), *part;
	struct openai_image *list;
	size_t i;

	if (!json_is_array(content))
		return;
	list = arena_alloc(arena, json_array_size(content) + 1, sizeof(*list));
	m->images = list;
	json_array_foreach((json_t *)content, i, part)
	{
		struct slice url =
			json_text(json_object_get(part, "image_url"), "url");

		if (!url.data)
			continue;
		struct openai_image *image = &list[m->image_count++];
		image->here = read_image(url, arena, &image->image);
		if (!image->here && !slice_starts(url, "data:"))
			image->link = arena_copy(
				arena, utf8_cut(url, OPENAI_LINK_SHOWN));
	}
}

/* ---- */

static enum llm_role
role_of(struct slice role)
{
	if (slice_is(role, "system") || slice_is(role, "developer"))
		return LLM_SYSTEM;
	return slice_is(role, "assistant") ? LLM_ASSISTANT : LLM_USER;
}

/* The parts' texts joined; .data NULL: there is none. */
static struct slice
text_of(const json_t *message, struct arena *arena)
{
	SCOPED(buf_clear) struct buf all;
	const json_t *content = json_object_get(message, "content");
	const json_t *part;
	size_t i;

	buf_init(&all, RECORD_CONTENT_MAX);
	if (json_is_string(content))
		return arena_copy(arena, json_slice(content));
	json_array_foreach((json_t *)content, i, part)
	{
		struct slice text = json_text(part, "text");

		if (!text.data)
			continue;
		if (all.len)
			buf_addc(&all, '\n');
		buf_add_slice(&all, text);
	}
	return arena_copy(arena, buf_slice(&all));
}

static bool
unpack_message(const json_t *message, struct arena *arena,
	       struct openai_message *m)
{
	SCOPED(buf_clear) struct buf json;

	buf_init(&json, JSON_MAX);
	m->role = arena_copy(arena, json_text(message, "role"));
	m->as = role_of(m->role);
	m->words = m->text = text_of(message, arena);
	read_images(message, arena, m);
	dump_message(message, m, &json);
	m->json = arena_copy(arena, buf_slice(&json));
	return !json.over;
}

/* Every member that we do not read, as JSON; they leave the object, which
 * keeps what is small. */
static struct slice
take_extra(json_t *object, struct arena *arena)
{
	SCOPED(json_drop) json_t *rest = json_copy(object);
	SCOPED(buf_clear) struct buf text;
	const char *name;
	json_t *value;

	buf_init(&text, JSON_MAX);
	for (size_t i = 0; i < COUNT(ours); i++)
		json_object_del(rest, ours[i]);
	if (json_object_size(rest) == 0)
		return (struct slice){0};
	dump(rest, &text);
	json_object_foreach(rest, name, value) json_object_del(object, name);
	return arena_copy(arena, buf_slice(&text));
}

static bool
unpack_list(struct reading *r, const json_t *list, struct openai_asked *a)
{
	struct openai_said said;

	for (size_t i = 0; i < a->count; i++) {
		struct openai_message *m = &a->messages[i];

		if (!unpack_message(json_array_get(list, i), &r->keep, m))
			return reading_refuse(r, 413, "too_large",
					      "a message passes %d bytes",
					      JSON_MAX);
		if (!slice_is(m->role, "user"))
			continue;
		a->asked = a->question = i;
		openai_say(m, &r->keep, &said);
		m->text = said.text;
	}
	openai_say(&a->messages[a->question], &r->keep, &a->said);
	if (a->said.text.len > CHAT_MESSAGE_MAX)
		return reading_refuse(r, 413, "too_large",
				      "the user's last message has %zu bytes; "
				      "at most %d fit",
				      a->said.text.len, CHAT_MESSAGE_MAX);
	return true;
}

bool
openai_unpack(struct reading *r)
{
	const json_t *list = json_object_get(r->object, "messages");
	struct openai_asked *a = arena_alloc(&r->keep, 1, sizeof(*a));

	a->count = json_array_size(list);
	a->question = a->count - 1;
	a->messages = arena_alloc(&r->keep, a->count, sizeof(*a->messages));
	if (!unpack_list(r, list, a))
		return false;
	a->tools = json_object_get(r->object, "tools") != NULL;
	json_object_del(r->object, "messages");
	a->extra = take_extra(r->object, &r->keep);
	r->unpacked = a;
	return true;
}
