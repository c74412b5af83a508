/*
 * blit_probe.c - how wide the terminal draws what is shown.
 */
#include "mneme/buf.h"
#include "mneme/utf8.h"
#include "tui/blit.h"
#include "tui/grapheme.h"

bool
blit_has_clusters(const struct blit *b)
{
	const struct grid *g = &b->shown;

	for (int i = 0; i < g->rows * g->columns; i++)
		if (grapheme_trust(cell_text(g, &g->cells[i])) >=
		    GRAPHEME_JOINED)
			return true;
	return false;
}

/* A narrow character of ambiguous width, not in the first row. */
static bool
find_ambiguous(const struct grid *g, int *row, int *column)
{
	uint32_t cp;

	for (*row = 1; *row < g->rows; ++*row)
		for (*column = 0; *column + 2 < g->columns; ++*column) {
			const struct cell *c = grid_cell(g, *row, *column);

			if (c->width == 1 && c->length > 1 && !c->pooled &&
			    utf8_decode(cell_text(g, c), &cp) == c->length &&
			    grapheme_is_ambiguous(cp))
				return true;
		}
	return false;
}

bool
blit_probe(struct blit *b, const char *question, struct buf *out)
{
	struct grid *g = &b->shown;
	int row = b->row, column = b->column;

	if (row < 0 || !find_ambiguous(g, &b->probe_row, &b->probe_column))
		return false;
	blit_put(b, g, b->probe_row, b->probe_column, out);
	buf_adds(out, question);
	b->row = -1;
	blit_put(b, g, b->probe_row, b->probe_column + 1, out);
	blit_style(b, (struct style){0}, out);
	b->row = -1;
	blit_move(b, row, column, out);
	return true;
}
