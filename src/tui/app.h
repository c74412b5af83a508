/*
 * app.h - the screen as a whole: the views that lie on it, what they share,
 * and what they may ask for.
 *
 * It knows no terminal: keys come in by app_key(), cells go out by `show`.  So
 * a test is the same screen without a terminal.  All on the loop's thread.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include "mneme/list.h"
#include "mneme/record.h"
#include "tui/cells.h"
#include "tui/theme.h"
#include "tui/view.h"

struct arena;
struct chat;
struct deletions;
struct learned;
struct error;
struct llm_call;
struct loop;
struct loop_timer;
struct store;
struct tui;

enum { APP_DEPTH_MAX = 8, APP_NOTE_MAX = 512 };

struct app_normal {
	int (*begin)(void *arg);
	void (*append)(void *arg, const struct grid *lines);
	void (*live)(void *arg, const struct grid *grid);
};

struct app {
	const struct tui *tui; /* the engine and the settings; borrowed */
	struct loop *loop;
	struct store *store;
	struct profile profile;
	struct arena *arena; /* that its texts live in */
	char *model;         /* that the person chose; NULL: the usual one */
	struct llm_call *listing; /* of the provider's models, or NULL */
	bool incognito;           /* of conversations begun from now on */
	const struct theme *theme;
	int colours;
	struct pool *pool;
	struct grid grid;
	struct keymap keymap;

	struct view *stack[APP_DEPTH_MAX]; /* [0] is the chat */
	size_t depth;

	uint64_t notes;          /* talk_note()'s numbers that were given */
	char note[APP_NOTE_MAX]; /* in the status line until the next key */
	enum role note_role;

	void (*show)(void *arg, const struct grid *grid);
	/* In the normal screen; NULL: the whole screen is ours.  `begin` says
	 * how many rows that were drawn are lost, or -1: not now; `append` has
	 * lines written above them for good; `live` draws them. */
	const struct app_normal *normal;
	/* Any of these may be NULL. */
	void (*suspend)(void *arg);
	void (*redraw)(void *arg);
	/* Let the person change a file; `done` says whether that went well. */
	bool (*edit)(void *arg, const char *path,
		     void (*done)(void *arg, const struct error *err),
		     void *done_arg, struct error *err);
	/* Bytes to the terminal that move nothing. */
	bool (*send)(void *arg, struct slice bytes);
	void *arg;

	struct loop_timer *frame;
	bool dirty;
	bool keying;         /* keys are being handled: one frame at the end */
	bool blocked;        /* the terminal takes no more yet */
	int64_t shown_at;    /* the last frame but keys', on the loop's clock */
	struct list running; /* talks whose answer comes */
	struct learned *learned;
	struct deletions *deletions; /* NULL: there were none */
	struct list children;        /* programs that run beside it */
	bool quitting;
	bool left; /* what was being written is stored */
	bool over; /* everything is kept: the program may end */
};

bool app_init(struct app *app, const struct tui *tui, struct error *err);
void app_drop(struct app *app);

void app_resize(struct app *app, int rows, int columns);
void app_key(struct app *app, const struct key_event *event);

/* Keys that came together: a frame at the end of them, at once. */
void app_keys_begin(struct app *app);
void app_keys_end(struct app *app);

/* Says why there is no model; asks for one where nobody has used the store. */
void app_first_run(struct app *app);

/* Look as it is set, before anything is drawn. */
void app_look(struct app *app);

/* What the terminal has: so many colours, this background (red, green, blue,
 * 0 to 255).  The theme follows where none is set. */
void app_colours(struct app *app, int colours);
void app_background(struct app *app, const int rgb[3]);

/* So many columns are what it gives to characters that others draw narrow, or
 * wide; followed where none is set. */
void app_ambiguous(struct app *app, int columns);

/* Another theme; everything is laid out anew. */
void app_set_theme(struct app *app, const struct theme *theme);

/* The store was changed by another process. */
void app_changed(struct app *app);

/* The terminal takes bytes again, or no more. */
void app_blocked(struct app *app, bool blocked);

/* ---- what views ask for ---- */

/* Something looks different: a frame is drawn soon, at most 30 a second. */
void app_dirty(struct app *app);
void app_draw(struct app *app); /* now */

/* Put a view on top, which is handed over; take it away and free it. */
void app_push(struct app *app, struct view *view);
void app_pop(struct app *app, struct view *view);

/* Do what a key or a slash command would. */
void app_act(struct app *app, enum action action, struct slice operand);

/* A word in the status line, until the next key. */
void app_say(struct app *app, const char *fmt, ...) PRINTF(2, 3);
void app_fail(struct app *app, const struct error *err);

/* Be another person of this store, who is copied. */
void app_be(struct app *app, const struct profile *profile);

/* Show a conversation (none: a new one), at a message (0: at its end). */
void app_open(struct app *app, struct id conversation, uint64_t seq);

/* A turn has ended; quitting waits for that. */
void app_turn_over(struct app *app);

/* Leave: views are asked to keep what they hold. */
void app_quit(struct app *app);

static inline struct style
app_style(const struct app *app, enum role role)
{
	return app->theme->roles[role];
}

#endif
