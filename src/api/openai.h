/* openai.h - what the files of OpenAI's routes share. */
#ifndef API_OPENAI_H
#define API_OPENAI_H

#include "api/turn.h"
#include "mneme/attach.h"

extern const struct watcher_kind watcher_openai, watcher_openai_whole;

/* What a watcher of these kinds keeps besides the text, as JSON in the turn's
 * arena: the message's other members without their braces, and logprobs. */
struct openai_extra {
	struct slice members, logprobs;
};

/* The text of a message's content, the parts' joined; .data NULL: none. */
struct slice openai_text(const json_t *message, struct arena *arena);

/* What is kept of a message of the user's: its words, a word for each image
 * that is not kept (a link, or too much), and the images; in `arena`. */
struct openai_said {
	struct slice text;
	struct attachment images[ATTACH_MAX];
	size_t count, bytes;
};
void openai_said(const json_t *message, struct arena *arena,
		 struct openai_said *out);

/* The image in a data: URL; false when it is something else. */
bool openai_image(struct slice url, struct arena *arena, struct llm_image *out);

/* As chat_request's: the caller's own messages, with what memory adds before
 * the last of the user's. */
bool openai_prompt(void *arg, struct slice block, struct arena *arena,
		   const struct llm_message **messages, size_t *n,
		   struct error *err);

#endif
