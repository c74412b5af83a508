/* The store beside a loop: queued changes, word from other processes. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "store/inner.h"
#include "support_store.h"

struct row {
	uint64_t key;
	size_t len;
	bool give_up;
	int *finished;
	bool good;
	enum error_code code;
};

static bool
put_row(struct store_txn *txn, void *arg, struct error *err)
{
	struct row *r = arg;
	SCOPED(free_pointer) char *value = xcalloc(1, r->len + 1);
	uint8_t key[8];

	store_key_u64(r->key, key);
	if (!store_put(txn, STORE_JOBS, slice_make(key, 8),
		       slice_make(value, r->len), err))
		return false;
	if (r->give_up)
		return error_set(err, ERROR_CANCELLED, "given up");
	return true;
}

static void
row_done(void *arg, const struct error *err)
{
	struct row *r = arg;

	r->good = !err;
	r->code = err ? err->code : ERROR_NONE;
	(*r->finished)++;
}

static bool
has(struct store *store, uint64_t number)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);
	struct slice value;
	uint8_t key[8];

	assert_non_null(txn);
	store_key_u64(number, key);
	assert_true(
		store_get(txn, STORE_JOBS, slice_make(key, 8), &value, &err));
	return value.data;
}

/* The number of the last commit. */
static size_t
commits(struct store *store)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);

	assert_non_null(txn);
	return mdb_txn_id(txn->mdb);
}

/* A change that keeps the writer thread until it is let go. */
struct gate {
	sem_t begun, open;
	int finished;
};

static bool
wait_at_gate(struct store_txn *txn, void *arg, struct error *err)
{
	struct gate *g = arg;

	sem_post(&g->begun);
	sem_wait(&g->open);
	return store_put(txn, STORE_SETTINGS, slice_of("gate"), slice_of("x"),
			 err);
}

static void
gate_done(void *arg, const struct error *err)
{
	struct gate *g = arg;

	assert_null(err);
	g->finished++;
}

static void
gate_close(struct gate *g, struct store *store, struct loop *loop)
{
	struct error err = {0};

	sem_init(&g->begun, 0, 0);
	sem_init(&g->open, 0, 0);
	assert_true(
		store_submit(store, loop, wait_at_gate, g, gate_done, &err));
	sem_wait(&g->begun);
}

static void
submit_rows(struct store *store, struct loop *loop, struct row *rows, size_t n,
	    int *finished)
{
	struct error err = {0};

	for (size_t i = 0; i < n; i++) {
		rows[i].key = i;
		rows[i].finished = finished;
		assert_true(store_submit(store, loop, put_row, &rows[i],
					 row_done, &err));
	}
}

static void
a_lone_change_is_stored_before_it_is_done(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct row r = {.len = 10};
	int finished = 0;

	submit_rows(s->store, loop, &r, 1, &finished);
	while (!finished)
		loop_turn(loop, true);
	assert_true(r.good);
	assert_true(has(s->store, 0));
}

static void
what_waits_is_one_commit_and_failing_undoes_only_itself(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct row rows[100] = {0};
	struct gate gate = {0};
	int finished = 0;

	gate_close(&gate, s->store, loop);
	size_t before = commits(s->store);
	rows[0].give_up = rows[37].give_up = rows[99].give_up = true;
	submit_rows(s->store, loop, rows, COUNT(rows), &finished);
	sem_post(&gate.open);
	while (finished < (int)COUNT(rows))
		loop_turn(loop, true);
	assert_int_equal(gate.finished, 1);
	assert_int_equal(commits(s->store), before + 2);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(rows[i].good, !rows[i].give_up);
		assert_int_equal(rows[i].code, rows[i].give_up ? ERROR_CANCELLED
							       : ERROR_NONE);
		assert_int_equal(has(s->store, i), !rows[i].give_up);
	}
}

static void
a_group_that_outgrows_the_map_is_stored_whole(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct row rows[100] = {0};
	struct gate gate = {0};
	int finished = 0;

	store_close(&s->store);
	store_map_size = 1 << 19;
	scratch_reopen(s);
	store_map_size = (size_t)64 << 30;
	gate_close(&gate, s->store, loop);
	for (size_t i = 0; i < COUNT(rows); i++)
		rows[i] = (struct row){.len = 30000, .give_up = i == 50};
	submit_rows(s->store, loop, rows, COUNT(rows), &finished);
	sem_post(&gate.open);
	while (finished < (int)COUNT(rows))
		loop_turn(loop, true);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(has(s->store, i), i != 50);
}

static void
too_many_waiting_are_refused(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct error err = {0};
	struct gate gate = {0};
	int finished = 0, taken = 0;
	struct row r = {.len = 1, .finished = &finished};

	gate_close(&gate, s->store, loop);
	while (store_submit(s->store, loop, put_row, &r, row_done, &err))
		taken++;
	assert_int_equal(err.code, ERROR_BUSY);
	assert_in_range(taken, 256, 1 << 16);
	sem_post(&gate.open);
	while (finished < taken)
		loop_turn(loop, true);
	assert_int_equal(finished, taken);
}

static void
closing_waits_for_what_was_taken(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct row rows[500] = {0};
	int finished = 0;

	for (size_t i = 0; i < COUNT(rows); i++)
		rows[i].len = 100;
	submit_rows(s->store, loop, rows, COUNT(rows), &finished);
	store_close(&s->store);
	while (finished < (int)COUNT(rows))
		loop_turn(loop, true);
	scratch_reopen(s);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(rows[i].good && has(s->store, i));
}

/* Writes a row at each byte it is sent; a second generation at 'r'. */
static int
write_when_told(const char *dir, int fd)
{
	struct error err = {0};
	SCOPED(store_close) struct store *store = store_open(dir, &err);
	struct row r = {.key = 1, .len = 10};
	char c;

	if (!store || write(fd, "x", 1) != 1)
		return 1;
	for (; read(fd, &c, 1) == 1; r.key++) {
		if (c == 'r' ? !store_rewrite(store, &err)
			     : !store_write(store, put_row, &r, &err))
			return 2;
	}
	return 0;
}

static void
count_notice(void *arg)
{
	(*(int *)arg)++;
}

static void
send_byte(int fd, const char *byte)
{
	assert_int_equal(write(fd, byte, 1), 1);
}

/* A change that finds nothing to do: LMDB then commits nothing. */
static bool
change_nothing(struct store_txn *txn, void *arg, struct error *err)
{
	(void)arg;
	return store_delete(txn, STORE_META, slice_of("no such row"), NULL,
			    err);
}

static void
commits_of_another_process_are_noticed(void **state)
{
	struct scratch *s = *state;
	SCOPED(loop_destroy) struct loop *loop = loop_create(NULL);
	struct error err = {0};
	int pair[2], status, heard = 0;
	char c;

	store_close(&s->store);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(write_when_told(s->dir, pair[1]));
	}
	close(pair[1]);
	assert_int_equal(read(pair[0], &c, 1), 1);
	scratch_reopen(s);
	struct store_notice *notice =
		store_notice(s->store, loop, count_notice, &heard, &err);
	assert_non_null(notice);

	for (uint64_t i = 1; i <= 50; i++) {
		int before = heard;
		assert_true(store_write(s->store, change_nothing, NULL, &err));
		send_byte(pair[0], "w");
		while (heard == before || !has(s->store, i))
			loop_turn(loop, true);
	}
	send_byte(pair[0], "r");
	while (store_generation(s->store) != 2)
		loop_turn(loop, true);
	send_byte(pair[0], "w");
	while (!has(s->store, 52))
		loop_turn(loop, true);

	store_notice_drop(&notice);
	close(pair[0]);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(a_lone_change_is_stored_before_it_is_done),
		WITH_STORE(
			what_waits_is_one_commit_and_failing_undoes_only_itself),
		WITH_STORE(a_group_that_outgrows_the_map_is_stored_whole),
		WITH_STORE(too_many_waiting_are_refused),
		WITH_STORE(closing_waits_for_what_was_taken),
		WITH_STORE(commits_of_another_process_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
