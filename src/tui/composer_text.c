/*
 * composer_text.c - the composer's text: its changes, their undoing, history
 * and lines on the screen.
 */
#include <stdlib.h>

#include "tui/composer_private.h"
#include "tui/grapheme.h"
#include "tui/wrap.h"

struct composer *
composer_create(void)
{
	struct composer *c = xcalloc(1, sizeof(*c));

	buf_init(&c->text, COMPOSER_MAX);
	buf_init(&c->killed, COMPOSER_MAX);
	buf_init(&c->pasted, COMPOSER_MAX);
	c->width = 80;
	return c;
}

void
composer_destroy(struct composer **composer)
{
	struct composer *c = *composer;

	if (!c)
		return;
	for (size_t i = 0; i < c->undo_count; i++)
		free(c->undo[i].text);
	for (size_t i = 0; i < c->history_count; i++)
		free(c->history[i]);
	free(c->history);
	free(c->written);
	buf_clear(&c->text);
	buf_clear(&c->killed);
	buf_clear(&c->pasted);
	composer_send_chips(c);
	composer_unsend_chips(c);
	composer_drop_chips(c);
	free(c->sent);
	free(c);
	*composer = NULL;
}

struct slice
composer_text(const struct composer *c)
{
	return slice_make(buf_text(&c->text), c->text.len);
}

size_t
composer_caret(const struct composer *c)
{
	return c->caret;
}

static void
forget_oldest(struct composer *c)
{
	c->undo_bytes -= c->undo[0].len;
	free(c->undo[0].text);
	c->undo_count--;
	memmove(c->undo, c->undo + 1, c->undo_count * sizeof(c->undo[0]));
}

void
composer_snapshot(struct composer *c, bool typing)
{
	struct slice text = composer_text(c);
	bool joined = typing && c->typing;

	c->typing = typing;
	if (joined)
		return;
	while (c->undo_count == UNDO_MAX ||
	       (c->undo_count > 0 && c->undo_bytes + text.len > UNDO_BYTES_MAX))
		forget_oldest(c);
	c->undo[c->undo_count++] =
		(struct snapshot){slice_dup(text), text.len, c->caret};
	c->undo_bytes += text.len;
}

bool
composer_undo(struct composer *c)
{
	struct snapshot *last;

	if (c->undo_count == 0)
		return false;
	last = &c->undo[--c->undo_count];
	buf_reset(&c->text);
	buf_add(&c->text, last->text, last->len);
	c->caret = last->caret;
	c->undo_bytes -= last->len;
	free(last->text);
	c->typing = false;
	return true;
}

bool
composer_replace(struct composer *c, size_t from, size_t to, struct slice text)
{
	struct slice tail =
		slice_make(buf_text(&c->text) + to, c->text.len - to);
	struct buf next = {.max = COMPOSER_MAX};

	buf_add(&next, buf_text(&c->text), from);
	buf_add_slice(&next, text);
	buf_add_slice(&next, tail);
	if (next.over) {
		buf_clear(&next);
		return false;
	}
	buf_clear(&c->text);
	c->text = next;
	c->caret = from + text.len;
	return true;
}

void
composer_set(struct composer *c, struct slice text)
{
	struct buf clean = {.max = COMPOSER_MAX};

	filter_text(text, &clean);
	composer_snapshot(c, false);
	composer_replace(c, 0, c->text.len, buf_slice(&clean));
	buf_clear(&clean);
}

void
composer_remember(struct composer *c, struct slice text)
{
	size_t n = c->history_count;

	if (text.len == 0 || (n > 0 && slice_is(text, c->history[n - 1])))
		return;
	if (n == HISTORY_MAX) {
		free(c->history[0]);
		memmove(c->history, c->history + 1,
			(n - 1) * sizeof(*c->history));
		n = --c->history_count;
	}
	c->history =
		grow(c->history, &c->history_cap, n + 1, sizeof(*c->history));
	c->history[c->history_count++] = slice_dup(text);
	c->history_at = c->history_count;
}

void
composer_sent(struct composer *c)
{
	struct buf all = {.max = COMPOSER_MAX};

	composer_full(c, &all);
	composer_remember(c, buf_slice(&all));
	buf_clear(&all);
	free(c->sent);
	c->sent = slice_dup(composer_text(c));
	composer_send_chips(c);
	composer_empty(c);
}

void
composer_unsent(struct composer *c)
{
	composer_empty(c);
	composer_unsend_chips(c);
	composer_set(c, slice_of(c->sent ? c->sent : ""));
}

void
composer_empty(struct composer *c)
{
	c->history_at = c->history_count;
	while (c->undo_count > 0)
		forget_oldest(c);
	buf_reset(&c->text);
	c->caret = 0;
	c->typing = c->killing = false;
	free(c->written);
	c->written = NULL;
	composer_drop_chips(c);
}

bool
composer_put(struct composer *c, size_t from, size_t to, struct slice text)
{
	composer_snapshot(c, false);
	return composer_replace(c, from, to, text);
}

bool
composer_history_move(struct composer *c, int by)
{
	size_t at = c->history_at;

	if (by < 0 ? at == 0 : at >= c->history_count)
		return false;
	if (at == c->history_count) {
		free(c->written);
		c->written = slice_dup(composer_text(c));
	}
	at = by < 0 ? at - 1 : at + 1;
	composer_set(c, slice_of(at < c->history_count ? c->history[at]
						       : c->written));
	c->history_at = at;
	return true;
}

const char *
composer_history(const struct composer *c, size_t index)
{
	return index < c->history_count ? c->history[index] : NULL;
}

bool
composer_line(struct slice *rest, int width, bool wide, struct slice *line)
{
	return wrap_next(rest, width, wide, WRAP_CLUSTERS, line);
}

void
composer_width(struct composer *c, int width, bool wide)
{
	c->width = MAX(width, 2);
	c->wide = wide;
}

/* A caret behind a full line or an LF stands on a line of its own. */
struct composer_layout
composer_layout(const struct composer *c, int width, bool wide)
{
	struct composer_layout layout = {0};
	struct slice text = composer_text(c), rest = text, line;
	size_t start = 0, end;
	bool found = false;

	while (composer_line(&rest, width, wide, &line)) {
		size_t next = text.len - rest.len;

		end = (size_t)(line.data - text.data) + line.len;
		if (!found && c->caret >= start &&
		    (c->caret < next ||
		     (c->caret == end && next == end && rest.len == 0))) {
			layout.caret_line = layout.lines;
			layout.caret_column = grapheme_columns(
				slice_make(line.data, c->caret - start), wide);
			found = layout.caret_column < width ||
				c->caret < text.len;
			layout.caret_column =
				MIN(layout.caret_column, width - 1);
		}
		layout.lines++;
		start = next;
	}
	if (!found) {
		layout.caret_line = layout.lines;
		layout.caret_column = 0;
		layout.lines++;
	} else if (slice_ends(text, "\n")) {
		layout.lines++;
	}
	return layout;
}

bool
composer_vertical(struct composer *c, int by)
{
	struct composer_layout at = composer_layout(c, c->width, c->wide);
	struct slice text = composer_text(c), rest = text, line = {0};
	int target = at.caret_line + by, columns = 0, width;

	if (target < 0 || target >= at.lines)
		return false;
	for (int i = 0; i <= target; i++)
		if (!composer_line(&rest, c->width, c->wide, &line))
			line = slice_make(text.data + text.len, 0);
	while (line.len > 0) {
		size_t n = grapheme_next(line, c->wide, &width);

		if (columns + width > at.caret_column)
			break;
		columns += width;
		line = slice_make(line.data + n, line.len - n);
	}
	c->caret = (size_t)(line.data - text.data);
	return true;
}
