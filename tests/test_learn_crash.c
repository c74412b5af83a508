/*
 * Learning that is killed: a child works the queue off, with a model or by the
 * rules, and is killed at a random moment, 300 times.  Then everything that
 * was said is known, once.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "support_learn.h"
#include "support_store.h"

enum { KILLS = 300, EACH = 2, ROUNDS_MAX = 4 * KILLS };

static void
child(const struct pupil *of, const char *dir, const char *base, bool model)
{
	struct pupil p = {.profile = of->profile,
			  .conversation = of->conversation};
	struct error err = {0};
	struct store *store = store_open(dir, &err);

	if (!store)
		_exit(1);
	pupil_open(&p, store);
	if (model)
		pupil_ask(&p, base);
	pupil_learn(&p, 0);
	_exit(0);
}

/* Kill it at a moment of its life, or let it end before.  *life, in
 * microseconds, is how long the last that ended by itself took. */
static void
kill_soon(pid_t pid, unsigned *seed, size_t *killed, int64_t *life)
{
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0),
			     .events = POLLIN};
	int64_t after = rand_r(seed) % *life, begun = clock_monotonic();
	struct timespec wait = {after / CLOCK_SECOND,
				after % CLOCK_SECOND * 1000};
	int status;

	assert_true(end.fd >= 0);
	ppoll(&end, 1, &wait, NULL);
	kill(pid, SIGKILL);
	close(end.fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	*killed += WIFSIGNALED(status);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 0);
		*life = MAX(clock_monotonic() - begun, 1);
	}
}

static void
check_all_known_once(struct pupil *p, size_t told)
{
	struct arena arena = {0};
	struct error err = {0};
	size_t memories = 0, other = 0;
	char *seen = xcalloc(told + 1, 1);
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(p->store, &err);
		SCOPED(record_scan_drop)
		struct record_scan *scan = record_memory_scan(
			txn, p->profile, MEMORY_TYPE_COUNT, false, &err);
		struct memory m;
		unsigned n;

		while (scan && record_memory_next(scan, &arena, &m)) {
			memories++;
			if (sscanf(arena_text(&arena, m.value),
				   "I like thing%ux", &n) != 1 ||
			    n >= told || seen[n] || m.source_count != 1 ||
			    m.state != MEMORY_ACTIVE)
				other++;
			else
				seen[n] = 1;
		}
		assert_true(record_scan_end(&scan, &err));
	}
	print_message("%zu said, %zu known, %zu twice or otherwise\n", told,
		      memories, other);
	assert_int_equal(other, 0);
	assert_int_equal(memories, told);
	free(seen);
	arena_clear(&arena);
}

static void
what_was_said_is_known_once_however_often_learning_is_killed(void **state)
{
	struct scratch *s = *state;
	struct stub *stub = stub_start("--extract-echo");
	struct pupil p = {0};
	unsigned seed = 7;
	size_t told = 0, killed = 0;
	int64_t life = CLOCK_SECOND / 25;

	pupil_open(&p, s->store);
	for (int round = 0; killed < KILLS; round++) {
		assert_true(round < ROUNDS_MAX);
		for (int i = 0; i < EACH; i++) {
			SCOPED(free_pointer)
			char *text = xasprintf("I like thing%zux", told++);

			pupil_tell(&p, text);
		}
		store_close(&s->store);
		fflush(NULL);
		pid_t pid = fork();
		if (pid == 0)
			child(&p, s->dir, stub->base, round % 4 != 3);
		kill_soon(pid, &seed, &killed, &life);
		scratch_reopen(s);
		p.store = s->store;
	}
	print_message("%zu killed in their work\n", killed);
	pupil_ask(&p, stub->base);
	pupil_learn(&p, 0);
	assert_int_equal(pupil_jobs(&p, false), 0);
	assert_int_equal(pupil_jobs(&p, true), 0);
	check_all_known_once(&p, told);
	pupil_close(&p);
	stub_stop(&stub);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(
			what_was_said_is_known_once_however_often_learning_is_killed),
	};
	return cmocka_run_group_tests_name("learn_crash", tests, NULL, NULL);
}
