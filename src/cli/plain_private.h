/*
 * plain_private.h - what the commands of the line-by-line chat share.
 *
 * What they print goes to cli->out, which is written out after each of them.
 */
#ifndef CLI_PLAIN_PRIVATE_H
#define CLI_PLAIN_PRIVATE_H

#include "desk.h"
#include "mneme/attach.h"
#include "mneme/chat.h"
#include "plain.h"

enum { PLAIN_TAUGHT_MAX = 32 };

/* A line of a conversation of which nothing is stored. */
struct plain_said {
	bool user;
	char *text; /* owned */
	struct attached attached;
};

struct plain {
	struct cli *cli;
	bool terminal;         /* lines are typed ... */
	bool attended;         /* ... and what is printed is seen at once */
	struct desk desk;      /* open where it is attended */
	struct id first;       /* who began it ... */
	const char *model;     /* ... with this model, or NULL */
	enum memory_mode mode; /* of a conversation not yet begun */
	struct plain_said **said;
	size_t said_count, said_cap;
	struct chat_lesson taught[PLAIN_TAUGHT_MAX]; /* oldest first */
	size_t taught_count;
	struct buf learned; /* lines to be told before the next prompt */
	char *draft;        /* to stand in the next line; owned */
	char *unsent;       /* a question that was not stored; owned */
	bool leaves;
};

/* ---- plain_turn.c ---- */

/* A question, with the files that it names. */
bool plain_say(struct plain *p, struct slice text, struct error *err);
bool plain_regenerate(struct plain *p, struct slice number, struct error *err);
bool plain_continue(struct plain *p, struct slice nothing, struct error *err);
bool plain_edit(struct plain *p, struct slice operand, struct error *err);
/* For the learner: a line for each thing learned. */
void plain_listen(struct plain *p);
bool plain_unlearn(struct plain *p, struct slice nothing, struct error *err);

/* ---- plain_path.c ---- */

/* A message that leads to where the conversation is.  A question and what
 * answers it have one number. */
struct plain_item {
	size_t number;
	bool user;
	struct slice text;
	struct slice speaker; /* empty: you, or the model */
	struct message m;     /* where it is stored: seq 0, it is not */
};

struct plain_path {
	struct arena arena;
	struct plain_item *at; /* oldest first */
	size_t count;
};

bool plain_read_path(struct plain *p, struct plain_path *path,
		     struct error *err);
void plain_path_clear(struct plain_path *path);
/* The question, or answer, of that number; empty: the last one. */
bool plain_choose(const struct plain_path *path, struct slice number, bool user,
		  size_t *at, struct error *err);
/* The conversation that is gone on with; *any is false for one not begun. */
bool plain_conversation(struct plain *p, struct conversation *out, bool *any,
			struct error *err);
/* As above; ERROR_INVALID where nothing of it is stored. */
bool plain_stored(struct plain *p, struct conversation *out, struct error *err);
void plain_go_on_with(struct plain *p, struct id conversation);
void plain_show_item(struct plain *p, const struct plain_item *item);

bool plain_conversations(struct plain *p, struct slice text, struct error *err);
bool plain_open(struct plain *p, struct slice word, struct error *err);
bool plain_new(struct plain *p, struct slice nothing, struct error *err);
bool plain_show(struct plain *p, struct slice number, struct error *err);
bool plain_find(struct plain *p, struct slice text, struct error *err);
bool plain_search(struct plain *p, struct slice text, struct error *err);
bool plain_history(struct plain *p, struct slice text, struct error *err);
/* What was sent before, into readline's. */
void plain_load_history(struct plain *p);

/* ---- plain_branch.c ---- */

bool plain_fork(struct plain *p, struct slice number, struct error *err);
bool plain_branch_back(struct plain *p, struct slice number, struct error *err);
bool plain_branch_on(struct plain *p, struct slice number, struct error *err);

/* ---- plain_memory.c ---- */

bool plain_memories(struct plain *p, struct slice text, struct error *err);
bool plain_used(struct plain *p, struct slice number, struct error *err);
bool plain_memory_mode(struct plain *p, struct slice mode, struct error *err);
bool plain_incognito(struct plain *p, struct slice nothing, struct error *err);
/* Forget what was said in an incognito conversation. */
void plain_drop_said(struct plain *p, size_t from);

/* ---- plain_people.c ---- */

bool plain_profile(struct plain *p, struct slice name, struct error *err);
bool plain_model(struct plain *p, struct slice name, struct error *err);
bool plain_setup(struct plain *p, struct slice nothing, struct error *err);

/* ---- plain_out.c ---- */

bool plain_copy(struct plain *p, struct slice operand, struct error *err);
bool plain_export(struct plain *p, struct slice path, struct error *err);
bool plain_editor(struct plain *p, struct slice text, struct error *err);
/* Run a program and wait; with `input` it is given that.  `quiet`: what it
 * prints goes nowhere. */
bool plain_run(const char *path, const char *const *argv,
	       const struct slice *input, bool quiet, int *status,
	       struct error *err);

/* ---- plain.c ---- */

/* A word of *rest that is a number, or nothing. */
struct slice plain_number(struct slice *rest);
/* Ask for a line, after what was printed; owned, trimmed, NULL at the end. */
char *plain_ask(struct plain *p, const char *question);
/* For one that is not shown; `what` it is. */
char *plain_ask_secret(struct plain *p, const char *question, const char *what,
		       struct error *err);
bool plain_agrees(struct plain *p, const char *question);

bool plain_help(struct plain *p, struct slice command, struct error *err);
bool plain_quit(struct plain *p, struct slice nothing, struct error *err);

#endif
