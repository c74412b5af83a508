/*
 * editor.c - a child that starts with no signal of ours blocked or ignored.
 */
#include "tui/editor.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "mneme/error.h"
#include "mneme/loop.h"

extern char **environ;

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
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
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
	char shell[] = "sh", option[] = "-c";
	char *const argv[] = {
		shell, option, script, shell, (char *)(uintptr_t)path, NULL};
	posix_spawnattr_t how;
	sigset_t none, usual;
	int failed;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &usual);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK |
					       POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawn(&e->pid, "/bin/sh", NULL, &how, argv, environ);
	posix_spawnattr_destroy(&how);
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
