/*
 * work.h - blocking work, off the loop: a bounded pool of threads.
 *
 * `run` is called on a pool thread, `done` later on the loop's thread, exactly
 * once for each job that was taken, with `cancelled` true when `run` was never
 * called.  The argument is the caller's; nothing is shared but through it.
 */
#ifndef MNEME_WORK_H
#define MNEME_WORK_H

#include "mneme/base.h"

struct error;
struct loop;
struct work;
struct work_job;

/* Threads start with the first job.  `waiting` is the most jobs that may wait
 * for a thread. */
struct work *work_create(struct loop *loop, unsigned threads, size_t waiting);

/* Waits for running jobs, cancels the waiting ones; their `done` are called
 * before it returns.  Not from within a `done`. */
void work_destroy(struct work **work);

typedef void work_run_fn(void *arg);
typedef void work_done_fn(void *arg, bool cancelled);

/* ERROR_BUSY when too many wait.  The job is borrowed until `done` has
 * returned.  From the loop's thread. */
struct work_job *work_submit(struct work *work, work_run_fn *run,
			     work_done_fn *done, void *arg, struct error *err);

/* Jobs waiting and running.  Any thread. */
size_t work_load(const struct work *work);

/* A thread of one's own that takes closures in order, for a resource that must
 * stay on one thread.  Any thread may push, its own too; `stop` waits until the
 * queue is empty and is not called from a closure. */
struct work_thread;
struct work_thread *work_thread_start(const char *name, struct error *err);
void work_thread_push(struct work_thread *thread, work_run_fn *run, void *arg);
void work_thread_stop(struct work_thread **thread);

#endif
