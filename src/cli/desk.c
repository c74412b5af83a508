/*
 * desk.c - the learner uses the model: it stops before that is changed.
 */
#include "desk.h"

#include "mneme/config.h"
#include "setup.h"

void
desk_learn(struct desk *desk)
{
	const struct chat_learner_events nobody = {0};

	if (!desk->cli->options.incognito)
		desk->engine.chat.learner = chat_learner_start(
			&desk->engine.chat, (struct id){{0}}, &nobody);
}

bool
desk_reload(struct desk *desk, const char *model, struct error *err)
{
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
	chat_learner_stop(&desk->engine.chat.learner);
	bool good = engine_model(&desk->engine, desk->cli, desk->person, model,
				 err);
	desk_learn(desk);
	return good;
}

bool
desk_take(struct desk *desk, struct id person, struct error *err)
{
	bool stays = id_equal(desk->person, person), own = false;

	desk->person = person;
	/* What is set for everybody does not come to do by itself. */
	if (stays && !desk->engine.voice &&
	    voice_is_own(desk->cli->store, person, &own, err) && !own)
		return true;
	return engine_speak_for(&desk->engine, person, err);
}

bool
desk_open(struct desk *desk, struct cli *cli, struct error *why,
	  struct error *err)
{
	*desk = (struct desk){.cli = cli, .person = cli->profile.id};
	if (!engine_open_recall(&desk->engine, cli, err))
		return false;
	if (engine_model(&desk->engine, cli, desk->person, cli->options.model,
			 why) ||
	    why->code == ERROR_SETUP)
		return true;
	engine_close(&desk->engine);
	return error_set(err, why->code, "%s", why->text);
}

void
desk_close(struct desk *desk)
{
	chat_learner_stop(&desk->engine.chat.learner);
	engine_close(&desk->engine);
	config_destroy(&desk->first);
	*desk = (struct desk){0};
}
