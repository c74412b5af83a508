/*
 * engine.h - what a turn needs, put together from the settings, the person's
 * own among them: the loop, the wire, the model.  Without a provider there is
 * no model, which is no error.
 */
#ifndef CLI_ENGINE_H
#define CLI_ENGINE_H

#include "cli.h"
#include "mneme/chat.h"

struct fetch;

struct engine {
	struct loop *loop;
	struct fetch *fetch;
	struct voices *voices;
	const struct voice *voice; /* that `chat` speaks with, held */
	struct memory_service *memory;
	struct chat chat;
};

/* `model` may be NULL, MODEL or PROVIDER:MODEL.  Without a person it is
 * everybody's. */
bool engine_open(struct engine *engine, struct cli *cli, struct id person,
		 const char *model, struct error *err);
/* For what runs long: end what an earlier deletion left undone. */
void engine_purge(struct engine *engine);
/* Without a model, whatever is set. */
bool engine_open_recall(struct engine *engine, struct cli *cli,
			struct error *err);

/* Put the model in that the settings now say; no turn may run.  `chat.llm`
 * stays NULL where no provider is set up, and where this fails. */
bool engine_model(struct engine *engine, struct cli *cli, struct id person,
		  const char *model, struct error *err);
/* Let the model of a person answer from the next turn on; where this fails
 * there is none. */
bool engine_speak_for(struct engine *engine, struct id person,
		      struct error *err);
void engine_close(struct engine *engine);

#endif
