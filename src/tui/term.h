/*
 * term.h - the terminal: its modes, its size, bytes out, bytes in.
 *
 * One a process.  From term_enter() to term_leave() it shows our screen; a
 * signal that ends the process in between puts it back first, with bytes that
 * were made beforehand and calls that a signal handler may make.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "mneme/base.h"

struct error;
struct grid;
struct key_event;
struct loop;
struct pool;
struct term;

struct term_events {
	void (*key)(void *arg, const struct key_event *event);
	/* Around the keys that came in one read. */
	void (*keys_begin)(void *arg);
	void (*keys_end)(void *arg);
	void (*blocked)(void *arg, bool blocked);
	void (*gone)(void *arg); /* nobody is at the other end */
	void *arg;
};

struct term *term_open(struct loop *loop, struct pool *pool,
		       const struct term_events *events, struct error *err);
void term_close(struct term **term);

bool term_enter(struct term *term, struct error *err);
void term_leave(struct term *term);

void term_size(const struct term *term, int *rows, int *columns);

/* Write what differs from what it shows; the other screen is taken for it. */
void term_show(struct term *term, const struct grid *grid);

/* ---- in the normal screen: before term_enter(), then for each frame ---- */

/* False where the terminal cannot. */
bool term_inline(struct term *term, struct error *err);

/* It has another size: frames are blocked until that has settled. */
void term_live_resized(struct term *term);

/* It is the end: wait for nothing any more. */
void term_live_hurry(struct term *term);

/* Back to the normal screen, which has so many rows and columns.  Returns how
 * many rows of what was drawn there went out of reach with another size; -1:
 * nothing can be drawn yet, `blocked` says when. */
int term_live_begin(struct term *term, int rows, int columns);

/* Write lines that are finished above all that is drawn; then draw that. */
void term_live_append(struct term *term, const struct grid *lines);
void term_live(struct term *term, const struct grid *grid);

/* Somebody else wrote there: begin anew where the cursor is. */
void term_live_restart(struct term *term);

/* Bytes of our own that move nothing: for the clipboard.  False: too many. */
bool term_send(struct term *term, struct slice bytes);

/* What it answers to the questions asked of it once it shows our screen.  True:
 * it is to be drawn again. */
bool term_reply(struct term *term, const struct key_event *event);

/* The columns that it gives characters of ambiguous width; 0: it was not
 * asked, or has not answered. */
int term_ambiguous(const struct term *term);

/* How many colours it has; 0: none, or none are wanted. */
int term_colours(const struct term *term);

/* Take the wheel; the terminal's own selection then needs Shift. */
void term_mouse(struct term *term, bool wanted);

/* The next frame is drawn whole. */
void term_forget(struct term *term);

#endif
