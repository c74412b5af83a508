/*
 * test_doubt.c - a terminal that knows no clusters: what it shows wrongly while
 * they are there is gone when they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "support_terminal.h"
#include "tui/blit.h"
#include "tui/caps.h"

enum { ROWS = 6, COLUMNS = 40, ROUNDS = 2000 };

static unsigned
below(uint64_t *state, unsigned n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*state >> 33) % n;
}

static void
draw_random(struct grid *g, uint64_t *chance, bool clusters)
{
	static const char *const texts[] = {
		"a",
		" ",
		"word ",
		"中",
		"   ",
		"xyz",
		"\xF0\x9F\x91\xA9\xF0\x9F\x8F\xBD\xE2\x80\x8D\xF0\x9F\x9A\x80",
		"\xE2\x98\x80\xEF\xB8\x8F",
		"\xF0\x9F\x87\xB5\xF0\x9F\x87\xB9"};

	grid_blank(g);
	for (int row = 0; row < ROWS; row++)
		for (int at = 0; at < COLUMNS - 1 && below(chance, 12);) {
			const char *text =
				texts[below(chance, clusters ? 9 : 6)];

			at = grid_text(g, row, at, COLUMNS, slice_of(text),
				       (struct style){0});
		}
}

static void
nothing_of_a_cluster_is_left(void **state)
{
	struct pool *pool = pool_create();
	struct terminal terminal = {.by_character = true};
	struct grid g;
	struct caps caps;
	struct blit blit;
	struct error err = {0};
	uint64_t chance = 11;

	(void)state;
	assert_true(caps_load(&caps, "xterm-256color", 1, &err));
	blit_init(&blit, &caps, pool);
	grid_init(&terminal.grid, pool);
	terminal_size(&terminal, ROWS, COLUMNS);
	grid_init(&g, pool);
	grid_resize(&g, ROWS, COLUMNS);
	for (int i = 0; i < ROUNDS; i++) {
		SCOPED(buf_clear) struct buf out = {.max = 1 << 20};

		draw_random(&g, &chance, i % 3 > 0);
		blit_frame(&blit, &g, &out);
		terminal_read(&terminal, buf_slice(&out));
		if (i % 3 == 0)
			terminal_expect(&terminal, &g);
	}
	grid_drop(&g);
	grid_drop(&terminal.grid);
	blit_drop(&blit);
	caps_unload(&caps);
	pool_destroy(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_of_a_cluster_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
