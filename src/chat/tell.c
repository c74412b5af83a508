/*
 * tell.c - the request of a turn of which nothing is stored: the system's
 * word, the lines before that fit, the question with what memory adds.
 */
#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/chat.h"

enum { ANSWER_TOKENS = 1024 }; /* left free for the answer */

/* The first of the lines that fit beside the question, lines[last]. */
static size_t
first_told(const struct chat *chat, const struct chat_line *lines, size_t last,
	   struct slice block)
{
	size_t spent = memory_tokens(lines[last].text) + memory_tokens(block) +
		       memory_tokens(chat->system) + ANSWER_TOKENS;
	size_t first = last;

	while (first > 0 && spent < chat->context_tokens) {
		spent += memory_tokens(lines[first - 1].text);
		if (spent < chat->context_tokens)
			first--;
	}
	return first;
}

/* A line's images, as long as *room, bytes, is left. */
static void
add_images(const struct attached *a, size_t *room, struct arena *arena,
	   struct llm_message *out)
{
	struct llm_image *list;

	if (!a || a->count == 0 || a->bytes > *room) {
		*room = a && a->count ? 0 : *room;
		return;
	}
	*room -= a->bytes;
	list = arena_alloc(arena, a->count, sizeof(*list));
	for (size_t i = 0; i < a->count; i++)
		list[i] = (struct llm_image){attach_image_type(a->at[i].bytes),
					     a->at[i].bytes};
	out->images = list;
	out->image_count = a->count;
}

size_t
chat_tell(const struct chat *chat, const struct chat_line *lines, size_t count,
	  struct slice block, struct arena *arena,
	  const struct llm_message **messages)
{
	struct llm_message *list = arena_alloc(arena, count + 1, sizeof(*list));
	size_t last = count - 1, room = ATTACH_BYTES_MAX, n = 0;
	size_t first = first_told(chat, lines, last, block);

	list[n++] = (struct llm_message){.role = LLM_SYSTEM,
					 .content = chat->system};
	for (size_t i = first; i < last; i++)
		list[n++] = (struct llm_message){
			.role = lines[i].user ? LLM_USER : LLM_ASSISTANT,
			.content = lines[i].text};
	list[n++] = (struct llm_message){
		.role = LLM_USER,
		.content = slice_of(arena_printf(
			arena, "%.*s%s%.*s", SLICE_ARG(block),
			block.len ? "\n" : "", SLICE_ARG(lines[last].text)))};
	for (size_t i = count, at = n; i-- > first;)
		add_images(lines[i].attached, &room, arena, &list[--at]);
	*messages = list;
	return n;
}
