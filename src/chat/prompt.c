#include "prompt.h"

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"

enum {
	ANSWER_TOKENS = 1024, /* left for the answer when nothing is said */
	MESSAGE_TOKENS = 4,   /* what a message's frame takes */
	IMAGE_TOKENS = 1024   /* what an image takes, about */
};

struct slice
prompt_system(const struct chat *chat, const struct chat_request *request)
{
	return request->system.len ? request->system : chat->system;
}

size_t
prompt_history(const struct chat *chat, const struct chat_request *request,
	       const struct message *path, size_t path_count, size_t asked)
{
	size_t fixed = memory_tokens(prompt_system(chat, request)) +
		       memory_tokens(request->content) + asked * IMAGE_TOKENS +
		       (request->no_memory ? 0 : chat->memory_tokens) +
		       (request->max_tokens > 0 ? (size_t)request->max_tokens
						: ANSWER_TOKENS);
	size_t budget =
		chat->context_tokens > fixed ? chat->context_tokens - fixed : 0;
	size_t n = 0;

	while (n < path_count) {
		const struct message *m = &path[path_count - 1 - n];
		size_t cost = memory_tokens(m->content) + MESSAGE_TOKENS +
			      prompt_image_count(m) * IMAGE_TOKENS;
		if (cost > budget)
			break;
		budget -= cost;
		n++;
	}
	return n;
}

enum llm_role
prompt_role(const struct message *m)
{
	if (m->role == MESSAGE_ASSISTANT)
		return LLM_ASSISTANT;
	return m->role == MESSAGE_SYSTEM ? LLM_SYSTEM : LLM_USER;
}

/* The question with the memory block before it. */
struct slice
prompt_question(struct slice content, struct slice block, struct arena *arena)
{
	if (block.len == 0)
		return content;
	char *text = arena_alloc(arena, block.len + content.len + 2, 1);
	memcpy(text, block.data, block.len);
	text[block.len] = '\n';
	memcpy(text + block.len + 1, content.data, content.len);
	return slice_make(text, block.len + 1 + content.len);
}

size_t
prompt_go_on(struct slice begun, struct llm_message list[2])
{
	if (begun.len == 0)
		return 0;
	list[0] = (struct llm_message){.role = LLM_ASSISTANT, .content = begun};
	list[1] = (struct llm_message){
		.role = LLM_USER,
		.content = slice_of("Go on exactly where you stopped; repeat "
				    "nothing.")};
	return 2;
}

bool
prompt_build(const struct chat *chat, const struct chat_request *request,
	     const struct prompt_parts *parts, struct arena *arena,
	     struct prompt *out, struct error *err)
{
	const struct message *path = parts->path;
	const struct prompt_images *asked = &parts->images[parts->path_count];
	size_t keep = prompt_history(chat, request, path, parts->path_count,
				     asked->count);
	struct slice system = prompt_system(chat, request);

	if (chat->context_known &&
	    memory_tokens(request->content) + memory_tokens(system) >
		    chat->context_tokens)
		return error_set(err, ERROR_LIMIT,
				 "the question takes about %zu tokens; the "
				 "model's context has %zu",
				 memory_tokens(request->content),
				 chat->context_tokens);
	struct llm_message *list = arena_alloc(arena, keep + 4, sizeof(*list));
	*out = (struct prompt){.messages = list};
	if (system.len)
		list[out->count++] = (struct llm_message){.role = LLM_SYSTEM,
							  .content = system};
	for (size_t i = parts->path_count - keep; i < parts->path_count; i++) {
		/* A recall answer holds references, no words of its own. */
		if (path[i].content.len == 0)
			continue;
		if (!out->oldest)
			out->oldest = path[i].seq;
		list[out->count++] =
			prompt_message(prompt_role(&path[i]), path[i].content,
				       &parts->images[i], arena);
		out->history++;
	}
	list[out->count++] = prompt_message(
		LLM_USER,
		prompt_question(request->content, parts->block, arena), asked,
		arena);
	out->count += prompt_go_on(request->begun, list + out->count);
	out->begun = request->begun.len;
	return true;
}
