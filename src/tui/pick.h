/*
 * pick.h - choose one of some rows: a box with a line to filter them by.
 */
#ifndef TUI_PICK_H
#define TUI_PICK_H

#include "mneme/base.h"

struct app;
struct view;

struct pick_row {
	struct slice text; /* filtered by; copied */
	struct slice note; /* quiet, behind it; copied */
	struct slice side; /* at the right edge: a key, a date; copied */
};

struct pick_events {
	/* The box is gone when this is called.  `row` indexes the rows that
	 * were given; `typed` is the filter's text. */
	void (*chosen)(struct app *app, void *arg, size_t row,
		       struct slice typed);
	/* Enter where no row fits; NULL: nothing happens. */
	void (*typed)(struct app *app, void *arg, struct slice typed);
	void (*drop)(void *arg); /* frees arg, whatever happened; may be NULL */
	void *arg;
	struct slice filter; /* typed in it at first; copied */
	bool gives_way;      /* to a view that a key opens */
};

/* Puts the box on the screen; `at` is the row chosen at first. */
void pick_open(struct app *app, const char *title, const struct pick_row *rows,
	       size_t n, size_t at, const struct pick_events *events);

#endif
