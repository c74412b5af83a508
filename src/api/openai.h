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

/* What is kept of a message of the user's: its words, a word for each image
 * that is not kept (a link, or too much), and the images. */
struct openai_said {
	struct slice text;
	struct attachment images[ATTACH_MAX];
	size_t count, bytes;
};

enum { OPENAI_LINK_SHOWN = 300 };

struct openai_image {
	bool here; /* it came within the request */
	struct llm_image image;
	struct slice link; /* its beginning; empty: it is no link */
};

/* Where memory's words go in a message's JSON. */
enum openai_gap {
	GAP_NONE,     /* before all members: it has no content */
	GAP_TEXT,     /* where the text begins */
	GAP_PART,     /* before the first part */
	GAP_ONLY_PART /* where there are no parts */
};

struct openai_message {
	struct slice role;
	enum llm_role as;
	struct slice words; /* the parts' joined; .data NULL: none */
	struct slice text;  /* as it would be stored */
	struct slice json;  /* for who speaks the same */
	size_t gap;
	enum openai_gap gap_kind;
	const struct openai_image *images;
	size_t image_count;
};

/* A request's messages, which the turn keeps until it ends. */
struct openai_asked {
	struct openai_message *messages;
	size_t count;
	size_t question; /* what is stored: the user's last, or the last */
	size_t asked; /* what memory adds to: the user's last, or the first */
	struct openai_said said; /* of the question */
	struct slice extra;      /* members that go on to the provider */
	bool tools;
};

/* The route's `unpack`. */
bool openai_unpack(struct reading *r);
void openai_say(const struct openai_message *m, struct arena *arena,
		struct openai_said *out);

/* Does it speak OpenAI's format?  NULL does not. */
bool openai_same(const struct llm *llm);

/* As chat_request's: the caller's own messages, with what memory adds before
 * the last of the user's. */
bool openai_prompt(void *arg, struct slice block, struct arena *arena,
		   const struct llm_message **messages, size_t *n,
		   struct error *err);

#endif
