/*
 * choose_profile.c - the people of this store.
 *
 * A password here is a screen lock: who can read the files needs none.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/auth.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/choose.h"
#include "tui/pick.h"

struct people {
	struct arena arena;
	struct profile *list;
	size_t n;
};

struct knock {
	struct arena arena;
	struct profile profile;
	struct slice hash;
};

static void
drop_people(void *arg)
{
	struct people *p = arg;

	arena_clear(&p->arena);
	free(p);
}

static void
drop_knock(void *arg)
{
	struct knock *k = arg;

	arena_clear(&k->arena);
	free(k);
}

static void
enter(struct app *app, const struct profile *profile)
{
	const struct tui *tui = app->tui;
	struct error err = {0};

	/* What was chosen for the one before is none of theirs. */
	free(app->model);
	app->model = NULL;
	app_be(app, profile);
	if (tui->take && !tui->take(tui->arg, app->profile.id, &err))
		app_fail(app, &err);
	else
		app_say(app, "you are %.*s", SLICE_ARG(app->profile.name));
}

static void
password_given(struct app *app, void *arg, struct slice text)
{
	struct knock *k = arg;
	struct error err = {0};
	bool good = false, old;

	if (!auth_password_check(text, k->hash, &good, &old, &err))
		app_fail(app, &err);
	else if (good)
		enter(app, &k->profile);
	else
		app_say(app, "that is not the password");
}

static void
try_enter(struct app *app, const struct profile *profile)
{
	SCOPED(store_end) struct store_txn *txn = NULL;
	struct knock *k = xcalloc(1, sizeof(*k));
	const struct ask_events events = {password_given, drop_knock, k};
	struct error err = {0};
	bool locked;

	k->profile = *profile;
	k->profile.name = arena_copy(&k->arena, profile->name);
	txn = store_read(app->store, &err);
	if (!txn || !record_password_get(txn, profile->id, &k->arena, &k->hash,
					 &locked, &err)) {
		app_fail(app, &err);
		drop_knock(k);
		return;
	}
	if (locked) {
		ask_open(app, "Password", (struct slice){0}, true, &events);
		return;
	}
	enter(app, &k->profile);
	drop_knock(k);
}

/* ---- a new one ---- */

struct birth {
	struct app *app;
	struct profile profile;
	char *name;
};

static bool
create(struct store_txn *txn, void *arg, struct error *err)
{
	struct birth *b = arg;

	b->profile = (struct profile){.name = slice_of(b->name)};
	return record_profile_create(txn, &b->profile, err);
}

static void
created(void *arg, const struct error *err)
{
	struct birth *b = arg;

	if (err)
		app_fail(b->app, err);
	else
		enter(b->app, &b->profile);
	free(b->name);
	free(b);
}

static void
typed_name(struct app *app, void *arg, struct slice typed)
{
	struct birth *b = xcalloc(1, sizeof(*b));
	struct error err = {0};

	(void)arg;
	b->app = app;
	b->name = slice_dup(slice_trim(typed));
	if (store_submit(app->store, app->loop, create, b, created, &err))
		return;
	app_fail(app, &err);
	free(b->name);
	free(b);
}

/* ---- the list ---- */

static void
person_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	const struct people *p = arg;

	(void)typed;
	try_enter(app, &p->list[row]);
}

void
choose_profile(struct app *app, struct slice name)
{
	struct people *p = xcalloc(1, sizeof(*p));
	const struct pick_events events = {.chosen = person_chosen,
					   .typed = typed_name,
					   .drop = drop_people,
					   .arg = p,
					   .filter = name};
	struct pick_row *rows;
	struct error err = {0};
	size_t now = 0;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(app->store, &err);

		if (!txn || !record_profile_list(txn, &p->arena, &p->list,
						 &p->n, &err)) {
			app_fail(app, &err);
			drop_people(p);
			return;
		}
	}
	rows = xcalloc(p->n + 1, sizeof(*rows));
	for (size_t i = 0; i < p->n; i++) {
		rows[i].text = p->list[i].name;
		if (id_equal(p->list[i].id, app->profile.id))
			now = i;
	}
	for (size_t i = 0; name.len > 0 && i < p->n; i++) {
		if (!slice_equal(name, p->list[i].name))
			continue;
		try_enter(app, &p->list[i]);
		drop_people(p);
		free(rows);
		return;
	}
	pick_open(app, "People (type a name to add one)", rows, p->n, now,
		  &events);
	free(rows);
}
