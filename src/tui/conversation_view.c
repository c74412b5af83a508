/*
 * conversation_view.c - the list, read when it opens (the newest first, the
 * rest a moment later) and when the store changes; filtered as one types.
 */
#include "tui/conversation_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/browse.h"
#include "tui/chat_view.h"
#include "tui/deletion.h"
#include "tui/fuzzy.h"
#include "tui/talk.h"

enum { LISTED_FIRST = 200, LISTED_MAX = 100000, REST_AFTER = 50000 };

struct conversations {
	struct browse browse; /* first */
	struct arena arena;
	struct conversation *all;
	size_t n;
	struct fuzzy_fit *fits;
	enum record_filter filter;
	bool alone;              /* the chat is not to be seen beside it */
	bool whole;              /* all are read, not only the first */
	struct loop_timer *rest; /* until they are */
};

static struct conversations *
of(struct view *view)
{
	return (struct conversations *)view;
}

/* ---- what is listed ---- */

/* Pinned ones first; without a filter else in the order of the store. */
static void
refilter(struct conversations *v)
{
	struct slice pattern = browse_text(&v->browse);
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		int score = fuzzy_score(v->all[i].title, pattern);

		if (score < 0)
			continue;
		if (pattern.len == 0)
			score = v->all[i].pinned;
		v->fits[n++] = (struct fuzzy_fit){i, score};
	}
	fuzzy_sort(v->fits, n);
	v->browse.place.count = n;
}

static struct conversation *
chosen(struct conversations *v)
{
	const struct list_place *place = &v->browse.place;

	return place->chosen < place->count
		       ? &v->all[v->fits[place->chosen].row]
		       : NULL;
}

static void
choose(struct conversations *v, struct id id)
{
	for (size_t i = 0; i < v->browse.place.count; i++)
		if (id_equal(v->all[v->fits[i].row].id, id))
			v->browse.place.chosen = i;
}

static bool
load(struct conversations *v, struct error *err)
{
	struct app *app = v->browse.view.app;
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);
	const struct conversation_page page = {
		.profile = app->profile.id,
		.filter = v->filter,
		.limit = v->whole ? LISTED_MAX : LISTED_FIRST};
	struct id kept = {{0}};

	if (chosen(v))
		kept = chosen(v)->id;
	v->n = v->browse.place.count = 0;
	arena_reset(&v->arena);
	if (!txn || !record_conversation_list(txn, &page, &v->arena, &v->all,
					      &v->n, err))
		return false;
	v->whole = v->n < page.limit;
	v->fits = arena_alloc(&v->arena, v->n + 1, sizeof(*v->fits));
	refilter(v);
	choose(v, kept);
	return true;
}

static void
reload(struct conversations *v)
{
	struct error err = {0};

	if (!load(v, &err))
		app_fail(v->browse.view.app, &err);
	app_dirty(v->browse.view.app);
}

/* The rest is read when the first ones have been shown. */
static void
read_rest(void *arg)
{
	struct conversations *v = arg;

	v->whole = true;
	reload(v);
}

/* ---- changes ---- */

struct edit {
	struct app *app;
	struct conversation c;
	char *title;
	enum { EDIT_TITLE, EDIT_PIN, EDIT_ARCHIVE } what;
};

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct edit *edit = arg;
	SCOPED(arena_clear) struct arena arena = {0};
	struct conversation c;
	bool found;

	if (!record_conversation_get(txn, edit->c.profile, edit->c.id, &arena,
				     &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "the conversation is gone");
	if (edit->what == EDIT_TITLE)
		c.title = slice_of(edit->title);
	else if (edit->what == EDIT_PIN)
		c.pinned = !edit->c.pinned;
	else
		c.archived = !edit->c.archived;
	return record_conversation_update(txn, &c, err);
}

static void
changed_it(void *arg, const struct error *err)
{
	struct edit *edit = arg;

	if (err)
		app_fail(edit->app, err);
	app_changed(edit->app);
	free(edit->title);
	free(edit);
}

static void
submit(struct app *app, const struct conversation *c, int what,
       struct slice title)
{
	struct edit *edit = xcalloc(1, sizeof(*edit));
	struct error err = {0};

	edit->app = app;
	edit->c = *c;
	edit->what = what;
	edit->title = slice_dup(title);
	if (!store_submit(app->store, app->loop, change, edit, changed_it,
			  &err))
		changed_it(edit, &err);
}

static void
renamed(struct app *app, void *arg, struct slice text)
{
	text = slice_trim(text);
	if (text.len > RECORD_TITLE_MAX)
		app_say(app, "a title has at most %d bytes", RECORD_TITLE_MAX);
	else if (text.len > 0)
		submit(app, arg, EDIT_TITLE, text);
}

static void
rename_it(struct app *app, const struct conversation *c)
{
	struct conversation *copy = xcalloc(1, sizeof(*copy));
	const struct ask_events events = {renamed, free, copy};

	copy->id = c->id;
	copy->profile = c->profile;
	ask_open(app, "Title", c->title, false, &events);
}

static void
delete_it(struct conversations *v, const struct conversation *c)
{
	struct app *app = v->browse.view.app;
	SCOPED(free_pointer) char *title = slice_dup(c->title);

	deletion_add(app, c->id, title);
	app_say(app, "deleted in 10 s · Alt-Z keeps it");
}

/* ---- drawing ---- */

static const char *const titles[] = {
	[RECORD_CURRENT] = "Conversations",
	[RECORD_ARCHIVED] = "Archived conversations",
	[RECORD_ALL] = "All conversations",
};

static char
mark_of(const struct conversations *v, const struct conversation *c)
{
	const struct view *chat = v->browse.view.app->stack[0];

	if (id_equal(chat_view_talk(chat)->conversation.id, c->id))
		return '>';
	return c->archived ? '-' : ' ';
}

static void
fill_row(struct view *view, size_t at, struct browse_row *row)
{
	struct conversations *v = of(view);
	const struct conversation *c = &v->all[v->fits[at].row];
	char age[BROWSE_AGE];

	row->text = c->title.len ? c->title : slice_of("(no title)");
	snprintf(row->brief, sizeof(row->brief), "%s%s", c->pinned ? "* " : "",
		 browse_age(c->updated_at, clock_now(), age));
	row->side = slice_of(row->brief);
	row->mark = mark_of(v, c);
	if (deletion_waits(view->app, c->id))
		row->look = BROWSE_GOING;
}

static void
draw(struct view *view, const struct area *area)
{
	struct conversations *v = of(view);
	struct area rows =
		browse_draw(&v->browse, area, slice_of(titles[v->filter]),
			    "Tab archived  Alt: R rename  P pin  A archive  D "
			    "delete  Z undo",
			    v->browse.place.count);

	v->alone = area->columns == area->grid->columns;
	browse_draw_rows(&v->browse, &rows, fill_row,
			 v->n ? "nothing fits" : "none");
}

/* ---- keys ---- */

static bool
on_row(struct conversations *v, enum action action, struct conversation *c)
{
	struct app *app = v->browse.view.app;

	switch (action) {
	case ACTION_CHOOSE:
		app_open(app, c->id, 0);
		if (v->alone)
			app_pop(app, &v->browse.view);
		return true;
	case ACTION_ROW_RENAME:
		rename_it(app, c);
		return true;
	case ACTION_ROW_PIN:
		submit(app, c, EDIT_PIN, c->title);
		return true;
	case ACTION_ROW_ARCHIVE:
		submit(app, c, EDIT_ARCHIVE, c->title);
		return true;
	case ACTION_ROW_DELETE:
		delete_it(v, c);
		return true;
	default:
		return false;
	}
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct conversations *v = of(view);
	struct conversation *c = chosen(v);

	(void)operand;
	if (c && on_row(v, action, c))
		return true;
	switch (action) {
	case ACTION_ROW_FILTER:
		v->filter = (v->filter + 1) % 3;
		reload(v);
		return true;
	case ACTION_ROW_UNDO:
		if (!deletion_undo(view->app))
			app_say(view->app, "nothing waits to be deleted");
		return true;
	case ACTION_CONVERSATIONS:
		app_pop(view->app, view);
		return true;
	default:
		break;
	}
	return browse_act(&v->browse, action);
}

static void
changed(struct view *view)
{
	reload(of(view));
}

static void
filter_changed(struct view *view)
{
	refilter(of(view));
}

static void
close_view(struct view *view)
{
	struct conversations *v = of(view);

	loop_timer_drop(&v->rest);
	browse_drop(&v->browse);
	arena_clear(&v->arena);
	free(v);
}

static const struct view_type conversations_type = {
	.name = "conversations",
	.place = PLACE_SIDE,
	.draw = draw,
	.act = act,
	.key = browse_key,
	.changed = changed,
	.close = close_view,
};

void
conversations_open(struct app *app)
{
	struct conversations *v = xcalloc(1, sizeof(*v));
	struct id open = chat_view_talk(app->stack[0])->conversation.id;

	browse_init(&v->browse, app, &conversations_type, filter_changed);
	app_push(app, &v->browse.view);
	v->rest = loop_timer(app->loop, read_rest, v);
	reload(v);
	choose(v, open);
	if (!v->whole)
		loop_timer_set(v->rest, REST_AFTER);
}
