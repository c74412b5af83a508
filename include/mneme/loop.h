/*
 * loop.h - one thread waits for everything: descriptors, time, signals, and
 * word from other threads.
 *
 * All calls but loop_post() and loop_stop() belong to the loop's thread.
 * Callbacks may add, change and drop any watch or timer, their own too; a
 * dropped one is not called again.  An idle loop sleeps without a time-out.
 */
#ifndef MNEME_LOOP_H
#define MNEME_LOOP_H

#include "mneme/base.h"

struct error;
struct loop;
struct loop_watch;
struct loop_timer;
struct loop_signal;

enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HUP = 4,
	LOOP_EDGE = 8,
	LOOP_LAZY = 16,
};

struct loop *loop_create(struct error *err);

/* Every watch, timer and signal must have been dropped, and every thread that
 * posts have ended.  Posts that have not run are not run. */
void loop_destroy(struct loop **loop);

/* `events` seen is a mask; LOOP_HUP comes unasked (error or hang-up).  Level
 * triggered; one watch a descriptor.  Regular files cannot be watched.
 *
 * With LOOP_EDGE what has been told is not told again before more comes, which
 * halves what an event costs: read until a read is short, after LOOP_HUP (the
 * peer has sent its last byte) until the end; or set the same events again to
 * be told once more of what is left.
 *
 * A watch that is made with LOOP_LAZY, and keeps it, may be told some tenths of
 * a millisecond late, together with others, when there are thousands in a
 * second. */
typedef void loop_watch_fn(void *arg, unsigned events);
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events,
			      loop_watch_fn *fn, void *arg, struct error *err);
void loop_watch_events(struct loop_watch *watch, unsigned events);
void loop_unwatch(struct loop_watch **watch); /* does not close the fd */

/* A timer is made stopped; it fires once each time that it is set. */
typedef void loop_fn(void *arg);
struct loop_timer *loop_timer(struct loop *loop, loop_fn *fn, void *arg);
void loop_timer_set(struct loop_timer *timer, int64_t microseconds);
void loop_timer_stop(struct loop_timer *timer);
bool loop_timer_pending(const struct loop_timer *timer);
void loop_timer_drop(struct loop_timer **timer);

/* Deliver a signal as a callback (signalfd: the signal is blocked in all
 * threads made later).  One handler a signal. */
typedef void loop_signal_fn(void *arg, int signo);
struct loop_signal *loop_signal(struct loop *loop, int signo,
				loop_signal_fn *fn, void *arg,
				struct error *err);
void loop_signal_drop(struct loop_signal **signal);

/* Run fn(arg) on the loop's thread, in the order of the posts.  Any thread. */
void loop_post(struct loop *loop, loop_fn *fn, void *arg);

/* Take back each post of fn(arg) that has not run: before `arg` goes away. */
void loop_unpost(struct loop *loop, loop_fn *fn, void *arg);

/* Until loop_stop(), which any thread or callback may call. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Handle what is due; wait for the first event when `wait`. */
void loop_turn(struct loop *loop, bool wait);

/* The loop's clock, read once a turn: microseconds, monotonic. */
int64_t loop_now(const struct loop *loop);

#endif
