/*
 * question.h - what is attached to a question.
 */
#ifndef CHAT_QUESTION_H
#define CHAT_QUESTION_H

#include "prompt.h"

/* Every attachment is an image, and none too large. */
bool question_check(const struct chat_request *q, struct error *err);

/* The message's list of them; in `arena`. */
bool question_attach(struct message *m, const struct chat_request *q,
		     struct arena *arena, struct error *err);

/* Their bytes, in the transaction that stores the message. */
bool question_store(struct store_txn *txn, const struct message *m,
		    const struct chat_request *q, struct error *err);

/* As they are sent. */
struct prompt_images question_images(const struct chat_request *q,
				     struct arena *arena);
size_t question_bytes(const struct chat_request *q);

#endif
