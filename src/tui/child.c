/*
 * child.c - the input is a file in memory, so however little the program
 * reads, nothing stops here; its end is heard by a pidfd.
 */
#include "tui/child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/list.h"
#include "mneme/loop.h"
#include "mneme/program.h"
#include "tui/app.h"

struct child {
	struct list link;
	struct app *app;
	pid_t pid;
	int ended;  /* pidfd */
	int output; /* -1: it has none */
	struct loop_watch *end_watch, *output_watch;
	struct buf said;
	child_done_fn *done;
	void (*drop)(void *arg);
	void *arg;
};

static void
destroy(struct child *c)
{
	list_unlink(&c->link);
	loop_unwatch(&c->end_watch);
	loop_unwatch(&c->output_watch);
	close_fd(&c->ended);
	close_fd(&c->output);
	buf_clear(&c->said);
	if (c->drop)
		c->drop(c->arg);
	free(c);
}

/* What there is to read now; past the ceiling it is read and left out. */
static bool
read_output(struct child *c)
{
	char bytes[4096];

	for (;;) {
		ssize_t n = read(c->output, bytes, sizeof(bytes));

		if (n > 0)
			buf_add(&c->said, bytes, (size_t)n);
		else
			return n < 0 && (errno == EAGAIN || errno == EINTR);
	}
}

static void
says(void *arg, unsigned events)
{
	struct child *c = arg;

	(void)events;
	if (!read_output(c))
		loop_unwatch(&c->output_watch);
}

static void
ended(void *arg, unsigned events)
{
	struct child *c = arg;
	int status = 0;

	(void)events;
	if (waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	if (c->output >= 0)
		read_output(c);
	c->done(c->app, c->arg, status, buf_slice(&c->said));
	destroy(c);
}

static int
input_file(struct slice input, struct error *err)
{
	int fd = memfd_create("mneme", MFD_CLOEXEC);

	if (fd < 0 || !file_write_all(fd, input, err) ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		error_set(err, ERROR_IO, "no room for what it is to read: %s",
			  strerror(errno));
		close_fd(&fd);
	}
	return fd;
}

static bool
watch(struct child *c, struct error *err)
{
	struct loop *loop = c->app->loop;

	c->ended = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->ended < 0)
		return error_set(err, ERROR_IO, "cannot wait for it: %s",
				 strerror(errno));
	c->end_watch = loop_watch(loop, c->ended, LOOP_READ, ended, c, err);
	if (!c->end_watch || c->output < 0)
		return c->end_watch != NULL;
	c->output_watch = loop_watch(loop, c->output, LOOP_READ, says, c, err);
	return c->output_watch != NULL;
}

static bool
run(struct child *c, const char *const *argv, struct slice input, bool quiet,
    struct error *err)
{
	SCOPED(close_fd) int in = input_file(input, err);
	int pipes[2] = {-1, -1}, failed, said;

	if (in < 0)
		return false;
	if (!quiet && pipe2(pipes, O_CLOEXEC | O_NONBLOCK) != 0)
		return error_set(err, ERROR_IO, "no pipe: %s", strerror(errno));
	c->output = pipes[0];
	/* Its end of the pipe waits, as programs expect. */
	if (pipes[1] >= 0)
		fcntl(pipes[1], F_SETFL, 0);
	said = quiet ? PROGRAM_NOTHING : pipes[1];
	failed = program_start(&(struct program){argv[0], argv, in, said, said,
						 PROGRAM_SESSION},
			       &c->pid);
	close_fd(&pipes[1]);
	if (failed)
		return error_set(err, ERROR_NOT_FOUND, "cannot run %s: %s",
				 argv[0], strerror(failed));
	return watch(c, err);
}

bool
child_start(struct app *app, const char *const *argv, struct slice input,
	    bool quiet, child_done_fn *done, void (*drop)(void *arg), void *arg,
	    struct error *err)
{
	struct child *c = xcalloc(1, sizeof(*c));

	c->app = app;
	c->ended = c->output = -1;
	buf_init(&c->said, CHILD_OUTPUT_MAX);
	c->done = done;
	list_insert(&app->children, &c->link);
	if (!run(c, argv, input, quiet, err)) {
		destroy(c);
		return false;
	}
	c->drop = drop;
	c->arg = arg;
	return true;
}

void
children_drop(struct app *app)
{
	if (list_empty(&app->children))
		return;
	LIST_EACH(&app->children, at)
	destroy(HOLDER(at, struct child, link));
}
