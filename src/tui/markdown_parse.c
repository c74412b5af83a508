/*
 * markdown_parse.c - what md4c calls, turned into runs and lines.
 *
 * md4c gives no places of blocks, but most text it passes lies in the source.
 * So the line of a top-level block's first text tells where a later parse may
 * begin: when the line before it is blank and it is complete, nothing that
 * comes later can make it part of what stood before.
 */
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/markdown_private.h"

static bool
is_tight(const struct builder *b)
{
	int level = MIN(b->list_depth, CONTAINERS_MAX);

	return level > 0 && b->lists[level - 1].tight;
}

/* ---- where to begin next time */

/* The line that holds `at` begins a block of its own, for good. */
static bool
is_safe(struct slice s, size_t at, bool fenced, size_t *start)
{
	const char *line = memrchr(s.data, '\n', at), *before;
	size_t begin = line ? (size_t)(line - s.data) + 1 : 0;

	if (fenced && begin > 0) { /* the fence stands in the line before */
		line = memrchr(s.data, '\n', begin - 1);
		begin = line ? (size_t)(line - s.data) + 1 : 0;
		if (memcmp(s.data + begin, "```", 3) != 0 &&
		    memcmp(s.data + begin, "~~~", 3) != 0)
			return false;
	}
	*start = begin;
	if (begin == 0 || s.data[begin] == ' ' || s.data[begin] == '\t' ||
	    !memchr(s.data + at, '\n', s.len - at))
		return false;
	before = memrchr(s.data, '\n', begin - 1);
	before = before ? before + 1 : s.data;
	return is_blank_line(
		slice_make(before, (size_t)(s.data + begin - 1 - before)));
}

static void
top_level(struct builder *b, MD_BLOCKTYPE type)
{
	b->pending = type == MD_BLOCK_P || type == MD_BLOCK_H ||
		     type == MD_BLOCK_QUOTE || type == MD_BLOCK_TABLE ||
		     type == MD_BLOCK_UL || type == MD_BLOCK_OL ||
		     type == MD_BLOCK_CODE;
	b->pending_fence = type == MD_BLOCK_CODE;
	b->pending_items = 0;
	if (b->pending)
		b->pending_mark = page_mark(b->out, b->gap);
}

/* Lines that begin with '[' and may be definitions of links. */
static void
find_suspects(struct builder *b)
{
	struct slice rest = b->source, line;

	b->suspect_count = b->suspect_next = 0;
	while (slice_line(&rest, &line)) {
		size_t at = 0, start = (size_t)(line.data - b->source.data);
		const char *bracket;

		while (at < line.len &&
		       strchr(" \t>-+*.)0123456789", line.data[at]))
			at++;
		if (at == line.len || line.data[at] != '[')
			continue;
		bracket = memchr(line.data, ']', line.len);
		if (bracket && !memmem(line.data, line.len, "]:", 2) &&
		    bracket[-1] != '\\')
			continue;
		b->suspects = grow(b->suspects, &b->suspect_cap,
				   b->suspect_count + 1, sizeof(*b->suspects));
		b->suspects[b->suspect_count++] =
			(struct suspect){start, start + line.len};
	}
}

static void
saw_text(struct builder *b, size_t at, size_t len)
{
	size_t start;

	b->read_end = at + len;
	if (b->pending && is_safe(b->source, at, b->pending_fence, &start)) {
		b->found = true;
		b->found_at = start;
		b->found_mark = b->pending_mark;
	}
	b->pending = false;
	while (b->suspect_next < b->suspect_count &&
	       b->suspects[b->suspect_next].start < at + len) {
		if (b->suspects[b->suspect_next].end < at)
			b->definitions = true;
		b->suspect_next++;
	}
}

/* ---- blocks */

static void
enter_container(struct builder *b, bool quote, const char *first)
{
	struct container c = {.quote = quote};
	int columns = quote ? 2 : page_columns(b->out, slice_of(first));

	if (flow_fits(b, columns)) {
		c.columns = columns;
		snprintf(c.first, sizeof(c.first), "%s", first);
	}
	if (b->depth < CONTAINERS_MAX)
		b->containers[b->depth] = c;
	b->depth++;
	b->quotes += quote;
}

static void
leave_container(struct builder *b)
{
	b->depth--;
	if (b->depth < CONTAINERS_MAX)
		b->quotes -= b->containers[b->depth].quote;
}

static void
enter_list(struct builder *b, bool tight, bool ordered, unsigned start,
	   char delimiter)
{
	flow_flush(b);
	if (b->list_depth < CONTAINERS_MAX)
		b->lists[b->list_depth] =
			(struct list_level){ordered, tight, start, delimiter};
	b->list_depth++;
}

static void
enter_item(struct builder *b, const MD_BLOCK_LI_DETAIL *item)
{
	static const char *const bullets[] = {
		"\342\200\242 ",
		"\342\227\246 ",
		"\342\226\252 ",
	};
	int level = MIN(b->list_depth, CONTAINERS_MAX) - 1;
	struct list_level *list = &b->lists[level];
	char number[FIRST_MAX] = "", marker[FIRST_MAX];
	const char *sign = "";

	if (list->ordered)
		snprintf(number, sizeof(number), "%u%c ", list->next++,
			 list->delimiter);
	else if (!item->is_task)
		sign = bullets[(size_t)level % COUNT(bullets)];
	if (item->is_task)
		sign = item->task_mark == ' ' ? "\342\230\220 "
					      : "\342\230\221 ";
	snprintf(marker, sizeof(marker), "%.11s%s", number, sign);
	enter_container(b, false, marker);
	flow_start(b);
}

static void
leave_item(struct builder *b)
{
	int level = MIN(b->depth, CONTAINERS_MAX) - 1;

	flow_flush(b);
	if (b->depth <= CONTAINERS_MAX && !b->containers[level].used &&
	    b->containers[level].columns > 0) {
		flow_gap(b);
		flow_prefix(b, b->base + b->read_end);
		flow_start(b);
	}
	leave_container(b);
}

static void
attribute(const MD_ATTRIBUTE *from, struct buf *out)
{
	struct buf raw;

	buf_init(&raw, from->size * 4 + 16);
	for (size_t i = 0; from->size && from->substr_offsets[i] < from->size;
	     i++) {
		MD_OFFSET at = from->substr_offsets[i];
		struct slice part = slice_make(
			from->text + at, from->substr_offsets[i + 1] - at);

		if (from->substr_types[i] == MD_TEXT_ENTITY)
			entity_decode(part, &raw);
		else
			buf_add_slice(&raw, part);
	}
	filter_line(buf_slice(&raw), out);
	buf_clear(&raw);
}

static void
enter_code(struct builder *b, const MD_BLOCK_CODE_DETAIL *code)
{
	struct buf language;

	flow_flush(b);
	buf_init(&language, (size_t)code->lang.size * 8 + 64);
	attribute(&code->lang, &language);
	b->in_code = true;
	b->code_indent = 0;
	b->code_source = b->base + b->read_end;
	markdown_code_start(b, buf_slice(&language));
	buf_clear(&language);
}

static void
enter_cell(struct builder *b, const MD_BLOCK_TD_DETAIL *cell, bool head)
{
	b->cells = grow(b->cells, &b->cell_cap, b->cell_count + 1,
			sizeof(*b->cells));
	b->cells[b->cell_count] = (struct cell_text){
		.start = b->out->text.len,
		.run = b->run_count ? b->run_count - 1 : 0,
		.align = cell->align == MD_ALIGN_RIGHT    ? ALIGN_RIGHT
			 : cell->align == MD_ALIGN_CENTER ? ALIGN_CENTRE
							  : ALIGN_LEFT};
	b->base_role = head ? ROLE_STRONG : ROLE_TEXT;
}

static void
put_rule(struct builder *b)
{
	flow_flush(b);
	flow_gap(b);
	flow_prefix(b, b->base + b->read_end);
	page_repeat(b->out, PIECE_RULE, flow_room(b), ROLE_RULE);
	flow_start(b);
}

static enum role
text_role(const struct builder *b)
{
	return b->quotes ? ROLE_QUOTE : ROLE_TEXT;
}

/* No span goes over a block's end.  (md4c 0.4.8 does not always tell the end
 * of one: an address with a dollar in it.) */
static void
end_spans(struct builder *b)
{
	link_forget(b);
	b->strong = b->emphasis = b->strike = b->code = 0;
}

/* What tells the levels apart. */
static uint8_t
heading_attributes(unsigned level)
{
	if (level == 1)
		return STYLE_UNDERLINE;
	return level == 2 ? 0 : STYLE_ITALIC;
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct builder *b = arg;

	end_spans(b);
	if (++b->block_depth == 2)
		top_level(b, type);
	b->base_role = text_role(b);
	b->base_attributes = 0;
	switch (type) {
	case MD_BLOCK_QUOTE:
		flow_flush(b);
		enter_container(b, true, "");
		break;
	case MD_BLOCK_UL:
		enter_list(b, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight, false,
			   0, ' ');
		break;
	case MD_BLOCK_OL: {
		const MD_BLOCK_OL_DETAIL *list = detail;

		enter_list(b, list->is_tight, true, list->start,
			   list->mark_delimiter);
		break;
	}
	case MD_BLOCK_LI:
		/* The text of a second item does not say where it begins. */
		if (b->block_depth == 3 && ++b->pending_items > 1)
			b->pending = false;
		enter_item(b, detail);
		break;
	case MD_BLOCK_HR:
		put_rule(b);
		break;
	case MD_BLOCK_H:
		flow_flush(b);
		b->base_role = ROLE_HEADING;
		b->base_attributes = heading_attributes(
			((MD_BLOCK_H_DETAIL *)detail)->level);
		break;
	case MD_BLOCK_CODE:
		enter_code(b, detail);
		break;
	case MD_BLOCK_P:
		flow_flush(b);
		break;
	case MD_BLOCK_TABLE:
		flow_flush(b);
		flow_start(b);
		b->cell_count = 0;
		b->table_columns =
			(int)((MD_BLOCK_TABLE_DETAIL *)detail)->col_count;
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		enter_cell(b, detail, type == MD_BLOCK_TH);
		break;
	default:
		break;
	}
	return 0;
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *arg)
{
	struct builder *b = arg;

	(void)detail;
	end_spans(b);
	b->block_depth--;
	switch (type) {
	case MD_BLOCK_QUOTE:
		flow_flush(b);
		leave_container(b);
		break;
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		b->list_depth--;
		break;
	case MD_BLOCK_LI:
		leave_item(b);
		return 0;
	case MD_BLOCK_H:
	case MD_BLOCK_P:
		flow_flush(b);
		break;
	case MD_BLOCK_HR:
		break;
	case MD_BLOCK_CODE:
		markdown_code_flush(b);
		b->in_code = false;
		break;
	case MD_BLOCK_TABLE:
		markdown_table_flush(b);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		b->cells[b->cell_count++].end = b->out->text.len;
		return 0;
	default:
		return 0;
	}
	b->base_role = text_role(b);
	b->base_attributes = 0;
	b->gap = !is_tight(b);
	return 0;
}

/* ---- spans and text */

static void
enter_link(struct builder *b, const MD_ATTRIBUTE *address)
{
	struct buf text;

	buf_init(&text, (size_t)address->size * 8 + 64);
	attribute(address, &text);
	link_enter(b, buf_slice(&text));
	buf_clear(&text);
}

static void
count_span(struct builder *b, MD_SPANTYPE type, int by)
{
	switch (type) {
	case MD_SPAN_EM:
		b->emphasis += by;
		break;
	case MD_SPAN_STRONG:
		b->strong += by;
		break;
	case MD_SPAN_DEL:
		b->strike += by;
		break;
	case MD_SPAN_CODE:
		b->code += by;
		break;
	default:
		break;
	}
}

static const char *
math_sign(MD_SPANTYPE type)
{
	if (type == MD_SPAN_LATEXMATH)
		return "$";
	return type == MD_SPAN_LATEXMATH_DISPLAY ? "$$" : "";
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct builder *b = arg;

	count_span(b, type, 1);
	flow_text(b, slice_of(math_sign(type)), NULL);
	if (type == MD_SPAN_A)
		enter_link(b, &((MD_SPAN_A_DETAIL *)detail)->href);
	if (type == MD_SPAN_IMG) {
		enter_link(b, &((MD_SPAN_IMG_DETAIL *)detail)->src);
		flow_text(b, slice_of("image: "), NULL);
	}
	return 0;
}

static int
leave_span(MD_SPANTYPE type, void *detail, void *arg)
{
	struct builder *b = arg;

	(void)detail;
	if (type == MD_SPAN_A || type == MD_SPAN_IMG)
		link_leave(b);
	flow_text(b, slice_of(math_sign(type)), NULL);
	count_span(b, type, -1);
	return 0;
}

/* A line feed here is not a break. */
static void
one_line(struct builder *b, struct slice text)
{
	bool here = builder_holds(b, text.data);
	struct slice part;

	for (bool first = true; slice_split(&text, '\n', &part);
	     first = false) {
		if (!first)
			flow_text(b, slice_of(" "), NULL);
		flow_text(b, part, here ? part.data : NULL);
	}
}

/* The backslash of \( and \[ stays: there it begins a formula. */
static bool
is_math_bracket(const struct builder *b, struct slice text)
{
	return builder_holds(b, text.data) && text.data > b->source.data &&
	       text.data[-1] == '\\' && strchr("()[]", *text.data);
}

static int
text(MD_TEXTTYPE type, const MD_CHAR *data, MD_SIZE size, void *arg)
{
	struct builder *b = arg;
	struct slice s = slice_make(data, size);
	struct buf decoded;

	if (builder_holds(b, data))
		saw_text(b, (size_t)(data - b->source.data), size);
	if (size == 0 && type != MD_TEXT_NULLCHAR)
		return 0;
	if (b->in_code) {
		markdown_code_piece(b, s);
		return 0;
	}
	switch (type) {
	case MD_TEXT_BR:
		flow_text(b, slice_of("\n"), NULL);
		break;
	case MD_TEXT_SOFTBR:
		flow_text(b, slice_of(" "), NULL);
		break;
	case MD_TEXT_NULLCHAR:
		flow_text(b, slice_of("\357\277\275"), NULL);
		break;
	case MD_TEXT_ENTITY:
		buf_init(&decoded, (size_t)size * 4 + 16);
		entity_decode(s, &decoded);
		flow_text(b, buf_slice(&decoded),
			  builder_holds(b, data) ? data : NULL);
		buf_clear(&decoded);
		break;
	default:
		if (is_math_bracket(b, s))
			flow_text(b, slice_of("\\"), data - 1);
		one_line(b, s);
	}
	return 0;
}

bool
builder_parse(struct builder *b)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
			 MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS |
			 MD_FLAG_NOHTML | MD_FLAG_LATEXMATHSPANS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text,
	};

	find_suspects(b);
	flow_start(b);
	if (md_parse(b->source.data, (MD_SIZE)b->source.len, &parser, b) != 0)
		return false;
	if (b->suspect_next < b->suspect_count)
		b->definitions = true;
	return true;
}

void
builder_drop(struct builder *b)
{
	link_forget(b);
	free(b->runs);
	free(b->cells);
	free(b->suspects);
}
