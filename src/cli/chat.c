/* mneme chat: on the whole screen where there is one, else line by line. */
#include "cli.h"
#include "engine.h"
#include "mneme/config.h"
#include "mneme/tui.h"
#include "plain.h"
#include "setup.h"

struct desk {
	struct cli *cli;
	struct engine engine;
	struct config *first; /* that the screen holds, once another is read */
};

/* What everybody said that nothing was learned from yet: the screen may change
 * hands. */
static void
learn(struct desk *desk)
{
	const struct chat_learner_events nobody = {0};

	if (!desk->cli->options.incognito)
		desk->engine.chat.learner = chat_learner_start(
			&desk->engine.chat, (struct id){{0}}, &nobody);
}

static bool
reload(void *arg, const char *model, struct error *err)
{
	struct desk *desk = arg;
	struct config *old = TAKE(desk->cli->config);

	if (!setup_config(desk->cli, err)) {
		setup_drop_config(desk->cli);
		desk->cli->config = old;
		return false;
	}
	if (desk->first)
		config_destroy(&old);
	else
		desk->first = old;
	chat_learner_stop(&desk->engine.chat.learner); /* it uses the model */
	bool good = engine_model(&desk->engine, desk->cli, model, err);
	learn(desk);
	return good;
}

/* Without a model that works one can still write, and set one up. */
static bool
open_engine(struct desk *desk, struct error *why, struct error *err)
{
	const char *model = desk->cli->options.model;

	if (engine_open(&desk->engine, desk->cli, model, why))
		return true;
	if (why->code != ERROR_SETUP)
		return error_set(err, why->code, "%s", why->text);
	return engine_open_recall(&desk->engine, desk->cli, err);
}

static bool
on_screen(struct cli *cli, struct error *err)
{
	const char *word = cli->options.conversation;
	struct desk desk = {.cli = cli};
	struct error why = {0};
	struct conversation c = {0};
	bool good;

	if (word && cli->options.incognito)
		return error_set(err, ERROR_USAGE,
				 "--incognito keeps nothing, so it cannot go "
				 "on with a conversation");
	if (word && strcmp(word, "new") != 0 &&
	    !cli_find_conversation(cli, word, &c, err))
		return false;
	if (!open_engine(&desk, &why, err))
		return false;
	engine_purge(&desk.engine);
	const struct tui tui = {
		.chat = &desk.engine.chat,
		.config = cli->config,
		.profile = cli->profile,
		.conversation = c.id,
		.no_memory = cli->options.no_memory,
		.incognito = cli->options.incognito,
		.inline_screen = cli->options.inline_screen,
		.trouble = why.code ? why.text : NULL,
		.reload = reload,
		.arg = &desk,
	};
	learn(&desk);
	good = tui_run(&tui, err);
	chat_learner_stop(&desk.engine.chat.learner);
	engine_close(&desk.engine);
	config_destroy(&desk.first);
	return good;
}

bool
cli_chat(struct cli *cli, struct error *err)
{
	if (cli->options.inline_screen &&
	    (cli->options.plain || cli->options.json))
		return error_set(
			err, ERROR_USAGE,
			"--inline is a way to use the screen: not with "
			"--plain or --json");
	if (!cli->options.plain && !cli->options.json && tui_possible())
		return on_screen(cli, err);
	return plain_chat(cli, err);
}
