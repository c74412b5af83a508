/*
 * blit.h - the bytes that turn what a terminal shows into a new grid.
 *
 * Only what differs is written, never erased first; the cursor ends at the
 * caret.  After blit_forget() (first frame, resize, redraw) everything is.
 */
#ifndef TUI_BLIT_H
#define TUI_BLIT_H

#include "mneme/buf.h"
#include "tui/cells.h"

struct caps;

struct blit {
	const struct caps *caps; /* borrowed */
	struct grid shown;       /* what the terminal has */
	bool known;              /* `shown` can be trusted */
	struct style style;      /* the terminal's present one */
	int row, column;         /* its cursor; row -1: unknown */
	int saved_row;           /* where it would restore it to; -1: nowhere */
	int saved_column;
	bool anchored;   /* it stands where it will have to be in the end */
	int top, bottom; /* the rows that scroll */
	bool cursor_shown;
	int rows_written; /* by the frame; a scroll counts as many */
	int probe_row, probe_column;
	struct buf path, step; /* while the shortest is looked for */
};

void blit_init(struct blit *b, const struct caps *caps, struct pool *pool);
void blit_drop(struct blit *b);
void blit_forget(struct blit *b);

/* Nothing is added when nothing differs. */
void blit_frame(struct blit *b, const struct grid *next, struct buf *out);

/* Some cell shows a cluster of several characters. */
bool blit_has_clusters(const struct blit *b);

/* Between two frames: draw a character of ambiguous width that is shown once
 * more and put the question behind it where the cursor then is; false when
 * none is shown.  probe_row and probe_column say which. */
bool blit_probe(struct blit *b, const char *question, struct buf *out);

/* ---- used inside ---- */

/* Move rows inside the terminal where that saves drawing them. */
void blit_scroll(struct blit *b, const struct grid *next, struct buf *out);

/* The cursor to a place, the style to another, by the fewest bytes. */
void blit_move(struct blit *b, int row, int column, struct buf *out);
void blit_style(struct blit *b, struct style style, struct buf *out);

/* One cell, wherever the cursor is. */
void blit_put(struct blit *b, const struct grid *next, int row, int column,
	      struct buf *out);

/* Before the cursor goes: let the terminal keep the place where it will be
 * needed again.  And back, where that is shortest. */
void blit_leave_caret(struct blit *b, struct buf *out);
void blit_caret(struct blit *b, int row, int column, struct buf *out);

/* Whether the terminal is known to give a cluster the columns that we do, and
 * whether what it shows of it may lie over other ones: not once it has said
 * that it counts as we do. */
bool blit_is_sure(const struct blit *b, struct slice cluster);
bool blit_is_disputed(const struct blit *b, struct slice cluster);

/* Before a row is drawn: what clusters of a disputed width may have touched
 * there will be drawn, too. */
void blit_doubt(struct blit *b, const struct grid *next, int row,
		struct buf *out);

/* All rows scroll again. */
void blit_whole_region(struct blit *b, struct buf *out);

/* Where the row has only blanks from. */
int blit_blank_from(const struct grid *g, int row);

#endif
