/* mneme chat: on the whole screen, or line by line. */
#include <stdlib.h>
#include <unistd.h>

#include "ask.h"
#include "cli.h"
#include "engine.h"
#include "mneme/file.h"
#include "mneme/tui.h"

enum { LINE_MOST = 256 << 10 };

static bool
on_screen(struct cli *cli, struct error *err)
{
	const char *word = cli->options.conversation;
	const struct chat_learner_events nobody = {0};
	struct engine engine;
	struct conversation c = {0};
	bool good;

	if (word && cli->options.incognito)
		return error_set(err, ERROR_USAGE,
				 "--incognito keeps nothing, so it cannot go "
				 "on with a conversation");
	if (word && strcmp(word, "new") != 0 &&
	    !cli_find_conversation(cli, word, &c, err))
		return false;
	if (!engine_open(&engine, cli, cli->options.model, err))
		return false;
	engine_purge(&engine);
	const struct tui tui = {
		.chat = &engine.chat,
		.config = cli->config,
		.profile = cli->profile,
		.conversation = c.id,
		.no_memory = cli->options.no_memory,
		.incognito = cli->options.incognito,
	};
	if (!cli->options.incognito)
		engine.chat.learner = chat_learner_start(
			&engine.chat, cli->profile.id, &nobody);
	good = tui_run(&tui, err);
	chat_learner_stop(&engine.chat.learner);
	engine_close(&engine);
	return good;
}

/* One line a turn, in one conversation, until the end of the input. */
static bool
in_lines(struct cli *cli, struct error *err)
{
	SCOPED(free_pointer) char *line = NULL;
	size_t cap = 0;
	bool terminal = isatty(STDIN_FILENO);

	for (;;) {
		struct error why = {0};

		if (terminal)
			fputs("> ", stderr);
		ssize_t n = getline(&line, &cap, stdin);
		if (n < 0)
			return true;
		struct slice text = slice_trim(slice_make(line, (size_t)n));
		if (text.len == 0)
			continue;
		if (slice_is(text, "/quit"))
			return true;
		if (text.len > LINE_MOST)
			return error_set(err, ERROR_LIMIT,
					 "a line of %zu bytes; at most %d fit",
					 text.len, LINE_MOST);
		if (!ask_turn(cli, text, &why)) {
			fprintf(stderr, "mneme: %s\n", why.text);
			if (!terminal)
				return error_set(err, why.code, "%s", why.text);
		}
		if (!cli->options.incognito)
			cli->options.conversation = "last";
	}
}

bool
cli_chat(struct cli *cli, struct error *err)
{
	if (!cli->options.plain && !cli->options.json && tui_possible())
		return on_screen(cli, err);
	return in_lines(cli, err);
}
