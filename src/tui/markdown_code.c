/*
 * markdown_code.c - a block of code: verbatim for copying, coloured for the
 * eye, cut where the screen ends.
 */
#include "tui/highlight.h"
#include "tui/markdown_private.h"
#include "tui/wrap.h"

enum { CODE_INDENT = 2 };

void
markdown_code_start(struct builder *b, struct slice language)
{
	struct page *out = b->out;
	struct code code = {.language = (uint32_t)out->code_text.len};

	if (buf_add_slice(&out->code_text, language))
		code.language_len = (uint32_t)language.len;
	code.text = (uint32_t)out->code_text.len;
	out->codes = grow(out->codes, &out->code_cap, out->code_count + 1,
			  sizeof(*out->codes));
	out->codes[out->code_count++] = code;
	b->run_count = 0;
}

static void
code_text(struct builder *b, struct slice text, size_t source)
{
	struct page *out = b->out;
	struct code *code = &out->codes[out->code_count - 1];

	if (code->text_len == 0)
		b->code_source = source;
	if (buf_add_slice(&out->code_text, text))
		code->text_len += (uint32_t)text.len;
}

/* The blanks before `at` that are `columns` wide, as they were written: md4c
 * gives spaces for tabs. */
static struct slice
written_blanks(const struct builder *b, const char *at, size_t columns)
{
	const char *line =
		memrchr(b->source.data, '\n', (size_t)(at - b->source.data));
	size_t column = 0, end = 0;
	const char *p = line ? line + 1 : b->source.data;

	line = p;
	for (; p < at; p++)
		end = *p == '\t' ? (end / 4 + 1) * 4 : end + 1;
	for (p = line; p < at; p++) {
		if (end - column == columns) {
			struct slice blanks = slice_make(p, (size_t)(at - p));

			return is_blank_line(blanks) ? blanks
						     : slice_make(NULL, 0);
		}
		column = *p == '\t' ? (column / 4 + 1) * 4 : column + 1;
	}
	return slice_make(NULL, 0);
}

void
markdown_code_piece(struct builder *b, struct slice text)
{
	bool here = builder_holds(b, text.data);
	size_t source = b->base + b->read_end;
	struct slice blanks = slice_make(NULL, 0);

	if (!here && *text.data != '\n') {
		b->code_indent += text.len;
		return;
	}
	if (here && b->code_indent > 0)
		blanks = written_blanks(b, text.data, b->code_indent);
	if (here)
		source = b->base + (size_t)(text.data - b->source.data);
	if (blanks.len) {
		code_text(b, blanks, source - blanks.len);
		b->code_indent = 0;
	}
	for (; b->code_indent > 0; b->code_indent--)
		code_text(b, slice_of(" "), source);
	code_text(b, text, source);
}

static void
add_run(void *arg, int role, size_t len)
{
	struct builder *b = arg;
	struct run *last = b->run_count ? &b->runs[b->run_count - 1] : NULL;

	b->code_at += len;
	if (last && last->role == role) {
		last->end = (uint32_t)b->code_at;
		return;
	}
	b->runs =
		grow(b->runs, &b->run_cap, b->run_count + 1, sizeof(*b->runs));
	b->runs[b->run_count++] = (struct run){.end = (uint32_t)b->code_at,
					       .role = (uint8_t)role};
}

static void
code_spans(struct builder *b, size_t from, size_t to, size_t *run)
{
	struct page *out = b->out;

	while (from < to && *run < b->run_count) {
		const struct run *r = &b->runs[*run];
		size_t end = MIN(to, r->end);
		struct slice text;

		if (r->end <= from) {
			++*run;
			continue;
		}
		text = slice_make(out->code_text.data + from, end - from);
		page_span(out, (struct span){.offset = (uint32_t)from,
					     .len = (uint32_t)text.len,
					     .columns = (uint16_t)page_columns(
						     out, text),
					     .role = r->role,
					     .attributes = SPAN_OF_CODE});
		from = end;
	}
}

static void
label(struct builder *b, const struct code *code)
{
	struct page *out = b->out;
	struct slice name = slice_make(out->code_text.data + code->language,
				       code->language_len);
	struct slice line;
	int column;

	if (name.len == 0 ||
	    !wrap_next(&name, MAX(flow_room(b) - CODE_INDENT, 1), out->wide,
		       WRAP_CLUSTERS, &line))
		return;
	column = flow_prefix(b, b->code_source);
	page_repeat(out, PIECE_BLANKS, CODE_INDENT, ROLE_BLOCK);
	page_text(out, line, ROLE_FENCE);
	page_fill(out, column, ROLE_BLOCK);
}

void
markdown_code_flush(struct builder *b)
{
	struct page *out = b->out;
	struct code *code = &out->codes[out->code_count - 1];
	struct slice all =
		slice_make(out->code_text.data + code->text, code->text_len);
	struct slice language = slice_make(out->code_text.data + code->language,
					   code->language_len);
	struct slice rest = all, line;
	int indent = flow_fits(b, CODE_INDENT) ? CODE_INDENT : 0;
	size_t run = 0;

	flow_gap(b);
	b->code_at = code->text;
	highlight(language_find(language), all, add_run, b);
	code->line = (uint32_t)out->line_count;
	label(b, code);
	while (wrap_next(&rest, MAX(flow_room(b) - indent, 1), out->wide,
			 WRAP_CLUSTERS, &line)) {
		size_t from = (size_t)(line.data - out->code_text.data);
		int column = flow_prefix(b, b->code_source + from - code->text);

		page_repeat(out, PIECE_BLANKS, indent, ROLE_BLOCK);
		code_spans(b, from, from + line.len, &run);
		page_fill(out, column, ROLE_BLOCK);
	}
	if (out->line_count == code->line)
		flow_prefix(b, b->code_source);
	code->line_count = (uint32_t)out->line_count - code->line;
	flow_start(b);
}
