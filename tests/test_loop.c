/* The loop calls what is due, once, in order, and nothing that was dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/loop.h"

struct world {
	struct loop *loop;
	struct loop_watch *watch[2];
	struct loop_timer *timer[8];
	struct loop_signal *signal[2];
	int pair[2];
	int calls;
	unsigned seen;
	char order[16];
};

static int
make(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->loop = loop_create(NULL);
	assert_non_null(w->loop);
	assert_int_equal(socketpair(AF_UNIX,
				    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				    0, w->pair),
			 0);
	*state = w;
	return 0;
}

static int
drop(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(w->watch); i++)
		loop_unwatch(&w->watch[i]);
	for (size_t i = 0; i < COUNT(w->timer); i++)
		loop_timer_drop(&w->timer[i]);
	for (size_t i = 0; i < COUNT(w->signal); i++)
		loop_signal_drop(&w->signal[i]);
	loop_destroy(&w->loop);
	assert_null(w->loop);
	close_fd(&w->pair[0]);
	close_fd(&w->pair[1]);
	free(w);
	return 0;
}

static void
note(struct world *w, char what)
{
	w->order[w->calls++ % 15] = what;
}

static void
note_a(void *arg)
{
	note(arg, 'a');
}

static void
note_b(void *arg)
{
	note(arg, 'b');
}

static void
note_c(void *arg)
{
	note(arg, 'c');
}

static void
stop(void *arg)
{
	loop_stop(((struct world *)arg)->loop);
}

static void
note_events(void *arg, unsigned events)
{
	struct world *w = arg;

	w->calls++;
	w->seen = events;
}

static void
a_descriptor_is_told_of_only_what_was_asked(void **state)
{
	struct world *w = *state;

	w->watch[0] = loop_watch(w->loop, w->pair[0], LOOP_WRITE, note_events,
				 w, NULL);
	assert_non_null(w->watch[0]);
	assert_int_equal(write(w->pair[1], "x", 1), 1);
	loop_turn(w->loop, true);
	assert_int_equal(w->seen, LOOP_WRITE);
	loop_watch_events(w->watch[0], LOOP_READ);
	loop_turn(w->loop, true);
	assert_int_equal(w->seen, LOOP_READ);
	loop_watch_events(w->watch[0], 0);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 2);
	close_fd(&w->pair[1]);
	w->pair[1] = -1;
	loop_turn(w->loop, true);
	assert_int_equal(w->seen, LOOP_HUP);
}

static void
drop_both(void *arg, unsigned events)
{
	struct world *w = arg;

	(void)events;
	w->calls++;
	loop_unwatch(&w->watch[0]);
	loop_unwatch(&w->watch[1]);
}

static void
a_watch_dropped_by_another_is_not_called(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2; i++)
		w->watch[i] = loop_watch(w->loop, w->pair[i], LOOP_WRITE,
					 drop_both, w, NULL);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 1);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 1);
}

static void
mute_both(void *arg, unsigned events)
{
	struct world *w = arg;

	(void)events;
	w->calls++;
	loop_watch_events(w->watch[0], 0);
	loop_watch_events(w->watch[1], 0);
}

static void
a_watch_muted_by_another_is_not_called(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2; i++)
		w->watch[i] = loop_watch(w->loop, w->pair[i], LOOP_WRITE,
					 mute_both, w, NULL);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 1);
}

static void
a_descriptor_that_cannot_be_watched_is_an_error(void **state)
{
	struct world *w = *state;
	struct error err = {0};

	assert_null(loop_watch(w->loop, -1, LOOP_READ, note_events, w, &err));
	assert_int_equal(err.code, ERROR_IO);
	w->watch[0] = loop_watch(w->loop, w->pair[0], LOOP_READ, note_events, w,
				 NULL);
	assert_null(loop_watch(w->loop, w->pair[0], LOOP_READ, note_events, w,
			       &err));
}

/* Far enough apart for a machine that is busy. */
static void
set_timers(void *arg)
{
	struct world *w = arg;

	loop_timer_set(w->timer[3], 400000);
	loop_timer_set(w->timer[0], 300000);
	loop_timer_set(w->timer[1], 100000);
	loop_timer_set(w->timer[2], 200000);
	assert_true(loop_timer_pending(w->timer[0]));
}

static void
timers_fire_in_the_order_they_are_due(void **state)
{
	struct world *w = *state;

	w->timer[0] = loop_timer(w->loop, note_c, w);
	w->timer[1] = loop_timer(w->loop, note_a, w);
	w->timer[2] = loop_timer(w->loop, note_b, w);
	w->timer[3] = loop_timer(w->loop, stop, w);
	loop_post(w->loop, set_timers, w);
	loop_run(w->loop);
	assert_string_equal(w->order, "abc");
	assert_false(loop_timer_pending(w->timer[0]));
}

static void
a_stopped_timer_is_silent_and_a_set_one_moves(void **state)
{
	struct world *w = *state;

	w->timer[0] = loop_timer(w->loop, note_a, w);
	w->timer[1] = loop_timer(w->loop, note_b, w);
	w->timer[2] = loop_timer(w->loop, stop, w);
	loop_timer_set(w->timer[0], 0);
	loop_timer_set(w->timer[1], INT64_MAX);
	loop_timer_set(w->timer[1], 1);
	loop_timer_set(w->timer[2], 1000);
	loop_timer_stop(w->timer[0]);
	loop_timer_stop(w->timer[0]);
	loop_run(w->loop);
	assert_string_equal(w->order, "b");
}

static void
again(void *arg)
{
	struct world *w = arg;

	w->calls++;
	loop_timer_set(w->timer[0], 0);
}

static void
a_timer_that_sets_itself_lets_the_others_run(void **state)
{
	struct world *w = *state;

	w->timer[0] = loop_timer(w->loop, again, w);
	loop_timer_set(w->timer[0], -5);
	for (int i = 1; i <= 3; i++) {
		loop_turn(w->loop, true);
		assert_int_equal(w->calls, i);
	}
}

static void
drop_timers(void *arg)
{
	struct world *w = arg;

	w->calls++;
	loop_timer_drop(&w->timer[0]);
	loop_timer_drop(&w->timer[1]);
}

static void
a_timer_may_drop_itself_and_others(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 2; i++) {
		w->timer[i] = loop_timer(w->loop, drop_timers, w);
		loop_timer_set(w->timer[i], 0);
	}
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 1);
}

enum { TICKS = 300, STEP = 50 };

struct tick {
	struct loop_timer *timer;
	int64_t micros;
	bool stopped;
	int *last; /* index of the one that fired before */
	int *fired;
};

static struct tick ticks[TICKS];

static void
tick(void *arg)
{
	struct tick *t = arg;

	/* Set in this order, so of two the earlier and shorter is first. */
	int me = (int)(t - ticks), before = *t->last;
	assert_false(t->stopped);
	assert_false(before > me && ticks[before].micros >= t->micros);
	*t->last = me;
	++*t->fired;
}

static void
many_timers_keep_their_order_through_stops(void **state)
{
	struct world *w = *state;
	unsigned seed = 7;
	int last = -1, fired = 0, left = 0;

	for (int i = 0; i < TICKS; i++) {
		seed = seed * 1103515245 + 12345;
		ticks[i] = (struct tick){
			.timer = loop_timer(w->loop, tick, &ticks[i]),
			.micros = (int64_t)(seed >> 16) % 40 * STEP,
			.last = &last,
			.fired = &fired};
		loop_timer_set(ticks[i].timer, ticks[i].micros);
	}
	for (int i = 0; i < TICKS; i++) {
		ticks[i].stopped = i % 3 == 0;
		if (ticks[i].stopped)
			loop_timer_stop(ticks[i].timer);
		else
			left++;
	}
	while (fired < left)
		loop_turn(w->loop, true);
	loop_turn(w->loop, false);
	assert_int_equal(fired, left);
	for (int i = 0; i < TICKS; i++)
		loop_timer_drop(&ticks[i].timer);
}

static void
posts_run_in_order_and_can_be_taken_back(void **state)
{
	struct world *w = *state;

	loop_post(w->loop, note_a, w);
	loop_post(w->loop, note_b, w);
	loop_post(w->loop, note_c, w);
	loop_post(w->loop, note_b, w);
	loop_unpost(w->loop, note_b, w);
	loop_post(w->loop, note_a, w);
	loop_turn(w->loop, true);
	assert_string_equal(w->order, "aca");
	loop_post(w->loop, note_b, w); /* left behind: no leak */
}

static void
post_again(void *arg)
{
	struct world *w = arg;

	w->calls++;
	loop_post(w->loop, post_again, w);
}

static void
who_posts_again_waits_for_the_next_turn(void **state)
{
	struct world *w = *state;

	loop_post(w->loop, post_again, w);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 1);
	loop_turn(w->loop, true);
	assert_int_equal(w->calls, 2);
}

enum { POSTERS = 4, POSTS = 2000 };

struct poster {
	struct world *w;
	int sent[POSTS];
	int next;
};

static struct poster posters[POSTERS];

static void
receive(void *arg)
{
	int *sent = arg;
	struct poster *p = &posters[*sent / POSTS];

	assert_int_equal(*sent % POSTS, p->next++);
	if (++p->w->calls == POSTERS * POSTS)
		loop_stop(p->w->loop);
}

static void *
post_all(void *arg)
{
	struct poster *p = arg;

	for (int i = 0; i < POSTS; i++) {
		p->sent[i] = (int)(p - posters) * POSTS + i;
		loop_post(p->w->loop, receive, &p->sent[i]);
	}
	return NULL;
}

static void
no_post_of_any_thread_is_lost_or_overtaken(void **state)
{
	pthread_t id[POSTERS];

	for (int i = 0; i < POSTERS; i++) {
		posters[i].w = *state;
		pthread_create(&id[i], NULL, post_all, &posters[i]);
	}
	loop_run(posters[0].w->loop);
	for (int i = 0; i < POSTERS; i++)
		pthread_join(id[i], NULL);
	assert_int_equal(posters[0].w->calls, POSTERS * POSTS);
}

static void *
stop_from_afar(void *arg)
{
	loop_stop(((struct world *)arg)->loop);
	return NULL;
}

static void
another_thread_stops_an_idle_loop(void **state)
{
	struct world *w = *state;
	pthread_t id;

	pthread_create(&id, NULL, stop_from_afar, w);
	loop_run(w->loop);
	pthread_join(id, NULL);
}

static void
note_signal(void *arg, int signo)
{
	struct world *w = arg;

	w->calls++;
	w->seen = (unsigned)signo;
	loop_signal_drop(&w->signal[1]);
}

static void
a_signal_becomes_a_call(void **state)
{
	struct world *w = *state;
	struct error err = {0};
	sigset_t mask;

	w->signal[0] = loop_signal(w->loop, SIGUSR1, note_signal, w, NULL);
	assert_null(loop_signal(w->loop, SIGUSR1, note_signal, w, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);
	w->signal[1] = loop_signal(w->loop, SIGUSR2, note_signal, w, NULL);
	kill(getpid(), SIGUSR1);
	loop_turn(w->loop, true);
	assert_int_equal(w->seen, SIGUSR1);
	assert_null(w->signal[1]);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	assert_true(sigismember(&mask, SIGUSR1));
	assert_false(sigismember(&mask, SIGUSR2));
	loop_signal_drop(&w->signal[0]);
	w->signal[0] = loop_signal(w->loop, SIGUSR2, note_signal, w, NULL);
	kill(getpid(), SIGUSR2);
	loop_turn(w->loop, true);
	assert_int_equal(w->seen, SIGUSR2);
	assert_null(loop_signal(w->loop, 12345, note_signal, w, &err));
}

static void
an_edge_is_told_once_until_more_comes(void **state)
{
	const unsigned events = LOOP_READ | LOOP_EDGE;
	struct world *w = *state;

	w->watch[0] =
		loop_watch(w->loop, w->pair[0], events, note_events, w, NULL);
	assert_non_null(w->watch[0]);
	for (int calls = 1; calls < 4; calls++) {
		assert_int_equal(write(w->pair[1], "x", 1), 1);
		loop_turn(w->loop, false);
		loop_turn(w->loop, false);
		assert_int_equal(w->calls, calls);
		assert_int_equal(w->seen, LOOP_READ);
	}
	loop_watch_events(w->watch[0], events);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 4);
	assert_int_equal(shutdown(w->pair[1], SHUT_WR), 0);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 5);
	assert_int_equal(w->seen, LOOP_READ | LOOP_HUP);
}

/* However close they come, and whoever waits for them, none is lost. */
static void
what_may_wait_a_moment_is_told_all_the_same(void **state)
{
	const unsigned events = LOOP_READ | LOOP_EDGE | LOOP_LAZY;
	struct world *w = *state;

	for (int i = 0; i < 2; i++) {
		w->watch[i] = loop_watch(w->loop, w->pair[i], events,
					 note_events, w, NULL);
		assert_non_null(w->watch[i]);
	}
	for (int calls = 1; calls < 200; calls++) {
		assert_int_equal(write(w->pair[calls % 2], "x", 1), 1);
		while (w->calls < calls)
			loop_turn(w->loop, true);
		assert_int_equal(w->calls, calls);
		assert_int_equal(w->seen, LOOP_READ);
	}
	loop_unwatch(&w->watch[0]);
	loop_unwatch(&w->watch[1]);
	assert_int_equal(write(w->pair[0], "x", 1), 1);
	loop_turn(w->loop, false);
	assert_int_equal(w->calls, 199);
}

#define LOOPED(test) cmocka_unit_test_setup_teardown(test, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LOOPED(a_descriptor_is_told_of_only_what_was_asked),
		LOOPED(an_edge_is_told_once_until_more_comes),
		LOOPED(what_may_wait_a_moment_is_told_all_the_same),
		LOOPED(a_watch_dropped_by_another_is_not_called),
		LOOPED(a_watch_muted_by_another_is_not_called),
		LOOPED(a_descriptor_that_cannot_be_watched_is_an_error),
		LOOPED(timers_fire_in_the_order_they_are_due),
		LOOPED(a_stopped_timer_is_silent_and_a_set_one_moves),
		LOOPED(a_timer_that_sets_itself_lets_the_others_run),
		LOOPED(a_timer_may_drop_itself_and_others),
		LOOPED(many_timers_keep_their_order_through_stops),
		LOOPED(posts_run_in_order_and_can_be_taken_back),
		LOOPED(who_posts_again_waits_for_the_next_turn),
		LOOPED(no_post_of_any_thread_is_lost_or_overtaken),
		LOOPED(another_thread_stops_an_idle_loop),
		LOOPED(a_signal_becomes_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
