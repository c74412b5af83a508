/* memory_detail.c - made when another one is chosen, or the width changes. */
#include "tui/memory_detail.h"

#include <stdio.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "tui/app.h"

enum { TEXT_MAX = 256 << 10, SOURCES_SHOWN = 20, DATE_MAX = 32 };

void
memory_detail_drop(struct memory_detail *d)
{
	lines_clear(&d->lines);
}

void
memory_detail_forget(struct memory_detail *d)
{
	d->made = false;
}

static void
add(struct memory_detail *d, struct slice text, int indent, struct style style)
{
	SCOPED(buf_clear) struct buf clean = {.max = TEXT_MAX};

	filter_text(text, &clean);
	lines_wrap(&d->lines, buf_slice(&clean), indent, d->columns, style);
}

static const char *
date(int64_t at, char out[DATE_MAX])
{
	struct clock_civil c = clock_civil(at, true);

	snprintf(out, DATE_MAX, "%04d-%02d-%02d", c.year, c.month, c.day);
	return out;
}

static void
add_facts(struct memory_detail *d, struct app *app, const struct memory *m)
{
	struct style quiet = app_style(app, ROLE_QUIET);
	char text[512], day[DATE_MAX];
	int at = snprintf(text, sizeof(text), "%s · %.*s%s%s",
			  record_memory_types[m->type].name,
			  (int)MIN(m->key.len, 200), m->key.data,
			  m->pinned ? " · pinned" : "",
			  m->state == MEMORY_ACTIVE ? "" : " · ");

	if (m->state != MEMORY_ACTIVE)
		snprintf(text + at, sizeof(text) - (size_t)at, "%s",
			 memory_state_names[m->state]);
	add(d, slice_of(text), 0, quiet);
	snprintf(text, sizeof(text),
		 "confidence %.2f · importance %.2f · used %llu %s",
		 m->confidence, m->importance,
		 (unsigned long long)m->access_count,
		 plural(m->access_count, "time", "times"));
	add(d, slice_of(text), 0, quiet);
	at = snprintf(text, sizeof(text), "since %s",
		      date(m->valid_from ? m->valid_from : m->created_at, day));
	if (m->valid_to)
		at += snprintf(text + at, sizeof(text) - (size_t)at,
			       " until %s", date(m->valid_to, day));
	if (m->expires_at)
		snprintf(text + at, sizeof(text) - (size_t)at, " · expires %s",
			 date(m->expires_at, day));
	add(d, slice_of(text), 0, quiet);
}

static bool
add_source(struct memory_detail *d, struct app *app, struct store_txn *txn,
	   const struct memory_source *s, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct style quiet = app_style(app, ROLE_QUIET);
	struct conversation c;
	struct message m;
	char text[400], day[DATE_MAX];
	bool found = false;

	if (id_none(s->message)) {
		add(d, slice_of("given by hand"), 0, quiet);
		return true;
	}
	if (!record_message_by_id(txn, app->profile.id, s->message, &arena, &m,
				  &found, err))
		return false;
	if (!found) {
		add(d, slice_of("from a message that is gone"), 0, quiet);
	} else {
		if (!record_conversation_get(txn, app->profile.id,
					     m.conversation, &arena, &c, &found,
					     err))
			return false;
		snprintf(text, sizeof(text), "from %s, \"%.*s\"",
			 date(m.created_at, day),
			 (int)(found ? MIN(c.title.len, 300) : 0),
			 found ? c.title.data : "");
		add(d, slice_of(text), 0, quiet);
	}
	if (s->quote.len)
		add(d, s->quote, 2, app_style(app, ROLE_QUOTE));
	return true;
}

static bool
add_history(struct memory_detail *d, struct app *app, struct store_txn *txn,
	    struct id id, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory *versions;
	char text[128], day[DATE_MAX];
	size_t n;

	if (!memory_history(txn, app->profile.id, id, &arena, &versions, &n,
			    err))
		return false;
	lines_begin(&d->lines, 0);
	for (size_t i = 0; i < n; i++) {
		const struct memory *was = i ? &versions[i - 1] : NULL;

		snprintf(text, sizeof(text), "%u  %s  %s", versions[i].version,
			 date(versions[i].updated_at, day),
			 memory_change(was, &versions[i]));
		add(d, slice_of(text), 0, app_style(app, ROLE_MARK));
		add(d, versions[i].value, 2, app_style(app, ROLE_TEXT));
	}
	return true;
}

static bool
make(struct memory_detail *d, struct app *app, const struct memory *m,
     bool history, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);

	lines_clear(&d->lines);
	lines_init(&d->lines, app->pool, app->grid.wide);
	if (!txn)
		return false;
	add(d, m->value, 0, app_style(app, ROLE_TITLE));
	add_facts(d, app, m);
	for (size_t i = 0; i < MIN(m->source_count, SOURCES_SHOWN); i++)
		if (!add_source(d, app, txn, &m->sources[i], err))
			return false;
	return !history || add_history(d, app, txn, m->id, err);
}

void
memory_detail_draw(struct memory_detail *d, struct app *app,
		   const struct memory *m, bool history,
		   const struct area *area)
{
	struct error err = {0};

	if (!d->made || d->columns != area->columns ||
	    !id_equal(d->id, m->id)) {
		d->columns = area->columns;
		d->id = m->id;
		d->made = true;
		if (!make(d, app, m, history, &err))
			app_fail(app, &err);
	}
	for (int i = 0; i < area->rows && i < (int)d->lines.count; i++)
		lines_draw(&d->lines, (size_t)i, area->grid, area->row + i,
			   area->column, area->column + area->columns);
}
