/*
 * transcript_find.c - messages that cannot have the pattern are passed over
 * by their text; the others are laid out, and their lines looked at.
 */
#include "tui/transcript_find.h"

#include "mneme/buf.h"
#include "tui/app.h"
#include "tui/item_draw.h"
#include "tui/match.h"

static bool
line_has(const struct item *item, int line, struct slice pattern)
{
	SCOPED(buf_clear) struct buf text = {.max = 1 << 20};
	struct slice s;

	item_line_text(item, line, &text);
	s = buf_slice(&text);
	return match_whole(s, pattern, 0) < s.len;
}

/* The next line of the item that has it, from `line` on; -1: none.  Where only
 * the source has it (it goes over a line's end), the line of its start. */
static int
in_item(struct transcript *t, size_t i, struct slice pattern, int line,
	bool back, bool whole)
{
	const struct item *item = t->talk->items[i];
	struct slice text = buf_slice(&item->text);
	size_t at = match_whole(text, pattern, 0);
	int n;

	if (at == text.len)
		return -1;
	transcript_height(t, i);
	n = item_text_lines(item);
	if (whole)
		line = back ? n - 1 : 0;
	for (; line >= 0 && line < n; line += back ? -1 : 1)
		if (line_has(item, line, pattern))
			return line;
	return whole && n > 0 ? item_line_at(item, at) : -1;
}

static void
go(struct transcript *t, struct found *found, size_t item, int line)
{
	struct item *to = t->talk->items[item];
	int above = t->rows / 3;
	int at = item_head(to) + line;

	if (item_hides(to, line))
		to->unfolded = true;

	found->any = true;
	found->line = line;
	t->chosen = item + 1;
	t->item = item;
	t->line = MAX(at - above, 0);
	t->follow = false;
	app_dirty(t->app);
}

bool
transcript_find(struct transcript *t, struct found *found, struct slice pattern,
		bool back)
{
	size_t i = t->talk->count - 1;
	int line = 0;
	bool whole = true;

	if (t->talk->count == 0 || pattern.len == 0)
		return false;
	if (found->any && t->chosen) {
		i = t->chosen - 1;
		line = found->line + (back ? -1 : 1);
		whole = false;
	}
	for (;;) {
		int hit = in_item(t, i, pattern, line, back, whole);

		if (hit >= 0) {
			go(t, found, i, hit);
			return true;
		}
		whole = true;
		if (back && i == 0) {
			size_t before = t->talk->count;

			if (!transcript_load_older(t))
				return false;
			i += t->talk->count - before;
		}
		if (!back && i + 1 >= t->talk->count)
			return false;
		i += back ? (size_t)-1 : 1;
	}
}

static bool
is_question(const struct transcript *t, size_t i)
{
	return t->talk->items[i]->who == MESSAGE_USER &&
	       t->talk->items[i]->state != ITEM_NOTE;
}

static void
to_item(struct transcript *t, size_t i)
{
	t->item = i;
	t->line = 0;
	t->follow = false;
	app_dirty(t->app);
}

void
transcript_turn(struct transcript *t, bool back)
{
	size_t i = t->item;

	if (t->talk->count == 0)
		return;
	if (back && t->line > 0 && is_question(t, i)) {
		to_item(t, i);
		return;
	}
	while (back && (i > 0 || transcript_load_older(t))) {
		if (i == 0)
			i = t->item;
		i--;
		if (is_question(t, i)) {
			to_item(t, i);
			return;
		}
	}
	while (!back && ++i < t->talk->count) {
		if (is_question(t, i)) {
			to_item(t, i);
			return;
		}
	}
	if (!back)
		transcript_bottom(t);
}
