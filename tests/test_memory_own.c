/* A person's own memories: seen, corrected, restored, tidied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/store.h"
#include "support_store.h"

enum { DAY1 = 1000000, DAY2 = 2000000, DAY3 = 3000000 };

/* Steps of a test run in one change each, with what they need. */
struct life {
	struct scratch *scratch;
	struct arena arena;
	struct id profile;
	struct memory a, b;
	struct memory_edit edit;
	struct memory_proposal *plan;
	size_t n;
	uint32_t version;
	bool flag;
	struct error err;
};

static void
run(struct life *l, store_change_fn *change)
{
	if (!store_write(l->scratch->store, change, l, &l->err))
		fail_msg("%s", l->err.text);
}

static void
begin(struct life *l, void **state)
{
	*l = (struct life){.scratch = *state, .edit = memory_edit_nothing};
	l->profile = scratch_person(l->scratch);
}

static bool
put_a(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	l->a.profile = l->profile;
	l->a.version = 0;
	return record_memory_put(txn, &l->a, err);
}

static struct memory
make(struct life *l, const char *key, const char *value, int64_t at)
{
	l->a = (struct memory){.type = MEMORY_FACT,
			       .key = slice_of(key),
			       .value = slice_of(value),
			       .confidence = .7,
			       .importance = .6,
			       .created_at = at};
	run(l, put_a);
	return l->a;
}

static struct memory
read_again(struct life *l, struct id id)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(l->scratch->store, &l->err);
	struct memory m;
	bool found;

	assert_true(record_memory_get(txn, l->profile, id, &l->arena, &m,
				      &found, &l->err));
	assert_true(found);
	return m;
}

static size_t
list(struct life *l, const struct memory_filter *filter,
     const struct memory *after, size_t limit, struct memory **out)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(l->scratch->store, &l->err);
	size_t n;

	if (!memory_list(txn, filter, after, limit, &l->arena, out, &n,
			 &l->err))
		fail_msg("%s", l->err.text);
	return n;
}

static struct memory_filter
everything(const struct life *l)
{
	return (struct memory_filter){.profile = l->profile,
				      .type = MEMORY_TYPE_COUNT,
				      .state = MEMORY_STATE_COUNT};
}

static void
a_list_is_filtered_and_newest_first(void **state)
{
	struct life l;
	struct memory *out;

	begin(&l, state);
	make(&l, "tea", "likes tea", DAY1);
	make(&l, "home", "lives in Bonn", DAY2);
	make(&l, "Tea", "likes green tea", DAY3);

	struct memory_filter f = everything(&l);
	assert_int_equal(list(&l, &f, NULL, 10, &out), 3);
	assert_int_equal(out[0].created_at, DAY3);
	assert_int_equal(out[2].created_at, DAY1);

	f.key = slice_of("TEA");
	assert_int_equal(list(&l, &f, NULL, 10, &out), 2);
	assert_int_equal(out[0].created_at, DAY3);
	f.until = DAY2;
	assert_int_equal(list(&l, &f, NULL, 10, &out), 1);
	f = everything(&l);
	f.since = DAY2;
	assert_int_equal(list(&l, &f, NULL, 10, &out), 2);
	f.type = MEMORY_PREFERENCE;
	assert_int_equal(list(&l, &f, NULL, 10, &out), 0);
	f = everything(&l);
	f.by_hand = true;
	assert_int_equal(list(&l, &f, NULL, 10, &out), 3);
	f.pinned = true;
	assert_int_equal(list(&l, &f, NULL, 10, &out), 0);
	arena_clear(&l.arena);
}

static void
pages_follow_each_other_without_a_gap(void **state)
{
	struct life l;
	struct memory *out, last = {0};
	size_t seen = 0, n;

	begin(&l, state);
	for (int i = 0; i < 25; i++)
		make(&l, "k", "the same value", DAY1 + i / 3);
	for (int keyed = 0; keyed < 2; keyed++) {
		struct memory_filter f = everything(&l);

		f.key = keyed ? slice_of("k") : (struct slice){0};
		seen = 0;
		while ((n = list(&l, &f, seen ? &last : NULL, 4, &out))) {
			assert_true(n == 4 || seen == 24);
			for (size_t i = 1; i < n; i++)
				assert_true(out[i - 1].created_at >=
					    out[i].created_at);
			assert_true(!seen ||
				    last.created_at >= out[0].created_at);
			last = out[n - 1];
			seen += n;
		}
		assert_int_equal(seen, 25);
	}
	arena_clear(&l.arena);
}

static bool
edit_a(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	return memory_edit(txn, l->profile, l->a.id, &l->edit, &l->arena, &l->b,
			   err);
}

static bool
restore_a(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	return memory_restore(txn, l->profile, l->a.id, l->version, &l->arena,
			      &l->b, err);
}

static void
an_edit_is_a_version_that_can_be_undone(void **state)
{
	struct life l;

	begin(&l, state);
	make(&l, "home", "lives in Bonn", DAY1);
	l.edit.value = slice_of("  lives in Rome ");
	l.edit.pinned = 1;
	run(&l, edit_a);
	struct memory m = read_again(&l, l.a.id);
	assert_int_equal(m.version, 2);
	assert_true(slice_is(m.value, "lives in Rome"));
	assert_true(m.pinned && m.confidence == 1);
	run(&l, edit_a); /* nothing new */
	assert_int_equal(read_again(&l, l.a.id).version, 2);

	run(&l, restore_a);
	m = read_again(&l, l.a.id);
	assert_int_equal(m.version, 3);
	assert_true(slice_is(m.value, "lives in Bonn"));
	assert_true(!m.pinned && m.confidence < 1);
	l.version = 2;
	run(&l, restore_a);
	assert_true(slice_is(read_again(&l, l.a.id).value, "lives in Rome"));
	arena_clear(&l.arena);
}

static void
what_cannot_be_is_refused(void **state)
{
	static char big[MEMORY_TEXT_MAX + 1];
	struct life l;

	begin(&l, state);
	make(&l, "home", "lives in Bonn", DAY1);
	memset(big, 'a', sizeof(big));
	const struct {
		struct slice value;
		int type;
		double importance;
		enum error_code code;
	} cases[] = {
		{slice_of(" "), -1, -1, ERROR_INVALID},
		{slice_of("a\xFF"), -1, -1, ERROR_INVALID},
		{slice_make(big, sizeof(big)), -1, -1, ERROR_LIMIT},
		{{0}, MEMORY_TYPE_COUNT, -1, ERROR_INVALID},
		{{0}, -1, 1.5, ERROR_INVALID},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		l.edit = memory_edit_nothing;
		l.edit.value = cases[i].value;
		l.edit.type = cases[i].type;
		l.edit.importance = cases[i].importance;
		assert_false(store_write(l.scratch->store, edit_a, &l, &l.err));
		assert_int_equal(l.err.code, cases[i].code);
	}
	l.version = 9;
	assert_false(store_write(l.scratch->store, restore_a, &l, &l.err));
	assert_int_equal(l.err.code, ERROR_NOT_FOUND);
	l.version = 0;
	assert_false(store_write(l.scratch->store, restore_a, &l, &l.err));
	assert_int_equal(l.err.code, ERROR_CONFLICT);
	l.a.id = id_make();
	assert_false(store_write(l.scratch->store, restore_a, &l, &l.err));
	assert_int_equal(l.err.code, ERROR_NOT_FOUND);
	assert_int_equal(list(&l,
			      &(struct memory_filter){.profile = l.profile,
						      .type = MEMORY_TYPE_COUNT,
						      .state = MEMORY_ACTIVE},
			      NULL, 10, &(struct memory *){NULL}),
			 1);
	arena_clear(&l.arena);
}

/* b takes a's place, as consolidation does it. */
static bool
supersede(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;
	struct memory a = l->a, b = l->b;

	a.state = MEMORY_SUPERSEDED;
	a.superseded_by = b.id;
	a.valid_to = b.created_at;
	a.updated_at = b.updated_at = 9 * DAY3;
	return record_memory_put(txn, &a, err);
}

static void
restoring_undoes_a_supersede_and_back(void **state)
{
	struct life l;

	begin(&l, state);
	struct memory b = make(&l, "home", "lives in Rome", DAY2);
	make(&l, "home", "lives in Bonn", DAY1);
	l.a = read_again(&l, l.a.id);
	l.b = read_again(&l, b.id);
	run(&l, supersede);

	run(&l, restore_a);
	assert_int_equal(read_again(&l, l.a.id).state, MEMORY_ACTIVE);
	assert_int_equal(read_again(&l, l.a.id).valid_to, 0);
	struct memory away = read_again(&l, b.id);
	assert_int_equal(away.state, MEMORY_PUT_AWAY);
	assert_true(away.valid_to <= away.created_at); /* it was never so */

	l.version = 2;
	run(&l, restore_a);
	assert_int_equal(read_again(&l, l.a.id).state, MEMORY_SUPERSEDED);
	assert_int_equal(read_again(&l, b.id).state, MEMORY_ACTIVE);
	assert_int_equal(read_again(&l, b.id).valid_to, 0);
	arena_clear(&l.arena);
}

static bool
plan(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	return memory_tidy_plan(txn, l->profile, 10 * DAY3, &l->arena, &l->plan,
				&l->n, err);
}

static bool
apply(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	for (size_t i = 0; i < l->n; i++)
		if (!memory_tidy_apply(txn, &l->plan[i], 10 * DAY3, &l->flag,
				       err) ||
		    !l->flag)
			return false;
	return true;
}

static void
tidying_merges_what_says_the_same_and_nothing_else(void **state)
{
	static const struct {
		const char *one, *other;
		bool merged;
		const char *why;
	} cases[] = {
		{"likes tea.", "Likes tea", true, "only the letters' case"},
		{"my sister Ana is allergic to peanuts",
		 "sister Ana is very allergic to peanuts", true, "one more"},
		{"likes green tea", "likes black tea", false, "another word"},
		{"eats meat", "eats no meat", false, "a negation"},
		{"has two cats and 2 dogs", "has two cats and 3 dogs", false,
		 "a number"},
		{"lives in Bonn",
		 "lives in Bonn and works at the university "
		 "hospital there",
		 false, "much more"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct life l;
		void *scratch;

		(void)state;
		scratch_make(&scratch);
		begin(&l, &scratch);
		make(&l, "k", cases[i].one, DAY1);
		make(&l, "k", cases[i].other, DAY2);
		run(&l, plan);
		if (l.n != cases[i].merged)
			fail_msg("%s | %s: %s", cases[i].one, cases[i].other,
				 cases[i].why);
		arena_clear(&l.arena);
		scratch_drop(&scratch);
	}
}

static bool
expire_a(struct store_txn *txn, void *arg, struct error *err)
{
	struct life *l = arg;

	l->a = (struct memory){.profile = l->profile,
			       .type = MEMORY_TEMPORARY_STATE,
			       .value = slice_of("has a cold"),
			       .confidence = 1,
			       .importance = 1,
			       .created_at = DAY1,
			       .expires_at = DAY2};
	return record_memory_put(txn, &l->a, err);
}

static void
a_tidied_memory_can_be_had_again(void **state)
{
	struct life l;

	begin(&l, state);
	struct memory fuller = make(&l, "tea", "likes hot green tea", DAY2);
	make(&l, "tea", "likes green tea", DAY1);
	struct memory shorter = l.a;
	run(&l, expire_a);
	struct memory cold = l.a;
	run(&l, plan);
	assert_int_equal(l.n, 2);
	run(&l, apply);
	assert_int_equal(read_again(&l, cold.id).state, MEMORY_PUT_AWAY);
	assert_int_equal(read_again(&l, shorter.id).state, MEMORY_MERGED);
	assert_true(
		id_equal(read_again(&l, shorter.id).superseded_by, fuller.id));
	assert_true(read_again(&l, fuller.id).confidence > .7);

	l.a = cold;
	run(&l, restore_a);
	assert_int_equal(read_again(&l, cold.id).state, MEMORY_ACTIVE);
	l.a = shorter;
	run(&l, restore_a);
	assert_int_equal(read_again(&l, shorter.id).state, MEMORY_ACTIVE);
	struct memory whole = read_again(&l, fuller.id);
	assert_true(whole.confidence < .71);
	assert_int_equal(whole.version, 3);
	arena_clear(&l.arena);
}

static void
statistics_count_states_and_types(void **state)
{
	struct life l;
	struct memory_stats stats;

	begin(&l, state);
	make(&l, "tea", "likes tea", DAY1);
	make(&l, "tea", "likes green tea", DAY2);
	run(&l, plan);
	run(&l, apply);
	SCOPED(store_end)
	struct store_txn *txn = store_read(l.scratch->store, &l.err);
	assert_true(memory_stats(txn, l.profile, &stats, &l.err));
	assert_int_equal(stats.memories, 2);
	assert_int_equal(stats.by_state[MEMORY_ACTIVE], 1);
	assert_int_equal(stats.by_state[MEMORY_MERGED], 1);
	assert_int_equal(stats.by_type[MEMORY_FACT], 1);
	assert_int_equal(stats.newest, DAY2);
	assert_false(memory_stats(txn, (struct id){{0}}, &stats, &l.err));
	arena_clear(&l.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_list_is_filtered_and_newest_first),
		WITH_STORE(pages_follow_each_other_without_a_gap),
		WITH_STORE(an_edit_is_a_version_that_can_be_undone),
		WITH_STORE(what_cannot_be_is_refused),
		WITH_STORE(restoring_undoes_a_supersede_and_back),
		cmocka_unit_test(
			tidying_merges_what_says_the_same_and_nothing_else),
		WITH_STORE(a_tidied_memory_can_be_had_again),
		WITH_STORE(statistics_count_states_and_types),
	};
	return cmocka_run_group_tests_name("memory_own", tests, NULL, NULL);
}
