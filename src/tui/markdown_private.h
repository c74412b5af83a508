/*
 * markdown_private.h - the lines of a markdown, and what builds them.
 *
 * Lines are rows of spans; spans point into one growing text.  Everything is
 * an array that only grows at its end, so a layout begins by cutting all of
 * them back to a mark and goes on from there.
 */
#ifndef TUI_MARKDOWN_PRIVATE_H
#define TUI_MARKDOWN_PRIVATE_H

#include "mneme/buf.h"
#include "mneme/filter.h"
#include "tui/markdown.h"
#include "tui/theme.h"

enum { SPAN_OF_CODE = 128 }; /* an attribute: it points into the code text */

struct span {
	uint32_t offset; /* in the text */
	uint32_t len;
	uint32_t link; /* 0: none, else its number */
	uint16_t columns;
	uint8_t role;
	uint8_t attributes;
};

struct line {
	uint32_t span; /* its first; the next line's is its end */
	uint32_t source;
	uint16_t fill; /* the column from which it has its role's background */
	uint8_t filled;
};

struct code {
	uint32_t language, language_len; /* in the code text */
	uint32_t text, text_len;
	uint32_t line, line_count;
};

struct link {
	uint32_t offset, len; /* in the addresses */
};

/* How long each array is. */
struct mark {
	size_t text, spans, lines, links, codes, code_text, addresses;
	bool gap;
};

/* The text begins with these, so that borders and blanks cost no memory. */
enum piece {
	PIECE_BLANKS, /* any number of columns */
	PIECE_RULE,   /* likewise */
	PIECE_BAR,
	PIECE_COLUMN,
	PIECE_CROSS,
	PIECE_COUNT
};

struct page {
	struct buf text;
	struct buf code_text;
	struct buf addresses;
	struct span *spans;
	struct line *lines;
	struct link *links;
	struct code *codes;
	size_t span_count, span_cap;
	size_t line_count, line_cap;
	size_t link_count, link_cap;
	size_t code_count, code_cap;
	size_t table_end; /* the line after the last table; 0: there is none */
	int width;
	bool wide;
	uint32_t pieces[PIECE_COUNT]; /* where they are in the text */
};

void page_init(struct page *l);
void page_drop(struct page *l);
void page_start(struct page *l, int width, bool wide); /* empty */
size_t page_memory(const struct page *l);
struct mark page_mark(const struct page *l, bool gap);
void page_cut(struct page *l, const struct mark *mark);

/* A new line, and what stands on the last one. */
void page_begin(struct page *l, size_t source);
void page_span(struct page *l, struct span span);
void page_text(struct page *l, struct slice text, enum role role);
int page_piece(struct page *l, enum piece piece, enum role role);
void page_repeat(struct page *l, enum piece piece, int columns, enum role role);
/* The role's background from a column to the end of the line. */
void page_fill(struct page *l, int column, enum role role);

/* Columns of a text; ASCII is quick. */
int page_columns(const struct page *l, struct slice text);

struct slice page_span_text(const struct page *l, const struct span *span);
size_t page_span_end(const struct page *l, size_t line);
void page_draw(const struct page *l, size_t index, struct grid *g, int row,
	       int column, const struct theme *theme);

/* ---- a run of inline text ---- */

struct run {
	uint32_t end; /* in the text; it begins where the one before ends */
	uint32_t source;
	uint32_t link;
	uint8_t role;
	uint8_t attributes;
};

enum align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

struct cell_text {
	size_t start, end; /* in the text */
	size_t run;        /* its first */
	enum align align;
};

enum { CONTAINERS_MAX = 32, FIRST_MAX = 16 };

/* A quote or an item around what is being written. */
struct container {
	char first[FIRST_MAX]; /* before its first line, then blanks */
	int columns;
	bool quote;
	bool used;
};

struct list_level {
	bool ordered, tight;
	unsigned next;
	char delimiter;
};

enum { LINKS_MAX = 8, LINK_MAX = 2048 };

/* A link or an image that is open. */
struct open_link {
	uint32_t number;
	size_t text; /* where it began in the text */
	size_t run;
	struct buf address; /* as it is shown */
};

struct suspect {
	size_t start, end; /* in the source */
};

struct builder {
	struct page *out;
	struct slice source; /* what is parsed; starts at `base` of the whole */
	size_t base;
	size_t end; /* what is behind it was put there by us */
	bool open;  /* more may come */

	struct container containers[CONTAINERS_MAX];
	struct list_level lists[CONTAINERS_MAX];
	int depth, list_depth; /* may pass the arrays' ends */
	int quotes;
	int block_depth;
	bool gap; /* a blank line stands before what comes next */

	/* the inline text being gathered: from `start` to the text's end */
	struct run *runs;
	size_t run_count, run_cap;
	size_t start;
	int strong, emphasis, strike, code;
	enum role base_role;
	uint8_t base_attributes;
	struct open_link links[LINKS_MAX];
	int link_depth;  /* may pass the array's end */
	uint32_t link;   /* of what is gathered now */
	size_t read_end; /* of the last text, in the source */

	/* a code block */
	bool in_code;
	size_t code_indent; /* blanks that were read before the next text */
	size_t code_source;
	size_t code_at;

	/* a table */
	struct cell_text *cells;
	size_t cell_count, cell_cap;
	int table_columns;
	bool in_table;

	/* the last place to parse from next time */
	bool pending, pending_fence, found;
	int pending_items;
	size_t found_at;
	struct mark pending_mark, found_mark;

	/* lines that may define links: those that do show no text */
	struct suspect *suspects;
	size_t suspect_count, suspect_cap, suspect_next;
	bool definitions;
};

/* Add the lines of b->source; false when the parser had no memory. */
bool builder_parse(struct builder *b);
void builder_drop(struct builder *b);

/* Does it point into the source? */
static inline bool
builder_holds(const struct builder *b, const char *at)
{
	return at >= b->source.data && at < b->source.data + b->source.len;
}

static inline bool
is_blank_line(struct slice line)
{
	return slice_trim(line).len == 0;
}

/* ---- markdown_flow.c: inline text into lines ---- */

void flow_start(struct builder *b);
void flow_add(struct builder *b, struct slice text, size_t source,
	      uint8_t role);
/* Text of the document; `at` points into the source, or is NULL. */
void flow_text(struct builder *b, struct slice text, const char *at);
/* End what was gathered: its lines, wrapped. */
void flow_flush(struct builder *b);
/* A new line and what stands before it: bars, markers, blanks.  Returns its
 * columns. */
int flow_prefix(struct builder *b, size_t source);
void flow_gap(struct builder *b);
void flow_reserve(struct builder *b);
/* Columns beside the containers. */
int flow_room(const struct builder *b);
bool flow_fits(const struct builder *b, int columns);
/* Spans for text[from..to), whose runs start with *run; returns columns. */
int flow_spans(struct builder *b, size_t from, size_t to, size_t *run);
size_t flow_source(const struct builder *b, size_t at, size_t run);

/* ---- markdown_link.c */

/* The address is decoded and free of what may not be shown. */
void link_enter(struct builder *b, struct slice address);
void link_leave(struct builder *b);
void link_forget(struct builder *b); /* all that are open */
/* An entity as text; an unknown one as it is written. */
void entity_decode(struct slice entity, struct buf *out);

/* ---- markdown_code.c, markdown_table.c */

void markdown_code_start(struct builder *b, struct slice language);
void markdown_code_piece(struct builder *b, struct slice text);
void markdown_code_flush(struct builder *b);
void markdown_table_flush(struct builder *b);

/* ---- markdown_close.c */

/* The text with the signs behind it that would close what is open; false, and
 * nothing added, where nothing is. */
bool close_signs(struct slice text, struct buf *out);

/* ---- markdown_repair.c */

void repair_tables(struct buf *source, size_t *checked, bool finished);

#endif
