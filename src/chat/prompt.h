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
	size_t begun;    /* bytes of the answer that were sent along */
};

/* The images of one message that are sent; what does not fit is named. */
struct prompt_images {
	const struct llm_image *list;
	size_t count, left_out;
};

/* Those of a path from `first` on: the newest ones, as long as *room, bytes,
 * is left; in `arena`, one of *out a message. */
bool prompt_images(struct store_txn *txn, const struct message *path,
		   size_t count, size_t first, size_t *room,
		   struct arena *arena, struct prompt_images **out,
		   struct error *err);
size_t prompt_image_count(const struct message *m);
/* A message of the user's with its images, and a word for each left out. */
struct llm_message prompt_message(enum llm_role role, struct slice content,
				  const struct prompt_images *images,
				  struct arena *arena);

/* What a request is made of beside its system text and the question. */
struct prompt_parts {
	const struct message *path; /* oldest first, without the question */
	size_t path_count;
	const struct prompt_images *images; /* one a message, one more for the
					       question */
	struct slice block;                 /* what memory adds */
};
/* Everything lives in `arena`. */
bool prompt_build(const struct chat *chat, const struct chat_request *request,
		  const struct prompt_parts *parts, struct arena *arena,
		  struct prompt *out, struct error *err);

/* How many of the newest messages fit, beside the rest; `asked` is the number
 * of the question's images. */
size_t prompt_history(const struct chat *chat,
		      const struct chat_request *request,
		      const struct message *path, size_t path_count,
		      size_t asked);

/* What an answer stores so that chat_rebuild() can put its request together
 * again; in `arena`. */
struct prompt_sent {
	const struct llm_request *request;
	const struct prompt *prompt;
	const struct memory_results *used;
	struct slice system;
	int64_t at; /* when memory was asked */
};
bool prompt_note(const struct chat *chat, const struct prompt_sent *sent,
		 struct arena *arena, struct slice *note, struct error *err);
/* The system text that goes with a request. */
struct slice prompt_system(const struct chat *chat,
			   const struct chat_request *request);
struct slice prompt_question(struct slice content, struct slice block,
			     struct arena *arena);
/* The messages that make an answer go on from what it began with: 0 or 2. */
size_t prompt_go_on(struct slice begun, struct llm_message list[2]);
enum llm_role prompt_role(const struct message *m);

/* The "why" of a memory that an answer without a model says it has kept. */
#define PROMPT_KEPT "{\"remembered\":1}"

#endif
