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

static const struct style plain;

void
blit_init(struct blit *b, const struct caps *caps, struct pool *pool)
{
	*b = (struct blit){.caps = caps, .row = -1};
	grid_init(&b->shown, pool);
}

void
blit_drop(struct blit *b)
{
	grid_drop(&b->shown);
}

void
blit_forget(struct blit *b)
{
	b->known = false;
}

static bool
same_style(struct style a, struct style b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

void
blit_move(struct blit *b, int row, int column, struct buf *out)
{
	int gap = column - b->column;

	if (row == b->row && gap == 0)
		return;
	if (row == b->row && column == 0)
		buf_addc(out, '\r');
	else if (row == b->row && gap > 0 && b->caps->text[CAP_RIGHT])
		caps_put(b->caps, CAP_RIGHT, gap, 0, out);
	else if (row == b->row && gap < 0 && gap >= -3)
		buf_add(out, "\b\b\b", (size_t)-gap);
	else if (row == b->row + 1 && b->row >= 0 && column == 0)
		buf_adds(out, "\r\n");
	else
		caps_put(b->caps, CAP_MOVE, row, column, out);
	b->row = row;
	b->column = column;
}

static int
channel(uint32_t value)
{
	return (int)(((value & 0xFF) * 5 + 127) / 255);
}

static void
put_colour(const struct blit *b, enum cap cap, uint32_t colour, struct buf *out)
{
	int number = (int)colour - 1;

	if (b->caps->colours == 0 || colour == 0)
		return;
	if (colour & COLOUR_RGB(0)) {
		if (b->caps->rgb) {
			buf_addf(out, "\033[%d;2;%u;%u;%um",
				 cap == CAP_FOREGROUND ? 38 : 48,
				 (unsigned)(colour >> 16) & 0xFF,
				 (unsigned)(colour >> 8) & 0xFF,
				 (unsigned)colour & 0xFF);
			return;
		}
		number = 16 + 36 * channel(colour >> 16) +
			 6 * channel(colour >> 8) + channel(colour);
	}
	if (number < b->caps->colours)
		caps_put(b->caps, cap, number, 0, out);
}

static void
put_link(const struct blit *b, uint16_t link, struct buf *out)
{
	if (!b->caps->links)
		return;
	buf_adds(out, "\033]8;;");
	if (link)
		buf_add_slice(out, pool_text(b->shown.pool, link));
	buf_adds(out, "\033\\");
}

void
blit_style(struct blit *b, struct style style, struct buf *out)
{
	static const struct {
		uint16_t attribute;
		enum cap cap;
	} attributes[] = {
		{STYLE_BOLD, CAP_BOLD},           {STYLE_DIM, CAP_DIM},
		{STYLE_ITALIC, CAP_ITALIC},       {STYLE_REVERSE, CAP_REVERSE},
		{STYLE_UNDERLINE, CAP_UNDERLINE}, {STYLE_STRIKE, CAP_STRIKE},
	};
	struct style from = b->style;

	if (same_style(from, style))
		return;
	if ((from.attributes & ~style.attributes) || (from.fg && !style.fg) ||
	    (from.bg && !style.bg)) {
		caps_put(b->caps, CAP_PLAIN, 0, 0, out);
		from = (struct style){.link = from.link};
	}
	for (size_t i = 0; i < COUNT(attributes); i++)
		if (style.attributes & ~from.attributes &
		    attributes[i].attribute)
			caps_put(b->caps, attributes[i].cap, 0, 0, out);
	if (style.fg != from.fg)
		put_colour(b, CAP_FOREGROUND, style.fg, out);
	if (style.bg != from.bg)
		put_colour(b, CAP_BACKGROUND, style.bg, out);
	if (style.link != from.link)
		put_link(b, style.link, out);
	b->style = style;
}

/* Where the new row has only blanks from. */
static int
blank_from(const struct grid *g, int row)
{
	int column = g->columns;

	while (column > 0 && cell_is_blank(grid_cell(g, row, column - 1)))
		column--;
	return column;
}

/* One character whose width no terminal disputes. */
static bool
is_sure(struct slice text)
{
	return text.len == 1 || (text.len == 2 && (uint8_t)*text.data < 0xCC);
}

static void
put_cell(struct blit *b, const struct grid *next, int row, int column,
	 struct buf *out)
{
	const struct cell *c = grid_cell(next, row, column);
	struct slice text = cell_text(next, c);

	blit_move(b, row, column, out);
	blit_style(b, c->style, out);
	buf_add_slice(out, text);
	b->column += c->width;
	if (b->column >= next->columns || !is_sure(text))
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
		    !same_style(c->style, b->style))
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
	int end = blank_from(next, row), column, old_end;

	for (column = 0; column < end; column++) {
		const struct cell *c = grid_cell(next, row, column);
		bool half = column + 1 < end && c->width == 2;

		if (c->width == 0 ||
		    (!differs(b, next, row, column) &&
		     !(half && differs(b, next, row, column + 1))))
			continue;
		if (worth_rewriting(b, next, row, column))
			while (b->row == row && b->column < column)
				put_cell(b, next, row, b->column, out);
		put_cell(b, next, row, column, out);
	}
	old_end = blank_from(&b->shown, row);
	if (old_end <= end)
		return;
	blit_move(b, row, end, out);
	blit_style(b, plain, out);
	if (b->caps->text[CAP_CLEAR_LINE] && old_end - end > 3)
		caps_put(b->caps, CAP_CLEAR_LINE, 0, 0, out);
	else
		for (; end < old_end; end++)
			put_cell(b, next, row, end, out);
}

static void
start_over(struct blit *b, const struct grid *next, struct buf *out)
{
	grid_resize(&b->shown, next->rows, next->columns);
	caps_put(b->caps, CAP_HIDE_CURSOR, 0, 0, out);
	caps_put(b->caps, CAP_PLAIN, 0, 0, out);
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

void
blit_frame(struct blit *b, const struct grid *next, struct buf *out)
{
	static const char begin[] = "\033[?2026h", end[] = "\033[?2026l";
	size_t start = out->len, drawn;

	if (b->caps->sync)
		buf_adds(out, begin);
	drawn = out->len;
	if (!b->known || b->shown.rows != next->rows ||
	    b->shown.columns != next->columns)
		start_over(b, next, out);
	else
		blit_scroll(b, next, out);
	for (int row = 0; row < next->rows; row++)
		put_row(b, next, row, out);
	copy(&b->shown, next);
	blit_style(b, plain, out);
	if (next->caret_shown)
		blit_move(b, next->caret_row, next->caret_column, out);
	show_cursor(b, next->caret_shown, out);
	if (out->len == drawn)
		out->len = start;
	else if (b->caps->sync)
		buf_adds(out, end);
}
