/*
 * live.h - the end of the normal screen, drawn again and again under lines
 * that are written once.
 *
 * It knows no row of the terminal, only its own: the cursor goes up and down
 * from where it is, so whatever the terminal does with the lines above (scroll
 * them away, wrap them anew) cannot lead it astray.  Rows are ended by a line
 * feed, so all that leaves the screen at its top is kept by the terminal.
 */
#ifndef TUI_LIVE_H
#define TUI_LIVE_H

#include "tui/blit.h"

struct live {
	struct blit blit; /* its style, and what is shown of the part */
	int row, column;  /* the cursor's, in the part; column -1: unknown */
	bool reflows;     /* the terminal wraps lines anew at another width */
	bool cursor_known;
};

void live_init(struct live *l, const struct caps *caps, struct pool *pool);
void live_drop(struct live *l);

/* It begins in the line that the cursor is at the start of. */
void live_begin(struct live *l, int columns);

/* The terminal has so many columns now, or (with the same) shows something
 * else: what is left of the part is wiped, to be drawn anew.  At most `above`
 * rows of the screen are above the cursor's.  Returns how many of the part's
 * went out of reach at the top. */
int live_resize(struct live *l, int above, int columns, struct buf *out);

/* Write lines above the part; they are not touched again. */
void live_append(struct live *l, const struct grid *lines, struct buf *out);

/* Draw the part: no more rows than the terminal has. */
void live_frame(struct live *l, const struct grid *next, struct buf *out);

/* The bytes that take it away, for one who cannot be told: the cursor is then
 * where it began. */
void live_wipe_later(const struct live *l, struct buf *out);

/* The cursor's visibility was changed by others. */
void live_forget_cursor(struct live *l);

#endif
