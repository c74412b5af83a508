#include "tui/editor.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/program.h"

struct editor {
	struct loop_signal *ended;
	pid_t pid;
	char *command;
	void (*done)(void *arg, const struct error *err);
	void *arg;
};

static void
child_changed(void *arg, int signo)
{
	struct editor *e = arg;
	struct error err = {0};
	int status;

	(void)signo;
	if (waitpid(e->pid, &status, WNOHANG) != e->pid)
		return;
	e->pid = 0;
	if (program_status(status) != 0)
		error_set(&err, ERROR_IO,
			  "the editor (%.200s) failed; what was written before "
			  "stands",
			  e->command);
	e->done(e->arg, err.code ? &err : NULL);
}

static bool
spawn(struct editor *e, const char *path, struct error *err)
{
	SCOPED(free_pointer)
	char *script = xasprintf("%s \"$1\"", e->command);
	const char *const argv[] = {"sh", "-c", script, "sh", path, NULL};
	int failed = program_start(
		&(struct program){"/bin/sh", argv, PROGRAM_OURS, PROGRAM_OURS,
				  PROGRAM_OURS, PROGRAM_WITH_US},
		&e->pid);

	return failed == 0 || error_set(err, ERROR_IO, "cannot run %s: %s",
					e->command, strerror(failed));
}

struct editor *
editor_start(struct loop *loop, const char *command, const char *path,
	     void (*done)(void *arg, const struct error *err), void *arg,
	     struct error *err)
{
	SCOPED(editor_drop) struct editor *e = xcalloc(1, sizeof(*e));

	e->command = xstrdup(command);
	e->done = done;
	e->arg = arg;
	e->ended = loop_signal(loop, SIGCHLD, child_changed, e, err);
	if (!e->ended || !spawn(e, path, err))
		return NULL;
	return TAKE(e);
}

void
editor_drop(struct editor **at)
{
	struct editor *e = *at;

	if (!e)
		return;
	loop_signal_drop(&e->ended);
	free(e->command);
	free(e);
	*at = NULL;
}
