/*
 * asked.h - what a question says besides its words: who is named, which days,
 * and how it sounds when the one who is named asks it.
 *
 * Turns say "I" where questions say "Caroline", so a question is embedded as
 * if that person asked: "What did my friend give I?"
 */
#ifndef MEMORY_ASKED_H
#define MEMORY_ASKED_H

#include "engine.h"
#include "when.h"

enum { ASKED_NAMES_MAX = 16 };

struct asked {
	struct slice text;         /* as it stands */
	struct slice first_person; /* in the arena */
	struct when when;
	bool wants_time;                 /* "when did ..." */
	unsigned names[ASKED_NAMES_MAX]; /* speaker_hash() of those named */
	size_t name_count;
};

/* Is this a name of somebody who speaks in the scope?  By its hash and as it
 * is written. */
typedef bool asked_known_fn(void *arg, struct slice name);

void asked_read(struct slice text, int64_t now, asked_known_fn *known,
		void *arg, struct arena *arena, struct asked *out);

#endif
