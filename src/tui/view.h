/*
 * view.h - something that fills the screen or a part of it: the chat, a list,
 * the help.
 *
 * A view is a struct of operations and a state of its own, which begins with
 * struct view.  Views lie on a stack; the top one has the keys.  It draws
 * whenever it is asked to, from nothing, into the area that it is given; it
 * keeps no cells.  A change of what it would draw is told by app_dirty().
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/action.h"
#include "tui/cells.h"

struct app;
struct key_event;
struct view;

/* A rectangle of a grid.  What is drawn outside of it is left out. */
struct area {
	struct grid *grid;
	int row, column; /* of its corner, in the grid */
	int rows, columns;
};

enum place {
	PLACE_FULL,  /* the whole screen but the status line */
	PLACE_SIDE,  /* beside the chat where there is room, else PLACE_FULL */
	PLACE_POPUP, /* a box in the middle, as big as `size` says */
	PLACE_BELOW, /* over the composer: a question with its answer */
};

struct view_type {
	const char *name; /* its title in a frame */
	enum place place;
	void (*draw)(struct view *view, const struct area *area);

	/* An action of one of its contexts, or of CONTEXT_ANYWHERE.  False: not
	 * for this view; the app has its own idea (ACTION_CLOSE closes). */
	bool (*act)(struct view *view, enum action action,
		    struct slice operand);

	/* What is bound to no action: text typed, pastes.  May be NULL. */
	bool (*key)(struct view *view, const struct key_event *event);

	/* The store was changed, by this process or another.  May be NULL. */
	void (*changed)(struct view *view);

	/* The rows and columns it would like (PLACE_POPUP, PLACE_BELOW); they
	 * come filled in with what there is. */
	void (*size)(struct view *view, int *rows, int *columns);

	void (*close)(struct view *view); /* frees it */
};

enum { VIEW_CONTEXTS = 4 };

struct view {
	const struct view_type *type;
	struct app *app;                      /* set by app_push() */
	enum context contexts[VIEW_CONTEXTS]; /* ends with CONTEXT_ANYWHERE */
};

/* Draw into an area; the row and column are the area's.  What does not fit ends
 * with "…".  Returns the next column. */
int area_text(const struct area *a, int row, int column, struct slice text,
	      struct style style);
/* What others wrote: cleaned, on one line. */
int area_clean(const struct area *a, int row, int column, struct slice text,
	       struct style style);
int area_printf(const struct area *a, int row, int column, struct style style,
		const char *fmt, ...) PRINTF(5, 6);
/* A line that is being written, with its caret so many bytes into it; where
 * it is too long its beginning is left out, so that the caret is in view. */
void area_edit(const struct area *a, int row, int column, struct slice text,
	       size_t caret, struct style style);
void area_fill(const struct area *a, int row, int column, int count,
	       struct style style);
/* So that it ends at the area's right edge; returns where it began. */
int area_right(const struct area *a, int row, struct slice text,
	       struct style style);
void area_caret(const struct area *a, int row, int column);

/* Blank it in a style, and a part of it. */
void area_clear(const struct area *a, struct style style);
struct area area_part(const struct area *a, int row, int column, int rows,
		      int columns);

#endif
