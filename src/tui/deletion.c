/*
 * deletion.c - a timer for each, then changes of bounded size until all of the
 * conversation is gone, then its bytes.
 */
#include "tui/deletion.h"

#include <stdlib.h>

#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/list.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/talk.h"

enum { ROWS_AT_ONCE = 2000 };

struct deletion {
	struct list link;
	struct app *app;
	struct id profile, conversation;
	char *title;
	struct loop_timer *timer; /* NULL: it has begun */
	bool forgotten;           /* its memories are gone */
	bool done;
	bool purging; /* only its bytes are still to go */
	size_t gone;
};

struct deletions {
	struct list all; /* in the order that they were asked for */
};

static void
destroy(struct deletion *d)
{
	list_unlink(&d->link);
	loop_timer_drop(&d->timer);
	free(d->title);
	free(d);
}

static void
over(struct deletion *d)
{
	struct app *app = d->app;

	destroy(d);
	app_turn_over(app);
	app_changed(app);
	app_dirty(app);
}

static void
purged(void *arg, const struct error *err)
{
	struct deletion *d = arg;

	if (!d->app) { /* the screen is gone */
		destroy(d);
		return;
	}
	if (err && err->code != ERROR_CANCELLED)
		app_fail(d->app, err);
	over(d);
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct deletion *d = arg;
	struct id profile = d->profile;

	if (!d->forgotten &&
	    !memory_forget_conversation(txn, profile, d->conversation, &d->gone,
					err))
		return false;
	return record_conversation_delete(txn, profile, d->conversation,
					  ROWS_AT_ONCE, &d->done, err);
}

static void step(struct deletion *d);

static void
stepped(void *arg, const struct error *err)
{
	struct deletion *d = arg;
	struct error why = {0};

	if (err) {
		if (err->code != ERROR_NOT_FOUND)
			app_fail(d->app, err);
		over(d);
		return;
	}
	d->forgotten = true;
	if (!d->done) {
		step(d);
		return;
	}
	/* Quitting leaves the bytes to the job. */
	d->purging = true;
	if (d->app->quitting ||
	    !memory_service_purge(d->app->tui->chat->memory, d->profile, purged,
				  d, &why))
		over(d);
}

static void
step(struct deletion *d)
{
	struct error err = {0};

	if (store_submit(d->app->store, d->app->loop, change, d, stepped, &err))
		return;
	app_fail(d->app, &err);
	over(d);
}

/* What is deleted is not to stay on the screen. */
static void
leave_it(struct app *app, struct id conversation)
{
	const struct talk *talk = chat_view_talk(app->stack[0]);

	if (!app->quitting && id_equal(talk->conversation.id, conversation))
		app_open(app, (struct id){{0}}, 0);
}

static void
due(void *arg)
{
	struct deletion *d = arg;

	loop_timer_drop(&d->timer);
	leave_it(d->app, d->conversation);
	step(d);
}

void
deletion_add(struct app *app, struct id conversation, const char *title)
{
	struct deletion *d;

	if (deletion_waits(app, conversation))
		return;
	if (!app->deletions) {
		app->deletions = xcalloc(1, sizeof(*app->deletions));
		list_init(&app->deletions->all);
	}
	d = xcalloc(1, sizeof(*d));
	d->app = app;
	d->profile = app->profile.id;
	d->conversation = conversation;
	d->title = xstrdup(title);
	d->timer = loop_timer(app->loop, due, d);
	loop_timer_set(d->timer, 10 * CLOCK_SECOND);
	list_insert(&app->deletions->all, &d->link);
}

static struct deletion *
last_waiting(const struct app *app)
{
	if (!app->deletions)
		return NULL;
	for (struct list *at = app->deletions->all.prev;
	     at != &app->deletions->all; at = at->prev)
		if (HOLDER(at, struct deletion, link)->timer)
			return HOLDER(at, struct deletion, link);
	return NULL;
}

bool
deletion_undo(struct app *app)
{
	struct deletion *d = last_waiting(app);

	if (!d)
		return false;
	app_say(app, "\"%.60s\" is kept", d->title);
	destroy(d);
	return true;
}

bool
deletion_waits(const struct app *app, struct id conversation)
{
	if (!app->deletions)
		return false;
	LIST_EACH(&app->deletions->all, at)
	if (id_equal(HOLDER(at, struct deletion, link)->conversation,
		     conversation))
		return true;
	return false;
}

void
deletion_flush(struct app *app)
{
	if (!app->deletions)
		return;
	LIST_EACH(&app->deletions->all, at)
	{
		struct deletion *d = HOLDER(at, struct deletion, link);

		if (d->timer)
			due(d);
	}
}

bool
deletion_busy(const struct app *app)
{
	if (!app->deletions)
		return false;
	LIST_EACH(&app->deletions->all, at)
	if (!HOLDER(at, struct deletion, link)->purging)
		return true;
	return false;
}

void
deletion_drop(struct app *app)
{
	if (!app->deletions)
		return;
	LIST_EACH(&app->deletions->all, at)
	{
		struct deletion *d = HOLDER(at, struct deletion, link);

		list_unlink(&d->link);
		d->app = NULL;
		if (!d->purging)
			destroy(d);
	}
	free(app->deletions);
	app->deletions = NULL;
}
