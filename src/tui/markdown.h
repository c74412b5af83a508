/*
 * markdown.h - Markdown as lines of a width, while it is still arriving.
 *
 * A markdown keeps the source of one text, cleaned of whatever a terminal
 * must not see, and its lines as spans of styled text: a few bytes more than
 * the text itself.  Bytes are added as they come, cut anywhere; a layout
 * parses again only from the last top-level block that can no longer change.
 * The lines depend on the whole text alone, never on how it was cut.
 *
 * Colours are the theme's: text has a role, and drawing looks it up.
 */
#ifndef TUI_MARKDOWN_H
#define TUI_MARKDOWN_H

#include "mneme/base.h"
#include "tui/cells.h"

struct buf;
struct markdown;
struct theme;

enum {
	MARKDOWN_MAX = 48 << 20, /* bytes of a cleaned text; the rest is lost */
	MARKDOWN_WIDTH_MIN = 4,
};

struct markdown *markdown_create(void);
void markdown_destroy(struct markdown **m);

/* More of the text; then, once, its end. */
void markdown_add(struct markdown *m, struct slice text);
void markdown_finish(struct markdown *m);

/* Start over with another text. */
void markdown_reset(struct markdown *m);

/* The cleaned source so far; borrowed until the next change. */
struct slice markdown_source(const struct markdown *m);

/* Bring the lines up to the text, at a width; `wide`: ambiguous characters
 * take two columns.  Cheap when nothing changed.  Lines before the returned
 * one are as they were. */
size_t markdown_layout(struct markdown *m, int width, bool wide);

/* Give the lines' memory back; the next layout makes them again. */
void markdown_forget_lines(struct markdown *m);

/* ---- of the last layout ---- */

size_t markdown_lines(const struct markdown *m);

/* Draw one line from `column` on, within the layout's width. */
void markdown_draw(const struct markdown *m, size_t line, struct grid *g,
		   int row, int column, const struct theme *theme);

/* Add the line's text, as drawn, to `out`. */
void markdown_line_text(const struct markdown *m, size_t line, struct buf *out);

/* Where the line's text begins in the source, and the last line that begins
 * at or before an offset: what holds a place over a change of width. */
size_t markdown_line_source(const struct markdown *m, size_t line);
size_t markdown_line_at(const struct markdown *m, size_t source);

/* How many lines, from the first, nothing that follows can change (but a link
 * that is defined behind them), and where in the source the next begins. */
size_t markdown_settled(const struct markdown *m, size_t *source);

/* How many lines, from the first, stay as they are unless the open block turns
 * out to be another one: at least the settled ones. */
size_t markdown_steady(const struct markdown *m);

/* The first line of the block that begins there, its gap included. */
size_t markdown_line_from(const struct markdown *m, size_t source);

/* A code block: what it says verbatim, and where its lines are. */
struct markdown_block {
	struct slice language; /* as written, perhaps empty */
	struct slice text;     /* ends in LF unless empty */
	size_t line, line_count;
};

size_t markdown_blocks(const struct markdown *m);
struct markdown_block markdown_block(const struct markdown *m, size_t index);

/* Bytes held, for tests and statistics. */
size_t markdown_memory(const struct markdown *m);

#endif
