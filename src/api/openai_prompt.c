/*
 * openai_prompt.c - the caller's messages for the provider.
 *
 * Where the provider speaks the same format each message goes as it came, but
 * for `developer`, which most servers know as `system`.  Others get role, text
 * and the images that came within the request.
 */
#include "api/openai.h"
#include "mneme/base64.h"

struct slice
openai_text(const json_t *message, struct arena *arena)
{
	SCOPED(buf_clear) struct buf all;
	const json_t *content = json_object_get(message, "content");
	const json_t *part;
	size_t i;

	buf_init(&all, RECORD_CONTENT_MAX);
	if (json_is_string(content))
		return slice_make(json_string_value(content),
				  json_string_length(content));
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

static enum llm_role
role_of(const json_t *message)
{
	struct slice role = json_text(message, "role");

	if (slice_is(role, "system") || slice_is(role, "developer"))
		return LLM_SYSTEM;
	return slice_is(role, "assistant") ? LLM_ASSISTANT : LLM_USER;
}

/* "data:image/png;base64,..." */
bool
openai_image(struct slice url, struct arena *arena, struct llm_image *out)
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

static bool
read_images(const json_t *message, struct arena *arena, struct llm_message *out,
	    struct error *err)
{
	const json_t *content = json_object_get(message, "content");
	struct llm_image *list;
	const json_t *part;
	size_t i;

	if (!json_is_array(content))
		return true;
	list = arena_alloc(arena, json_array_size(content) + 1, sizeof(*list));
	out->images = list;
	json_array_foreach((json_t *)content, i, part)
	{
		struct slice url =
			json_text(json_object_get(part, "image_url"), "url");

		if (!url.data)
			continue;
		if (!openai_image(url, arena, &list[out->image_count++]))
			return error_set(err, ERROR_INVALID,
					 "this provider takes images as data: "
					 "URLs only");
	}
	return true;
}

/* The message as JSON, with `block` before its text. */
static struct slice
dump(const json_t *message, struct slice block, struct arena *arena)
{
	json_t *copy = json_copy((json_t *)message);
	const json_t *content = json_object_get(message, "content");
	char *text;
	struct slice out;

	if (slice_is(json_text(message, "role"), "developer"))
		json_object_set_new(copy, "role", json_string("system"));
	if (block.len && json_is_array(content)) {
		json_t *parts = json_copy((json_t *)content);

		json_array_insert_new(parts, 0,
				      json_pack("{s:s,s:s%}", "type", "text",
						"text", block.data, block.len));
		json_object_set_new(copy, "content", parts);
	} else if (block.len) {
		char *both =
			arena_printf(arena, "%.*s\n%.*s", SLICE_ARG(block),
				     SLICE_ARG(openai_text(message, arena)));

		json_object_set_new(copy, "content", json_string(both));
	}
	text = json_dumps(copy, JSON_COMPACT);
	out = arena_copy(arena, slice_of(text));
	free_pointer(&text);
	json_decref(copy);
	return out;
}

bool
openai_prompt(void *arg, struct slice block, struct arena *arena,
	      const struct llm_message **messages, size_t *n, struct error *err)
{
	const struct turn *turn = arg;
	const struct llm_provider *openai =
		llm_provider_find(slice_of("openai"));
	bool same = llm_provider(turn->voice->llm)->format == openai->format;
	size_t count = json_array_size(turn->messages), last = 0;
	struct llm_message *list = arena_alloc(arena, count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		if (slice_is(json_text(json_array_get(turn->messages, i),
				       "role"),
			     "user"))
			last = i;
	for (size_t i = 0; i < count; i++) {
		const json_t *m = json_array_get(turn->messages, i);
		struct slice before = i == last ? block : (struct slice){0};

		list[i].role = role_of(m);
		if (same) {
			list[i].json = dump(m, before, arena);
			continue;
		}
		list[i].content = openai_text(m, arena);
		if (before.len)
			list[i].content = slice_of(arena_printf(
				arena, "%.*s\n%.*s", SLICE_ARG(before),
				SLICE_ARG(list[i].content)));
		if (!read_images(m, arena, &list[i], err))
			return false;
	}
	*messages = list;
	*n = count;
	return true;
}
