/*
 * markdown.c - one text: its source, its lines, and how far they are final.
 *
 * `safe` is an offset at which a parse may begin: all before it gave the lines
 * up to `mark`, and gives them whatever follows.  A definition of a link can
 * change any text before it; a text that has one is parsed whole each time.
 * A long tail is not parsed for each few bytes: it waits until it has grown by
 * a part of its length, or ends.
 */
#include "tui/markdown.h"

#include <stdlib.h>

#include "tui/markdown_private.h"

enum { LONG_TAIL = 64 << 10, PART = 16 };

struct markdown {
	struct filter filter;
	struct buf source;
	size_t checked; /* of the source, for repairs */
	struct page lines;
	size_t safe;
	struct mark mark;
	size_t parsed; /* of the source, by the last layout */
	bool finished, laid_out, closed, definitions;
};

struct markdown *
markdown_create(void)
{
	struct markdown *m = xcalloc(1, sizeof(*m));

	page_init(&m->lines);
	buf_init(&m->source, MARKDOWN_MAX);
	filter_init(&m->filter);
	return m;
}

void
markdown_destroy(struct markdown **m)
{
	if (!*m)
		return;
	page_drop(&(*m)->lines);
	buf_clear(&(*m)->source);
	free(*m);
	*m = NULL;
}

void
markdown_add(struct markdown *m, struct slice text)
{
	if (m->finished)
		return;
	filter_feed(&m->filter, text, &m->source);
	repair_tables(&m->source, &m->checked, false);
}

void
markdown_finish(struct markdown *m)
{
	if (m->finished)
		return;
	filter_finish(&m->filter, &m->source);
	repair_tables(&m->source, &m->checked, true);
	m->finished = true;
}

void
markdown_forget_lines(struct markdown *m)
{
	page_drop(&m->lines);
	m->laid_out = false;
}

void
markdown_reset(struct markdown *m)
{
	markdown_forget_lines(m);
	buf_reset(&m->source);
	filter_init(&m->filter);
	m->checked = 0;
	m->finished = false;
}

struct slice
markdown_source(const struct markdown *m)
{
	return buf_slice(&m->source);
}

static void
start_over(struct markdown *m)
{
	page_start(&m->lines, m->lines.width, m->lines.wide);
	m->safe = 0;
	m->mark = page_mark(&m->lines, false);
}

static bool
is_due(const struct markdown *m)
{
	size_t tail = m->source.len - m->safe;
	size_t grown = m->source.len - m->parsed;

	if (!m->laid_out || (m->finished && !m->closed))
		return true;
	return grown > 0 && (tail < LONG_TAIL || grown >= tail / PART);
}

/* Nobody can say what it means: show it as it is. */
static void
show_source(struct markdown *m, struct builder *b)
{
	page_cut(&m->lines, &m->mark);
	link_forget(b);
	*b = (struct builder){.out = &m->lines,
			      .source = b->source,
			      .base = b->base,
			      .end = b->source.len,
			      .gap = m->mark.gap,
			      .runs = b->runs,
			      .run_cap = b->run_cap,
			      .cells = b->cells,
			      .suspects = b->suspects};
	flow_start(b);
	flow_text(b, b->source, b->source.data);
	flow_flush(b);
}

static void
parse_tail(struct markdown *m)
{
	struct builder b = {.out = &m->lines,
			    .base = m->safe,
			    .gap = m->mark.gap,
			    .open = !m->finished};
	SCOPED(buf_clear) struct buf closed = {.max = 2 * LONG_TAIL};

	page_cut(&m->lines, &m->mark);
	b.source = slice_make(buf_text(&m->source) + m->safe,
			      m->source.len - m->safe);
	b.end = b.source.len;
	if (b.open && b.source.len < LONG_TAIL &&
	    close_signs(b.source, &closed))
		b.source = buf_slice(&closed);
	if (!builder_parse(&b))
		show_source(m, &b);
	if (b.definitions) {
		m->definitions = true;
	} else if (b.found) {
		m->safe += b.found_at;
		m->mark = b.found_mark;
	}
	builder_drop(&b);
}

size_t
markdown_layout(struct markdown *m, int width, bool wide)
{
	size_t first;

	width = MAX(width, MARKDOWN_WIDTH_MIN);
	if (m->lines.width != width || m->lines.wide != wide)
		m->laid_out = false;
	if (!is_due(m))
		return m->lines.line_count;
	if (!m->laid_out) {
		m->lines.width = width;
		m->lines.wide = wide;
		m->definitions = false;
		start_over(m);
	}
	first = m->mark.lines;
	parse_tail(m);
	if (m->definitions && m->safe > 0) {
		start_over(m);
		parse_tail(m);
		first = 0;
	}
	m->laid_out = true;
	m->closed = m->finished;
	m->parsed = m->source.len;
	return first;
}

size_t
markdown_lines(const struct markdown *m)
{
	return m->lines.line_count;
}

void
markdown_draw(const struct markdown *m, size_t line, struct grid *g, int row,
	      int column, const struct theme *theme)
{
	page_draw(&m->lines, line, g, row, column, theme);
}

void
markdown_line_text(const struct markdown *m, size_t line, struct buf *out)
{
	size_t end = page_span_end(&m->lines, line);

	for (size_t i = m->lines.lines[line].span; i < end; i++)
		buf_add_slice(out,
			      page_span_text(&m->lines, &m->lines.spans[i]));
}

size_t
markdown_line_source(const struct markdown *m, size_t line)
{
	return m->lines.lines[line].source;
}

size_t
markdown_line_at(const struct markdown *m, size_t source)
{
	size_t low = 0, high = m->lines.line_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->lines.lines[middle].source <= source)
			low = middle + 1;
		else
			high = middle;
	}
	low -= low > 0;
	/* A blank line has the source of the one before it. */
	while (low > 0 &&
	       m->lines.lines[low - 1].source == m->lines.lines[low].source)
		low--;
	return low;
}

size_t
markdown_settled(const struct markdown *m, size_t *source)
{
	*source = m->safe;
	return m->mark.lines;
}

/* Where the last lines of a text begin, so many. */
static size_t
last_lines(struct slice text, int count)
{
	size_t at = text.len;

	for (; at > 0 && count > 0; count--) {
		at--;
		while (at > 0 && text.data[at - 1] != '\n')
			at--;
	}
	return at;
}

/* A row of a table can change those before it.  Of the last two lines of a
 * source it is not known yet what they are (under the head of a table comes
 * its rule), nor where they wrap (a link's address comes after its name); the
 * line before what they begin may hold some of them too. */
size_t
markdown_steady(const struct markdown *m)
{
	struct slice source = slice_make(buf_text(&m->source), m->parsed);
	size_t n = m->lines.line_count, bound = last_lines(source, 2);

	if (m->lines.table_end > m->mark.lines)
		return m->mark.lines;
	while (n > 0 && m->lines.lines[n - 1].source >= bound)
		n--;
	return MAX(n - (n > 0), m->mark.lines);
}

static bool
is_gap(const struct markdown *m, size_t line)
{
	SCOPED(buf_clear) struct buf text = {.max = MARKDOWN_MAX};

	if (line == 0 ||
	    m->lines.lines[line].source != m->lines.lines[line - 1].source)
		return false;
	markdown_line_text(m, line, &text);
	return is_blank_line(buf_slice(&text));
}

size_t
markdown_line_from(const struct markdown *m, size_t source)
{
	size_t low = 0, high = m->lines.line_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (m->lines.lines[middle].source < source)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && low < m->lines.line_count && is_gap(m, low - 1))
		low--;
	return low;
}

size_t
markdown_blocks(const struct markdown *m)
{
	return m->lines.code_count;
}

struct markdown_block
markdown_block(const struct markdown *m, size_t index)
{
	const struct code *code = &m->lines.codes[index];
	const char *text = buf_text(&m->lines.code_text);

	return (struct markdown_block){
		.language =
			slice_make(text + code->language, code->language_len),
		.text = slice_make(text + code->text, code->text_len),
		.line = code->line,
		.line_count = code->line_count,
	};
}

size_t
markdown_memory(const struct markdown *m)
{
	return sizeof(*m) + m->source.cap + page_memory(&m->lines);
}
