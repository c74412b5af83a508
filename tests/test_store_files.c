/* The store's files: several processes, growth, the next generation, copies,
 * sudden death, and what is found instead of a store. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/store.h"
#include "store/inner.h"
#include "support_store.h"

enum { SMALL_MAP = 1 << 19 };

struct fill {
	uint64_t from, n; /* keys */
	size_t len;       /* of each value */
	int runs;
};

static bool
put_fill(struct store_txn *txn, void *arg, struct error *err)
{
	struct fill *f = arg;
	SCOPED(free_pointer) char *value = xcalloc(1, f->len + 1);
	uint8_t key[8];

	f->runs++;
	memset(value, 'v', f->len);
	for (uint64_t i = f->from; i < f->from + f->n; i++) {
		store_key_u64(i, key);
		if (!store_put(txn, STORE_JOBS, slice_make(key, 8),
			       slice_make(value, f->len), err))
			return false;
	}
	return true;
}

static bool
fill(struct store *store, uint64_t from, uint64_t n, size_t len)
{
	struct fill f = {.from = from, .n = n, .len = len};
	struct error err = {0};

	return store_write(store, put_fill, &f, &err);
}

static bool
drop_all(struct store_txn *txn, void *arg, struct error *err)
{
	const struct slice none = {NULL, 0};
	SCOPED(store_scan_drop)
	struct store_cursor *c =
		store_scan(txn, STORE_JOBS, none, none, false, err);
	struct slice key;

	(void)arg;
	while (store_next(c, &key, NULL)) {
		if (!store_delete(txn, STORE_JOBS, key, NULL, err))
			return false;
	}
	return true;
}

/* -1: it cannot be told. */
static int64_t
count(struct store *store)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);
	uint64_t n;

	if (!txn || !store_count(txn, STORE_JOBS, &n, &err))
		return -1;
	return (int64_t)n;
}

static bool
has(struct store *store, uint64_t number)
{
	struct error err = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, &err);
	struct slice value;
	uint8_t key[8];

	store_key_u64(number, key);
	return txn &&
	       store_get(txn, STORE_JOBS, slice_make(key, 8), &value, &err) &&
	       value.data;
}

static char *
in_dir(const struct scratch *s, const char *name)
{
	return path_join(s->dir, name);
}

static bool
dir_has(const struct scratch *s, const char *name)
{
	SCOPED(free_pointer) char *path = in_dir(s, name);

	return file_exists(path);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void
others_have_no_access(void **state)
{
	static const char *const names[] = {"store", "store.1.mdb",
					    "store.1.mdb-lock", "store.lock"};
	struct scratch *s = *state;

	assert_int_equal(mode_of(s->dir), 0700);
	for (size_t i = 0; i < COUNT(names); i++) {
		SCOPED(free_pointer) char *path = in_dir(s, names[i]);
		assert_int_equal(mode_of(path), 0600);
	}
}

static int
with_small_map(void **state)
{
	store_map_size = SMALL_MAP;
	return scratch_make(state);
}

static int
with_large_map(void **state)
{
	store_map_size = (size_t)64 << 30;
	return scratch_drop(state);
}

static void
a_full_map_grows_and_the_change_runs_again(void **state)
{
	struct scratch *s = *state;
	struct fill f = {.n = 3000, .len = 1000};
	struct error err = {0};
	struct store_info info;

	assert_true(store_write(s->store, put_fill, &f, &err));
	assert_in_range(f.runs, 2, 10);
	assert_int_equal(count(s->store), 3000);
	assert_true(store_info(s->store, &info, &err));
	assert_in_range(info.map_bytes, 3000000, 1 << 26);
	scratch_reopen(s);
	assert_int_equal(count(s->store), 3000);
}

static void *
fill_some(void *arg)
{
	struct store *store = arg;
	static uint64_t next;

	for (int i = 0; i < 20; i++) {
		uint64_t from = __atomic_fetch_add(&next, 10, __ATOMIC_RELAXED);
		if (!fill(store, from, 10, 3000) || !has(store, from))
			return arg;
	}
	return NULL;
}

static void
threads_go_on_while_the_map_grows(void **state)
{
	struct scratch *s = *state;
	pthread_t thread[4];
	void *failed;

	for (size_t i = 0; i < COUNT(thread); i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, fill_some, s->store),
			0);
	for (size_t i = 0; i < COUNT(thread); i++) {
		pthread_join(thread[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(count(s->store), 800);
}

/* Run `body` in a process that has opened no store yet; it talks by the
 * socket and returns its exit status. */
typedef int body_fn(const char *dir, int fd);

static pid_t
child(const struct scratch *s, body_fn *body, int *fd)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pair[0]);
		_exit(body(s->dir, pair[1]));
	}
	close(pair[1]);
	*fd = pair[0];
	return pid;
}

static bool
tell(int fd)
{
	return write(fd, "x", 1) == 1;
}

static bool
hear(int fd)
{
	char c;

	return read(fd, &c, 1) == 1;
}

static void
join(pid_t pid, int fd)
{
	int status;

	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int
take_turns(const char *dir, int fd)
{
	struct error err = {0};
	SCOPED(store_close) struct store *store = store_open(dir, &err);

	if (!store || !tell(fd) || !hear(fd) || !has(store, 1))
		return 1;
	if (!fill(store, 2, 1, 10) || !tell(fd) || !hear(fd))
		return 2;
	/* The other one has made the map larger, then a generation. */
	if (count(store) != 3002 || !tell(fd) || !hear(fd))
		return 3;
	if (count(store) != 0 || store_generation(store) != 2)
		return 4;
	if (!fill(store, 7, 1, 10) || !tell(fd))
		return 5;
	return 0;
}

static void
two_processes_see_each_others_commits(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	int fd;

	store_close(&s->store);
	pid_t pid = child(s, take_turns, &fd);
	scratch_reopen(s);
	assert_true(hear(fd));
	assert_true(fill(s->store, 1, 1, 10));
	assert_true(tell(fd) && hear(fd));
	assert_true(has(s->store, 2));
	assert_true(fill(s->store, 100, 3000, 1000));
	assert_true(tell(fd) && hear(fd));
	assert_true(store_write(s->store, drop_all, NULL, &err));
	assert_true(store_rewrite(s->store, &err));
	assert_int_equal(store_generation(s->store), 2);
	assert_true(tell(fd) && hear(fd));
	assert_int_equal(count(s->store), 1);
	assert_true(has(s->store, 7));
	join(pid, fd);
}

static bool
put_secret(struct store_txn *txn, void *arg, struct error *err)
{
	struct slice key = slice_of("k");

	if (!*(bool *)arg)
		return store_delete(txn, STORE_SETTINGS, key, NULL, err);
	return store_put(txn, STORE_SETTINGS, key,
			 slice_of("the elephant's password"), err);
}

static bool
says_elephant(const char *path)
{
	SCOPED(buf_clear) struct buf bytes;
	struct error err = {0};

	buf_init(&bytes, 1 << 26);
	assert_true(file_read(path, &bytes, &err));
	return slice_find(buf_slice(&bytes), slice_of("elephant")) < bytes.len;
}

static void
a_rewrite_leaves_no_byte_of_what_was_deleted(void **state)
{
	struct scratch *s = *state;
	SCOPED(free_pointer) char *first = in_dir(s, "store.1.mdb");
	SCOPED(free_pointer) char *second = in_dir(s, "store.2.mdb");
	SCOPED(free_pointer) char *copy = in_dir(s, "copy");
	struct error err = {0};
	bool keep = true;

	assert_true(fill(s->store, 0, 5000, 100));
	assert_true(store_write(s->store, put_secret, &keep, &err));
	keep = false;
	assert_true(store_write(s->store, put_secret, &keep, &err));
	assert_true(says_elephant(first));
	assert_true(store_backup(s->store, copy, &err));
	assert_false(says_elephant(copy));
	assert_true(store_rewrite(s->store, &err));
	assert_false(says_elephant(second));
	assert_false(file_exists(first));
	assert_false(dir_has(s, "store.1.mdb-lock"));
	assert_int_equal(count(s->store), 5000);
	scratch_reopen(s);
	assert_int_equal(store_generation(s->store), 2);
	assert_int_equal(count(s->store), 5000);
}

static void
write_file(const struct scratch *s, const char *name, const char *text)
{
	SCOPED(free_pointer) char *path = in_dir(s, name);
	struct error err = {0};

	assert_true(file_write(path, slice_of(text), 0600, &err));
}

static void
a_backup_is_a_store(void **state)
{
	struct scratch *s = *state;
	SCOPED(free_pointer) char *dir = path_join(s->folder, "other");
	SCOPED(free_pointer) char *copy = path_join(dir, "store.1.mdb");
	struct error err = {0};

	assert_true(fill(s->store, 0, 5000, 5000));
	assert_true(file_make_dir(dir, 0700, &err));
	assert_true(store_backup(s->store, copy, &err));
	assert_int_equal(mode_of(copy), 0600);
	assert_false(store_backup(s->store, copy, &err));
	assert_int_equal(err.code, ERROR_CONFLICT);

	store_close(&s->store);
	free(s->dir);
	s->dir = xstrdup(dir);
	write_file(s, "store", "1\n");
	scratch_reopen(s);
	assert_int_equal(count(s->store), 5000);
	assert_true(has(s->store, 4999));
}

static void
what_a_killed_rewrite_left_is_removed(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};

	assert_true(fill(s->store, 0, 10, 10));
	assert_true(store_rewrite(s->store, &err));
	store_close(&s->store);
	write_file(s, "store.1.mdb", "old");
	write_file(s, "store.3.mdb", "half");
	scratch_reopen(s);
	assert_false(dir_has(s, "store.1.mdb"));
	assert_false(dir_has(s, "store.3.mdb"));
	assert_int_equal(count(s->store), 10);
}

static int
write_for_ever(const char *dir, int fd)
{
	struct error err = {0};
	struct store *store = store_open(dir, &err);

	if (!store)
		return 1;
	for (uint64_t i = (uint64_t)count(store);; i++) {
		if (!fill(store, i, 1, 2000))
			return 1;
		if (write(fd, &i, sizeof(i)) != sizeof(i))
			return 1;
		if (i % 4 == 0 && !store_rewrite(store, &err))
			return 1;
	}
}

static void
sudden_death_loses_nothing_acknowledged(void **state)
{
	struct scratch *s = *state;
	uint64_t last = 0, at;
	int status, fd;

	for (int round = 0; round < 10; round++) {
		store_close(&s->store);
		pid_t pid = child(s, write_for_ever, &fd);
		for (int i = 0; i < 20 + round; i++)
			assert_int_equal(read(fd, &last, 8), 8);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		while (read(fd, &at, 8) == 8)
			last = at;
		close(fd);
		scratch_reopen(s);
		int64_t n = count(s->store);
		assert_true(n == (int64_t)last + 1 || n == (int64_t)last + 2);
		for (uint64_t i = 0; i < (uint64_t)n; i++)
			assert_true(has(s->store, i));
		assert_true(fill(s->store, (uint64_t)n, 1, 10));
	}
}

static void
a_newer_schema_is_refused(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	static char name[] = "schema";
	MDB_val key = {6, name}, value;
	uint8_t bytes[8];
	MDB_txn *txn;

	store_key_u64(STORE_SCHEMA + 1, bytes);
	value = (MDB_val){8, bytes};
	mdb_txn_begin(s->store->now->env, NULL, 0, &txn);
	mdb_put(txn, s->store->now->table[STORE_META], &key, &value, 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	store_close(&s->store);
	assert_null(store_open(s->dir, &err));
	assert_int_equal(err.code, ERROR_SETUP);
	assert_non_null(strstr(err.text, "newer"));
}

static const struct {
	const char *name, *text; /* written into an empty folder */
	const char *also, *and_text;
	enum error_code code;
	const char *says;
} wrong[] = {
	{"store", "1\n", "store.1.mdb", "not a database, plainly", ERROR_IO,
	 "store.1.mdb"},
	{"store", "one\n", NULL, NULL, ERROR_IO, "store is damaged"},
	{"store", "", NULL, NULL, ERROR_IO, "store is damaged"},
	{"store", "0\n", NULL, NULL, ERROR_IO, "store is damaged"},
	{"store", "99999999999\n", NULL, NULL, ERROR_IO, "store is damaged"},
	{"store.7.mdb", "x", NULL, NULL, ERROR_SETUP, "store.7.mdb is there"},
};

static void
what_is_no_store_is_named_and_left_alone(void **state)
{
	struct scratch *s = *state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct error err = {0};
		SCOPED(free_pointer) char *name = xasprintf("dir%zu", i);
		free(s->dir);
		s->dir = path_join(s->folder, name);
		assert_true(file_make_dir(s->dir, 0700, &err));
		write_file(s, wrong[i].name, wrong[i].text);
		if (wrong[i].also)
			write_file(s, wrong[i].also, wrong[i].and_text);
		assert_null(store_open(s->dir, &err));
		assert_int_equal(err.code, wrong[i].code);
		if (!strstr(err.text, wrong[i].says) ||
		    !strstr(err.text, s->dir))
			fail_msg("row %zu: %s", i, err.text);
	}
}

static void
a_folder_that_cannot_be_is_named(void **state)
{
	struct scratch *s = *state;
	SCOPED(free_pointer) char *file = path_join(s->folder, "file");
	SCOPED(free_pointer) char *under = path_join(file, "data");
	struct error err = {0};

	assert_true(file_write(file, slice_of("x"), 0600, &err));
	assert_null(store_open(file, &err));
	assert_non_null(strstr(err.text, file));
	assert_null(store_open(under, &err));
	assert_non_null(strstr(err.text, file));
}

/* Root may do everything, so this is somebody else. */
static int
open_as_nobody(const char *dir, int fd)
{
	struct error err = {0};

	(void)fd;
	if (geteuid() == 0 && setuid(65534) != 0)
		return 1;
	if (store_open(dir, &err))
		return 2;
	if (err.code != ERROR_SETUP)
		return 3;
	return !strstr(err.text, dir);
}

static void
a_folder_without_permission_is_named(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	int fd;

	assert_int_equal(chmod(s->folder, 0755), 0);
	assert_true(file_make_dir(s->dir, 0500, &err));
	pid_t pid = child(s, open_as_nobody, &fd);
	join(pid, fd);
}

static int
fill_the_disk(const char *dir, int fd)
{
	struct rlimit limit = {2 << 20, 2 << 20};
	struct error err = {0};
	struct fill f = {.n = 10, .len = 10000};
	SCOPED(store_close) struct store *store = store_open(dir, &err);

	(void)fd;
	signal(SIGXFSZ, SIG_IGN);
	if (!store || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	while (store_write(store, put_fill, &f, &err))
		f.from += f.n;
	if (err.code != ERROR_IO || !strstr(err.text, "MiB are left") ||
	    count(store) != (int64_t)f.from)
		return 2;
	if (f.from < 50 || !has(store, f.from - 1) || has(store, f.from))
		return 3;
	return 0;
}

static void
a_full_disk_fails_the_change_and_keeps_the_rest(void **state)
{
	struct scratch *s = *state;
	int fd;

	store_close(&s->store);
	pid_t pid = child(s, fill_the_disk, &fd);
	join(pid, fd);
	scratch_reopen(s);
	assert_true(has(s->store, 49));
	assert_true(fill(s->store, 10000, 1000, 1000));
}

static int
rewrite_on_a_full_disk(const char *dir, int fd)
{
	struct rlimit limit = {1 << 20, 1 << 20};
	struct error err = {0};
	SCOPED(store_close) struct store *store = store_open(dir, &err);

	(void)fd;
	signal(SIGXFSZ, SIG_IGN);
	if (!store || setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 1;
	if (store_rewrite(store, &err) || err.code != ERROR_IO)
		return 2;
	return store_generation(store) != 1 || count(store) != 3000;
}

static void
a_rewrite_without_room_changes_nothing(void **state)
{
	struct scratch *s = *state;
	int fd;

	assert_true(fill(s->store, 0, 3000, 1000));
	store_close(&s->store);
	pid_t pid = child(s, rewrite_on_a_full_disk, &fd);
	join(pid, fd);
	assert_false(dir_has(s, "store.2.mdb"));
	scratch_reopen(s);
	assert_int_equal(count(s->store), 3000);
}

static void
a_rewrite_gives_up_when_a_reader_stays(void **state)
{
	struct scratch *s = *state;
	struct error err = {0};
	int64_t wait = store_wait;

	assert_true(fill(s->store, 0, 1, 10));
	struct store_txn *txn = store_read(s->store, &err);
	store_wait = 0;
	assert_false(store_rewrite(s->store, &err));
	store_wait = wait;
	assert_int_equal(err.code, ERROR_BUSY);
	store_end(&txn);
	assert_int_equal(store_generation(s->store), 1);
	assert_true(store_rewrite(s->store, &err));
	assert_int_equal(store_generation(s->store), 2);
}

static void
a_file_cut_short_is_an_error(void **state)
{
	struct scratch *s = *state;
	SCOPED(free_pointer) char *path = in_dir(s, "store.1.mdb");
	const struct slice none = {NULL, 0};
	struct slice key, value;
	struct error err = {0};
	struct stat st;

	assert_true(fill(s->store, 0, 5000, 100));
	store_close(&s->store);
	assert_int_equal(stat(path, &st), 0);
	for (int part = 7; part > 0; part--) {
		assert_int_equal(truncate(path, st.st_size * part / 8), 0);
		s->store = store_open(s->dir, &err);
		if (!s->store)
			continue;
		SCOPED(store_end)
		struct store_txn *txn = store_read(s->store, &err);
		SCOPED(store_scan_drop)
		struct store_cursor *c =
			store_scan(txn, STORE_JOBS, none, none, false, &err);
		while (c && store_next(c, &key, &value))
			assert_true(value.len <= 100);
		assert_true(!c || !store_scan_end(&c, &err));
		assert_int_equal(err.code, ERROR_IO);
		store_scan_drop(&c);
		store_end(&txn);
		store_close(&s->store);
	}
}

#define WITH_SMALL_MAP(test) \
	cmocka_unit_test_setup_teardown(test, with_small_map, with_large_map)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(others_have_no_access),
		WITH_SMALL_MAP(a_full_map_grows_and_the_change_runs_again),
		WITH_SMALL_MAP(threads_go_on_while_the_map_grows),
		WITH_SMALL_MAP(two_processes_see_each_others_commits),
		WITH_STORE(a_rewrite_leaves_no_byte_of_what_was_deleted),
		WITH_STORE(a_backup_is_a_store),
		WITH_STORE(what_a_killed_rewrite_left_is_removed),
		WITH_STORE(sudden_death_loses_nothing_acknowledged),
		WITH_STORE(a_newer_schema_is_refused),
		WITH_FOLDER(what_is_no_store_is_named_and_left_alone),
		WITH_FOLDER(a_folder_that_cannot_be_is_named),
		WITH_FOLDER(a_folder_without_permission_is_named),
		WITH_STORE(a_full_disk_fails_the_change_and_keeps_the_rest),
		WITH_STORE(a_rewrite_without_room_changes_nothing),
		WITH_STORE(a_rewrite_gives_up_when_a_reader_stays),
		WITH_STORE(a_file_cut_short_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
