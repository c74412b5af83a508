/*
 * setup_view.c - one box after another.
 *
 * What has been answered so far goes from box to box; a box that is closed
 * without an answer ends it all.  Nothing is written before the address and
 * the key are known; the model last, once the provider has answered.
 */
#include "tui/setup_view.h"

#include <inttypes.h>
#include <stdlib.h>

#include "mneme/chat.h"
#include "mneme/config.h"
#include "mneme/error.h"
#include "mneme/llm.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/chat_view.h"
#include "tui/learned.h"
#include "tui/model_list.h"
#include "tui/pick.h"
#include "tui/talk.h"

enum { PROVIDERS_MAX = 32 };

struct setup {
	struct app *app;
	const struct llm_provider *provider;
	bool other;  /* a server that is none of the rows */
	bool passed; /* on to the next box */
	char *key, *base;
	struct model_list models;
};

static void
drop(void *arg)
{
	struct setup *s = arg;

	if (s->passed) {
		s->passed = false;
		return;
	}
	if (s->key)
		explicit_bzero(s->key, strlen(s->key));
	free(s->key);
	free(s->base);
	model_list_clear(&s->models);
	free(s);
}

/* ---- writing ---- */

static bool
write_one(struct setup *s, const char *key, const char *value,
	  struct error *err)
{
	const char *path = config_file(s->app->tui->config, err);

	return path && config_write(path, key, value, err);
}

static bool
write_all(struct setup *s, struct error *err)
{
	const struct llm_choice choice = {s->provider, s->other, s->base,
					  s->key};
	const char *path = config_file(s->app->tui->config, err);

	return path && llm_choose(path, &choice, err);
}

/* ---- the model ---- */

/* `window` is what the provider says that the model holds; 0: nothing. */
static bool
write_model(struct setup *s, const char *model, int64_t window,
	    struct error *err)
{
	SCOPED(free_pointer)
	char *tokens = window > 0 ? xasprintf("%" PRId64, window) : NULL;

	return write_one(s, "LLM_MODEL", model, err) &&
	       write_one(s, "LLM_CONTEXT_TOKENS", tokens, err);
}

static void
finish(struct setup *s, const char *model, int64_t window)
{
	struct app *app = s->app;
	struct error err = {0};

	if (!write_model(s, model, window, &err) ||
	    !app->tui->reload(app->tui->arg, NULL, &err)) {
		app_fail(app, &err);
		return;
	}
	learned_listen(app);
	free(app->model);
	app->model = NULL;
	SCOPED(free_pointer)
	char *text = xasprintf(
		"%s answers from now on.\n"
		"What you both say is kept here, on this machine, and found "
		"again by words and by meaning; what fits is told to the "
		"model with your question. Under each answer stands what it "
		"rests on. /memories shows, corrects and forgets what was "
		"learned; /incognito stores nothing.",
		model);
	talk_note(chat_view_talk(app->stack[0]), ROLE_QUIET, slice_of(text));
}

static void
model_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct setup *s = arg;

	(void)app;
	(void)typed;
	finish(s, s->models.ids[row], s->models.windows[row]);
}

static void
model_typed(struct app *app, void *arg, struct slice typed)
{
	SCOPED(free_pointer) char *model = slice_dup(slice_trim(typed));

	(void)app;
	if (*model)
		finish(arg, model, 0);
}

/* ---- the call that tests ---- */

static void
each_model(void *arg, const struct llm_model_info *info)
{
	struct setup *s = arg;

	model_list_add(&s->models, info);
}

static void
came(void *arg, const void *result)
{
	struct setup *s = arg;
	const struct pick_events events = {.chosen = model_chosen,
					   .typed = model_typed,
					   .drop = drop,
					   .arg = s};

	(void)result;
	s->app->listing = NULL;
	*s->app->note = '\0';
	model_list_pick(s->app, "It works. Which model? (or type a name)",
			&s->models, s->provider->model, &events);
}

static void
failed(void *arg, const struct error *err)
{
	struct setup *s = arg;

	s->app->listing = NULL;
	if (err->code != ERROR_CANCELLED) {
		SCOPED(free_pointer)
		char *text = xasprintf("%s\nThe key or the address does not "
				       "work yet: /setup tries again.",
				       err->text);
		talk_note(chat_view_talk(s->app->stack[0]), ROLE_ERROR,
			  slice_of(text));
	}
	drop(s);
}

/* Takes `s` over. */
static void
test(struct setup *s)
{
	struct app *app = s->app;
	const struct sink sink = {NULL, came, failed, s};
	struct error err = {0};

	if (!write_all(s, &err) ||
	    !app->tui->reload(app->tui->arg, "not-yet-chosen", &err)) {
		failed(s, &err);
		return;
	}
	app->listing = llm_models(app->tui->chat->llm, each_model, &sink, &err);
	if (!app->listing)
		failed(s, &err);
	else
		app_say(app, "asking %s for its models...",
			llm_title(app->tui->chat->llm));
}

/* ---- who, where, the key ---- */

static void
key_given(struct app *app, void *arg, struct slice text)
{
	struct setup *s = arg;

	(void)app;
	s->passed = true; /* the box's drop comes after this */
	s->key = slice_dup(slice_trim(text));
	test(s);
}

static void
ask_key(struct setup *s)
{
	const struct ask_events events = {key_given, drop, s};
	SCOPED(free_pointer)
	char *question =
		xasprintf("Key for %s%s (or !COMMAND that prints it)",
			  s->other ? "that server" : s->provider->title,
			  s->other ? ", empty for none" : "");

	ask_open(s->app, question, (struct slice){0}, true, &events);
}

/* Where such a server listens when nobody changed it. */
static const char *
usual_address(const struct setup *s)
{
	return s->other ? "http://localhost:8000/v1" : s->provider->base_url;
}

static void
address_given(struct app *app, void *arg, struct slice text)
{
	struct setup *s = arg;

	(void)app;
	text = slice_trim(text);
	s->passed = true;
	s->base = slice_dup(text.len ? text : slice_of(usual_address(s)));
	if (s->other)
		ask_key(s);
	else
		test(s);
}

static void
ask_address(struct setup *s, const struct ask_events *events)
{
	SCOPED(free_pointer)
	char *question =
		xasprintf("Address of its API (Enter: %s)", usual_address(s));

	ask_open(s->app, question, (struct slice){0}, false, events);
}

static void
provider_chosen(struct app *app, void *arg, size_t row, struct slice typed)
{
	struct setup *s = arg;
	const struct ask_events events = {address_given, drop, s};

	(void)app;
	(void)typed;
	s->passed = true;
	s->other = row == llm_provider_count;
	s->provider = s->other ? llm_provider_find(slice_of("openai"))
			       : &llm_providers[row];
	if (!s->other && s->provider->key_setting)
		ask_key(s);
	else
		ask_address(s, &events);
}

/* What is written here stands in the file, and their own goes first. */
static bool
would_not_count(struct app *app)
{
	struct error err = {0};
	bool own;

	if (!voice_is_own(app->store, app->profile.id, &own, &err)) {
		app_fail(app, &err);
		return true;
	}
	if (own)
		app_say(app,
			"%.*s has a model of their own: mneme profile show, "
			"set and unset",
			SLICE_ARG(app->profile.name));
	return own;
}

void
setup_open(struct app *app, struct slice operand)
{
	struct setup *s;
	struct pick_row rows[PROVIDERS_MAX];
	size_t n = 0;

	(void)operand;
	if (!app->tui->reload || app->listing || !list_empty(&app->running)) {
		app_say(app, "not while an answer comes");
		return;
	}
	if (would_not_count(app))
		return;
	s = xcalloc(1, sizeof(*s));
	s->app = app;
	for (; n < llm_provider_count && n + 1 < COUNT(rows); n++)
		rows[n] = (struct pick_row){
			slice_of(llm_providers[n].title),
			slice_of(llm_providers[n].key_setting
					 ? "with a key"
					 : "on this machine, no key"),
			{0}};
	rows[n++] = (struct pick_row){
		slice_of("Another server"),
		slice_of("anything that speaks OpenAI's format"),
		{0}};
	pick_open(app, "Who runs the language model? Esc: nobody, for now",
		  rows, n, 0,
		  &(struct pick_events){
			  .chosen = provider_chosen, .drop = drop, .arg = s});
}
