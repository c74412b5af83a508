/* Every job that is taken is done exactly once, on the loop's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/work.h"

struct world {
	struct loop *loop;
	struct work *work;
	sem_t go;      /* a held job waits for it */
	sem_t started; /* a held job has begun */
	pthread_t home;
	int done;
	int cancelled;
	int expected;
};

static int
make(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->loop = loop_create(NULL);
	w->work = work_create(w->loop, 2, 3);
	w->home = pthread_self();
	sem_init(&w->go, 0, 0);
	sem_init(&w->started, 0, 0);
	*state = w;
	return 0;
}

static int
drop(void **state)
{
	struct world *w = *state;

	work_destroy(&w->work);
	assert_null(w->work);
	loop_destroy(&w->loop);
	sem_destroy(&w->go);
	sem_destroy(&w->started);
	free(w);
	return 0;
}

static void
hold(void *arg)
{
	struct world *w = arg;

	sem_post(&w->started);
	sem_wait(&w->go);
}

static void
count(void *arg, bool cancelled)
{
	struct world *w = arg;

	assert_true(pthread_equal(w->home, pthread_self()));
	w->done++;
	w->cancelled += cancelled;
	if (w->done == w->expected)
		loop_stop(w->loop);
}

static struct work_job *
submit(struct world *w)
{
	return work_submit(w->work, hold, count, w, NULL);
}

static void
release(struct world *w, int jobs)
{
	for (int i = 0; i < jobs; i++)
		sem_post(&w->go);
}

static void
too_many_jobs_are_refused_and_the_rest_done(void **state)
{
	struct world *w = *state;
	struct error err = {0};

	for (int i = 0; i < 5; i++)
		assert_non_null(submit(w));
	assert_null(work_submit(w->work, hold, count, w, &err));
	assert_int_equal(err.code, ERROR_BUSY);
	assert_int_equal(work_load(w->work), 5);
	release(w, 5);
	w->expected = 5;
	loop_run(w->loop);
	assert_int_equal(w->done, 5);
	assert_int_equal(w->cancelled, 0);
	assert_int_equal(work_load(w->work), 0);
	assert_non_null(submit(w));
	release(w, 1);
}

static void
until_the_others_are_cancelled(void *arg)
{
	struct world *w = arg;

	hold(w);
	while (work_load(w->work) > 2)
		sched_yield();
}

static void
the_end_waits_for_the_running_and_cancels_the_waiting(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 5; i++)
		work_submit(w->work, until_the_others_are_cancelled, count, w,
			    NULL);
	sem_wait(&w->started);
	sem_wait(&w->started);
	release(w, 2);
	work_destroy(&w->work);
	assert_int_equal(w->done, 5);
	assert_int_equal(w->cancelled, 3);
	loop_turn(w->loop, false); /* no word of it is left in the loop */
}

static void
submit_in_turn(void *arg, bool cancelled)
{
	struct world *w = arg;
	struct error err = {0};

	(void)cancelled;
	if (++w->done < 50) {
		release(w, 1);
		assert_non_null(
			work_submit(w->work, hold, submit_in_turn, w, &err));
	} else {
		loop_stop(w->loop);
	}
}

static void
a_finished_job_may_hand_in_the_next(void **state)
{
	struct world *w = *state;

	release(w, 1);
	work_submit(w->work, hold, submit_in_turn, w, NULL);
	loop_run(w->loop);
	assert_int_equal(w->done, 50);
}

static void
refuse_late(void *arg, bool cancelled)
{
	struct world *w = arg;
	struct error err = {0};

	(void)cancelled;
	w->done++;
	assert_null(work_submit(w->work, hold, count, w, &err));
	assert_int_equal(err.code, ERROR_CANCELLED);
}

static void
no_job_is_taken_at_the_end(void **state)
{
	struct world *w = *state;

	work_submit(w->work, hold, refuse_late, w, NULL);
	release(w, 1);
	work_destroy(&w->work);
	assert_int_equal(w->done, 1);
}

struct step {
	struct work_thread *thread;
	int value;
	int *sum;
	bool again;
};

static void
add(void *arg)
{
	struct step *s = arg;

	*s->sum = *s->sum * 3 + s->value;
	if (s->again) {
		s->again = false;
		work_thread_push(s->thread, add, s);
	}
}

static void
a_thread_of_ones_own_keeps_the_order_and_ends_empty(void **state)
{
	int sum = 0;
	struct step steps[4];
	struct work_thread *thread;

	(void)state;
	thread = work_thread_start("a name that is far too long", NULL);
	assert_non_null(thread);
	for (int i = 0; i < 4; i++) {
		steps[i] = (struct step){thread, i, &sum, i == 3};
		work_thread_push(thread, add, &steps[i]);
	}
	work_thread_stop(&thread);
	assert_null(thread);
	work_thread_stop(&thread);
	assert_int_equal(sum, ((0 * 3 + 1) * 3 + 2) * 9 + 3 * 3 + 3);
}

#define WORKED(test) cmocka_unit_test_setup_teardown(test, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORKED(too_many_jobs_are_refused_and_the_rest_done),
		WORKED(the_end_waits_for_the_running_and_cancels_the_waiting),
		WORKED(a_finished_job_may_hand_in_the_next),
		WORKED(no_job_is_taken_at_the_end),
		cmocka_unit_test(
			a_thread_of_ones_own_keeps_the_order_and_ends_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
