/* Without a model: which of what was found is quoted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "support_store.h"

enum { TALK = 1, FIRST = 10, SECOND = 11 }; /* last bytes of ids */

struct world {
	struct scratch *scratch;
	struct id profile;
	struct memory memory; /* to be stored */
	struct memory_result items[4];
	struct memory_results results;
	struct error err;
};

static struct id
number(int n)
{
	return (struct id){{1, [ID_BYTES - 1] = (char)n}};
}

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	struct world *w = arg;

	w->memory.version = 0;
	return record_memory_put(txn, &w->memory, err);
}

/* A memory of a message; `successor` none: it is active. */
static struct id
learn(struct world *w, const char *value, const int *messages, size_t n,
      struct id successor)
{
	struct memory_source sources[2];

	for (size_t i = 0; i < n; i++)
		sources[i] =
			(struct memory_source){.conversation = number(TALK),
					       .message = number(messages[i]),
					       .quote = slice_of(value)};
	w->memory = (struct memory){.profile = w->profile,
				    .type = MEMORY_FACT,
				    .key = slice_of("home"),
				    .value = slice_of(value),
				    .confidence = .9,
				    .importance = .9,
				    .created_at = 1000000,
				    .sources = sources,
				    .source_count = n,
				    .superseded_by = successor,
				    .state = id_none(successor)
						     ? MEMORY_ACTIVE
						     : MEMORY_SUPERSEDED};
	if (!store_write(w->scratch->store, put, w, &w->err))
		fail_msg("%s", w->err.text);
	return w->memory.id;
}

static void
begin(struct world *w, void **state)
{
	*w = (struct world){.scratch = *state, .results = {.by_meaning = true}};
	w->results.items = w->items;
	w->profile = scratch_person(w->scratch);
}

static void
found(struct world *w, enum message_memory_kind kind, struct id id,
      const char *text, double fit)
{
	w->items[w->results.count++] =
		(struct memory_result){.kind = kind,
				       .id = id,
				       .conversation = number(TALK),
				       .role = MESSAGE_USER,
				       .text = slice_of(text),
				       .excerpt = slice_of(text),
				       .fit = fit};
}

static void
weigh(struct world *w)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(w->scratch->store, &w->err);

	if (!memory_drop_outweighed(txn, w->profile, &w->results, &w->err))
		fail_msg("%s", w->err.text);
}

static const struct id none;
static const int first[] = {FIRST}, second[] = {SECOND};
static const int both[] = {FIRST, SECOND};

static void
what_has_changed_since_is_not_quoted_beside_what_holds(void **state)
{
	struct world w;

	begin(&w, state);
	struct id oslo = learn(&w, "I moved to Oslo", second, 1, none);
	learn(&w, "I live in Rome", first, 1, oslo);
	found(&w, USED_MESSAGE, number(FIRST),
	      "I live in Rome, in a house that is old and far too big for me",
	      2);
	found(&w, USED_MEMORY, oslo, "I moved to Oslo", .7);
	weigh(&w);
	assert_int_equal(w.results.count, 1);
	assert_true(id_equal(w.items[0].id, oslo));
}

static void
it_is_quoted_where_what_holds_was_not_found(void **state)
{
	struct world w;

	begin(&w, state);
	struct id oslo = learn(&w, "I moved to Oslo", second, 1, none);
	learn(&w, "I live in Rome", first, 1, oslo);
	found(&w, USED_MESSAGE, number(FIRST), "I live in Rome", 2);
	found(&w, USED_MEMORY, oslo, "I moved to Oslo", .1);
	weigh(&w);
	assert_int_equal(w.results.count, 2);
}

static void
a_message_that_says_no_more_than_its_memory_is_not_quoted(void **state)
{
	struct world w;

	begin(&w, state);
	struct id rome = learn(&w, "I live in Rome", both, 2, none);
	found(&w, USED_MESSAGE, number(FIRST), "Remember that I live in Rome",
	      2);
	found(&w, USED_MEMORY, rome, "I live in Rome", 2);
	found(&w, USED_MESSAGE, number(SECOND),
	      "I live in Rome, in a house that is old and far too big for me",
	      2);
	weigh(&w);
	assert_int_equal(w.results.count, 2);
	assert_true(id_equal(w.items[0].id, rome));
	assert_true(id_equal(w.items[1].id, number(SECOND)));
}

static void
of_two_messages_that_say_the_same_one_stays(void **state)
{
	struct world w;

	begin(&w, state);
	learn(&w, "I live in Rome", both, 2, none);
	found(&w, USED_MESSAGE, number(FIRST), "I live in Rome!", 2);
	found(&w, USED_MESSAGE, number(SECOND), "I live in Rome.", 2);
	weigh(&w);
	assert_int_equal(w.results.count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(
			what_has_changed_since_is_not_quoted_beside_what_holds),
		WITH_STORE(it_is_quoted_where_what_holds_was_not_found),
		WITH_STORE(
			a_message_that_says_no_more_than_its_memory_is_not_quoted),
		WITH_STORE(of_two_messages_that_say_the_same_one_stays),
	};
	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
