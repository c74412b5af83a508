/*
 * desk.h - an engine that stays open while somebody sits before it: the
 * settings may be read anew and the model be another one, and what was said is
 * learned meanwhile.
 */
#ifndef CLI_DESK_H
#define CLI_DESK_H

#include "engine.h"

struct desk {
	struct cli *cli;
	struct engine engine;
	struct id person;     /* who sits before it */
	struct config *first; /* that others still hold, once another is read */
};

/* Without a model that works one can still write, and set one up: `why` says
 * why there is none. */
bool desk_open(struct desk *desk, struct cli *cli, struct error *why,
	       struct error *err);
void desk_close(struct desk *desk);

/* Learn, from what everybody said: the desk may change hands.  Nobody is told
 * yet (chat_learner_tell()). */
void desk_learn(struct desk *desk);

/* This person sits there now: theirs is the model that answers, as they have
 * set it by now.  Where it cannot be had, memory answers. */
bool desk_take(struct desk *desk, struct id person, struct error *err);

/* Read the settings anew, and let that model answer (NULL: the one that is
 * set); no turn may run. */
bool desk_reload(struct desk *desk, const char *model, struct error *err);

#endif
