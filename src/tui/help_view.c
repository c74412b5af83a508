/* help_view.c - made from the table of actions and the keys as they are. */
#include "tui/help_view.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "tui/app.h"
#include "tui/frame.h"
#include "tui/keys.h"
#include "tui/lines.h"
#include "tui/pick.h"
#include "tui/wrap.h"

enum { KEY_COLUMNS = 26, LINE_MAX = 1024 };

struct help {
	struct view view; /* first */
	struct lines lines;
	int columns; /* that the lines are made for */
	int first;   /* the line at the top */
	int rows;
};

/* The help behind the keys, which end at `at`; wrapped under itself. */
static void
add_beside(struct help *h, struct slice text, int at, int columns)
{
	struct style style = app_style(h->view.app, ROLE_TEXT);
	struct lines *l = &h->lines;
	struct slice part;

	while (wrap_next(&text, columns - KEY_COLUMNS, l->wide, WRAP_WORDS,
			 &part)) {
		lines_fill(l, KEY_COLUMNS - at, style);
		lines_add(l, part, style);
		at = 0;
		if (text.len > 0)
			lines_begin(l, 0);
	}
}

static void
add_action(struct help *h, enum action action, int columns)
{
	struct app *app = h->view.app;
	const struct action_row *row = &action_rows[action];
	struct buf keys = {.max = LINE_MAX}, text = {.max = LINE_MAX};
	struct lines *l = &h->lines;
	int at;

	keymap_spell(&app->keymap, action, &keys);
	if (!row->quiet)
		buf_addf(&keys, "%s/%s%s%s", keys.len ? "  " : "", row->name,
			 row->operand ? " " : "",
			 row->operand ? row->operand : "");
	buf_adds(&text, row->help);
	lines_begin(l, 0);
	lines_fill(l, 2, app_style(app, ROLE_TEXT));
	at = lines_add(l, buf_slice(&keys), app_style(app, ROLE_KEY));
	if (at + 2 > KEY_COLUMNS || columns < 2 * KEY_COLUMNS)
		lines_wrap(l, buf_slice(&text), 6, columns,
			   app_style(app, ROLE_TEXT));
	else
		add_beside(h, buf_slice(&text), at, columns);
	buf_clear(&keys);
	buf_clear(&text);
}

static void
make_lines(struct help *h, int columns)
{
	struct app *app = h->view.app;

	lines_reset(&h->lines);
	h->columns = columns;
	for (size_t context = 0; context < CONTEXT_COUNT; context++) {
		lines_begin(&h->lines, 0);
		lines_add(&h->lines, slice_of(context_names[context]),
			  app_style(app, ROLE_HEADING));
		for (size_t i = 1; i < ACTION_COUNT; i++)
			if (action_rows[i].context == context)
				add_action(h, (enum action)i, columns);
		lines_begin(&h->lines, 0);
	}
}

static void
draw(struct view *view, const struct area *area)
{
	struct help *h = (struct help *)view;
	struct area in = frame_draw(view->app, area,
				    slice_of("Keys and commands · Esc leaves"));

	if (h->columns != in.columns)
		make_lines(h, in.columns);
	h->rows = in.rows;
	h->first = MAX(MIN(h->first, (int)h->lines.count - in.rows), 0);
	for (int row = 0; row < in.rows; row++)
		if (h->first + row < (int)h->lines.count)
			lines_draw(&h->lines, (size_t)h->first + (size_t)row,
				   in.grid, in.row + row, in.column,
				   in.column + in.columns);
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct help *h = (struct help *)view;
	int page = MAX(h->rows - 1, 1);

	(void)operand;
	switch (action) {
	case ACTION_NEXT:
		h->first++;
		break;
	case ACTION_PREVIOUS:
		h->first--;
		break;
	case ACTION_NEXT_PAGE:
		h->first += page;
		break;
	case ACTION_PREVIOUS_PAGE:
		h->first -= page;
		break;
	case ACTION_FIRST:
		h->first = 0;
		break;
	case ACTION_LAST:
		h->first = (int)h->lines.count;
		break;
	case ACTION_HELP:
	case ACTION_CHOOSE:
		app_pop(view->app, view);
		return true;
	default:
		return false;
	}
	app_dirty(view->app);
	return true;
}

static bool
key(struct view *view, const struct key_event *event)
{
	if (event->kind == KEY_TEXT &&
	    (slice_is(event->text, "q") || slice_is(event->text, "?")))
		app_pop(view->app, view);
	return true;
}

static void
close_view(struct view *view)
{
	struct help *h = (struct help *)view;

	lines_clear(&h->lines);
	free(h);
}

static const struct view_type help_type = {
	.name = "help",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.key = key,
	.close = close_view,
};

void
help_open(struct app *app, struct slice operand)
{
	struct help *h = xcalloc(1, sizeof(*h));

	(void)operand;
	h->view = (struct view){.type = &help_type, .contexts = {CONTEXT_LIST}};
	lines_init(&h->lines, app->pool, app->grid.wide);
	app_push(app, &h->view);
}

/* ---- the palette ---- */

static void
chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	enum action action = ((enum action *)arg)[row];

	(void)typed;
	app_act(app, action, (struct slice){0});
}

void
palette_open(struct app *app, struct slice operand)
{
	enum action *actions = xcalloc(ACTION_COUNT, sizeof(*actions));
	const struct pick_events events = {.chosen = chosen,
					   .drop = free,
					   .arg = actions,
					   .gives_way = true};
	struct pick_row rows[ACTION_COUNT];
	struct buf keys[ACTION_COUNT];
	size_t n = 0;

	(void)operand;
	for (size_t i = 1; i < ACTION_COUNT; i++) {
		const struct action_row *row = &action_rows[i];

		if (row->quiet || i == ACTION_PALETTE)
			continue;
		buf_init(&keys[n], LINE_MAX);
		keymap_spell(&app->keymap, (enum action)i, &keys[n]);
		rows[n] = (struct pick_row){slice_of(row->name),
					    slice_of(row->help),
					    buf_slice(&keys[n])};
		actions[n++] = (enum action)i;
	}
	pick_open(app, "Commands", rows, n, 0, &events);
	while (n-- > 0)
		buf_clear(&keys[n]);
}
