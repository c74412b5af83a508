/*
 * lines.c - cells in one array, lines as stretches of it.
 *
 * Only the last line grows, so adding never moves another.
 */
#include "tui/lines.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/grapheme.h"
#include "tui/wrap.h"

void
lines_init(struct lines *l, struct pool *pool, bool wide)
{
	*l = (struct lines){.pool = pool, .wide = wide};
}

void
lines_clear(struct lines *l)
{
	free(l->cells);
	free(l->at);
	l->cells = NULL;
	l->at = NULL;
	l->cell_count = l->cell_cap = l->count = l->cap = 0;
}

void
lines_reset(struct lines *l)
{
	l->cell_count = l->count = 0;
}

void
lines_cut(struct lines *l, size_t count)
{
	if (count >= l->count)
		return;
	l->cell_count = l->at[count].first;
	l->count = count;
}

void
lines_begin(struct lines *l, size_t source)
{
	l->at = grow(l->at, &l->cap, l->count + 1, sizeof(*l->at));
	l->at[l->count++] =
		(struct line){.first = l->cell_count, .source = source};
}

static struct line *
last(struct lines *l)
{
	if (l->count == 0)
		lines_begin(l, 0);
	return &l->at[l->count - 1];
}

/* Room for `n` more cells of the last line, blank. */
static struct cell *
more(struct lines *l, int n)
{
	size_t at = l->cell_count;

	l->cells =
		grow(l->cells, &l->cell_cap, at + (size_t)n, sizeof(*l->cells));
	l->cell_count += (size_t)n;
	last(l)->columns += n;
	return &l->cells[at];
}

int
lines_fill(struct lines *l, int columns, struct style style)
{
	struct line *line = last(l);

	if (columns > 0) {
		struct cell *at = more(l, columns);
		for (int i = 0; i < columns; i++)
			at[i] = (struct cell){.width = 1, .style = style};
	}
	return line->columns;
}

int
lines_add(struct lines *l, struct slice text, struct style style)
{
	struct line *line = last(l);

	while (text.len > 0) {
		int width;
		size_t n = grapheme_next(text, l->wide, &width);
		struct slice cluster = slice_make(text.data, n);

		text = slice_make(text.data + n, text.len - n);
		if (*cluster.data == '\t') {
			lines_fill(l, width, style);
		} else if (width > 0 && (uint8_t)*cluster.data >= 0x20) {
			struct cell *at = more(l, width);
			at[0] = cell_make(l->pool, cluster, width, style);
			if (width == 2)
				at[1] = (struct cell){.style = style};
		}
	}
	return line->columns;
}

void
lines_wrap(struct lines *l, struct slice text, int indent, int width,
	   struct style style)
{
	struct slice rest = text, part;
	int room = MAX(width - indent, 1);
	bool joined = false;

	while (wrap_next(&rest, room, l->wide, WRAP_WORDS, &part)) {
		size_t next = (size_t)(rest.data - text.data);

		lines_begin(l, (size_t)(part.data - text.data));
		last(l)->joined = joined;
		lines_fill(l, indent, (struct style){0});
		lines_add(l, part, style);
		joined = next > 0 && text.data[next - 1] != '\n';
	}
}

void
lines_draw(const struct lines *l, size_t n, struct grid *grid, int row,
	   int column, int end)
{
	const struct line *line = &l->at[n];

	if (row < 0 || row >= grid->rows)
		return;
	end = MIN(end, grid->columns);
	for (int i = 0; i < line->columns && column + i < end; i++) {
		const struct cell *c = &l->cells[line->first + (size_t)i];

		if (c->width == 2 && column + i + 2 > end)
			break;
		grid_put(grid, row, column + i, c);
	}
}

void
lines_text(const struct lines *l, size_t n, struct buf *out)
{
	const struct grid with = {.pool = l->pool};
	const struct line *line = &l->at[n];

	for (int i = 0; i < line->columns; i++)
		buf_add_slice(
			out,
			cell_text(&with, &l->cells[line->first + (size_t)i]));
}
