/*
 * memory_view.c - the list, read when it opens and when the store changes;
 * beside it, or under it, all that is known of the chosen one.
 */
#include "tui/memory_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/browse.h"
#include "tui/composer.h"
#include "tui/match.h"
#include "tui/memory_act.h"
#include "tui/memory_detail.h"

enum { BESIDE_FROM = 90, BELOW_FROM = 12 };

struct memories {
	struct browse browse; /* first */
	struct arena arena;
	struct memory *all;
	size_t n;
	uint32_t *fits;
	enum memory_type type; /* MEMORY_TYPE_COUNT: every */
	bool every;            /* those that no longer count too */
	int64_t as_of;         /* 0: now */
	char as_of_text[CLOCK_TEXT];
	bool history;
	struct memory_detail detail;
};

static struct memories *
of(struct view *view)
{
	return (struct memories *)view;
}

/* ---- what is listed ---- */

static bool
says(const struct memory *m, struct slice words)
{
	struct slice word;

	while (slice_split(&words, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (match_whole(m->value, word, 0) == m->value.len &&
		    match_whole(m->key, word, 0) == m->key.len)
			return false;
	}
	return true;
}

static bool
held_at(const struct memory *m, int64_t at)
{
	int64_t from = m->valid_from ? m->valid_from : m->created_at;

	return m->created_at <= at && from <= at &&
	       (m->valid_to == 0 || at < m->valid_to);
}

static void
refilter(struct memories *v)
{
	struct slice words = browse_text(&v->browse);
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct memory *m = &v->all[i];

		if (v->as_of ? !held_at(m, v->as_of)
			     : !v->every && m->state != MEMORY_ACTIVE)
			continue;
		if (says(m, words))
			v->fits[n++] = (uint32_t)i;
	}
	v->browse.place.count = n;
}

static struct memory *
chosen(struct memories *v)
{
	const struct list_place *place = &v->browse.place;

	return place->chosen < place->count ? &v->all[v->fits[place->chosen]]
					    : NULL;
}

static void
choose(struct memories *v, struct id id)
{
	for (size_t i = 0; i < v->browse.place.count; i++)
		if (id_equal(v->all[v->fits[i]].id, id))
			v->browse.place.chosen = i;
}

static bool
load(struct memories *v, struct error *err)
{
	struct app *app = v->browse.view.app;
	const struct memory_filter filter = {.profile = app->profile.id,
					     .type = v->type,
					     .state = MEMORY_STATE_COUNT};
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);
	struct id kept = {{0}};

	if (chosen(v))
		kept = chosen(v)->id;
	v->n = v->browse.place.count = 0;
	arena_reset(&v->arena);
	memory_detail_forget(&v->detail);
	if (!txn || !memory_list(txn, &filter, NULL, MEMORY_LIST_MAX, &v->arena,
				 &v->all, &v->n, err))
		return false;
	v->fits = arena_alloc(&v->arena, v->n + 1, sizeof(*v->fits));
	refilter(v);
	choose(v, kept);
	return true;
}

static void
reload(struct memories *v)
{
	struct error err = {0};

	if (!load(v, &err))
		app_fail(v->browse.view.app, &err);
	app_dirty(v->browse.view.app);
}

/* ---- drawing ---- */

static void
title(const struct memories *v, char *out, size_t size)
{
	int at = snprintf(out, size, "%zu %s", v->browse.place.count,
			  v->browse.place.count == 1 ? "memory" : "memories");

	if (v->type < MEMORY_TYPE_COUNT)
		at += snprintf(out + at, size - (size_t)at, " · %s",
			       record_memory_types[v->type].name);
	if (v->as_of)
		snprintf(out + at, size - (size_t)at, " · as of %s",
			 v->as_of_text);
	else if (v->every)
		snprintf(out + at, size - (size_t)at, " · of every time");
}

static char
mark_of(const struct memory *m)
{
	if (m->pinned)
		return '*';
	return m->state == MEMORY_ACTIVE ? ' ' : '-';
}

/* Is there one that would be listed if those put away were? */
static bool
hides_some(const struct memories *v)
{
	struct slice words = browse_text(&v->browse);

	for (size_t i = 0; i < v->n && !v->every && !v->as_of; i++)
		if (says(&v->all[i], words))
			return true;
	return false;
}

static void
why_none(const struct memories *v, struct buf *out)
{
	if (!hides_some(v)) {
		buf_adds(out,
			 v->n ? "nothing fits" : "nothing is remembered yet");
		return;
	}
	buf_adds(out, "only some that no longer count: ");
	keymap_spell_first(&v->browse.view.app->keymap, ACTION_ROW_ARCHIVE,
			   out);
	buf_adds(out, " shows them");
}

static void
fill_row(struct view *view, size_t at, struct browse_row *row)
{
	const struct memories *v = of(view);
	const struct memory *m = &v->all[v->fits[at]];

	row->text = m->value;
	row->note = slice_of(record_memory_types[m->type].name);
	row->side =
		slice_of(browse_age(m->created_at, clock_now(), row->brief));
	row->mark = mark_of(m);
	row->look = m->state == MEMORY_ACTIVE ? BROWSE_ROW : BROWSE_OLD;
}

static void
draw(struct view *view, const struct area *area)
{
	struct memories *v = of(view);
	struct area rows, list, detail = {0};
	char text[160];
	SCOPED(buf_clear) struct buf none = {.max = 256};
	int part;

	title(v, text, sizeof(text));
	rows = browse_draw(&v->browse, area, slice_of(text),
			   "Alt: E edit  P pin  D forget  H history  S source",
			   v->browse.place.count);
	list = rows;
	if (rows.columns >= BESIDE_FROM) {
		part = rows.columns / 2;
		list = area_part(&rows, 0, 0, rows.rows, part - 1);
		detail = area_part(&rows, 0, part + 1, rows.rows,
				   rows.columns - part - 1);
	} else if (rows.rows >= BELOW_FROM || v->history) {
		part = rows.rows >= BELOW_FROM ? rows.rows / 2 : 1;
		list = area_part(&rows, 0, 0, part, rows.columns);
		detail = area_part(&rows, part + (rows.rows >= BELOW_FROM), 0,
				   rows.rows, rows.columns);
	}
	why_none(v, &none);
	browse_draw_rows(&v->browse, &list, fill_row, buf_text(&none));
	if (detail.rows > 0 && chosen(v))
		memory_detail_draw(&v->detail, view->app, chosen(v), v->history,
				   &detail);
}

/* ---- keys ---- */

static void
as_of_given(struct app *app, void *arg, struct slice text)
{
	struct memories *v = arg;
	struct error err = {0};

	text = slice_trim(text);
	v->as_of = 0;
	if (text.len > 0 &&
	    !clock_parse_then(text, clock_now(), &v->as_of, &err))
		app_fail(app, &err);
	snprintf(v->as_of_text, sizeof(v->as_of_text), "%.*s",
		 (int)MIN(text.len, sizeof(v->as_of_text) - 1), text.data);
	refilter(v);
	app_dirty(app);
}

static bool
on_row(struct memories *v, enum action action, const struct memory *m)
{
	struct app *app = v->browse.view.app;

	switch (action) {
	case ACTION_CHOOSE:
	case ACTION_ROW_HISTORY:
		v->history = !v->history;
		memory_detail_forget(&v->detail);
		app_dirty(app);
		return true;
	case ACTION_ROW_EDIT:
		memory_act_edit(app, m);
		return true;
	case ACTION_ROW_PIN:
		memory_act_pin(app, m);
		return true;
	case ACTION_ROW_DELETE:
		memory_act_forget(app, m);
		return true;
	case ACTION_ROW_RESTORE:
		memory_act_restore(app, m);
		return true;
	case ACTION_ROW_SOURCE:
		memory_act_source(app, m);
		return true;
	default:
		return false;
	}
}

static bool
on_list(struct memories *v, enum action action)
{
	struct app *app = v->browse.view.app;
	const struct ask_events events = {as_of_given, NULL, v};

	switch (action) {
	case ACTION_ROW_FILTER:
		v->type = (v->type + 1) % (MEMORY_TYPE_COUNT + 1);
		reload(v);
		return true;
	case ACTION_ROW_ARCHIVE:
		v->every = !v->every;
		refilter(v);
		app_dirty(app);
		return true;
	case ACTION_ROW_AS_OF:
		ask_open(app, "As of: a date, a time, or yesterday; empty: now",
			 slice_of(v->as_of ? v->as_of_text : ""), false,
			 &events);
		return true;
	case ACTION_MEMORIES:
		app_pop(app, &v->browse.view);
		return true;
	default:
		return false;
	}
}

static bool
act(struct view *view, enum action action, struct slice operand)
{
	struct memories *v = of(view);
	const struct memory *m = chosen(v);

	(void)operand;
	if ((m && on_row(v, action, m)) || on_list(v, action))
		return true;
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
	struct memories *v = of(view);

	browse_drop(&v->browse);
	memory_detail_drop(&v->detail);
	arena_clear(&v->arena);
	free(v);
}

static const struct view_type memories_type = {
	.name = "memories",
	.place = PLACE_FULL,
	.draw = draw,
	.act = act,
	.key = browse_key,
	.changed = changed,
	.close = close_view,
};

static struct memories *
open_view(struct app *app, struct slice text)
{
	struct memories *v = xcalloc(1, sizeof(*v));

	browse_init(&v->browse, app, &memories_type, filter_changed);
	v->type = MEMORY_TYPE_COUNT;
	composer_set(v->browse.filter, text);
	reload(v);
	return v;
}

void
memories_open(struct app *app, struct slice text)
{
	app_push(app, &open_view(app, text)->browse.view);
}

void
memories_show(struct app *app, struct id id)
{
	struct memories *v = open_view(app, (struct slice){0});

	v->every = v->history = true;
	refilter(v);
	choose(v, id);
	app_push(app, &v->browse.view);
}
