/*
 * All signals of a loop share one signalfd, there while one has a handler.
 * Infos are read in pieces and each looks its handler up anew: a handler may
 * drop any other.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "loop/loop_private.h"
#include "mneme/error.h"

struct loop_signal {
	struct list link;
	struct loop *loop;
	int signo;
	bool was_blocked;
	loop_signal_fn *fn;
	void *arg;
};

static struct loop_signal *
find(struct loop *loop, int signo)
{
	LIST_EACH(&loop->signals, at)
	{
		struct loop_signal *s = HOLDER(at, struct loop_signal, link);
		if (s->signo == signo)
			return s;
	}
	return NULL;
}

static void
arrived(void *arg, unsigned events)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info[8];

	(void)events;
	ssize_t n = read(loop->signal_fd, info, sizeof(info));
	for (ssize_t i = 0; i < n / (ssize_t)sizeof(info[0]); i++) {
		int signo = (int)info[i].ssi_signo;
		struct loop_signal *s = find(loop, signo);
		if (s)
			s->fn(s->arg, signo);
	}
}

/* Make the signalfd listen to those in the list. */
static bool
update(struct loop *loop, struct error *err)
{
	sigset_t mask;

	sigemptyset(&mask);
	LIST_EACH(&loop->signals, at)
	sigaddset(&mask, HOLDER(at, struct loop_signal, link)->signo);
	int fd = signalfd(loop->signal_fd, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return error_set(err, ERROR_IO, "cannot wait for signals: %s",
				 strerror(errno));
	loop->signal_fd = fd;
	if (!loop->signal_watch)
		loop->signal_watch =
			loop_watch(loop, fd, LOOP_READ, arrived, loop, err);
	return loop->signal_watch != NULL;
}

struct loop_signal *
loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg,
	    struct error *err)
{
	sigset_t mask, before;

	if (find(loop, signo)) {
		error_set(err, ERROR_CONFLICT,
			  "signal %d has a handler already", signo);
		return NULL;
	}
	sigemptyset(&mask);
	if (sigaddset(&mask, signo) != 0) {
		error_set(err, ERROR_INVALID, "there is no signal %d", signo);
		return NULL;
	}
	SCOPED(loop_signal_drop)
	struct loop_signal *s = xcalloc(1, sizeof(*s));
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	s->loop = loop;
	s->signo = signo;
	s->was_blocked = sigismember(&before, signo) == 1;
	s->fn = fn;
	s->arg = arg;
	list_insert(&loop->signals, &s->link);
	if (!update(loop, err))
		return NULL;
	return TAKE(s);
}

void
loop_signal_drop(struct loop_signal **signal)
{
	struct loop_signal *s = *signal;
	sigset_t mask;

	if (!s)
		return;
	list_unlink(&s->link);
	if (!list_empty(&s->loop->signals)) {
		update(s->loop, NULL);
	} else {
		loop_unwatch(&s->loop->signal_watch);
		close_fd(&s->loop->signal_fd);
		s->loop->signal_fd = -1;
	}
	sigemptyset(&mask);
	sigaddset(&mask, s->signo);
	if (!s->was_blocked)
		pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	free(s);
	*signal = NULL;
}
