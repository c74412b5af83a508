/*
 * browse.h - what the lists on the screen have in common: a line to filter
 * or to ask with, rows under it, one of them chosen.
 *
 * A list's state begins with struct browse, which begins with struct view.
 */
#ifndef TUI_BROWSE_H
#define TUI_BROWSE_H

#include "mneme/buf.h"
#include "tui/frame.h"
#include "tui/view.h"

struct browse {
	struct view view; /* first */
	struct composer *filter;
	struct list_place place;
	void (*changed)(struct view *view); /* the filter's text has; or NULL */
};

enum { BROWSE_SIDE = 32 };

struct browse_row {
	struct slice text; /* shown on one line, cleaned */
	struct slice note; /* quiet, behind it */
	struct slice side; /* at the right edge */
	char mark;         /* before it: ' ', '*', '>' ... */
	enum { BROWSE_ROW, BROWSE_GOING, BROWSE_OLD } look;
	/* Room to make them in. */
	struct buf line;
	char brief[BROWSE_SIDE];
};

/* Fill in what the row at `at` says; it comes with the mark ' ' and nothing
 * else. */
typedef void browse_row_fn(struct view *view, size_t at,
			   struct browse_row *row);

/* The view is not pushed yet. */
void browse_init(struct browse *b, struct app *app,
		 const struct view_type *type,
		 void (*changed)(struct view *view));
void browse_drop(struct browse *b);

struct slice browse_text(const struct browse *b);

/* The frame, the filter's line, `hint` under the rows; returns the rows'
 * area.  The list has `count` rows. */
struct area browse_draw(struct browse *b, const struct area *area,
			struct slice title, const char *hint, size_t count);
/* The rows, in an area that may be a part of that; `none` when there are
 * none. */
void browse_draw_rows(struct browse *b, const struct area *area,
		      browse_row_fn *fill, const char *none);

/* Moving, editing the filter; false: neither.  What can be done to a row only
 * is taken too, so that it reaches no view below when there is none. */
bool browse_act(struct browse *b, enum action action);
/* As struct view_type's. */
bool browse_key(struct view *view, const struct key_event *event);

/* How long ago, short: "now", "5m", "3h", "2d", then the date. */
enum { BROWSE_AGE = 16 };
const char *browse_age(int64_t at, int64_t now, char out[BROWSE_AGE]);

#endif
