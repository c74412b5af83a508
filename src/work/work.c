/*
 * One lock guards the lists.  A job is in `waiting`, then on a thread, then in
 * `finished`; the loop takes it from there, calls `done` and frees it.  One
 * post announces any number of finished jobs; `posted` says that it is under
 * way.
 */
#include "mneme/work.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/list.h"
#include "mneme/loop.h"
#include "work/thread.h"

struct work_job {
	struct list link;
	work_run_fn *run;
	work_done_fn *done;
	void *arg;
	bool cancelled;
};

struct work {
	struct loop *loop;
	unsigned thread_max;
	size_t waiting_max;
	pthread_t *threads;
	unsigned thread_count;
	bool in_done; /* the loop's thread only */

	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct list waiting;
	struct list finished;
	size_t waiting_count;
	size_t running;
	unsigned idle;
	bool posted;
	bool ending;
};

struct work *
work_create(struct loop *loop, unsigned threads, size_t waiting)
{
	struct work *work = xcalloc(1, sizeof(*work));

	work->loop = loop;
	work->thread_max = MAX(threads, 1);
	work->waiting_max = waiting;
	work->threads = xcalloc(work->thread_max, sizeof(pthread_t));
	pthread_mutex_init(&work->lock, NULL);
	pthread_cond_init(&work->wanted, NULL);
	list_init(&work->waiting);
	list_init(&work->finished);
	return work;
}

static struct work_job *
pop(struct list *list)
{
	struct list *first = list->next;

	if (list_empty(list))
		return NULL;
	list_unlink(first);
	return HOLDER(first, struct work_job, link);
}

/* Call `done` for the first finished job; false when there is none. */
static bool
finish_one(struct work *work)
{
	pthread_mutex_lock(&work->lock);
	struct work_job *job = pop(&work->finished);
	pthread_mutex_unlock(&work->lock);
	if (!job)
		return false;
	work->in_done = true;
	job->done(job->arg, job->cancelled);
	work->in_done = false;
	free(job);
	return true;
}

static void
finish(void *arg)
{
	struct work *work = arg;
	size_t count = 0;

	pthread_mutex_lock(&work->lock);
	LIST_EACH(&work->finished, at)
	count++;
	work->posted = false;
	pthread_mutex_unlock(&work->lock);
	/* Jobs that finish meanwhile are announced anew. */
	while (count-- && finish_one(work))
		;
}

/* With the lock held. */
static void
put_finished(struct work *work, struct work_job *job)
{
	list_insert(&work->finished, &job->link);
	if (!work->posted)
		loop_post(work->loop, finish, work);
	work->posted = true;
}

static void *
serve(void *arg)
{
	struct work *work = arg;

	pthread_mutex_lock(&work->lock);
	for (;;) {
		struct work_job *job = pop(&work->waiting);
		if (!job && work->ending)
			break;
		if (!job) {
			work->idle++;
			pthread_cond_wait(&work->wanted, &work->lock);
			work->idle--;
			continue;
		}
		work->waiting_count--;
		work->running++;
		pthread_mutex_unlock(&work->lock);
		job->run(job->arg);
		pthread_mutex_lock(&work->lock);
		work->running--;
		put_finished(work, job);
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

/* With the lock held: one more thread when those idle are too few. */
static bool
have_thread(struct work *work, struct error *err)
{
	pthread_t *next = &work->threads[work->thread_count];

	if (work->waiting_count < work->idle ||
	    work->thread_count == work->thread_max)
		return true;
	struct error why = {0};
	if (thread_start(next, "mneme-work", serve, work, &why)) {
		work->thread_count++;
		return true;
	}
	return work->thread_count > 0 ||
	       error_set(err, why.code, "%s", why.text);
}

struct work_job *
work_submit(struct work *work, work_run_fn *run, work_done_fn *done, void *arg,
	    struct error *err)
{
	struct work_job *job = NULL;

	pthread_mutex_lock(&work->lock);
	if (work->ending)
		error_set(err, ERROR_CANCELLED, "no more work is taken");
	else if (work->waiting_count + work->running >=
		 work->thread_max + work->waiting_max)
		error_set(err, ERROR_BUSY, "too much waits already (%zu %s)",
			  work->waiting_count,
			  plural(work->waiting_count, "job", "jobs"));
	else if (have_thread(work, err)) {
		job = xcalloc(1, sizeof(*job));
		*job = (struct work_job){.run = run, .done = done, .arg = arg};
		list_insert(&work->waiting, &job->link);
		work->waiting_count++;
		pthread_cond_signal(&work->wanted);
	}
	pthread_mutex_unlock(&work->lock);
	return job;
}

/* With the lock held. */
static void
take_out(struct work *work, struct work_job *job)
{
	list_unlink(&job->link);
	job->cancelled = true;
	work->waiting_count--;
	put_finished(work, job);
}

size_t
work_load(const struct work *work)
{
	/* The lock is no part of what the caller sees. */
	pthread_mutex_t *lock = (pthread_mutex_t *)&work->lock;

	pthread_mutex_lock(lock);
	size_t load = work->waiting_count + work->running;
	pthread_mutex_unlock(lock);
	return load;
}

void
work_destroy(struct work **work)
{
	struct work *w = *work;

	if (!w)
		return;
	assert(!w->in_done);
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	LIST_EACH(&w->waiting, at)
	take_out(w, HOLDER(at, struct work_job, link));
	pthread_cond_broadcast(&w->wanted);
	pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->thread_count; i++)
		pthread_join(w->threads[i], NULL);
	while (finish_one(w))
		;
	loop_unpost(w->loop, finish, w);
	pthread_cond_destroy(&w->wanted);
	pthread_mutex_destroy(&w->lock);
	free(w->threads);
	free(w);
	*work = NULL;
}
