/* ask.h - one turn on stdout, for `ask` and the line mode of the chat. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli.h"
#include "mneme/attach.h"

struct chat;
struct chat_result;
struct engine;
struct llm_message;

struct ask {
	struct slice content;
	const struct attached *attached; /* NULL: nothing */
	enum memory_mode mode;           /* of a new conversation */
	uint64_t parent;                 /* these as in struct chat_request */
	bool regenerate;
	struct slice begun;
	/* Of what is not stored: all messages of the request, in `arena`;
	 * returns how many.  May be NULL. */
	size_t (*tell)(void *arg, const struct chat *chat, struct slice block,
		       struct arena *arena,
		       const struct llm_message **messages);
	/* One that stays open, and learns by itself; NULL: one for this turn
	 * alone. */
	struct engine *engine;
	/* May be NULL. */
	void (*answered)(void *arg, const struct chat_result *result);
	void (*failed)(void *arg, struct slice so_far);
	void *arg;
	/* out */
	int signal; /* that stopped it, or 0 */
	bool kept;  /* the question is stored */
};

bool ask_turn(struct cli *cli, struct ask *ask, struct error *err);

/* The inside of a text's fenced block, the first of which is 0. */
bool ask_code(struct slice text, size_t which, struct slice *code);

#endif
