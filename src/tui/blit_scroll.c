/*
 * blit_scroll.c - a block of rows that only moved is moved, not drawn.
 *
 * Rows are compared by hash: the distance is that of the longest run of rows
 * that are the old ones so far away.  Then it is counted what each row would
 * cost where it is, moved, and from a blank, and the region is taken that
 * spares the most; one that stands from the last time need not be said again,
 * so a transcript that grows soon keeps to one.  A wrong guess costs bytes,
 * never a wrong screen: the difference is taken afterwards.
 */
#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"

/* Bytes, about: to go somewhere, to change the style, to scroll, to say what
 * scrolls. */
enum { PLACE = 6, STYLE = 5, SCROLL = 4, REGION = 8 };

struct block {
	int first, last; /* rows of the new grid */
	int by;          /* the old ones are so far below; negative: above */
	int spared;
};

static uint64_t
row_hash(const struct grid *g, int row)
{
	const unsigned char *at = (const void *)grid_cell(g, row, 0);
	size_t size = (size_t)g->columns * sizeof(struct cell);
	uint64_t hash = UINT64_C(0xCBF29CE484222325), word;

	for (size_t i = 0; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, at + i, sizeof(word));
		hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		hash ^= hash >> 29;
	}
	return hash;
}

/* The best run of rows whose old place is `by` rows away. */
static void
try_distance(const uint64_t *old, const uint64_t *new, int rows, int by,
	     struct block *best)
{
	struct block run = {.by = by};
	int from = by < 0 ? -by : 0, to = by < 0 ? rows : rows - by;

	for (int row = from; row < to; row++) {
		if (new[row] != old[row + by]) {
			run.spared = 0;
			continue;
		}
		if (run.spared == 0 && new[row] == old[row])
			continue; /* it would stay as it is */
		if (run.spared == 0)
			run.first = row;
		run.last = row;
		if (new[row] != old[row] || run.spared > 0)
			run.spared++;
		if (run.spared > best->spared)
			*best = run;
	}
}

static void
shift_rows(struct grid *g, int first, int last, int by)
{
	size_t row_size = (size_t)g->columns * sizeof(struct cell);
	int kept = last - first + 1 - abs(by);
	int from = by > 0 ? first + by : first,
	    to = by > 0 ? first : first - by;
	int blank_at = by > 0 ? first + kept : first;

	memmove(grid_cell(g, to, 0), grid_cell(g, from, 0),
		(size_t)kept * row_size);
	for (int row = blank_at; row < blank_at + abs(by); row++)
		for (int column = 0; column < g->columns; column++)
			*grid_cell(g, row, column) = (struct cell){.width = 1};
}

static void
move_block(struct blit *b, int top, int bottom, int by, struct buf *out)
{
	blit_leave_caret(b, out);
	blit_style(b, (struct style){0}, out);
	if (b->top != top || b->bottom != bottom) {
		caps_put(b->caps, CAP_REGION, top, bottom, out);
		b->row = -1;
	}
	b->top = top;
	b->bottom = bottom;
	if (b->row == bottom && by > 0 && by < 4) {
		for (int i = 0; i < by; i++)
			buf_addc(out, '\n');
	} else {
		if (!b->caps->scrolls_anywhere)
			blit_move(b, by > 0 ? bottom : top, 0, out);
		caps_put(b->caps, by > 0 ? CAP_SCROLL_UP : CAP_SCROLL_DOWN,
			 abs(by), 0, out);
	}
	shift_rows(&b->shown, top, bottom, by);
	b->rows_written += bottom - top;
	if (!b->caps->keeps_region)
		blit_whole_region(b, out);
}

/* ---- what it is worth ---- */

/* About how many bytes turn one row into another; `old` NULL: a blank one. */
static int
price(const struct grid *old, int old_row, const struct grid *next, int row)
{
	static const struct cell blank = {.width = 1};
	int end = blit_blank_from(next, row), bytes = 0, last = -2;
	const struct style *style = NULL;

	for (int column = 0; column < end; column++) {
		const struct cell *c = grid_cell(next, row, column);

		if (cell_equal(c,
			       old ? grid_cell(old, old_row, column) : &blank))
			continue;
		if (last < column - 1)
			bytes += PLACE;
		if (!style || memcmp(style, &c->style, sizeof(*style)) != 0)
			bytes += STYLE;
		bytes += MAX((int)c->length, (int)c->width);
		style = &c->style;
		last = column;
	}
	return bytes + (old && blit_blank_from(old, old_row) > end ? PLACE : 0);
}

/* Sums up to each row, so that any stretch of rows costs two look-ups. */
struct prices {
	int *stay, *moved, *fresh; /* of the rows before it */
};

static void
add_up(struct prices *p, const struct grid *old, const struct grid *next,
       int by)
{
	for (int row = 0; row < next->rows; row++) {
		int from = row + by;
		bool inside = from >= 0 && from < next->rows;

		p->stay[row + 1] = p->stay[row] + price(old, row, next, row);
		p->fresh[row + 1] = p->fresh[row] + price(NULL, 0, next, row);
		p->moved[row + 1] = p->moved[row] +
				    (inside ? price(old, from, next, row) : 0);
	}
}

/* Of the rows of a region after it was scrolled. */
static int
after(const struct prices *p, int top, int bottom, int by)
{
	int from = by > 0 ? top : top - by;
	int to = by > 0 ? bottom - by : bottom;

	return p->moved[to + 1] - p->moved[from] +
	       (by > 0 ? p->fresh[bottom + 1] - p->fresh[to + 1]
		       : p->fresh[from] - p->fresh[top]);
}

/* The region that spares the most, if any does. */
static void
choose_region(struct blit *b, const struct prices *p, const struct block *block,
	      struct buf *out)
{
	int by = block->by, size = abs(by), rows = b->shown.rows;
	int best = 0, best_top = 0, best_bottom = 0;

	for (int top = 0; top + size < rows; top++) {
		for (int bottom = top + size; bottom < rows; bottom++) {
			bool same = top == b->top && bottom == b->bottom;
			int spared = p->stay[bottom + 1] - p->stay[top] -
				     after(p, top, bottom, by) - SCROLL -
				     (same ? 0 : REGION);

			if (spared <= best)
				continue;
			best = spared;
			best_top = top;
			best_bottom = bottom;
		}
	}
	if (best > 0)
		move_block(b, best_top, best_bottom, by, out);
}

static void
weigh(struct blit *b, const struct grid *next, const struct block *block,
      struct buf *out)
{
	size_t sums = (size_t)next->rows + 1;
	int *all = xcalloc(sums * 3, sizeof(*all));
	struct prices p = {all, all + sums, all + 2 * sums};

	add_up(&p, &b->shown, next, block->by);
	choose_region(b, &p, block, out);
	free(all);
}

void
blit_scroll(struct blit *b, const struct grid *next, struct buf *out)
{
	int rows = next->rows;
	struct block best = {0};
	uint64_t *old, *new;
	int changed = 0;

	if (!b->caps->text[CAP_REGION] || !b->caps->text[CAP_SCROLL_UP] ||
	    !b->caps->text[CAP_SCROLL_DOWN])
		return;
	old = xcalloc((size_t)rows * 2, sizeof(*old));
	new = old + rows;
	for (int row = 0; row < rows; row++) {
		old[row] = row_hash(&b->shown, row);
		new[row] = row_hash(next, row);
		changed += old[row] != new[row];
	}
	for (int by = 1; by < rows && changed > 1; by++) {
		try_distance(old, new, rows, by, &best);
		try_distance(old, new, rows, -by, &best);
	}
	free(old);
	if (best.spared > 0)
		weigh(b, next, &best, out);
}
