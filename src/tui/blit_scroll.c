/*
 * blit_scroll.c - a block of rows that only moved is moved, not drawn.
 *
 * Rows are compared by hash.  For each distance the longest run of rows that
 * are the old ones so far away is found; it is worth it when it spares more
 * than a few rows.  A wrong guess costs bytes, never a wrong screen: the
 * difference is taken afterwards.
 */
#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"

enum { WORTH = 3 };

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

static int
count_changed(const uint64_t *old, const uint64_t *new,
	      const struct block *block)
{
	int changed = 0;

	for (int row = block->first; row <= block->last; row++)
		changed += old[row] != new[row];
	return changed;
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
move_block(struct blit *b, const struct block *block, struct buf *out)
{
	int first = MIN(block->first, block->first + block->by);
	int last = MAX(block->last, block->last + block->by);

	blit_style(b, (struct style){0}, out);
	caps_put(b->caps, CAP_REGION, first, last, out);
	caps_put(b->caps, CAP_MOVE, block->by > 0 ? last : first, 0, out);
	caps_put(b->caps, block->by > 0 ? CAP_SCROLL_UP : CAP_SCROLL_DOWN,
		 abs(block->by), 0, out);
	caps_put(b->caps, CAP_REGION, 0, b->shown.rows - 1, out);
	b->row = -1;
	shift_rows(&b->shown, first, last, block->by);
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
	for (int by = 1; by < rows && changed > WORTH; by++) {
		try_distance(old, new, rows, by, &best);
		try_distance(old, new, rows, -by, &best);
	}
	if (best.spared > WORTH && count_changed(old, new, &best) > WORTH)
		move_block(b, &best, out);
	free(old);
}
