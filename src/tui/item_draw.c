/*
 * item_draw.c - laying a message out and drawing a line of it.
 *
 * Answers are Markdown.  A plain text that grew is wrapped again from the start
 * of its last line: a line's end depends on nothing before its start.
 */
#include "tui/item_draw.h"

#include <stdio.h>

#include "mneme/memory.h"
#include "tui/app.h"
#include "tui/markdown.h"

enum {
	INDENT = 2,
	NARROW = 40,
	FOLD_FROM = 30, /* lines of a question, of which ... */
	FOLD_SHOWN = 20 /* ... so many are shown */
};

static int
indent(int columns)
{
	return columns < NARROW ? 0 : INDENT;
}

int
item_head(const struct item *item)
{
	return item->state == ITEM_NOTE ? 0 : 1;
}

/* The text, without the line at its end that says what it is inferred from:
 * the foot does. */
static struct slice
said(const struct item *item, struct memory_infer_line *line)
{
	struct slice text = buf_slice(&item->text);

	line->count = 0;
	if (item->who == MESSAGE_ASSISTANT && item->state == ITEM_STORED &&
	    item->memory_count > 0)
		text.len = memory_infer_line(text, item->memory_count, line);
	return text;
}

/* What stands under the text, or "". */
static void
foot(const struct item *item, char *out, size_t size)
{
	struct memory_infer_line line;
	const char *end = "";
	size_t at = 0;

	*out = '\0';
	if (item->who != MESSAGE_ASSISTANT || item->state == ITEM_COMING)
		return;
	if (strcmp(item->finish, "length") == 0)
		end = "cut off: the longest answer was reached";
	else if (strcmp(item->finish, "content_filter") == 0)
		end = "the provider's filter stopped it";
	else if (strcmp(item->finish, "cancelled") == 0)
		end = "stopped";
	else if (item->partial)
		end = "broken off";
	if (item->memory_count > 0 && strcmp(item->finish, "recall") != 0)
		at = (size_t)snprintf(out, size, "%zu %s", item->memory_count,
				      item->memory_count == 1 ? "memory"
							      : "memories");
	said(item, &line);
	if (line.count > 0)
		at += (size_t)snprintf(
			out + at, size - at,
			" · inferred from %zu of them, confidence %.2f",
			line.count, line.confidence);
	snprintf(out + at, size - at, "%s%s", at > 0 && *end ? " · " : "", end);
}

static bool
has_foot(const struct item *item)
{
	char text[128];

	foot(item, text, sizeof(text));
	return *text != '\0';
}

/* Answers are Markdown; what people write is shown as they wrote it. */
static bool
is_markdown(const struct item *item)
{
	return item->who == MESSAGE_ASSISTANT && item->state != ITEM_NOTE;
}

static void
lay_out_markdown(struct item *item, int width, bool wide)
{
	struct memory_infer_line line;
	struct slice text = said(item, &line);

	if (item->markdown && item->laid_out > text.len)
		markdown_destroy(&item->markdown);
	if (!item->markdown) {
		item->markdown = markdown_create();
		item->laid_out = 0;
	}
	markdown_add(item->markdown, slice_make(text.data + item->laid_out,
						text.len - item->laid_out));
	if (item->state == ITEM_STORED)
		markdown_finish(item->markdown);
	markdown_layout(item->markdown, width, wide);
	item->laid_out = item->text.len;
}

static void
lay_out_text(struct item *item, int width, bool wide, bool again,
	     struct style style)
{
	struct lines *l = &item->lines;
	struct slice text = buf_slice(&item->text);
	size_t from = 0, first;

	l->wide = wide;
	if (!again && item->laid_out < text.len && l->count > 0) {
		from = l->at[l->count - 1].source;
		lines_cut(l, l->count - 1);
	} else {
		lines_reset(l);
	}
	first = l->count;
	lines_wrap(l, slice_make(text.data + from, text.len - from), 0, width,
		   style);
	for (size_t i = first; i < l->count; i++)
		l->at[i].source += from;
	item->laid_out = text.len;
}

static void
lay_out(struct app *app, struct item *item, int columns)
{
	enum role role = item->state == ITEM_NOTE ? item->role : ROLE_TEXT;
	int width = MAX(columns - indent(columns), 1);
	bool finished = item->state == ITEM_STORED;

	if (item->width == columns && item->laid_out == item->text.len &&
	    item->finished == finished)
		return;
	if (is_markdown(item))
		lay_out_markdown(item, width, app->grid.wide);
	else
		lay_out_text(item, width, app->grid.wide,
			     item->width != columns, app_style(app, role));
	item->finished = finished;
	item->width = columns;
}

void
item_forget_lines(struct item *item)
{
	markdown_destroy(&item->markdown);
	lines_clear(&item->lines);
	item->laid_out = 0;
	item->width = 0;
}

int
item_text_lines(const struct item *item)
{
	if (item->markdown)
		return (int)markdown_lines(item->markdown);
	return (int)item->lines.count;
}

void
item_line_text(const struct item *item, int line, struct buf *out)
{
	if (item->markdown)
		markdown_line_text(item->markdown, (size_t)line, out);
	else
		lines_text(&item->lines, (size_t)line, out);
}

int
item_line_at(const struct item *item, size_t offset)
{
	int line = 0;

	if (item->markdown)
		return (int)markdown_line_at(item->markdown, offset);
	while (line + 1 < (int)item->lines.count &&
	       item->lines.at[line + 1].source <= offset)
		line++;
	return line;
}

size_t
item_source(const struct item *item, int line)
{
	if (line < 0)
		return 0;
	if (line >= item_text_lines(item))
		return item->text.len;
	if (item->markdown)
		return markdown_line_source(item->markdown, (size_t)line);
	return item->lines.at[line].source;
}

/* ---- folding ---- */

bool
item_folds(const struct item *item)
{
	return item->who == MESSAGE_USER && item->state != ITEM_NOTE &&
	       item_text_lines(item) > FOLD_FROM;
}

bool
item_hides(const struct item *item, int line)
{
	return item_folds(item) && !item->unfolded && line >= FOLD_SHOWN;
}

/* With the line that says how much is hidden. */
static int
shown_lines(const struct item *item)
{
	return item_hides(item, FOLD_SHOWN) ? FOLD_SHOWN + 1
					    : item_text_lines(item);
}

static void
draw_fold(struct app *app, const struct item *item, const struct area *area,
	  int row)
{
	SCOPED(buf_clear) struct buf key = {.max = 256};
	size_t more = (size_t)item_text_lines(item) - FOLD_SHOWN;

	keymap_spell_first(&app->keymap, ACTION_UNFOLD, &key);
	area_printf(area, row, indent(area->columns),
		    app_style(app, ROLE_QUIET), "… %zu more %s (%s shows %s)",
		    more, plural(more, "line", "lines"), buf_text(&key),
		    plural(more, "it", "them"));
}

/* What lets a cut answer go on. */
static void
draw_continue(struct app *app, const struct area *area, int row, int column)
{
	SCOPED(buf_clear) struct buf key = {.max = 256};

	keymap_spell_first(&app->keymap, ACTION_CONTINUE, &key);
	if (key.len)
		area_printf(area, row, column, app_style(app, ROLE_QUIET),
			    "; %s goes on", buf_text(&key));
}

/* What is attached: a line each. */
static int
file_lines(const struct item *item)
{
	int n = 0;

	for (size_t i = 0; i < item->files.len; i++)
		n += item->files.data[i] == '\n';
	return n;
}

static void
draw_file(struct app *app, const struct item *item, int line,
	  const struct area *area, int row)
{
	struct slice rest = buf_slice(&item->files), text = {0};

	for (int i = 0; i <= line && slice_line(&rest, &text);)
		i++;
	area_text(area, row, indent(area->columns), text,
		  app_style(app, ROLE_QUIET));
}

int
item_height(struct app *app, struct item *item, int columns)
{
	int body;

	lay_out(app, item, columns);
	body = shown_lines(item);
	if (item->state == ITEM_COMING && body == 0)
		body = 1;
	return item_head(item) + body + file_lines(item) +
	       (has_foot(item) ? 1 : 0) + 1;
}

static void
draw_head(struct app *app, struct item *item, const struct area *area, int row,
	  bool chosen)
{
	bool you = item->who == MESSAGE_USER;
	struct style style = app_style(app, you ? ROLE_YOU : ROLE_MODEL);
	struct slice name = item->speaker;
	int at;

	if (name.len == 0 && you)
		name = slice_of("You");
	else if (name.len == 0 && item->who == MESSAGE_SYSTEM)
		name = slice_of("System");
	else if (name.len == 0)
		name = item->model.len ? item->model : slice_of("mneme");
	if (chosen)
		area_fill(area, row, 0, area->columns,
			  app_style(app, ROLE_SELECTED));
	at = area_text(area, row, 0, name,
		       chosen ? app_style(app, ROLE_SELECTED) : style);
	if (item->branches > 1)
		area_printf(area, row, at,
			    app_style(app, chosen ? ROLE_SELECTED : ROLE_QUIET),
			    "  %u/%u", item->branch, item->branches);
}

void
item_draw(struct app *app, struct item *item, int line, const struct area *area,
	  int row, bool chosen)
{
	int head = item_head(item), body = shown_lines(item);
	int column = indent(area->columns);
	char text[128];

	if (line < head) {
		draw_head(app, item, area, row, chosen);
		return;
	}
	line -= head;
	if (line < body && item->markdown) {
		markdown_draw(item->markdown, (size_t)line, area->grid,
			      area->row + row, area->column + column,
			      app->theme);
		return;
	}
	if (item_hides(item, line) && line < body) {
		draw_fold(app, item, area, row);
		return;
	}
	if (line < body) {
		lines_draw(&item->lines, (size_t)line, area->grid,
			   area->row + row, area->column + column,
			   area->column + area->columns);
		return;
	}
	if (item->state == ITEM_COMING && body == 0 && line == 0) {
		area_text(area, row, column, slice_of("…"),
			  app_style(app, ROLE_QUIET));
		return;
	}
	line -= body;
	if (line < file_lines(item)) {
		draw_file(app, item, line, area, row);
		return;
	}
	if (line == file_lines(item)) {
		foot(item, text, sizeof(text));
		column = area_text(area, row, column, slice_of(text),
				   app_style(app, ROLE_QUIET));
		if (strcmp(item->finish, "length") == 0)
			draw_continue(app, area, row, column);
	}
}
