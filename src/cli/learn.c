/* Learning that a command waits for: import --learn. */
#include <signal.h>
#include <unistd.h>

#include "cli.h"
#include "engine.h"
#include "mneme/chat.h"
#include "mneme/loop.h"

struct learning {
	size_t learned;
	bool idle, interrupted;
	struct error failure;
};

static void
on_learned(void *arg, const struct memory_learned *what)
{
	struct learning *l = arg;

	(void)what;
	l->learned++;
}

static void
on_failed(void *arg, const struct error *err)
{
	struct learning *l = arg;

	l->failure = *err;
}

static void
on_idle(void *arg)
{
	struct learning *l = arg;

	l->idle = true;
}

static void
on_signal(void *arg, int signo)
{
	struct learning *l = arg;

	(void)signo;
	l->interrupted = true;
}

static bool
wait_for_learner(struct engine *engine, struct id profile, struct learning *l,
		 struct error *err)
{
	const struct chat_learner_events events = {on_learned, on_failed,
						   on_idle, l, false};
	struct loop_signal *signal =
		loop_signal(engine->loop, SIGINT, on_signal, l, err);

	if (!signal)
		return false;
	struct chat_learner *learner =
		chat_learner_start(&engine->chat, profile, &events);
	while (!l->idle && !l->interrupted)
		loop_turn(engine->loop, true);
	chat_learner_stop(&learner);
	loop_signal_drop(&signal);
	return true;
}

bool
cli_learn(struct cli *cli, size_t *learned, struct error *err)
{
	struct learning l = {0};
	struct engine engine;
	bool good;

	*learned = 0;
	if (!engine_open(&engine, cli, cli->profile.id, cli->options.model,
			 err))
		return false;
	if (!engine.chat.llm) {
		engine_close(&engine);
		return chat_learn_now(cli->store, cli->profile.id, learned,
				      err);
	}
	good = wait_for_learner(&engine, cli->profile.id, &l, err);
	engine_close(&engine);
	*learned = l.learned;
	if (good && l.interrupted)
		return error_set(err, ERROR_CANCELLED,
				 "interrupted; the rest is learned from later");
	if (good && l.failure.code)
		return error_set(err, l.failure.code,
				 "not everything was learned from: %s",
				 l.failure.text);
	return good;
}
