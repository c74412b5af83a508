/*
 * blit.c - the difference of two grids.
 *
 * What must stay true: after blit_frame() `shown` equals the grid drawn, and
 * row, column and style are the terminal's.  Where a terminal may think
 * otherwise about a width (clusters of several characters, the last column)
 * the cursor counts as unknown and is placed anew.
 */
#include "tui/blit.h"

#include "mneme/buf.h"
#include "tui/caps.h"
#include "tui/grapheme.h"

enum { PATH_MAX_BYTES = 1024 };

static const struct style plain;

void
blit_init(struct blit *b, const struct caps *caps, struct pool *pool)
{
	*b = (struct blit){.caps = caps, .row = -1};
	grid_init(&b->shown, pool);
	buf_init(&b->path, PATH_MAX_BYTES);
	buf_init(&b->step, PATH_MAX_BYTES);
}

void
blit_drop(struct blit *b)
{
	grid_drop(&b->shown);
	buf_clear(&b->path);
	buf_clear(&b->step);
}

void
blit_forget(struct blit *b)
{
	b->known = false;
}

/* Where the new row has only blanks from. */
int
blit_blank_from(const struct grid *g, int row)
{
	int column = g->columns;

	while (column > 0 && cell_is_blank(grid_cell(g, row, column - 1)))
		column--;
	return column;
}

bool
blit_is_sure(const struct blit *b, struct slice cluster)
{
	switch (grapheme_trust(cluster)) {
	case GRAPHEME_SURE:
		return true;
	case GRAPHEME_AMBIGUOUS:
		return b->caps->ambiguous;
	default:
		return b->caps->clusters;
	}
}

bool
blit_is_disputed(const struct blit *b, struct slice cluster)
{
	return !b->caps->clusters &&
	       grapheme_trust(cluster) == GRAPHEME_DISPUTED;
}

/* Two styles that look the same where nothing is written. */
static bool
same_on_blank(struct style a, struct style b)
{
	enum { SEEN = STYLE_REVERSE | STYLE_UNDERLINE | STYLE_STRIKE };

	return ((a.attributes | b.attributes) & SEEN) == 0 && a.bg == b.bg &&
	       a.link == b.link;
}

void
blit_put(struct blit *b, const struct grid *next, int row, int column,
	 struct buf *out)
{
	const struct cell *c = grid_cell(next, row, column);
	struct slice text = cell_text(next, c);

	blit_move(b, row, column, out);
	blit_leave_caret(b, out);
	if (!slice_is(text, " ") || !same_on_blank(b->style, c->style))
		blit_style(b, c->style, out);
	buf_add_slice(out, text);
	b->column += c->width;
	if (b->column >= next->columns || !blit_is_sure(b, text))
		b->row = -1;
}

/* Whether it is cheaper to write the unchanged cells up to `column` than to
 * step over them. */
static bool
worth_rewriting(const struct blit *b, const struct grid *next, int row,
		int column)
{
	if (row != b->row || column <= b->column || column - b->column > 4)
		return false;
	for (int at = b->column; at < column; at++) {
		const struct cell *c = grid_cell(next, row, at);

		if (c->width != 1 || c->length > 1 || c->pooled ||
		    memcmp(&c->style, &b->style, sizeof(c->style)) != 0)
			return false;
	}
	return true;
}

static bool
differs(const struct blit *b, const struct grid *next, int row, int column)
{
	return !cell_equal(grid_cell(next, row, column),
			   grid_cell(&b->shown, row, column));
}

static void
put_row(struct blit *b, const struct grid *next, int row, struct buf *out)
{
	int end = blit_blank_from(next, row), column, old_end;

	for (column = 0; column < end; column++) {
		const struct cell *c = grid_cell(next, row, column);
		bool half = column + 1 < end && c->width == 2;

		if (c->width == 0 ||
		    (!differs(b, next, row, column) &&
		     !(half && differs(b, next, row, column + 1))))
			continue;
		if (worth_rewriting(b, next, row, column))
			while (b->row == row && b->column < column)
				blit_put(b, next, row, b->column, out);
		blit_put(b, next, row, column, out);
	}
	old_end = blit_blank_from(&b->shown, row);
	if (old_end <= end)
		return;
	blit_move(b, row, end, out);
	if (!b->caps->text[CAP_CLEAR_LINE] || old_end - end <= 3) {
		for (; end < old_end; end++)
			blit_put(b, next, row, end, out);
		return;
	}
	blit_leave_caret(b, out);
	if (!same_on_blank(b->style, plain))
		blit_style(b, plain, out);
	caps_put(b->caps, CAP_CLEAR_LINE, 0, 0, out);
}

static void
start_over(struct blit *b, const struct grid *next, struct buf *out)
{
	grid_resize(&b->shown, next->rows, next->columns);
	b->top = 0;
	b->bottom = next->rows - 1;
	b->anchored = false;
	b->saved_row = -1;
	caps_put(b->caps, CAP_HIDE_CURSOR, 0, 0, out);
	caps_put(b->caps, CAP_PLAIN, 0, 0, out);
	if (b->caps->keeps_region)
		buf_adds(out, "\033[r");
	caps_put(b->caps, CAP_CLEAR, 0, 0, out);
	b->style = plain;
	b->row = b->column = 0;
	b->cursor_shown = false;
	b->known = true;
}

static void
show_cursor(struct blit *b, bool shown, struct buf *out)
{
	if (shown != b->cursor_shown)
		caps_put(b->caps, shown ? CAP_SHOW_CURSOR : CAP_HIDE_CURSOR, 0,
			 0, out);
	b->cursor_shown = shown;
}

static void
copy(struct grid *to, const struct grid *from)
{
	memcpy(to->cells, from->cells,
	       (size_t)from->rows * (size_t)from->columns *
		       sizeof(*from->cells));
}

static const char sync_begin[] = "\033[?2026h", sync_end[] = "\033[?2026l";

/* A frame that changes one row arrives whole anyway. */
static void
synchronise(struct blit *b, size_t start, struct buf *out)
{
	size_t len = sizeof(sync_begin) - 1;

	if (out->len > start + len && b->rows_written > 1) {
		buf_adds(out, sync_end);
		return;
	}
	memmove(out->data + start, out->data + start + len,
		out->len - start - len);
	out->len -= len;
	out->data[out->len] = '\0';
}

static void
draw(struct blit *b, const struct grid *next, struct buf *out)
{
	b->anchored = b->known && b->cursor_shown && next->caret_shown &&
		      b->caps->text[CAP_SAVE] && b->caps->text[CAP_RESTORE] &&
		      b->row == next->caret_row &&
		      b->column == next->caret_column;
	b->rows_written = 0;
	if (!b->known || b->shown.rows != next->rows ||
	    b->shown.columns != next->columns)
		start_over(b, next, out);
	else
		blit_scroll(b, next, out);
	for (int row = 0; row < next->rows; row++) {
		size_t before = out->len;

		blit_doubt(b, next, row, out);
		put_row(b, next, row, out);
		b->rows_written += out->len != before;
	}
	copy(&b->shown, next);
	if (next->caret_shown)
		blit_caret(b, next->caret_row, next->caret_column, out);
	else
		blit_style(b, plain, out);
	show_cursor(b, next->caret_shown, out);
}

void
blit_frame(struct blit *b, const struct grid *next, struct buf *out)
{
	size_t start = out->len;
	bool sync = b->caps->sync;

	if (sync)
		buf_adds(out, sync_begin);
	draw(b, next, out);
	if (sync && !out->over)
		synchronise(b, start, out);
}
