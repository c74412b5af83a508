/*
 * program.h - another program is started: no signal of ours is blocked or
 * ignored in it.
 */
#ifndef MNEME_PROGRAM_H
#define MNEME_PROGRAM_H

#include <sys/types.h>

#include "mneme/base.h"

/* In the place of a descriptor. */
enum { PROGRAM_OURS = -1, PROGRAM_NOTHING = -2 /* /dev/null */ };

enum program_company {
	PROGRAM_WITH_US, /* the terminal's keys reach it */
	PROGRAM_GROUP,   /* can be killed with all that it starts */
	PROGRAM_SESSION  /* cannot take the terminal */
};

struct program {
	const char *path;        /* with no slash: looked for in PATH */
	const char *const *argv; /* ends with NULL */
	int input, output, complaints;
	enum program_company company;
};

/* 0, or why not: an errno. */
int program_start(const struct program *program, pid_t *pid);

/* From waitpid()'s status: the exit status, or 128 and the signal. */
int program_status(int status);

#endif
