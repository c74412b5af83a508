/* support_paper.c - control sequences onto lines that are never forgotten. */
#include "support_paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "tui/grapheme.h"
#include "tui/live.h"

enum { DUMP_MAX = 64 << 20 };

/* ---- lines ---- */

static struct paper_line *
add_line(struct paper *p)
{
	p->lines = grow(p->lines, &p->cap, p->count + 1, sizeof(*p->lines));
	p->lines[p->count] = (struct paper_line){
		.cells = xcalloc((size_t)p->columns, sizeof(struct cell))};
	for (int i = 0; i < p->columns; i++)
		p->lines[p->count].cells[i].width = 1;
	return &p->lines[p->count++];
}

static void
fill_screen(struct paper *p)
{
	while (p->count < p->top + (size_t)p->rows)
		add_line(p);
}

void
paper_init(struct paper *p, struct pool *pool, int rows, int columns)
{
	*p = (struct paper){.pool = pool, .rows = rows, .columns = columns};
	fill_screen(p);
}

void
paper_drop(struct paper *p)
{
	while (p->count > 0)
		free(p->lines[--p->count].cells);
	free(p->lines);
	p->lines = NULL;
	p->cap = 0;
}

static void
wipe(struct paper *p, size_t line, int from)
{
	for (int i = from; i < p->columns; i++)
		p->lines[line].cells[i] = (struct cell){.width = 1};
	if (from > 0)
		return;
	p->lines[line].used = 0;
	p->lines[line].joined = false;
	if (line + 1 < p->count)
		p->lines[line + 1].joined = false;
}

/* ---- bytes ---- */

static void
feed_line(struct paper *p)
{
	p->row++;
	if (p->row >= p->top + (size_t)p->rows)
		p->top++;
	fill_screen(p);
}

static void
put(struct paper *p, struct slice cluster, int width)
{
	struct paper_line *line = &p->lines[p->row];

	if (p->column + width > p->columns)
		fail_msg("beyond the last column: %.*s", SLICE_ARG(cluster));
	line->cells[p->column] = cell_make(p->pool, cluster, width, p->style);
	if (width == 2)
		line->cells[p->column + 1] = (struct cell){.style = p->style};
	p->column += width;
	line->used = MAX(line->used, p->column);
	/* It does not wrap by itself. */
	p->column = MIN(p->column, p->columns - 1);
}

static void
control(struct paper *p, int n, char final, bool private)
{
	int one = MAX(n, 1);

	switch (final) {
	case 'A':
		p->row -= (size_t)MIN(one, (int)(p->row - p->top));
		break;
	case 'C':
		p->column = MIN(p->column + one, p->columns - 1);
		break;
	case 'J':
		assert_int_equal(n, 0);
		if (p->column == 0 && p->row == p->top)
			fail_msg("cleared from the corner: some keep that");
		wipe(p, p->row, p->column);
		for (size_t i = p->row + 1; i < p->count; i++)
			wipe(p, i, 0);
		break;
	case 'K':
		assert_int_equal(n, 0);
		wipe(p, p->row, p->column);
		break;
	case 'h':
	case 'l':
		if (private && n == 25)
			p->cursor = final == 'h';
		break;
	case 'm':
		break; /* looks are another test's */
	default:
		fail_msg("not for the normal screen: %c", final);
	}
}

static size_t
sequence(struct paper *p, struct slice in)
{
	int n = 0;
	bool private = false;
	size_t at = 2;

	if (in.data[1] == '(')
		return 3;
	if (in.data[1] == ']')
		return slice_find(in, slice_of("\033\\")) + 2;
	assert_int_equal(in.data[1], '[');
	for (; in.data[at] < 0x40; at++) {
		if (in.data[at] == '?')
		private = true;
		else if (in.data[at] != ';') n = n * 10 + in.data[at] - '0';
	}
	control(p, n, in.data[at], private);
	return at + 1;
}

void
paper_read(struct paper *p, struct slice in)
{
	while (in.len > 0) {
		size_t n = 1;
		int width;

		if (*in.data == '\033') {
			n = sequence(p, in);
		} else if (*in.data == '\r') {
			p->column = 0;
		} else if (*in.data == '\n') {
			feed_line(p);
		} else if (*in.data == '\b') {
			assert_true(p->column > 0);
			p->column--;
		} else if (*in.data != '\017') {
			n = grapheme_next(in, false, &width);
			put(p, slice_make(in.data, n), width);
		}
		in = slice_make(in.data + n, in.len - n);
	}
}

/* ---- another size ---- */

/* Lines under the cursor go first, then those at the top leave the screen. */
static void
change_rows(struct paper *p, int rows)
{
	int below = (int)(p->count - 1 - p->row), less = p->rows - rows;

	for (; less > 0 && below > 0; less--, below--)
		free(p->lines[--p->count].cells);
	if (less > 0)
		p->top += (size_t)less;
	else
		p->top -= MIN(p->top, (size_t)-less);
	p->rows = rows;
	p->top = MIN(p->top, p->row);
	fill_screen(p);
}

/* A whole line, cut at the new width; the cursor goes with its cell. */
static void
cut_line(struct paper *to, const struct cell *cells, int used, int cursor)
{
	struct paper_line *line = add_line(to);
	int at = 0;

	for (int i = 0; i < used; i++) {
		int width = MAX(cells[i].width, 1);

		if (cells[i].width == 0)
			continue;
		if (at + width > to->columns) {
			line = add_line(to);
			line->joined = true;
			at = 0;
		}
		if (i <= cursor && (cursor < i + width || i + width >= used)) {
			to->row = to->count - 1;
			to->column = MIN(at + cursor - i, to->columns - 1);
		}
		memcpy(&line->cells[at], &cells[i],
		       (size_t)width * sizeof(*cells));
		at += width;
		line->used = at;
	}
	if (cursor >= 0 && used == 0) {
		to->row = to->count - 1;
		to->column = MIN(cursor, to->columns - 1);
	}
}

static void
change_columns(struct paper *p, int columns)
{
	struct paper next = {.pool = p->pool,
			     .rows = p->rows,
			     .columns = columns,
			     .style = p->style,
			     .cursor = p->cursor};
	struct cell *whole = NULL;
	size_t cap = 0;

	for (size_t i = 0; i < p->count;) {
		int used = 0, cursor = -1;

		do {
			const struct paper_line *line = &p->lines[i];

			whole = grow(whole, &cap,
				     (size_t)(used + line->used + 1),
				     sizeof(*whole));
			if (p->row == i)
				cursor = used + p->column;
			memcpy(whole + used, line->cells,
			       (size_t)line->used * sizeof(*whole));
			used += line->used;
		} while (++i < p->count && p->lines[i].joined);
		cut_line(&next, whole, used, cursor);
	}
	free(whole);
	next.top =
		next.count > (size_t)p->rows ? next.count - (size_t)p->rows : 0;
	if (next.row < next.top) {
		next.row = next.top;
		next.column = 0;
	}
	fill_screen(&next);
	paper_drop(p);
	*p = next;
}

void
paper_size(struct paper *p, int rows, int columns)
{
	if (rows != p->rows)
		change_rows(p, rows);
	if (columns != p->columns)
		change_columns(p, columns);
}

/* ---- looking ---- */

static void
trim(struct buf *out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->len--;
}

void
paper_dump(const struct paper *p, struct buf *out)
{
	const struct grid with = {.pool = p->pool};

	for (size_t i = 0; i < p->count; i++) {
		const struct paper_line *line = &p->lines[i];

		if (i > 0 && !line->joined) {
			trim(out);
			buf_addc(out, '\n');
		}
		for (int at = 0; at < line->used; at++)
			if (line->cells[at].width > 0)
				buf_add_slice(out, cell_text(&with,
							     &line->cells[at]));
	}
	while (out->len > 0 && strchr(" \n", out->data[out->len - 1]))
		out->len--;
	buf_addc(out, '\n');
}

/* ---- what it must show ---- */

static void
add_rows(const struct grid *g, int rows, struct buf *out)
{
	for (int row = 0; row < rows; row++) {
		for (int at = 0; at < g->columns; at++)
			if (grid_cell(g, row, at)->width > 0)
				buf_add_slice(
					out,
					cell_text(g, grid_cell(g, row, at)));
		trim(out);
		buf_addc(out, '\n');
	}
}

static void
show(struct paper_check *c, struct buf *bytes)
{
	paper_read(&c->paper, buf_slice(bytes));
}

int
paper_begin(struct paper_check *c, int rows, int columns)
{
	SCOPED(buf_clear) struct buf out = {.max = DUMP_MAX};
	int lost = 0;

	if (rows == c->rows && columns == c->columns)
		return 0;
	if (c->rows == 0) {
		live_begin(c->live, columns);
	} else {
		lost = live_resize(c->live, (int)(c->paper.row - c->paper.top),
				   columns, &out);
		show(c, &out);
		add_rows(&c->part, lost, c->kept);
	}
	c->rows = rows;
	c->columns = columns;
	return lost;
}

void
paper_append(struct paper_check *c, const struct grid *lines)
{
	SCOPED(buf_clear) struct buf out = {.max = DUMP_MAX};

	live_append(c->live, lines, &out);
	show(c, &out);
	add_rows(lines, lines->rows, c->kept);
}

/* Up to the first line that differs, and what comes then. */
static void
expect_lines(struct buf *want, struct buf *have)
{
	struct slice a = buf_slice(want), b = buf_slice(have), x, y;
	int line = 0;

	while (a.len > 0 || b.len > 0) {
		struct slice rest_a = a, rest_b = b;

		line++;
		x = y = (struct slice){0};
		slice_line(&a, &x);
		slice_line(&b, &y);
		if (!slice_equal(x, y))
			fail_msg("line %d: expected\n%.*s\nbut it is\n%.*s",
				 line, (int)MIN(rest_a.len, 1000), rest_a.data,
				 (int)MIN(rest_b.len, 1000), rest_b.data);
	}
}

void
paper_live(struct paper_check *c, const struct grid *part)
{
	SCOPED(buf_clear) struct buf out = {.max = DUMP_MAX};
	SCOPED(buf_clear) struct buf want = {.max = DUMP_MAX};
	SCOPED(buf_clear) struct buf have = {.max = DUMP_MAX};
	const struct paper *p = &c->paper;

	live_frame(c->live, part, &out);
	show(c, &out);
	grid_resize(&c->part, part->rows, part->columns);
	memcpy(c->part.cells, part->cells,
	       (size_t)part->rows * (size_t)part->columns *
		       sizeof(*part->cells));
	buf_add_slice(&want, buf_slice(c->kept));
	add_rows(part, part->rows, &want);
	while (want.len > 0 && strchr(" \n", want.data[want.len - 1]))
		want.len--;
	buf_addc(&want, '\n');
	paper_dump(p, &have);
	expect_lines(&want, &have);
	assert_int_equal(p->cursor, part->caret_shown);
	if (!part->caret_shown)
		return;
	assert_int_equal(p->column, part->caret_column);
	assert_true(p->row + (size_t)(part->rows - 1 - part->caret_row) <
		    p->count);
}
