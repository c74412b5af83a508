/*
 * markdown_repair.c - rows of dashes that GitHub takes for a table's and md4c
 * does not, because a column has fewer than three.
 *
 * They are lengthened in the source as soon as their line is complete, so it
 * depends on the text alone where that happens.
 */
#include "tui/markdown_private.h"

enum { DASHES = 3 };

static struct slice
line_before(const struct buf *source, size_t start)
{
	const char *before;
	size_t from = 0;

	if (start == 0)
		return slice_make(source->data, 0);
	before = start > 1 ? memrchr(source->data, '\n', start - 1) : NULL;
	if (before)
		from = (size_t)(before - source->data) + 1;
	return slice_make(source->data + from, start - 1 - from);
}

/* How many dashes are missing; 0 when it is no such row. */
static size_t
missing(struct slice line)
{
	size_t lacking = 0, dashes = 0;
	bool pipes = false;

	for (size_t i = 0; i <= line.len; i++) {
		char c = i < line.len ? line.data[i] : '|';

		if (c == '-') {
			dashes++;
			continue;
		}
		if (dashes > 0 && dashes < DASHES)
			lacking += DASHES - dashes;
		dashes = 0;
		pipes |= i < line.len && c == '|';
		if (!strchr(" \t|:>", c) || c == '\0')
			return 0;
	}
	return pipes ? lacking : 0;
}

static void
lengthen(struct slice line, struct buf *out)
{
	size_t dashes = 0;

	for (size_t i = 0; i <= line.len; i++) {
		char c = i < line.len ? line.data[i] : '\0';

		if (c != '-' && dashes > 0)
			for (; dashes < DASHES; dashes++)
				buf_addc(out, '-');
		dashes = c == '-' ? dashes + 1 : 0;
		if (i < line.len)
			buf_addc(out, c);
	}
}

/* The next complete line from `at` on; its LF is not in it. */
static bool
next_line(const struct buf *source, size_t at, bool finished,
	  struct slice *line)
{
	const char *end;

	if (at >= source->len)
		return false;
	*line = slice_make(source->data + at, source->len - at);
	end = memchr(line->data, '\n', line->len);
	if (end)
		line->len = (size_t)(end - line->data);
	return end || finished;
}

/* From the first row that is too short, all is written again. */
static void
rewrite(struct buf *source, size_t from, bool finished, size_t *checked)
{
	struct slice before = line_before(source, from), line;
	struct buf out;
	size_t at = from;

	buf_init(&out, source->max - from);
	while (next_line(source, at, finished, &line)) {
		if (missing(line) && memchr(before.data, '|', before.len))
			lengthen(line, &out);
		else
			buf_add_slice(&out, line);
		before = line;
		at += line.len;
		if (at < source->len) {
			buf_addc(&out, '\n');
			at++;
		}
	}
	*checked = from + out.len;
	buf_add(&out, source->data + at, source->len - at);
	source->len = from;
	buf_add_slice(source, buf_slice(&out));
	buf_clear(&out);
}

void
repair_tables(struct buf *source, size_t *checked, bool finished)
{
	struct slice line;

	while (next_line(source, *checked, finished, &line)) {
		struct slice before = line_before(source, *checked);

		if (missing(line) && memchr(before.data, '|', before.len)) {
			rewrite(source, *checked, finished, checked);
			return;
		}
		*checked += line.len + 1;
	}
	*checked = MIN(*checked, source->len);
}
