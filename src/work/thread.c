/*
 * A thread with a queue.  It ends when it is asked to and the queue is empty.
 */
#include "work/thread.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/work.h"

struct task {
	struct task *next;
	work_run_fn *run;
	void *arg;
};

struct work_thread {
	pthread_t id;
	pthread_mutex_t lock;
	pthread_cond_t wanted;
	struct task *first;
	struct task **end;
	bool ending;
};

bool
thread_start(pthread_t *thread, const char *name, void *(*fn)(void *),
	     void *arg, struct error *err)
{
	sigset_t all, before;
	char cut[16];

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int why = pthread_create(thread, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (why != 0)
		return error_set(err, ERROR_BUSY, "cannot start a thread: %s",
				 strerror(why));
	snprintf(cut, sizeof(cut), "%.15s", name);
	pthread_setname_np(*thread, cut);
	return true;
}

static void *
serve(void *arg)
{
	struct work_thread *thread = arg;

	pthread_mutex_lock(&thread->lock);
	for (;;) {
		struct task *task = thread->first;
		if (!task && thread->ending)
			break;
		if (!task) {
			pthread_cond_wait(&thread->wanted, &thread->lock);
			continue;
		}
		thread->first = task->next;
		if (!thread->first)
			thread->end = &thread->first;
		pthread_mutex_unlock(&thread->lock);
		task->run(task->arg);
		free(task);
		pthread_mutex_lock(&thread->lock);
	}
	pthread_mutex_unlock(&thread->lock);
	return NULL;
}

static void
destroy(struct work_thread *thread)
{
	pthread_cond_destroy(&thread->wanted);
	pthread_mutex_destroy(&thread->lock);
	free(thread);
}

struct work_thread *
work_thread_start(const char *name, struct error *err)
{
	struct work_thread *thread = xcalloc(1, sizeof(*thread));

	thread->end = &thread->first;
	pthread_mutex_init(&thread->lock, NULL);
	pthread_cond_init(&thread->wanted, NULL);
	if (thread_start(&thread->id, name, serve, thread, err))
		return thread;
	destroy(thread);
	return NULL;
}

void
work_thread_push(struct work_thread *thread, work_run_fn *run, void *arg)
{
	struct task *task = xcalloc(1, sizeof(*task));

	task->run = run;
	task->arg = arg;
	pthread_mutex_lock(&thread->lock);
	*thread->end = task;
	thread->end = &task->next;
	pthread_cond_signal(&thread->wanted);
	pthread_mutex_unlock(&thread->lock);
}

void
work_thread_stop(struct work_thread **thread)
{
	struct work_thread *t = *thread;

	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->ending = true;
	pthread_cond_signal(&t->wanted);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->id, NULL);
	destroy(t);
	*thread = NULL;
}
