/*
 * markdown_page.c - arrays of lines and spans, and the drawing of one.
 *
 * A span knows its columns, and the next one begins after them whatever was
 * drawn: what a cluster cut by a change of style does to widths never moves
 * the rest of a table.
 */
#include <stdlib.h>

#include "tui/grapheme.h"
#include "tui/markdown_private.h"

enum { TEXT_MAX = 512 << 20, REPEATED = 64 };

static const struct {
	const char *text, *ascii; /* where line drawing takes two columns */
	int columns;
	int times;
} pieces[PIECE_COUNT] = {
	[PIECE_BLANKS] = {" ", " ", 1, REPEATED},
	[PIECE_RULE] = {"\342\224\200", "-", 1, REPEATED},
	[PIECE_BAR] = {"\342\224\202 ", "| ", 2, 1},
	[PIECE_COLUMN] = {" \342\224\202 ", " | ", 3, 1},
	[PIECE_CROSS] = {"\342\224\200\342\224\274\342\224\200", "-+-", 3, 1},
};

static const char *
piece_text(const struct page *l, enum piece piece)
{
	return l->wide ? pieces[piece].ascii : pieces[piece].text;
}

static void
add_pieces(struct page *l)
{
	for (int i = 0; i < PIECE_COUNT; i++) {
		l->pieces[i] = (uint32_t)l->text.len;
		for (int n = 0; n < pieces[i].times; n++)
			buf_adds(&l->text, piece_text(l, (enum piece)i));
	}
}

void
page_init(struct page *l)
{
	buf_init(&l->text, TEXT_MAX);
	buf_init(&l->code_text, TEXT_MAX);
	buf_init(&l->addresses, TEXT_MAX);
}

void
page_start(struct page *l, int width, bool wide)
{
	struct mark none = {0};

	page_cut(l, &none);
	l->width = width;
	l->wide = wide;
	add_pieces(l);
}

void
page_drop(struct page *l)
{
	buf_clear(&l->text);
	buf_clear(&l->code_text);
	buf_clear(&l->addresses);
	free(l->spans);
	free(l->lines);
	free(l->links);
	free(l->codes);
	*l = (struct page){.width = 0};
	page_init(l);
}

struct mark
page_mark(const struct page *l, bool gap)
{
	return (struct mark){l->text.len,      l->span_count,
			     l->line_count,    l->link_count,
			     l->code_count,    l->code_text.len,
			     l->addresses.len, gap};
}

void
page_cut(struct page *l, const struct mark *mark)
{
	l->text.len = mark->text;
	l->span_count = mark->spans;
	l->line_count = mark->lines;
	l->link_count = mark->links;
	l->code_count = mark->codes;
	l->code_text.len = mark->code_text;
	l->addresses.len = mark->addresses;
	l->table_end = MIN(l->table_end, mark->lines);
}

size_t
page_memory(const struct page *l)
{
	return l->text.cap + l->code_text.cap + l->addresses.cap +
	       l->span_cap * sizeof(*l->spans) +
	       l->line_cap * sizeof(*l->lines) +
	       l->link_cap * sizeof(*l->links) +
	       l->code_cap * sizeof(*l->codes);
}

void
page_begin(struct page *l, size_t source)
{
	l->lines = grow(l->lines, &l->line_cap, l->line_count + 1,
			sizeof(*l->lines));
	l->lines[l->line_count++] = (struct line){
		.span = (uint32_t)l->span_count, .source = (uint32_t)source};
}

void
page_span(struct page *l, struct span span)
{
	if (span.len == 0)
		return;
	l->spans = grow(l->spans, &l->span_cap, l->span_count + 1,
			sizeof(*l->spans));
	l->spans[l->span_count++] = span;
}

void
page_text(struct page *l, struct slice text, enum role role)
{
	struct span span = {.offset = (uint32_t)l->text.len,
			    .columns = (uint16_t)page_columns(l, text),
			    .role = (uint8_t)role};

	if (buf_add_slice(&l->text, text))
		span.len = (uint32_t)text.len;
	page_span(l, span);
}

int
page_piece(struct page *l, enum piece piece, enum role role)
{
	page_span(l,
		  (struct span){.offset = l->pieces[piece],
				.len = (uint32_t)strlen(piece_text(l, piece)),
				.columns = (uint16_t)pieces[piece].columns,
				.role = (uint8_t)role});
	return pieces[piece].columns;
}

void
page_repeat(struct page *l, enum piece piece, int columns, enum role role)
{
	uint32_t bytes = (uint32_t)strlen(piece_text(l, piece));

	for (; columns > 0; columns -= REPEATED) {
		int n = MIN(columns, REPEATED);

		page_span(l, (struct span){.offset = l->pieces[piece],
					   .len = bytes * (uint32_t)n,
					   .columns = (uint16_t)n,
					   .role = (uint8_t)role});
	}
}

void
page_fill(struct page *l, int column, enum role role)
{
	struct line *line = &l->lines[l->line_count - 1];

	line->fill = (uint16_t)column;
	line->filled = (uint8_t)role;
}

int
page_columns(const struct page *l, struct slice text)
{
	size_t at = 0;

	while (at < text.len && text.data[at] >= 0x20 && text.data[at] < 0x7F)
		at++;
	if (at == text.len)
		return (int)at;
	at -= at > 0; /* a mark may follow */
	return (int)at +
	       grapheme_columns(slice_make(text.data + at, text.len - at),
				l->wide);
}

struct slice
page_span_text(const struct page *l, const struct span *span)
{
	const struct buf *from =
		span->attributes & SPAN_OF_CODE ? &l->code_text : &l->text;

	return slice_make(from->data + span->offset, span->len);
}

size_t
page_span_end(const struct page *l, size_t line)
{
	return line + 1 < l->line_count ? l->lines[line + 1].span
					: l->span_count;
}

static void
overlay(struct style *style, struct style with)
{
	style->attributes |= with.attributes;
	if (style->fg == 0)
		style->fg = with.fg;
}

/* Code has its block's background unless its role brings one. */
static struct style
span_style(const struct span *span, const struct theme *theme)
{
	struct style style = theme->roles[span->role];

	if ((span->attributes & SPAN_OF_CODE || span->role == ROLE_FENCE) &&
	    style.bg == 0)
		style.bg = theme->roles[ROLE_BLOCK].bg;
	if (span->attributes & STYLE_BOLD)
		overlay(&style, theme->roles[ROLE_STRONG]);
	if (span->attributes & STYLE_ITALIC)
		overlay(&style, theme->roles[ROLE_EMPHASIS]);
	if (span->attributes & STYLE_STRIKE)
		overlay(&style, theme->roles[ROLE_STRIKE]);
	style.attributes |= span->attributes & STYLE_UNDERLINE;
	return style;
}

void
page_draw(const struct page *l, size_t index, struct grid *g, int row,
	  int column, const struct theme *theme)
{
	const struct line *line = &l->lines[index];
	size_t end = page_span_end(l, index);

	if (line->filled)
		grid_fill(g, row, column + line->fill, l->width - line->fill,
			  theme->roles[line->filled]);
	for (size_t i = line->span; i < end; i++) {
		const struct span *span = &l->spans[i];
		struct style style = span_style(span, theme);

		if (span->link) {
			const struct link *link = &l->links[span->link - 1];

			style.link = pool_add(
				g->pool,
				slice_make(l->addresses.data + link->offset,
					   link->len));
		}
		grid_text(g, row, column, column + span->columns,
			  page_span_text(l, span), style);
		column += span->columns;
	}
}
