/*
 * draft.c - at most one change of ours waits for the writer.  The text it
 * writes is its own copy.
 */
#include "tui/draft.h"

#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/composer.h"

struct draft {
	struct app *app;
	struct loop_timer *timer;
	struct id owner; /* the profile that writes it */
	struct id conversation;
	struct buf text;
	bool unsaved;
	bool saving;
	bool destroyed;
	struct id profile;  /* of the save that runs ... */
	struct id saved_in; /* ... its conversation ... */
	struct buf saved;   /* ... and its text */
	void (*done)(void *arg);
	void *arg;
};

static void save(void *arg);

struct draft *
draft_create(struct app *app)
{
	struct draft *d = xcalloc(1, sizeof(*d));

	d->app = app;
	d->timer = loop_timer(app->loop, save, d);
	buf_init(&d->text, COMPOSER_MAX);
	buf_init(&d->saved, COMPOSER_MAX);
	return d;
}

static void
drop(struct draft *d)
{
	loop_timer_drop(&d->timer);
	buf_clear(&d->text);
	buf_clear(&d->saved);
	free(d);
}

void
draft_destroy(struct draft **at)
{
	struct draft *d = *at;

	*at = NULL;
	if (!d)
		return;
	loop_timer_stop(d->timer);
	d->destroyed = true;
	if (!d->saving)
		drop(d);
}

bool
draft_load(struct draft *d, struct id conversation, struct buf *out,
	   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(d->app->store, err);
	struct slice text;

	if (!txn || !record_draft_get(txn, d->app->profile.id, conversation,
				      &arena, &text, err))
		return false;
	buf_add_slice(out, text);
	return true;
}

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	struct draft *d = arg;

	return record_draft_put(txn, d->profile, d->saved_in,
				buf_slice(&d->saved), err);
}

static void
tell(struct draft *d)
{
	void (*done)(void *arg) = d->done;

	d->done = NULL;
	if (done)
		done(d->arg);
}

static void
saved(void *arg, const struct error *err)
{
	struct draft *d = arg;

	d->saving = false;
	if (d->destroyed) {
		drop(d);
		return;
	}
	if (err)
		app_fail(d->app, err);
	if (d->unsaved && d->done)
		save(d);
	else
		tell(d);
}

static void
save(void *arg)
{
	struct draft *d = arg;
	struct error err = {0};

	loop_timer_stop(d->timer);
	if (d->saving)
		return;
	d->profile = d->owner;
	d->saved_in = d->conversation;
	buf_reset(&d->saved);
	buf_add_slice(&d->saved, buf_slice(&d->text));
	d->unsaved = false;
	d->saving = true;
	if (!store_submit(d->app->store, d->app->loop, put, d, saved, &err)) {
		d->saving = false;
		app_fail(d->app, &err);
		tell(d);
	}
}

void
draft_set(struct draft *d, struct id conversation, struct slice text)
{
	if (d->unsaved && !d->saving &&
	    (!id_equal(d->conversation, conversation) ||
	     !id_equal(d->owner, d->app->profile.id)))
		save(d);
	d->owner = d->app->profile.id;
	d->conversation = conversation;
	buf_reset(&d->text);
	buf_add_slice(&d->text, text);
	d->unsaved = true;
	loop_timer_set(d->timer, CLOCK_SECOND);
}

void
draft_flush(struct draft *d, void (*done)(void *arg), void *arg)
{
	d->done = done;
	d->arg = arg;
	if (d->saving)
		return;
	if (d->unsaved)
		save(d);
	else
		tell(d);
}
