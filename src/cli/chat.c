/* mneme chat: on the whole screen where there is one, else line by line. */
#include "cli.h"
#include "desk.h"
#include "mneme/tui.h"
#include "plain.h"

static bool
reload(void *arg, const char *model, struct error *err)
{
	return desk_reload(arg, model, err);
}

static bool
take(void *arg, struct id person, struct error *err)
{
	return desk_take(arg, person, err);
}

static bool
on_screen(struct cli *cli, struct error *err)
{
	const char *word = cli->options.conversation;
	struct desk desk;
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
	if (!desk_open(&desk, cli, &why, err))
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
		.take = take,
		.arg = &desk,
	};
	desk_learn(&desk);
	good = tui_run(&tui, err);
	desk_close(&desk);
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
