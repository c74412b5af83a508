/*
 * doctor.h - what the checks of mneme doctor say.
 *
 * A check says one or more findings: how it stands, and, where something is to
 * be done, the command that does it.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli.h"

/* From good to bad: the worst one is the exit status. */
enum doctor_state {
	DOCTOR_OK,
	DOCTOR_NOTE,   /* worth knowing; nothing has to be done */
	DOCTOR_SETUP,  /* something is not set up */
	DOCTOR_BROKEN, /* something that should work does not */
	DOCTOR_STATES
};

struct doctor {
	struct cli *cli;
	const char *check; /* the one that runs */
	size_t said[DOCTOR_STATES];
	struct profile *people;
	size_t people_count;
};

/* `mend` is a command, or NULL. */
void doctor_say(struct doctor *d, enum doctor_state state, const char *mend,
		const char *fmt, ...) PRINTF(4, 5);

/* What an error found: not set up, or broken. */
void doctor_say_error(struct doctor *d, const char *mend,
		      const struct error *err);

/* doctor_store.c and doctor_model.c; each false where what comes after it
 * would make no sense. */
bool doctor_data(struct doctor *d);
bool doctor_store(struct doctor *d);
bool doctor_records(struct doctor *d);
bool doctor_index(struct doctor *d);
bool doctor_jobs(struct doctor *d);
bool doctor_embedding(struct doctor *d);
bool doctor_provider(struct doctor *d);

#endif
