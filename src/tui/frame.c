/* frame.c - borders, and moving in lists. */
#include "tui/frame.h"

#include "tui/app.h"

enum { SMALL_ROWS = 8, SMALL_COLUMNS = 30 };

static void
draw_bar(const struct area *area, int row, const char *left, const char *right,
	 struct style style)
{
	int at = area_text(area, row, 0, slice_of(left), style);

	while (at < area->columns - 1)
		at = area_text(area, row, at, slice_of("─"), style);
	area_text(area, row, at, slice_of(right), style);
}

struct area
frame_draw(struct app *app, const struct area *area, struct slice title)
{
	struct style style = app_style(app, ROLE_BORDER);
	int at;

	if (area->rows < SMALL_ROWS || area->columns < SMALL_COLUMNS) {
		area_text(area, 0, 0, title, app_style(app, ROLE_TITLE));
		return area_part(area, 1, 0, area->rows - 1, area->columns);
	}
	draw_bar(area, 0, "╭", "╮", style);
	draw_bar(area, area->rows - 1, "╰", "╯", style);
	for (int row = 1; row < area->rows - 1; row++) {
		area_text(area, row, 0, slice_of("│"), style);
		area_text(area, row, area->columns - 1, slice_of("│"), style);
	}
	at = area_text(area, 0, 2, slice_of(" "), style);
	at = area_text(area, 0, at, title, app_style(app, ROLE_TITLE));
	area_text(area, 0, at, slice_of(" "), style);
	return area_part(area, 1, 2, area->rows - 2, area->columns - 4);
}

void
list_settle(struct list_place *p, size_t count, int rows)
{
	size_t shown = (size_t)MAX(rows, 1);

	p->count = count;
	p->rows = (int)shown;
	if (p->chosen >= count)
		p->chosen = count ? count - 1 : 0;
	if (p->first > p->chosen)
		p->first = p->chosen;
	if (p->chosen >= p->first + shown)
		p->first = p->chosen - shown + 1;
	if (p->first + shown > count)
		p->first = count > shown ? count - shown : 0;
}

static void
move(struct list_place *p, int by)
{
	int64_t at = (int64_t)p->chosen + by;

	p->chosen = (size_t)MIN(MAX(at, 0), MAX((int64_t)p->count - 1, 0));
}

bool
list_act(struct list_place *p, enum action action)
{
	switch (action) {
	case ACTION_NEXT:
		move(p, 1);
		return true;
	case ACTION_PREVIOUS:
		move(p, -1);
		return true;
	case ACTION_NEXT_PAGE:
		move(p, MAX(p->rows - 1, 1));
		return true;
	case ACTION_PREVIOUS_PAGE:
		move(p, -MAX(p->rows - 1, 1));
		return true;
	case ACTION_FIRST:
		p->chosen = 0;
		return true;
	case ACTION_LAST:
		p->chosen = p->count ? p->count - 1 : 0;
		return true;
	default:
		return false;
	}
}
