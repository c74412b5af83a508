/*
 * blit.h - the bytes that turn what a terminal shows into a new grid.
 *
 * Only what differs is written, never erased first; the cursor ends at the
 * caret.  After blit_forget() (first frame, resize, redraw) everything is.
 */
#ifndef TUI_BLIT_H
#define TUI_BLIT_H

#include "tui/cells.h"

struct buf;
struct caps;

struct blit {
	const struct caps *caps; /* borrowed */
	struct grid shown;       /* what the terminal has */
	bool known;              /* `shown` can be trusted */
	struct style style;      /* the terminal's present one */
	int row, column;         /* its cursor; row -1: unknown */
	bool cursor_shown;
};

void blit_init(struct blit *b, const struct caps *caps, struct pool *pool);
void blit_drop(struct blit *b);
void blit_forget(struct blit *b);

/* Nothing is added when nothing differs. */
void blit_frame(struct blit *b, const struct grid *next, struct buf *out);

/* Move rows inside the terminal where that saves drawing them; used by
 * blit_frame(). */
void blit_scroll(struct blit *b, const struct grid *next, struct buf *out);

/* The cursor to a place, the style to another; used inside. */
void blit_move(struct blit *b, int row, int column, struct buf *out);
void blit_style(struct blit *b, struct style style, struct buf *out);

#endif
