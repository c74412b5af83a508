/*
 * tui.h - the terminal chat, on the whole screen or in the normal one.
 *
 * Everything it needs is borrowed and lives until tui_run() returns, which is
 * when the person has left and what was unfinished is stored.  Whatever ends
 * the process, the terminal is put back as it was.
 */
#ifndef MNEME_TUI_H
#define MNEME_TUI_H

#include "mneme/id.h"
#include "mneme/record.h"

struct buf;
struct chat;
struct config;
struct error;

struct tui {
	const struct chat *chat; /* the engine, its loop and store */
	struct config *config;
	struct profile profile;
	struct id conversation; /* none: a new one */
	const char *model;      /* NULL: the engine's */
	bool no_memory;
	bool incognito;
	bool inline_screen;  /* the chat stays in the terminal's own lines */
	const char *trouble; /* why there is no model, or NULL: nobody tried */

	/* Read the settings anew and put another model into `chat`; `model`
	 * NULL: the one that is set.  May be NULL. */
	bool (*reload)(void *arg, const char *model, struct error *err);
	/* This person asks: put their model into `chat`, as they have set it
	 * by now.  May be NULL. */
	bool (*take)(void *arg, struct id person, struct error *err);
	void *arg;
};

/* Can standard input and output carry a screen?  False for TERM=dumb and
 * where one of them is no terminal. */
bool tui_possible(void);

bool tui_run(const struct tui *tui, struct error *err);

/* Every key and slash command of the screen with what it does, as they are
 * without settings. */
bool tui_print_keys(struct buf *out, struct error *err);

/* The next program, from *from on, that would take a text for the clipboard
 * here: its words, NULL at the end of them.  NULL: there is no further one. */
const char *const *tui_clipboard(size_t *from);

#endif
