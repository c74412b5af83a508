/*
 * lesson.h - some "learn" jobs of one person: what was said, and what of it
 * is stored together with their end.
 */
#ifndef CHAT_LESSON_H
#define CHAT_LESSON_H

#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/error.h"

enum lesson_end {
	LESSON_DONE,    /* the facts are stored, the jobs are done */
	LESSON_GIVE_UP, /* the same, but the jobs stay, put aside with `why` */
	LESSON_LATER,   /* nothing is stored; again after `wait`, with `why` */
	LESSON_RELEASE  /* nothing happened */
};

struct lesson {
	struct id profile;
	struct job jobs[MEMORY_SAID_MAX];
	struct memory_said said[MEMORY_SAID_MAX]; /* of jobs[i]; text empty:
						     nothing to learn from */
	size_t count;     /* those that are in this lesson ... */
	size_t job_count; /* ... of those that were leased */
	struct memory_fact facts[MEMORY_SAID_MAX * MEMORY_FACTS_MAX];
	size_t fact_count;
	struct memory_learned learned[MEMORY_SAID_MAX * MEMORY_FACTS_MAX];
	size_t learned_count;
	bool asked; /* a model was: time has passed since lesson_read() */
	enum lesson_end end;
	struct error why;
	int64_t wait;
	struct arena arena;
};

/* How the error of a job begins whose answer was no use: it is tried alone, by
 * whichever process, so that it spoils no other. */
#define LESSON_NO_USE "no use: "

enum { LESSON_BYTES = 32 << 10 /* of text in one lesson */ };

/* Find out what was said in the jobs' messages.  A job whose text no longer
 * fits is given back by lesson_finish(). */
bool lesson_read(struct store_txn *txn, struct lesson *lesson,
		 struct error *err);
bool lesson_empty(const struct lesson *lesson);

/* The facts by the rules. */
void lesson_rules(struct lesson *lesson);

/* A store_change_fn: do to the store what `end` says. */
bool lesson_finish(struct store_txn *txn, void *lesson, struct error *err);

void lesson_reset(struct lesson *lesson);
void lesson_clear(struct lesson *lesson);

#endif
