/* plain.h - the chat line by line. */
#ifndef CLI_PLAIN_H
#define CLI_PLAIN_H

#include "cli.h"

struct plain;

bool plain_chat(struct cli *cli, struct error *err);

typedef bool plain_fn(struct plain *p, struct slice operand, struct error *err);

/* A slash command. */
struct plain_command {
	const char *name;    /* the screen's, where that has it too */
	const char *operand; /* "[N] [TEXT]", or "" */
	const char *help;    /* one phrase, no full stop */
	plain_fn *run;
};
extern const struct plain_command plain_commands[];
extern const size_t plain_command_count;

/* What only a screen has: why, in a sentence. */
struct plain_absent {
	const char *name, *why;
};
extern const struct plain_absent plain_absent[];
extern const size_t plain_absent_count;

/* A line for each. */
void plain_print_commands(struct buf *out);

#endif
