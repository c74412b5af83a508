/* memory_act.c - the changes, each with what it needs in one struct. */
#include "tui/memory_act.h"

#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/log.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/memory_form.h"
#include "tui/pick.h"

struct act {
	struct app *app;
	struct arena arena; /* for what a change returns */
	struct id profile;  /* the writer's thread looks at nothing of app's */
	struct id id;
	char *value, *key; /* NULL: they stay */
	struct memory_edit edit;
	bool pinned;
	bool messages; /* redact them */
	size_t said;   /* messages that still say it */
	enum { ACT_PIN, ACT_RESTORE, ACT_EDIT, ACT_FORGET } what;
};

static struct act *
make(struct app *app, const struct memory *m, int what)
{
	struct act *a = xcalloc(1, sizeof(*a));

	a->app = app;
	a->profile = app->profile.id;
	a->id = m->id;
	a->pinned = !m->pinned;
	a->what = what;
	return a;
}

static void
drop(void *arg)
{
	struct act *a = arg;

	arena_clear(&a->arena);
	free(a->value);
	free(a->key);
	free(a);
}

static bool
forget(struct store_txn *txn, struct act *a, struct error *err)
{
	struct memory_forgetting f = {.profile = a->profile,
				      .ids = &a->id,
				      .count = 1,
				      .messages = a->messages,
				      .arena = &a->arena};

	if (!memory_forget_all(txn, &f, err))
		return false;
	a->said = f.said_count;
	return true;
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct act *a = arg;
	struct id profile = a->profile;
	struct memory_edit edit = memory_edit_nothing;

	arena_reset(&a->arena);
	switch (a->what) {
	case ACT_PIN:
		return memory_pin(txn, profile, a->id, a->pinned, &a->arena,
				  NULL, err);
	case ACT_RESTORE:
		return memory_restore(txn, profile, a->id, 0, &a->arena, NULL,
				      err);
	case ACT_EDIT:
		edit = a->edit;
		if (a->value)
			edit.value = slice_of(a->value);
		if (a->key)
			edit.key = slice_of(a->key);
		return memory_edit(txn, profile, a->id, &edit, &a->arena, NULL,
				   err);
	case ACT_FORGET:
		return forget(txn, a, err);
	}
	return false;
}

static void
purged(void *arg, const struct error *err)
{
	(void)arg;
	if (err && err->code != ERROR_CANCELLED) /* the job stands */
		log_warn("memory", "deleted bytes are still in the files: %s",
			 err->text);
}

static void
say_forgotten(struct act *a)
{
	struct error err = {0};

	if (a->said > 0 && !a->messages)
		app_say(a->app, "forgotten; %zu %s it", a->said,
			plural(a->said, "message still says",
			       "messages still say"));
	else
		app_say(a->app, "forgotten");
	if (!memory_service_purge(a->app->tui->chat->memory, a->profile, purged,
				  NULL, &err))
		purged(NULL, &err);
}

static void
done(void *arg, const struct error *err)
{
	struct act *a = arg;

	if (err)
		app_fail(a->app, err);
	else if (a->what == ACT_FORGET)
		say_forgotten(a);
	else if (a->what == ACT_RESTORE)
		app_say(a->app, "it is again what it was before");
	memory_service_follow(a->app->tui->chat->memory, a->profile);
	app_changed(a->app);
	drop(a);
}

static void
submit(struct act *a)
{
	struct error err = {0};

	if (!store_submit(a->app->store, a->app->loop, change, a, done, &err)) {
		app_fail(a->app, &err);
		drop(a);
	}
}

void
memory_act_pin(struct app *app, const struct memory *m)
{
	submit(make(app, m, ACT_PIN));
}

void
memory_act_restore(struct app *app, const struct memory *m)
{
	submit(make(app, m, ACT_RESTORE));
}

static void
edited(struct app *app, void *arg, const struct memory_edit *edit)
{
	struct act *from = arg, *a = xcalloc(1, sizeof(*a));

	a->app = app;
	a->profile = from->profile;
	a->id = from->id;
	a->what = ACT_EDIT;
	a->edit = *edit;
	if (edit->value.data)
		a->value = slice_dup(edit->value);
	if (edit->key.data)
		a->key = slice_dup(edit->key);
	submit(a);
}

void
memory_act_edit(struct app *app, const struct memory *m)
{
	const struct memory_form_events events = {edited, drop,
						  make(app, m, ACT_EDIT)};

	memory_form_open(app, m, &events);
}

static void
chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct act *from = arg, *a = xcalloc(1, sizeof(*a));

	(void)typed;
	a->app = app;
	a->profile = from->profile;
	a->id = from->id;
	a->what = ACT_FORGET;
	a->messages = row == 1;
	submit(a);
}

void
memory_act_forget(struct app *app, const struct memory *m)
{
	const struct pick_row rows[] = {
		{slice_of("Forget it for good"),
		 slice_of("messages keep what they say"),
		 {0}},
		{slice_of("Forget it everywhere"),
		 slice_of("messages that say it are redacted"),
		 {0}},
	};
	const struct pick_events events = {.chosen = chosen,
					   .drop = drop,
					   .arg = make(app, m, ACT_FORGET)};

	pick_open(app, "Forget a memory", rows, COUNT(rows), 0, &events);
}

static bool
find_source(struct app *app, const struct memory *m, struct message *out,
	    struct arena *arena, bool *found, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(app->store, err);

	*found = false;
	for (size_t i = 0; txn && i < m->source_count && !*found; i++)
		if (!id_none(m->sources[i].message) &&
		    !record_message_by_id(txn, app->profile.id,
					  m->sources[i].message, arena, out,
					  found, err))
			return false;
	return txn != NULL;
}

void
memory_act_source(struct app *app, const struct memory *m)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct error err = {0};
	struct message source;
	bool found;

	if (!find_source(app, m, &source, &arena, &found, &err))
		app_fail(app, &err);
	else if (!found)
		app_say(app, "it was given by hand, or its source is gone");
	else
		app_open(app, source.conversation, source.seq);
}
