/*
 * openai.h - OpenAI's chat format: a request as JSON, an answer as text.
 */
#ifndef LLM_OPENAI_H
#define LLM_OPENAI_H

#include "mneme/buf.h"
#include "mneme/llm.h"

/* What a stream of chunks, or one whole answer, has said so far. */
struct answer {
	char model[256];
	char finish_reason[64];
	struct llm_usage usage;
	char error[512]; /* the provider's words; empty: none */
	size_t text;     /* bytes of text so far */
};

bool openai_request(const struct llm_request *request, const char *model,
		    struct buf *out, struct error *err);

/* Read one chunk or answer; `text` gets each piece.  The bytes are changed.
 * False when `text` said stop or when it is no JSON (then *err says so). */
bool openai_read(struct answer *answer, char *json, size_t len,
		 bool (*text)(void *arg, struct slice text), void *arg,
		 struct error *err);

/* The message of an error body, or the beginning of what it says. */
void openai_error(char *body, size_t len, char out[512]);

#endif
