/*
 * test_live.c - lines that are written once and a part that is drawn again, in
 * a terminal that keeps and wraps its lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "support_paper.h"
#include "tui/caps.h"
#include "tui/live.h"

enum { EVENTS = 3000 };

struct desk {
	struct caps caps;
	struct pool *pool;
	struct live live;
	struct buf kept;
	struct paper_check check;
	uint64_t chance;
	int line; /* numbers the lines that are written */
};

static unsigned
below(struct desk *d, unsigned n)
{
	d->chance =
		d->chance * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(d->chance >> 33) % n;
}

static int
make(void **state)
{
	struct desk *d = xcalloc(1, sizeof(*d));
	struct error err = {0};

	assert_true(caps_load(&d->caps, "xterm-256color", 1, &err));
	d->pool = pool_create();
	live_init(&d->live, &d->caps, d->pool);
	buf_init(&d->kept, 64 << 20);
	d->check = (struct paper_check){.live = &d->live, .kept = &d->kept};
	grid_init(&d->check.part, d->pool);
	paper_init(&d->check.paper, d->pool, 24, 80);
	paper_begin(&d->check, 24, 80);
	*state = d;
	return 0;
}

static int
drop(void **state)
{
	struct desk *d = *state;

	paper_drop(&d->check.paper);
	grid_drop(&d->check.part);
	live_drop(&d->live);
	caps_unload(&d->caps);
	pool_destroy(&d->pool);
	buf_clear(&d->kept);
	free(d);
	return 0;
}

static void
fill_row(struct desk *d, struct grid *g, int row)
{
	static const char *const words[] = {"word",
					    "中文",
					    "─",
					    "│ ",
					    "e\xCC\x81",
					    "long-long-word",
					    "\xF0\x9F\x87\xB5\xF0\x9F\x87\xB9",
					    "x"};
	struct style style = {.attributes = below(d, 3) ? 0 : STYLE_BOLD};
	char number[24];
	int at, n = (int)below(d, 12);

	if (below(d, 5) == 0)
		return; /* blank */
	snprintf(number, sizeof(number), "%d ", ++d->line);
	at = grid_text(g, row, 0, g->columns, slice_of(number), style);
	for (int i = 0; i < n; i++)
		at = grid_text(g, row, at, g->columns,
			       slice_of(words[below(d, COUNT(words))]), style);
	if (below(d, 6) == 0)
		grid_fill(g, row, at, g->columns - at,
			  (struct style){.bg = COLOUR(7)});
}

static void
append(struct desk *d, int rows)
{
	struct grid g = {.pool = d->pool};

	grid_resize(&g, rows, d->check.columns);
	for (int row = 0; row < rows; row++)
		fill_row(d, &g, row);
	paper_append(&d->check, &g);
	grid_drop(&g);
}

static void
draw(struct desk *d, int rows)
{
	struct grid g = {.pool = d->pool};
	int caret = (int)below(d, (unsigned)rows);

	grid_resize(&g, rows, d->check.columns);
	for (int row = 0; row < rows; row++)
		fill_row(d, &g, row);
	/* The cursor stands on a text, or right behind it. */
	g.caret_shown = below(d, 8) > 0;
	g.caret_row = caret;
	while (g.caret_column + 1 < g.columns &&
	       !cell_is_blank(grid_cell(&g, caret, g.caret_column)) &&
	       below(d, 20))
		g.caret_column++;
	paper_live(&d->check, &g);
	grid_drop(&g);
}

static void
resize(struct desk *d, int rows, int columns)
{
	paper_size(&d->check.paper, rows, columns);
	paper_begin(&d->check, rows, columns);
}

static void
each_line_stands_once_in_any_order_of_events(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < EVENTS; i++) {
		unsigned what = below(d, 10);

		if (what == 0)
			resize(d, 20 + (int)below(d, 30),
			       40 + (int)below(d, 120));
		if (what < 4)
			append(d, 1 + (int)below(d, what == 1 ? 100 : 4));
		draw(d, 1 + (int)below(d, what == 9 ? 19 : 5));
		/* The comparison is of everything that was ever written. */
		if (i % 100 == 99) {
			void *again = d;

			drop(&again);
			make(state);
			d = *state;
			d->chance = (uint64_t)i;
		}
	}
}

static void
a_row_that_does_not_change_costs_nothing(void **state)
{
	struct desk *d = *state;
	SCOPED(buf_clear) struct buf out = {.max = 1 << 20};
	struct grid g = {.pool = d->pool};

	grid_resize(&g, 3, 80);
	grid_text(&g, 0, 0, 80, slice_of("open text"), (struct style){0});
	grid_text(&g, 2, 0, 80, slice_of("status"), (struct style){0});
	g.caret_shown = true;
	live_frame(&d->live, &g, &out);
	buf_reset(&out);
	live_frame(&d->live, &g, &out);
	assert_int_equal(out.len, 0);
	grid_text(&g, 0, 9, 80, slice_of("!"), (struct style){0});
	live_frame(&d->live, &g, &out);
	assert_true(out.len < 20);
	grid_drop(&g);
}

static void
what_becomes_finished_as_it_stands_is_not_written_again(void **state)
{
	struct desk *d = *state;
	SCOPED(buf_clear) struct buf out = {.max = 1 << 20};
	struct grid g = {.pool = d->pool}, first = {.pool = d->pool};

	grid_resize(&g, 2, 80);
	grid_resize(&first, 1, 80);
	grid_text(&g, 0, 0, 80, slice_of("a line"), (struct style){0});
	grid_text(&first, 0, 0, 80, slice_of("a line"), (struct style){0});
	live_frame(&d->live, &g, &out);
	buf_reset(&out);
	live_append(&d->live, &first, &out);
	assert_true(slice_find(buf_slice(&out), slice_of("line")) == out.len);
	grid_drop(&g);
	grid_drop(&first);
}

static void
the_part_goes_away_without_a_trace(void **state)
{
	struct desk *d = *state;
	SCOPED(buf_clear) struct buf out = {.max = 1 << 20};
	SCOPED(buf_clear) struct buf left = {.max = 1 << 20};

	append(d, 3);
	draw(d, 5);
	live_wipe_later(&d->live, &out);
	paper_read(&d->check.paper, buf_slice(&out));
	paper_dump(&d->check.paper, &left);
	while (d->kept.len > 0 && strchr(" \n", d->kept.data[d->kept.len - 1]))
		d->kept.len--;
	buf_addc(&d->kept, '\n');
	assert_string_equal(buf_text(&left), buf_text(&d->kept));
	assert_int_equal(d->check.paper.row, 3);
	assert_int_equal(d->check.paper.column, 0);
}

int
main(void)
{
#define ON_PAPER(test) cmocka_unit_test_setup_teardown(test, make, drop)
	const struct CMUnitTest tests[] = {
		ON_PAPER(each_line_stands_once_in_any_order_of_events),
		ON_PAPER(a_row_that_does_not_change_costs_nothing),
		ON_PAPER(
			what_becomes_finished_as_it_stands_is_not_written_again),
		ON_PAPER(the_part_goes_away_without_a_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
