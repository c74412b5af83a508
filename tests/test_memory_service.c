/* Recall on the memory's own thread, handed back on the loop. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "support_store.h"

struct told {
	struct loop *loop;
	pthread_t thread;
	size_t times, found;
	struct error err;
	bool on_the_loop;
	struct id first;
};

static void
tell(void *arg, const struct memory_results *results, const struct error *err)
{
	struct told *told = arg;

	told->times++;
	told->on_the_loop = pthread_equal(pthread_self(), told->thread);
	if (err)
		told->err = *err;
	if (results)
		told->found = results->count;
	if (results && results->count)
		told->first = results->items[0].id;
	loop_stop(told->loop);
}

static bool
put_memory(struct store_txn *txn, void *arg, struct error *err)
{
	struct memory *m = arg;
	struct profile profile;
	struct arena arena = {0};
	bool good = record_profile_ensure(txn, (struct slice){0}, &arena,
					  &profile, err);

	m->profile = profile.id;
	m->type = MEMORY_FACT;
	m->key = slice_of("gate");
	m->value = slice_of("the gate code is 1234");
	m->confidence = m->importance = .8;
	arena_clear(&arena);
	return good && memory_save(txn, m, err);
}

static const struct memory_settings settings = {.language = "english"};

static void
what_is_stored_is_found_and_told_on_the_loop(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	struct memory m = {0};
	struct arena arena = {0};
	struct loop *loop = loop_create(&err);
	struct told told = {.loop = loop, .thread = pthread_self()};

	assert_true(store_write(s->store, put_memory, &m, &err));
	struct memory_service *service =
		memory_service_start(loop, s->store, &settings, &err);
	struct memory_query q = {.profile = m.profile,
				 .text = slice_of("what is the gate code?"),
				 .k = 5};
	memory_service_follow(service, m.profile);
	assert_true(
		memory_service_recall(service, &q, &arena, tell, &told, &err));
	assert_int_equal(told.times, 0);
	loop_run(loop);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.found, 1);
	assert_true(told.on_the_loop);
	assert_memory_equal(&told.first, &m.id, sizeof(m.id));
	memory_service_stop(&service);
	assert_null(service);
	arena_clear(&arena);
	loop_destroy(&loop);
}

static void
every_recall_is_answered_once_when_the_service_stops(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	struct memory m = {0};
	struct arena arenas[20] = {{0}};
	struct told told[20];
	struct loop *loop = loop_create(&err);

	assert_true(store_write(s->store, put_memory, &m, &err));
	struct memory_service *service =
		memory_service_start(loop, s->store, &settings, &err);
	struct memory_query q = {
		.profile = m.profile, .text = slice_of("gate"), .k = 5};
	for (size_t i = 0; i < COUNT(told); i++) {
		told[i] = (struct told){.loop = loop, .thread = pthread_self()};
		assert_true(memory_service_recall(service, &q, &arenas[i], tell,
						  &told[i], &err));
	}
	memory_service_follow(service, m.profile);
	memory_service_stop(&service);
	for (size_t i = 0; i < COUNT(told); i++) {
		assert_int_equal(told[i].times, 1);
		assert_true(told[i].found == 1 ||
			    told[i].err.code == ERROR_CANCELLED);
		arena_clear(&arenas[i]);
	}
	loop_destroy(&loop);
}

static void
a_recall_that_fails_says_why(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	struct arena arena = {0};
	struct loop *loop = loop_create(&err);
	struct told told = {.loop = loop, .thread = pthread_self()};
	struct memory_service *service =
		memory_service_start(loop, s->store, &settings, &err);
	struct memory_query q = {.profile = id_make(),
				 .text = slice_of("gate"),
				 .k = MEMORY_RESULTS_MAX + 1};

	assert_true(
		memory_service_recall(service, &q, &arena, tell, &told, &err));
	loop_run(loop);
	assert_int_equal(told.times, 1);
	assert_int_equal(told.err.code, ERROR_USAGE);
	memory_service_stop(&service);
	arena_clear(&arena);
	loop_destroy(&loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(what_is_stored_is_found_and_told_on_the_loop),
		WITH_STORE(
			every_recall_is_answered_once_when_the_service_stops),
		WITH_STORE(a_recall_that_fails_says_why),
	};
	return cmocka_run_group_tests_name("memory_service", tests, NULL, NULL);
}
