/*
 * Run a command for the first line that it prints.  It gets no input and a
 * process group of its own, which is killed when the time is over: a helper of
 * it that holds the pipe open must not hold us.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/program.h"
#include "mneme/utf8.h"

enum { COMPLAINT_MAX = 4096 };

/* Where a command complains; of more than that it hears an error. */
static int
complaints(void)
{
	int fd = memfd_create("complaints", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (ftruncate(fd, COMPLAINT_MAX) != 0 ||
			fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* ": " and the last line of it that is not empty, or nothing. */
static void
add_complaint(int fd, struct buf *out)
{
	char text[COMPLAINT_MAX];
	ssize_t n = fd < 0 ? 0 : pread(fd, text, sizeof(text), 0);
	struct slice rest, line, last = {0};

	if (n <= 0)
		return;
	rest = slice_make(text, strnlen(text, (size_t)n));
	while (slice_line(&rest, &line))
		if (slice_trim(line).len)
			last = slice_trim(line);
	if (!last.len)
		return;
	buf_adds(out, ": ");
	filter_line(utf8_cut(last, 200), out);
}

/* Add what the pipe holds now; false at its end or past the ceiling. */
static bool
drain(int fd, struct buf *out)
{
	char piece[4096];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0 || !buf_add(out, piece, (size_t)n))
			return false;
	}
}

/* Until the process has ended; false when the time is over. */
static bool
collect(int pipe_fd, int process, int64_t milliseconds, struct buf *out)
{
	int64_t end = clock_monotonic() + milliseconds * 1000;
	/* A negative descriptor is not waited for: without a pidfd, the end
	 * of the pipe must do. */
	struct pollfd fds[] = {{pipe_fd, POLLIN, 0}, {process, POLLIN, 0}};

	for (;;) {
		int64_t left = (end - clock_monotonic() + 999) / 1000;
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (fds[0].revents && !drain(pipe_fd, out))
			fds[0].fd = -1;
		if (out->over)
			return false;
		if (fds[1].revents) {
			drain(pipe_fd, out);
			return !out->over;
		}
		if (fds[0].fd < 0 && process < 0)
			return !out->over;
	}
}

static bool
judge(bool in_time, int status, const char *name, int complaint,
      struct buf *all, struct buf *out, struct error *err)
{
	SCOPED(buf_clear) struct buf why = {.max = 1024};
	struct slice text = buf_slice(all), line = {0};

	if (all->over)
		return error_set(err, ERROR_LIMIT,
				 "%s_CMD printed more than %zu bytes", name,
				 all->max);
	if (!in_time)
		return error_set(err, ERROR_SETUP,
				 "%s_CMD took too long and was ended", name);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		add_complaint(complaint, &why);
		return error_set(err, ERROR_SETUP, "%s_CMD failed (%s %d)%s",
				 name,
				 WIFEXITED(status) ? "exit status" : "signal",
				 WIFEXITED(status) ? WEXITSTATUS(status)
						   : WTERMSIG(status),
				 buf_text(&why));
	}
	if (!slice_line(&text, &line) || !line.len)
		return error_set(err, ERROR_SETUP, "%s_CMD printed nothing",
				 name);
	return buf_add_slice(out, line) ||
	       error_set(err, ERROR_LIMIT, "the line of %s_CMD is too long",
			 name);
}

bool
command_first_line(const char *command, const char *name, int64_t time_limit,
		   struct buf *out, struct error *err)
{
	SCOPED(buf_clear) struct buf all;
	int ends[2], status = 0;
	pid_t pid;

	buf_init(&all, CONFIG_LINE_MAX);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, ERROR_IO, "cannot make a pipe: %s",
				 strerror(errno));
	SCOPED(close_fd) int complaint = complaints();
	const char *const argv[] = {"sh", "-c", command, NULL};
	int why = program_start(
		&(struct program){"/bin/sh", argv, PROGRAM_NOTHING, ends[1],
				  complaint >= 0 ? complaint : PROGRAM_NOTHING,
				  PROGRAM_GROUP},
		&pid);
	close(ends[1]);
	SCOPED(close_fd) int from = ends[0];
	if (why != 0)
		return error_set(err, ERROR_IO, "cannot run %s_CMD: %s", name,
				 strerror(why));
	fcntl(from, F_SETFL, O_NONBLOCK);
	SCOPED(close_fd) int process = (int)syscall(SYS_pidfd_open, pid, 0);
	bool in_time = collect(from, process, time_limit, &all);
	if (!in_time)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	bool good = judge(in_time, status, name, complaint, &all, out, err);
	if (all.data)
		explicit_bzero(all.data, all.len);
	return good;
}
