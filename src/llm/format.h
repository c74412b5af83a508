/* format.h - a wire format: how to ask, and how to read what comes. */
#ifndef LLM_FORMAT_H
#define LLM_FORMAT_H

#include "mneme/llm.h"

/* A piece of the answer, or all of it; lives as long as the JSON. */
struct llm_chunk {
	struct slice text;
	struct slice finish; /* empty: it goes on */
	struct slice model;
	struct slice error; /* JSON; empty: none */
	bool other;         /* there is more than text: calls of tools */
	struct llm_usage usage;
};

struct llm_format {
	const char *key_header;
	const char *key_prefix;

	/* Where to send a request for `model`. */
	void (*address)(const char *base, const char *model, bool stream,
			struct buf *out);

	/* The request's body.  Another model's is the same but for the bytes
	 * before the length returned: `{"model":"..."`, or nothing. */
	size_t (*print)(const struct llm_request *request, const char *base,
			const char *model, struct buf *out);

	/* Read a chunk of a stream, or a whole answer, decoding it in place.
	 * False when it is not JSON. */
	bool (*read)(char *json, size_t len, struct llm_chunk *chunk);
};

extern const struct llm_format llm_openai;
extern const struct llm_format llm_gemini;

/* Texts decoded one after the other in the same bytes become one. */
void llm_join(struct slice *text, struct slice more);

/* The members that a caller adds, after what the printer wrote. */
void llm_print_extra(struct slice extra, struct buf *out);

#endif
