/* choose.c - theme, model, memory mode, incognito. */
#include "tui/choose.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/llm.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/model_list.h"
#include "tui/pick.h"
#include "tui/talk.h"

/* ---- theme ---- */

static void
theme_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	(void)arg;
	(void)typed;
	app_set_theme(app, &themes[row]);
	app_say(app, "mneme config set MNEME_THEME %s keeps it",
		themes[row].name);
}

void
choose_theme(struct app *app, struct slice name)
{
	const struct pick_events events = {.chosen = theme_chosen,
					   .filter = name};
	const struct theme *theme = theme_find(name);
	struct pick_row rows[8];
	size_t now = 0, n = MIN(theme_count, COUNT(rows));

	if (theme) {
		theme_chosen(app, NULL, (size_t)(theme - themes), name);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		rows[i] = (struct pick_row){slice_of(themes[i].name),
					    slice_of(themes[i].summary),
					    {0}};
		if (&themes[i] == app->theme)
			now = i;
	}
	pick_open(app, "Colours", rows, n, now, &events);
}

/* ---- model ---- */

/* The provider's list, while it comes. */
struct models {
	struct app *app;
	struct model_list list;
};

static void
drop_models(void *arg)
{
	struct models *m = arg;

	model_list_clear(&m->list);
	free(m);
}

static void
use_model(struct app *app, struct slice name)
{
	free(app->model);
	app->model = slice_dup(name);
	app_say(app, "%s answers from now on", app->model);
}

static void
model_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct models *m = arg;

	(void)typed;
	use_model(app, slice_of(m->list.ids[row]));
}

static void
model_typed(struct app *app, void *arg, struct slice typed)
{
	(void)arg;
	if (typed.len > 0)
		use_model(app, typed);
}

static void
each_model(void *arg, const struct llm_model_info *info)
{
	struct models *m = arg;

	model_list_add(&m->list, info);
}

static void
show_models(struct models *m)
{
	const struct pick_events events = {.chosen = model_chosen,
					   .typed = model_typed,
					   .drop = drop_models,
					   .arg = m};

	model_list_pick(m->app, "Models (or type a name)", &m->list, NULL,
			&events);
}

static void
models_came(void *arg, const void *result)
{
	struct models *m = arg;

	(void)result;
	m->app->listing = NULL;
	show_models(m);
}

static void
models_failed(void *arg, const struct error *err)
{
	struct models *m = arg;

	m->app->listing = NULL;
	if (err->code == ERROR_CANCELLED) {
		drop_models(m);
		return;
	}
	show_models(m);
	app_fail(m->app, err);
}

void
choose_model(struct app *app, struct slice name)
{
	struct llm *llm = app->tui->chat->llm;
	struct models *m;
	struct error err = {0};

	if (!llm) {
		app_say(app, "no provider is set up: /setup");
		return;
	}
	if (name.len > 0) {
		use_model(app, name);
		return;
	}
	if (app->listing)
		return;
	m = xcalloc(1, sizeof(*m));
	m->app = app;
	const struct sink sink = {NULL, models_came, models_failed, m};
	app->listing = llm_models(llm, each_model, &sink, &err);
	if (app->listing) {
		app_say(app, "asking for the models...");
		return;
	}
	drop_models(m);
	app_fail(app, &err);
}

/* ---- memory ---- */

static void
mode_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct error err = {0};

	(void)arg;
	(void)typed;
	if (talk_memory_mode(chat_view_talk(app->stack[0]),
			     (enum memory_mode)row, &err))
		app_say(app, "memory %s: %s", memory_mode_names[row],
			memory_mode_notes[row]);
	else
		app_fail(app, &err);
}

void
choose_memory_mode(struct app *app, struct slice name)
{
	const struct pick_events events = {.chosen = mode_chosen,
					   .filter = name};
	struct pick_row rows[MEMORY_MODE_COUNT];
	size_t now = chat_view_talk(app->stack[0])->conversation.memory_mode;

	for (size_t i = 0; i < MEMORY_MODE_COUNT; i++) {
		rows[i] = (struct pick_row){slice_of(memory_mode_names[i]),
					    slice_of(memory_mode_notes[i]),
					    {0}};
		if (slice_is(name, memory_mode_names[i])) {
			mode_chosen(app, NULL, i, name);
			return;
		}
	}
	pick_open(app, "Memory of this conversation", rows, MEMORY_MODE_COUNT,
		  now, &events);
}

void
choose_incognito(struct app *app, struct slice nothing)
{
	(void)nothing;
	app->incognito = !app->incognito;
	app_open(app, (struct id){{0}}, 0);
	app_say(app, app->incognito ? "incognito: nothing of this conversation "
				      "is stored"
				    : "what is said is remembered again");
}
