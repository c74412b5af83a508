/*
 * openai_prompt.c - the caller's messages for the provider.
 *
 * Where the provider speaks the same format each message goes as it came.
 * Others get role, words and the images that came within the request.
 */
#include "api/openai.h"

/* The message with `block` where its words begin. */
static struct slice
with_block(const struct openai_message *m, struct slice block,
	   struct arena *arena)
{
	static const struct {
		const char *before, *after;
	} around[] = {
		[GAP_NONE] = {"\"content\":\"", "\\n\","},
		[GAP_TEXT] = {"", "\\n"},
		[GAP_PART] = {"{\"type\":\"text\",\"text\":\"", "\"},"},
		[GAP_ONLY_PART] = {"{\"type\":\"text\",\"text\":\"", "\"}"},
	};
	SCOPED(buf_clear) struct buf quoted, all;
	size_t gap = m->gap_kind == GAP_NONE ? 1 : m->gap;

	buf_init(&quoted, RECORD_CONTENT_MAX * 6);
	buf_init(&all, m->json.len + RECORD_CONTENT_MAX * 6);
	json_quote(block, &quoted);
	buf_add(&all, m->json.data, gap);
	buf_adds(&all, around[m->gap_kind].before);
	buf_add(&all, quoted.data + 1, quoted.len - 2);
	buf_adds(&all, around[m->gap_kind].after);
	buf_add(&all, m->json.data + gap, m->json.len - gap);
	return arena_copy(arena, buf_slice(&all));
}

static bool
add_images(const struct openai_message *m, struct arena *arena,
	   struct llm_message *out, struct error *err)
{
	struct llm_image *list =
		arena_alloc(arena, m->image_count + 1, sizeof(*list));

	out->images = list;
	for (size_t i = 0; i < m->image_count; i++) {
		if (!m->images[i].here)
			return error_set(err, ERROR_INVALID,
					 "this provider takes images as data: "
					 "URLs only");
		list[out->image_count++] = m->images[i].image;
	}
	return true;
}

static struct slice
join(struct slice block, struct slice words, struct arena *arena)
{
	return slice_of(arena_printf(arena, "%.*s\n%.*s", SLICE_ARG(block),
				     SLICE_ARG(words)));
}

/* What is not changed stays where it is: the turn keeps it. */
bool
openai_prompt(void *arg, struct slice block, struct arena *arena,
	      const struct llm_message **messages, size_t *n, struct error *err)
{
	const struct turn *turn = arg;
	const struct openai_asked *a = turn->asked;
	bool same = openai_same(turn->voice->llm);
	struct llm_message *list = arena_alloc(arena, a->count, sizeof(*list));

	for (size_t i = 0; i < a->count; i++) {
		const struct openai_message *m = &a->messages[i];
		bool adds = block.len && i == a->asked;

		list[i].role = m->as;
		if (same) {
			list[i].json =
				adds ? with_block(m, block, arena) : m->json;
			continue;
		}
		list[i].content =
			adds ? join(block, m->words, arena) : m->words;
		if (!add_images(m, arena, &list[i], err))
			return false;
	}
	*messages = list;
	*n = a->count;
	return true;
}
