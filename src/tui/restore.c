/*
 * restore.c - a handler that only calls what POSIX lets it: write, tcsetattr,
 * sigaction, raise.  It gives the signal back to whoever had it before, a
 * sanitizer for one, and lets it happen again.
 */
#include "tui/restore.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { BYTES_MAX = 1024 };

static const int fatal[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
			    SIGABRT, SIGQUIT, SIGSYS, SIGTRAP};

static struct {
	volatile sig_atomic_t armed;
	int fd;
	size_t len;
	char bytes[BYTES_MAX];
	struct termios saved;
	struct sigaction before[COUNT(fatal)];
	bool installed;
	char stack[16384]; /* for a stack that has run over */
} state;

static void
put_back(void)
{
	size_t at = 0;

	if (!state.armed)
		return;
	state.armed = 0;
	while (at < state.len) {
		ssize_t n = write(state.fd, state.bytes + at, state.len - at);

		if (n <= 0)
			break;
		at += (size_t)n;
	}
	/* Keys that were meant for us are not for the shell. */
	tcsetattr(state.fd, TCSAFLUSH, &state.saved);
}

static void
killed(int signo)
{
	put_back();
	for (size_t i = 0; i < COUNT(fatal); i++)
		if (fatal[i] == signo)
			sigaction(signo, &state.before[i], NULL);
	raise(signo);
}

static void
install(void)
{
	const stack_t stack = {.ss_sp = state.stack,
			       .ss_size = sizeof(state.stack)};
	struct sigaction action = {.sa_handler = killed,
				   .sa_flags = SA_ONSTACK | SA_NODEFER};

	state.installed = true;
	sigaltstack(&stack, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT(fatal); i++)
		sigaction(fatal[i], &action, &state.before[i]);
	atexit(put_back);
}

void
restore_arm(int fd, struct slice bytes, const struct termios *saved)
{
	state.armed = 0;
	state.fd = fd;
	state.len = bytes.len <= BYTES_MAX ? bytes.len : 0;
	memcpy(state.bytes, bytes.data, state.len);
	state.saved = *saved;
	if (!state.installed)
		install();
	state.armed = 1;
}

void
restore_disarm(void)
{
	state.armed = 0;
}
