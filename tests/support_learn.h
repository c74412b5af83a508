/* support_learn.h - a person who says things, and a learner that listens. */
#ifndef SUPPORT_LEARN_H
#define SUPPORT_LEARN_H

#include "mneme/chat.h"
#include "mneme/error.h"
#include "support_stub.h"

struct fetch;
struct llm;
struct loop;
struct store;

struct pupil {
	struct store *store; /* borrowed */
	struct loop *loop;
	struct fetch *fetch;
	struct llm *llm; /* NULL: the rules */
	struct id profile, conversation;
	struct chat_learner *learner;
	int learned, failed, idle; /* events */
	struct error failure;      /* the last one */
};

/* A person and a conversation are made when `profile` is none. */
void pupil_open(struct pupil *p, struct store *store);
/* Ask this server from now on. */
void pupil_ask(struct pupil *p, const char *base_url);
void pupil_close(struct pupil *p);

/* A message with its job. */
struct id pupil_tell(struct pupil *p, const char *text);
/* Run a learner until nothing is due, or `failures` were told. */
void pupil_learn(struct pupil *p, int failures);
void pupil_start(struct pupil *p);

/* Memories that hold, and jobs that wait or are put aside. */
size_t pupil_known(struct pupil *p, const char *text);
size_t pupil_jobs(struct pupil *p, bool poison);
size_t pupil_leased(struct pupil *p);

#endif
