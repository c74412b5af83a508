/*
 * prompt.h - the request of a turn: system, the history that fits, the memory
 * block, the question.  What comes first stays the same from turn to turn, so
 * that providers' prompt caches work.
 */
#ifndef CHAT_PROMPT_H
#define CHAT_PROMPT_H

#include "mneme/chat.h"

struct prompt {
	const struct llm_message *messages;
	size_t count;
	size_t history;  /* messages of the path that went in */
	uint64_t oldest; /* seq of the first of them; 0: none */
};

/* `path` is oldest first, without the question.  Everything lives in
 * `arena`. */
bool prompt_build(const struct chat *chat, const struct chat_request *request,
		  const struct message *path, size_t path_count,
		  struct slice block, struct arena *arena, struct prompt *out,
		  struct error *err);

/* How many of the newest messages fit, beside the rest. */
size_t prompt_history(const struct chat *chat,
		      const struct chat_request *request,
		      const struct message *path, size_t path_count);

#endif
