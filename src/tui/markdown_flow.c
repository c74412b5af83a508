/*
 * markdown_flow.c - inline text into lines: runs, prefixes, gaps, wrapping.
 *
 * Text is gathered at the end of the lines' text, with a run for each change
 * of style; wrapping cuts it in place, and spans point to it.  Prefixes take
 * the same columns on every line of a container, so wrapping needs one width.
 */
#include "tui/markdown_private.h"
#include "tui/wrap.h"

enum { ROOM_MIN = 8 };

void
flow_start(struct builder *b)
{
	b->start = b->out->text.len;
	b->run_count = 0;
	b->link = 0;
}

static uint8_t
attributes_of(const struct builder *b)
{
	return (uint8_t)(b->base_attributes | (b->strong ? STYLE_BOLD : 0) |
			 (b->emphasis ? STYLE_ITALIC : 0) |
			 (b->strike ? STYLE_STRIKE : 0));
}

static uint8_t
role_of(const struct builder *b)
{
	if (b->code)
		return ROLE_CODE;
	if (b->link_depth)
		return ROLE_LINK;
	return (uint8_t)b->base_role;
}

static struct run *
last_run(const struct builder *b)
{
	return b->run_count ? &b->runs[b->run_count - 1] : NULL;
}

void
flow_add(struct builder *b, struct slice text, size_t source, uint8_t role)
{
	struct run run = {.source = (uint32_t)source,
			  .link = b->link,
			  .role = role,
			  .attributes = attributes_of(b)};
	struct run *last = last_run(b);
	size_t begin = last && last > b->runs ? last[-1].end : b->start;
	size_t at = b->out->text.len;

	if (text.len == 0 || !buf_add_slice(&b->out->text, text))
		return;
	run.end = (uint32_t)b->out->text.len;
	if (last && last->role == run.role && last->link == run.link &&
	    last->attributes == run.attributes &&
	    last->source + (at - begin) == source) {
		last->end = run.end;
		return;
	}
	b->runs =
		grow(b->runs, &b->run_cap, b->run_count + 1, sizeof(*b->runs));
	b->runs[b->run_count++] = run;
}

/* Text of the document; `at` points into the source, or is NULL. */
void
flow_text(struct builder *b, struct slice text, const char *at)
{
	const struct run *last = last_run(b);
	size_t source = b->base;

	if (at)
		source += (size_t)(at - b->source.data);
	else if (last)
		source = last->source;
	flow_add(b, text, source, role_of(b));
}

int
flow_room(const struct builder *b)
{
	int columns = 0;

	for (int i = 0; i < MIN(b->depth, CONTAINERS_MAX); i++)
		columns += b->containers[i].columns;
	return b->out->width - columns;
}

/* Whether one more container leaves enough to read in. */
bool
flow_fits(const struct builder *b, int columns)
{
	return b->depth < CONTAINERS_MAX &&
	       flow_room(b) - columns >= MIN(ROOM_MIN, b->out->width / 2);
}

/* How many containers have something to show on a blank line. */
static int
last_bar(const struct builder *b)
{
	int i = MIN(b->depth, CONTAINERS_MAX);

	while (i > 0 &&
	       !(b->containers[i - 1].quote && b->containers[i - 1].used))
		i--;
	return i;
}

static void
prefix(struct builder *b, bool blank)
{
	int count = blank ? last_bar(b) : MIN(b->depth, CONTAINERS_MAX);

	for (int i = 0; i < count; i++) {
		struct container *c = &b->containers[i];

		if (c->columns == 0)
			continue;
		if (c->quote && (c->used || !blank))
			page_piece(b->out, PIECE_BAR, ROLE_MARK);
		else if (!c->used && !blank)
			page_text(b->out, slice_of(c->first), ROLE_MARK);
		else
			page_repeat(b->out, PIECE_BLANKS, c->columns,
				    ROLE_TEXT);
		if (!blank)
			c->used = true;
	}
}

int
flow_prefix(struct builder *b, size_t source)
{
	page_begin(b->out, MIN(source, b->base + b->end));
	prefix(b, false);
	return b->out->width - flow_room(b);
}

/* The blank line between two blocks, inside the quotes that hold both. */
void
flow_gap(struct builder *b)
{
	size_t source;

	if (!b->gap)
		return;
	b->gap = false;
	if (b->out->line_count == 0)
		return;
	source = b->out->lines[b->out->line_count - 1].source;
	page_begin(b->out, source);
	prefix(b, true);
}

static size_t
run_begin(const struct builder *b, size_t run)
{
	return run ? b->runs[run - 1].end : b->start;
}

size_t
flow_source(const struct builder *b, size_t at, size_t run)
{
	while (run < b->run_count && b->runs[run].end <= at)
		run++;
	if (run == b->run_count)
		return run ? b->runs[run - 1].source : b->base;
	return b->runs[run].source + (at - MIN(at, run_begin(b, run)));
}

int
flow_spans(struct builder *b, size_t from, size_t to, size_t *run)
{
	struct page *out = b->out;
	int columns = 0;

	while (from < to && *run < b->run_count) {
		const struct run *r = &b->runs[*run];
		size_t end = MIN(to, r->end);
		struct span span = {.offset = (uint32_t)from,
				    .link = r->link,
				    .role = r->role,
				    .attributes = r->attributes};

		if (r->end <= from) {
			++*run;
			continue;
		}
		span.len = (uint32_t)(end - from);
		span.columns = (uint16_t)page_columns(
			out, slice_make(out->text.data + from, span.len));
		page_span(out, span);
		columns += span.columns;
		from = end;
	}
	return columns;
}

/* Room for every marker, so that the text stays where it is. */
void
flow_reserve(struct builder *b)
{
	buf_room(&b->out->text, CONTAINERS_MAX * FIRST_MAX);
}

void
flow_flush(struct builder *b)
{
	struct slice rest, line;
	size_t run = 0;

	if (b->out->text.len == b->start)
		return;
	flow_gap(b);
	flow_reserve(b);
	rest = slice_make(b->out->text.data + b->start,
			  b->out->text.len - b->start);
	while (wrap_next(&rest, MAX(flow_room(b), 1), b->out->wide, WRAP_WORDS,
			 &line)) {
		size_t at = (size_t)(line.data - b->out->text.data);

		flow_prefix(b, flow_source(b, at, run));
		flow_spans(b, at, at + line.len, &run);
	}
	flow_start(b);
}
