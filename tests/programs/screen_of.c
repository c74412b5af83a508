/*
 * screen_of - what a terminal shows, for programs that have its bytes.
 *
 * Lines on stdin: "size COLUMNS ROWS" blanks it; "feed N" and N bytes, cut
 * anywhere, are shown, and a number is printed that differs where cells,
 * styles or cursor do; "text" prints the rows and then a line "end".
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/utf8.h"
#include "support_terminal.h"

enum { BYTES_MAX = 64 << 20 };

/* How many bytes at the start are whole characters and sequences. */
static size_t
whole(struct slice in)
{
	size_t at = in.len - utf8_open_tail(in), escape = at;

	for (size_t i = 0; i < at; i++)
		if (in.data[i] == '\033')
			escape = i;
	if (escape == at)
		return at;
	struct slice last = slice_make(in.data + escape, at - escape);
	if (last.len < 2)
		return escape;
	if (last.data[1] == '(')
		return last.len < 3 ? escape : at;
	if (last.data[1] != '[')
		return at;
	for (size_t i = 2; i < last.len; i++)
		if (last.data[i] >= 0x40)
			return at;
	return escape;
}

static uint64_t
mix(uint64_t sum, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ at[i]) * 0x100000001B3;
	return sum;
}

static uint64_t
sum_of(const struct terminal *t)
{
	const struct grid *g = &t->grid;
	int place[] = {t->row, t->column, t->cursor};
	uint64_t sum = mix(0xCBF29CE484222325, place, sizeof(place));

	for (int i = 0; i < g->rows * g->columns; i++) {
		const struct cell *c = &g->cells[i];
		struct slice text = cell_text(g, c);
		bool blank = slice_is(text, " ") &&
			     (c->style.attributes & ~STYLE_BOLD) == 0;
		uint32_t style[] = {c->style.bg, blank ? 0 : c->style.fg,
				    blank ? 0U : c->style.attributes, c->width};
		sum = mix(sum, text.data, text.len);
		sum = mix(sum, style, sizeof(style));
	}
	return sum;
}

static void
print_text(const struct terminal *t)
{
	for (int row = 0; row < t->grid.rows; row++) {
		for (int column = 0; column < t->grid.columns; column++) {
			const struct cell *c = grid_cell(&t->grid, row, column);
			if (c->width)
				printf("%.*s",
				       SLICE_ARG(cell_text(&t->grid, c)));
		}
		putchar('\n');
	}
	puts("end");
}

/* False at a length that is none or at the end of the input. */
static bool
feed(struct terminal *t, struct buf *waiting, unsigned long long n)
{
	if (n > BYTES_MAX)
		return false;
	SCOPED(free_pointer) char *bytes = xcalloc(1, n + 1);
	if (fread(bytes, 1, n, stdin) != n)
		return false;
	buf_add(waiting, bytes, n);
	SCOPED(buf_clear) struct buf now = *waiting;
	buf_init(waiting, BYTES_MAX);
	size_t end = whole(buf_slice(&now));
	terminal_read(t, slice_make(now.data, end));
	buf_add(waiting, now.data + end, now.len - end);
	printf("%016llx\n", (unsigned long long)sum_of(t));
	return true;
}

int
main(void)
{
	struct terminal t = {0};
	SCOPED(buf_clear) struct buf waiting;
	char line[80];
	bool good = true;

	buf_init(&waiting, BYTES_MAX);
	struct pool *pool = pool_create();
	grid_init(&t.grid, pool);
	terminal_size(&t, 24, 80);
	while (good && fgets(line, sizeof(line), stdin)) {
		int columns, rows;
		unsigned long long n;
		if (sscanf(line, "size %d %d", &columns, &rows) == 2)
			terminal_size(&t, rows, columns);
		else if (sscanf(line, "feed %llu", &n) == 1)
			good = feed(&t, &waiting, n);
		else if (slice_is(slice_of(line), "text\n"))
			print_text(&t);
		else
			good = false;
		fflush(stdout);
	}
	if (!good)
		fprintf(stderr, "screen_of: not understood: %s", line);
	grid_drop(&t.grid);
	pool_destroy(&pool);
	return good ? 0 : 2;
}
