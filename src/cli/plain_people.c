/*
 * plain_people.c - who asks, and who answers.
 *
 * A password here is a screen lock: who can read the files needs none.
 */
#include <signal.h>
#include <stdlib.h>

#include "mneme/auth.h"
#include "mneme/config.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "plain_private.h"
#include "setup.h"

enum { MODELS_MAX = 2000 };

/* ---- people ---- */

static bool
find_person(struct cli *cli, struct slice name, struct profile *out,
	    struct slice *hash, bool *found, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool locked;

	*hash = (struct slice){0};
	if (!txn ||
	    !record_profile_find(txn, name, &cli->arena, out, found, err))
		return false;
	return !*found || record_password_get(txn, out->id, &cli->arena, hash,
					      &locked, err);
}

static bool
opens(struct plain *p, struct slice hash, struct error *err)
{
	char *typed;
	bool good = false, old;

	if (hash.len == 0)
		return true;
	typed = plain_ask_secret(p, "Password", "password", err);
	if (!typed)
		return false;
	bool checked =
		auth_password_check(slice_of(typed), hash, &good, &old, err);
	explicit_bzero(typed, strlen(typed));
	free(typed);
	if (!checked)
		return false;
	return good || error_set(err, ERROR_AUTH, "that is not the password");
}

static bool
add_person(struct plain *p, char *name, struct error *err)
{
	SCOPED(free_pointer)
	char *question =
		xasprintf("There is nobody called %.100s: add them?", name);
	struct cli *cli = p->cli;
	char *words[] = {name, NULL}, **were = cli->words;
	bool good;

	if (!plain_agrees(p, question))
		return error_set(err, ERROR_CANCELLED, "nothing was changed");
	cli->words = words;
	good = cli_profile_add(cli, err);
	cli->words = were;
	return good;
}

/* A model that was chosen for the one before is none of theirs. */
static bool
take_seat(struct plain *p, struct id person, struct error *err)
{
	struct cli *cli = p->cli;
	bool chosen = cli->options.model != p->model, good;

	cli->options.model = p->model;
	if (!p->attended)
		return true;
	if (!chosen)
		return desk_take(&p->desk, person, err);
	p->desk.person = person;
	good = desk_reload(&p->desk, p->model, err);
	plain_listen(p);
	return good;
}

bool
plain_profile(struct plain *p, struct slice name, struct error *err)
{
	struct cli *cli = p->cli;
	char *word = arena_text(&cli->arena, name);
	struct profile person;
	struct slice hash;
	struct error why = {0};
	bool found;

	if (name.len == 0)
		return cli_profile_list(cli, err);
	if (!find_person(cli, name, &person, &hash, &found, err))
		return false;
	if (!found && (!add_person(p, word, err) ||
		       !find_person(cli, name, &person, &hash, &found, err)))
		return false;
	if (!opens(p, hash, err))
		return false;
	cli->profile = person;
	cli->options.profile = arena_text(&cli->arena, person.name);
	cli->options.incognito = false;
	p->taught_count = 0;
	buf_addf(&cli->out, "you are %s\n", cli->options.profile);
	if (!take_seat(p, person.id, &why))
		buf_addf(&cli->out, "%s\n", why.text);
	return plain_new(p, (struct slice){0}, err);
}

/* ---- models ---- */

struct models {
	char *ids[MODELS_MAX];
	size_t count;
	struct llm_call *call;
	bool over;
	struct error failure;
};

static void
each_model(void *arg, const struct llm_model_info *info)
{
	struct models *m = arg;

	if (m->count < MODELS_MAX && info->id.len)
		m->ids[m->count++] = slice_dup(info->id);
}

static void
models_came(void *arg, const void *result)
{
	struct models *m = arg;

	(void)result;
	m->over = true;
}

static void
models_failed(void *arg, const struct error *err)
{
	struct models *m = arg;

	m->failure = *err;
	m->over = true;
}

static void
interrupted(void *arg, int signo)
{
	struct models *m = arg;

	(void)signo;
	if (!m->over)
		llm_cancel(m->call);
}

static void
drop_models(struct models **m)
{
	if (!*m)
		return;
	for (size_t i = 0; i < (*m)->count; i++)
		free((*m)->ids[i]);
	free(*m);
	*m = NULL;
}

/* The provider's, by a call; NULL: it failed. */
static struct models *
ask_models(const struct engine *engine, struct error *err)
{
	SCOPED(drop_models) struct models *m = xcalloc(1, sizeof(*m));
	const struct sink sink = {NULL, models_came, models_failed, m};

	if (!engine->chat.llm) {
		error_set(err, ERROR_SETUP, "no provider is set up: /setup");
		return NULL;
	}
	m->call = llm_models(engine->chat.llm, each_model, &sink, err);
	if (!m->call)
		return NULL;
	struct loop_signal *interrupt =
		loop_signal(engine->loop, SIGINT, interrupted, m, NULL);
	while (!m->over)
		loop_turn(engine->loop, true);
	loop_signal_drop(&interrupt);
	if (m->failure.code) {
		error_set(err, m->failure.code, "%s", m->failure.text);
		return NULL;
	}
	return TAKE(m);
}

static void
list_models(struct plain *p, const struct models *m)
{
	for (size_t i = 0; i < m->count; i++) {
		cli_show_line(p->cli, slice_of(m->ids[i]), 200);
		buf_addc(&p->cli->out, '\n');
	}
}

/* An engine for one call, where none stays open. */
static bool
show_models(struct plain *p, struct error *err)
{
	SCOPED(drop_models) struct models *m = NULL;
	struct engine own = {0};

	if (p->attended) {
		m = ask_models(&p->desk.engine, err);
	} else if (engine_open(&own, p->cli, p->cli->profile.id,
			       p->cli->options.model, err)) {
		m = ask_models(&own, err);
		engine_close(&own);
	}
	if (!m)
		return false;
	list_models(p, m);
	return true;
}

bool
plain_model(struct plain *p, struct slice name, struct error *err)
{
	struct cli *cli = p->cli;
	const char *before = cli->options.model;
	struct error why;

	if (name.len == 0)
		return show_models(p, err);
	cli->options.model = arena_text(&cli->arena, name);
	if (p->attended) {
		bool good = desk_reload(&p->desk, cli->options.model, err);

		if (!good) {
			cli->options.model = before;
			desk_reload(&p->desk, before, &why);
		}
		plain_listen(p);
		if (!good)
			return false;
		if (!p->desk.engine.chat.llm)
			return error_set(err, ERROR_SETUP,
					 "no provider is set up: /setup");
	}
	buf_addf(&cli->out, "%s answers from now on\n", cli->options.model);
	return true;
}

/* ---- set-up ---- */

struct setup {
	struct plain *p;
	const struct llm_provider *provider;
	bool other; /* a server that is none of the rows */
	char *base, *key;
};

static void
drop_setup(struct setup *s)
{
	if (s->key)
		explicit_bzero(s->key, strlen(s->key));
	free(s->key);
	free(s->base);
}

/* By its number in the list, or its name. */
static bool
choose_provider(struct setup *s, struct error *err)
{
	struct buf *out = &s->p->cli->out;
	int64_t which;

	for (size_t i = 0; i < llm_provider_count; i++)
		buf_addf(out, "%zu. %s (%s)\n", i + 1, llm_providers[i].title,
			 llm_providers[i].key_setting
				 ? "with a key"
				 : "on this machine, no key");
	buf_addf(out, "%zu. Another server that speaks OpenAI's format\n",
		 llm_provider_count + 1);
	SCOPED(free_pointer)
	char *answer =
		plain_ask(s->p, "Who runs the language model? Its number: ");
	if (!answer || !*answer)
		return error_set(err, ERROR_CANCELLED, "nothing was changed");
	s->provider = llm_provider_find(slice_of(answer));
	if (s->provider)
		return true;
	if (!slice_number(slice_of(answer), &which) || which < 1 ||
	    which > (int64_t)llm_provider_count + 1)
		return error_set(err, ERROR_USAGE,
				 "'%.40s': a number from 1 to %zu", answer,
				 llm_provider_count + 1);
	s->other = which == (int64_t)llm_provider_count + 1;
	s->provider = s->other ? llm_provider_find(slice_of("openai"))
			       : &llm_providers[which - 1];
	return true;
}

static bool
ask_address(struct setup *s, struct error *err)
{
	const char *usual =
		s->other ? "http://localhost:8000/v1" : s->provider->base_url;
	SCOPED(free_pointer)
	char *question = xasprintf("Address of its API (Enter: %s): ", usual);

	if (!s->other && s->provider->key_setting)
		return true;
	s->base = plain_ask(s->p, question);
	if (!s->base)
		return error_set(err, ERROR_CANCELLED, "nothing was changed");
	if (!*s->base) {
		free(s->base);
		s->base = xstrdup(usual);
	}
	return true;
}

static bool
ask_key(struct setup *s, struct error *err)
{
	SCOPED(free_pointer)
	char *question = xasprintf(
		"Key for %s%s, or !COMMAND that prints it (not shown)",
		s->other ? "that server" : s->provider->title,
		s->other ? " (empty: none)" : "");

	if (!s->other && !s->provider->key_setting)
		return true;
	s->key = plain_ask_secret(s->p, question, "key", err);
	return s->key != NULL;
}

/* The model, of those that the provider has. */
static char *
ask_model(struct setup *s, const struct engine *engine, struct error *err)
{
	SCOPED(drop_models) struct models *m = ask_models(engine, err);
	const char *usual = s->provider->model;
	SCOPED(free_pointer) char *question = NULL;
	char *answer;

	if (!m)
		return NULL;
	list_models(s->p, m);
	if (s->other || !usual)
		usual = m->count ? m->ids[0] : NULL;
	question = xasprintf("It works. Which model?%s%s%s ",
			     usual ? " (Enter: " : "", usual ? usual : "",
			     usual ? ")" : "");
	answer = plain_ask(s->p, question);
	if (answer && !*answer && usual) {
		free(answer);
		answer = xstrdup(usual);
	}
	if (answer && *answer)
		return answer;
	free(answer);
	error_set(err, ERROR_CANCELLED,
		  "no model is chosen yet: /setup tries again");
	return NULL;
}

/* Ask whether it works, and for the model; then it is the one. */
static bool
test(struct setup *s, struct error *err)
{
	struct desk *desk = &s->p->desk;
	SCOPED(free_pointer) char *model = NULL;

	if (!desk_reload(desk, "not-yet-chosen", err))
		return false;
	model = ask_model(s, &desk->engine, err);
	if (!model || !setup_write_setting(desk->cli, "LLM_MODEL", model, err))
		return false;
	desk->cli->options.model = NULL;
	if (!desk_reload(desk, NULL, err))
		return false;
	buf_addf(&desk->cli->out,
		 "%s answers from now on.\n"
		 "What you both say is kept on this machine; what fits is told "
		 "to the model with your question. /memories shows what was "
		 "learned, /incognito stores nothing.\n",
		 model);
	return true;
}

static bool
save_and_test(struct setup *s, struct error *err)
{
	const struct llm_choice choice = {s->provider, s->other, s->base,
					  s->key};
	const char *path = config_file(s->p->cli->config, err);
	struct error why = {0};

	if (!path || !llm_choose(path, &choice, err))
		return false;
	if (test(s, &why))
		return true;
	return error_set(err, why.code, "%s%s", why.text,
			 why.code == ERROR_CANCELLED
				 ? ""
				 : "; the key or the address does not work "
				   "yet: /setup tries again");
}

bool
plain_setup(struct plain *p, struct slice nothing, struct error *err)
{
	SCOPED(drop_setup) struct setup s = {.p = p};
	struct error why;
	bool good, own;

	(void)nothing;
	if (!voice_is_own(p->cli->store, p->cli->profile.id, &own, err))
		return false;
	if (own)
		return error_set(err, ERROR_CONFLICT,
				 "%.*s has a model of their own: mneme profile "
				 "show, set and unset",
				 SLICE_ARG(p->cli->profile.name));
	if (!choose_provider(&s, err) || !ask_address(&s, err) ||
	    !ask_key(&s, err) ||
	    (!p->attended && !desk_open(&p->desk, p->cli, &why, err)))
		return false;
	good = save_and_test(&s, err);
	if (p->attended)
		plain_listen(p);
	else
		desk_close(&p->desk);
	return good;
}
