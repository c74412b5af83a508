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

/* Write what differs from what it shows. */
void term_show(struct term *term, const struct grid *grid);

/* Bytes of our own that move nothing: for the clipboard.  False: too many. */
bool term_send(struct term *term, struct slice bytes);

/* What it answers to the questions asked of it once it shows our screen. */
void term_reply(struct term *term, const struct key_event *event);

/* How many colours it has; 0: none, or none are wanted. */
int term_colours(const struct term *term);

/* Take the wheel; the terminal's own selection then needs Shift. */
void term_mouse(struct term *term, bool wanted);

/* The next frame is drawn whole. */
void term_forget(struct term *term);

#endif
