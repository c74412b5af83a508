/*
 * transcript.c - walking over items by lines.
 *
 * An item is a head (who speaks), its text laid out, a foot (what it rests on,
 * how it ended) and a gap.  What must stay true: `item` is below talk->count
 * or both are 0, and `line` lies in the item at the present width.
 */
#include "tui/transcript.h"

#include "mneme/loop.h"
#include "tui/app.h"
#include "tui/item_draw.h"

enum { KEPT = 24 }; /* items laid out around those in view */

void
transcript_init(struct transcript *t, struct app *app, struct talk *talk)
{
	*t = (struct transcript){.app = app, .talk = talk, .follow = true};
	t->columns = 80;
	t->rows = 24;
}

int
transcript_height(struct transcript *t, size_t item)
{
	if (t->low >= t->high) {
		t->low = item;
		t->high = item + 1;
	}
	t->low = MIN(t->low, item);
	t->high = MAX(t->high, item + 1);
	return item_height(t->app, t->talk->items[item], t->columns);
}

/* Give back the lines of what is far from the place. */
static void
forget_far(struct transcript *t, size_t first, size_t last)
{
	size_t low = first > KEPT ? first - KEPT : 0;
	size_t high = MIN(last + KEPT, t->talk->count);

	t->high = MIN(t->high, t->talk->count);
	for (size_t i = t->low; i < t->high; i++) {
		if (i >= low && i < high)
			continue;
		item_forget_lines(t->talk->items[i]);
	}
	t->low = low;
	t->high = high;
}

bool
transcript_load_older(struct transcript *t)
{
	struct error err = {0};
	size_t added = 0;

	if (!talk_load_before(t->talk, 0, &added, &err))
		app_fail(t->app, &err);
	t->item += added;
	t->low += added;
	t->high += added;
	if (t->chosen)
		t->chosen += added;
	return added > 0;
}

/* A line back; false at the very beginning. */
static bool
step_back(struct transcript *t)
{
	if (t->line > 0) {
		t->line--;
		return true;
	}
	if (t->item == 0 && !transcript_load_older(t))
		return false;
	t->item--;
	t->line = MAX(transcript_height(t, t->item) - 1, 0);
	return true;
}

static bool
step_on(struct transcript *t)
{
	if (t->line + 1 < transcript_height(t, t->item)) {
		t->line++;
		return true;
	}
	if (t->item + 1 >= t->talk->count)
		return false;
	t->item++;
	t->line = 0;
	return true;
}

/* Lines from the place to the end, at most `most`. */
static int
lines_below(struct transcript *t, int most)
{
	int n = -t->line;

	for (size_t i = t->item; i < t->talk->count && n < most; i++)
		n += transcript_height(t, i);
	return MIN(n, most);
}

/* The place from which the end is just in view. */
static void
place_at_end(struct transcript *t)
{
	int missing = t->rows;

	t->item = t->talk->count;
	t->line = 0;
	while (missing > 0) {
		int height;

		if (t->item == 0 && !transcript_load_older(t))
			return;
		t->item--;
		height = transcript_height(t, t->item);
		t->line = MAX(height - missing, 0);
		missing -= height;
	}
}

/* Nothing is below the end, and where all is in view the end is followed. */
static void
settle(struct transcript *t)
{
	size_t count = t->talk->count;

	if (count == 0) {
		t->item = 0;
		t->line = 0;
		return;
	}
	if (t->item >= count) {
		t->item = count - 1;
		t->line = 0;
	}
	t->line = MIN(t->line, MAX(transcript_height(t, t->item) - 1, 0));
	if (!t->follow && lines_below(t, t->rows) < t->rows)
		t->follow = true;
	if (t->follow)
		place_at_end(t);
}

/* At another width the place is the line with the same text. */
static void
change_width(struct transcript *t, int columns)
{
	struct item *item =
		t->item < t->talk->count ? t->talk->items[t->item] : NULL;
	int head = item ? item_head(item) : 0;
	size_t source;

	if (!item || item->width != t->columns || t->line < head) {
		t->columns = columns;
		return;
	}
	source = item_source(item, t->line - head);
	t->columns = columns;
	transcript_height(t, t->item);
	t->line = head + item_line_at(item, source);
}

/* Of what is about to be drawn; known ones cost nothing. */
static void
count_branches(struct transcript *t)
{
	struct error err = {0};
	size_t last = t->item;

	for (int rows = -t->line; last < t->talk->count && rows < t->rows;)
		rows += transcript_height(t, last++);
	if (!talk_count_branches(t->talk, t->item, last, &err))
		app_fail(t->app, &err);
}

void
transcript_draw(struct transcript *t, const struct area *area)
{
	size_t i;
	int row = 0;

	t->rows = area->rows;
	if (t->rows <= 0 || area->columns <= 0)
		return;
	if (t->columns != area->columns)
		change_width(t, area->columns);
	settle(t);
	count_branches(t);
	row = -t->line;
	for (i = t->item; i < t->talk->count && row < area->rows; i++) {
		int height = transcript_height(t, i);

		for (int line = MAX(-row, 0);
		     line < height && row + line < area->rows; line++)
			item_draw(t->app, t->talk->items[i], line, area,
				  row + line, t->chosen == i + 1);
		if (t->chosen == i + 1)
			area_caret(area, MAX(row, 0), 0);
		row += height;
	}
	forget_far(t, t->item, i);
}

void
transcript_scroll(struct transcript *t, int lines)
{
	if (t->talk->count == 0)
		return;
	settle(t);
	for (; lines < 0 && step_back(t); lines++)
		t->follow = false;
	for (; lines > 0 && !t->follow; lines--) {
		if (lines_below(t, t->rows + 1) <= t->rows || !step_on(t))
			t->follow = true;
	}
	app_dirty(t->app);
}

void
transcript_top(struct transcript *t)
{
	struct error err = {0};
	size_t added;

	if (!talk_load_before(t->talk, 1, &added, &err))
		app_fail(t->app, &err);
	t->low = t->high = 0;
	if (t->chosen)
		t->chosen += added;
	t->item = 0;
	t->line = 0;
	t->follow = false;
	app_dirty(t->app);
}

void
transcript_bottom(struct transcript *t)
{
	t->follow = true;
	app_dirty(t->app);
}

bool
transcript_show(struct transcript *t, uint64_t seq)
{
	struct error err = {0};
	size_t added;

	for (int round = 0; round < 2; round++) {
		for (size_t i = t->talk->count; i-- > 0;) {
			if (t->talk->items[i]->seq != seq)
				continue;
			t->item = i;
			t->line = 0;
			t->chosen = i + 1;
			t->follow = false;
			app_dirty(t->app);
			return true;
		}
		if (round == 0) {
			if (!talk_load_before(t->talk, seq, &added, &err))
				app_fail(t->app, &err);
			t->low = t->high = 0;
		}
	}
	return false;
}

void
transcript_reveal(struct transcript *t, size_t item)
{
	int above = 0;

	settle(t);
	if (item < t->item || (item == t->item && t->line > 0)) {
		t->item = item;
		t->line = 0;
		t->follow = false;
	} else {
		above = -t->line;
		for (size_t i = t->item; i < item; i++)
			above += transcript_height(t, i);
		transcript_scroll(
			t, MIN(above + transcript_height(t, item) - t->rows,
			       above));
	}
	app_dirty(t->app);
}
