/* What store.h promises, whatever keeps the records. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "support_store.h"

static const struct slice none = {NULL, 0};

struct row {
	const char *key, *value; /* a NULL value deletes */
	bool give_up;            /* fail after it */
	int runs;
};

static bool
put_row(struct store_txn *txn, void *arg, struct error *err)
{
	struct row *r = arg;

	r->runs++;
	if (!r->value)
		return store_delete(txn, STORE_SETTINGS, slice_of(r->key), NULL,
				    err);
	if (!store_put(txn, STORE_SETTINGS, slice_of(r->key),
		       slice_of(r->value), err))
		return false;
	if (r->give_up)
		return error_set(err, ERROR_CANCELLED, "given up");
	return true;
}

static void
put(struct store *store, const char *key, const char *value)
{
	struct row r = {.key = key, .value = value};
	struct error err = {0};

	if (!store_write(store, put_row, &r, &err))
		fail_msg("%s", err.text);
}

static void
expect(struct store *store, const char *key, const char *value)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);
	struct slice got;

	if (!txn)
		fail_msg("%s", err.text);
	assert_true(store_get(txn, STORE_SETTINGS, slice_of(key), &got, &err));
	if (!value)
		assert_null(got.data);
	else
		assert_true(got.data && slice_is(got, value));
}

static void
what_was_put_is_there_after_reopening(void **state)
{
	struct scratch *s = *state;

	put(s->store, "a", "1");
	put(s->store, "b", "");
	put(s->store, "c", "3");
	put(s->store, "c", NULL);
	scratch_reopen(s);
	expect(s->store, "a", "1");
	expect(s->store, "b", "");
	expect(s->store, "c", NULL);
}

static void
a_change_that_fails_leaves_nothing(void **state)
{
	struct scratch *s = *state;
	struct row r = {.key = "a", .value = "1", .give_up = true};
	struct error err = {0};

	assert_false(store_write(s->store, put_row, &r, &err));
	assert_int_equal(err.code, ERROR_CANCELLED);
	expect(s->store, "a", NULL);
}

static void *
put_new(void *store)
{
	put(store, "a", "new");
	return NULL;
}

static void
a_reader_sees_one_moment(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	struct slice got;

	put(s->store, "a", "old");
	SCOPED(store_end) struct store_txn *txn = store_read(s->store, &err);
	pthread_t writer;
	assert_int_equal(pthread_create(&writer, NULL, put_new, s->store), 0);
	pthread_join(writer, NULL);
	assert_true(store_get(txn, STORE_SETTINGS, slice_of("a"), &got, &err));
	assert_true(slice_is(got, "old"));
	expect(s->store, "a", "new");
}

static const struct {
	const char *prefix, *from;
	bool backward;
	const char *want;
} walks[] = {
	{"", "", false, "a b ba bb c \377 \377\377 "},
	{"", "", true, "\377\377 \377 c bb ba b a "},
	{"b", "", false, "b ba bb "},
	{"b", "", true, "bb ba b "},
	{"b", "ba", false, "ba bb "},
	{"b", "ba", true, "ba b "},
	{"b", "b0", false, "ba bb "},
	{"b", "b0", true, "b "},
	{"b", "a", false, "b ba bb "},
	{"b", "a", true, ""},
	{"b", "c", false, ""},
	{"b", "c", true, "bb ba b "},
	{"", "d", false, "\377 \377\377 "},
	{"", "d", true, "c bb ba b a "},
	{"\377", "", true, "\377\377 \377 "},
	{"\377\377", "", false, "\377\377 "},
	{"x", "", false, ""},
	{"x", "", true, ""},
	{"", "\377\377\377", true, "\377\377 \377 c bb ba b a "},
};

static void
walk(struct store_txn *txn, size_t i, struct buf *got)
{
	struct error err = {0};
	struct slice key, value;
	struct store_cursor *c =
		store_scan(txn, STORE_SETTINGS, slice_of(walks[i].prefix),
			   slice_of(walks[i].from), walks[i].backward, &err);

	assert_non_null(c);
	while (store_next(c, &key, &value)) {
		buf_add_slice(got, key);
		buf_addc(got, ' ');
		assert_true(slice_equal(key, value));
	}
	assert_true(store_scan_end(&c, &err));
	assert_null(c);
}

static void
walks_cover_their_keys_in_order(void **state)
{
	static const char *keys[] = {"bb", "a", "\377\377", "ba",
				     "c",  "b", "\377"};
	struct scratch *s = *state;
	struct error err = {0};

	for (size_t i = 0; i < COUNT(keys); i++)
		put(s->store, keys[i], keys[i]);
	SCOPED(store_end) struct store_txn *txn = store_read(s->store, &err);
	for (size_t i = 0; i < COUNT(walks); i++) {
		SCOPED(buf_clear) struct buf got;
		buf_init(&got, 1000);
		walk(txn, i, &got);
		if (strcmp(buf_text(&got), walks[i].want) != 0)
			fail_msg("walk %zu: \"%s\", not \"%s\"", i,
				 buf_text(&got), walks[i].want);
	}
	uint64_t count;
	assert_true(store_count(txn, STORE_SETTINGS, &count, &err));
	assert_int_equal(count, COUNT(keys));
}

static bool
fill_and_thin(struct store_txn *txn, void *arg, struct error *err)
{
	bool backward = *(bool *)arg;
	uint8_t bytes[8] = {0};
	struct slice key = slice_make(bytes, sizeof(bytes)), at;
	char value[300] = {0};

	for (uint64_t i = 0; i < 2000; i++) {
		store_key_u64(i, bytes);
		if (!store_put(txn, STORE_JOBS, key,
			       slice_make(value, sizeof(value)), err))
			return false;
	}
	SCOPED(store_scan_drop)
	struct store_cursor *c =
		store_scan(txn, STORE_JOBS, none, none, backward, err);
	uint64_t seen = 0;
	while (store_next(c, &at, NULL)) {
		memcpy(bytes, at.data, 8);
		uint64_t n = store_key_read_u64(bytes);
		assert_int_equal(n, backward ? 1999 - seen : seen);
		seen++;
		if (n % 3 && !store_delete(txn, STORE_JOBS, key, NULL, err))
			return false;
		if (n % 3 == 0 &&
		    !store_put(txn, STORE_JOBS, key, slice_of("x"), err))
			return false;
	}
	assert_int_equal(seen, 2000);
	return store_scan_end(&c, err);
}

static void
a_walk_stands_deleting_and_changing_its_key(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};

	for (int backward = 0; backward < 2; backward++) {
		bool arg = backward;
		uint64_t count;
		assert_true(store_write(s->store, fill_and_thin, &arg, &err));
		SCOPED(store_end)
		struct store_txn *txn = store_read(s->store, &err);
		assert_true(store_count(txn, STORE_JOBS, &count, &err));
		assert_int_equal(count, 667);
	}
}

static void
keys_and_values_have_ceilings(void **state)
{
	static char long_key[STORE_KEY_MAX + 2];
	struct scratch *s = *state;
	struct error err = {0};
	struct row r = {.key = long_key, .value = "x"};

	memset(long_key, 'k', STORE_KEY_MAX);
	put(s->store, long_key, "fits");
	expect(s->store, long_key, "fits");
	memset(long_key, 'k', STORE_KEY_MAX + 1);
	assert_false(store_write(s->store, put_row, &r, &err));
	assert_int_equal(err.code, ERROR_INVALID);
	r.key = "";
	assert_false(store_write(s->store, put_row, &r, &err));
	assert_int_equal(err.code, ERROR_INVALID);

	r.key = "big";
	char *big = xcalloc(1, STORE_VALUE_MAX + 2);
	memset(big, 'v', STORE_VALUE_MAX);
	put(s->store, "big", big);
	expect(s->store, "big", big);
	memset(big, 'v', STORE_VALUE_MAX + 1);
	r.value = big;
	assert_false(store_write(s->store, put_row, &r, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	free(big);
}

/* KiB of files that are shared and only read. */
static long
mapped(void)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	bool inside = false;
	unsigned long from, to;
	long sum = 0, size;
	char line[4352];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &from, &to) == 2)
			inside = strstr(line, " r--s ") && strstr(line, ".mdb");
		else if (inside && sscanf(line, "Rss: %ld kB", &size) == 1)
			sum += size;
	}
	fclose(f);
	return sum;
}

static void
what_was_read_can_be_let_go_of_and_stays(void **state)
{
	enum { LENGTH = 4 << 20 };
	struct scratch *s = *state;
	struct error err = {0};
	char *value = xcalloc(LENGTH + 1, 1);
	struct slice got;
	unsigned sum = 0;
	long before;

	memset(value, 'v', LENGTH);
	put(s->store, "large", value);
	struct store_txn *txn = store_read(s->store, &err);
	assert_non_null(txn);
	assert_true(
		store_get(txn, STORE_SETTINGS, slice_of("large"), &got, &err));
	for (size_t i = 0; i < got.len; i += 512)
		sum += (unsigned char)got.data[i];
	assert_int_equal(sum, LENGTH / 512 * 'v');
	before = mapped();
	assert_true(before >= LENGTH / 1024);
	store_trim(txn);
	assert_true(mapped() < before / 2);
	assert_int_equal(got.len, LENGTH);
	assert_memory_equal(got.data, value, LENGTH);
	store_end(&txn);
	free(value);
}

static void
number_keys_sort_as_numbers(void **state)
{
	static const uint64_t n[] = {0, 1, 255, 256, 1u << 31, UINT64_MAX};
	uint8_t a[8], b[8];

	(void)state;
	for (size_t i = 0; i < COUNT(n); i++) {
		store_key_u64(n[i], a);
		assert_true(store_key_read_u64(a) == n[i]);
		if (i) {
			store_key_u64(n[i - 1], b);
			assert_true(memcmp(b, a, 8) < 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(what_was_put_is_there_after_reopening),
		WITH_STORE(a_change_that_fails_leaves_nothing),
		WITH_STORE(a_reader_sees_one_moment),
		WITH_STORE(walks_cover_their_keys_in_order),
		WITH_STORE(a_walk_stands_deleting_and_changing_its_key),
		WITH_STORE(keys_and_values_have_ceilings),
		WITH_STORE(what_was_read_can_be_let_go_of_and_stays),
		cmocka_unit_test(number_keys_sort_as_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
