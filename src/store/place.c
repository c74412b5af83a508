/*
 * The folder of a store.
 *
 *	store            the number N of the generation in use, and a newline
 *	store.N.mdb      its records; store.N.mdb-lock belongs to LMDB
 *	store.lock       locked (flock) shared for each transaction, exclusively
 *	                 by who makes another generation
 *
 * `store` is only read or replaced under the lock, and only replaced under
 * the exclusive one, so N stands still while any transaction is open.  It is
 * replaced by rename: another inode means another generation.  A data file
 * with another number is what a killed process left, and is removed.
 *
 * Where the files may only be read, LMDB cannot note its readers, and a writer
 * could reuse the pages that one reads.  So `store.lock` is then held
 * exclusively until the store is closed, which a descriptor for reading can;
 * on a file system that is mounted to be read there may be no such file.
 */
#include "store/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { LOCK_TRY_MS = 2 };

int64_t store_wait = 10 * CLOCK_SECOND;

char *
store_data_path(const struct store *store, unsigned number)
{
	SCOPED(free_pointer) char *name = xasprintf("store.%u.mdb", number);

	return path_join(store->dir, name);
}

static bool
denied(void)
{
	return errno == EACCES || errno == EPERM || errno == EROFS;
}

static bool
failed(struct error *err, const char *what, const char *path)
{
	enum error_code code = denied() ? ERROR_SETUP : ERROR_IO;

	return error_set(err, code, "cannot %s %s: %s", what, path,
			 strerror(errno));
}

int
place_lock_open(const struct store *store, struct error *err)
{
	int fd = open(store->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		failed(err, "open", store->lock_path);
	return fd;
}

/* flock() has no time limit, hence the tries. */
static bool
lock_alone(const struct store *store, int fd, struct error *err)
{
	int64_t end = clock_monotonic() + store_wait;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return failed(err, "lock", store->lock_path);
		if (clock_monotonic() > end)
			return error_set(err, ERROR_BUSY,
					 "%s: others use the store "
					 "without a pause",
					 store->dir);
		poll(NULL, 0, LOCK_TRY_MS);
	}
	return true;
}

bool
place_lock(const struct store *store, int fd, int how, struct error *err)
{
	if (store->read_only)
		return true; /* it is held from open to close */
	if (how == LOCK_EX)
		return lock_alone(store, fd, err);
	while (flock(fd, how) != 0) {
		if (errno != EINTR)
			return failed(err, "lock", store->lock_path);
	}
	return true;
}

void
place_unlink(const struct store *store, unsigned number)
{
	SCOPED(free_pointer) char *data = store_data_path(store, number);
	SCOPED(free_pointer) char *lock = xasprintf("%s-lock", data);

	unlink(data);
	unlink(lock);
}

bool
place_name(struct store *store, unsigned number, struct error *err)
{
	SCOPED(free_pointer) char *text = xasprintf("%u\n", number);

	return file_write(store->name_path, slice_of(text), 0600, err);
}

/* Records without the file that names them must not be taken for none.  The
 * first file without a record is what was left when the making was cut off. */
static bool
refuse_orphans(const struct store *store, struct error *err)
{
	DIR *dir = opendir(store->dir);
	bool good = true;

	if (!dir)
		return failed(err, "read the folder", store->dir);
	for (struct dirent *e; good && (e = readdir(dir));) {
		struct slice name = slice_of(e->d_name);
		if (!slice_starts(name, "store.") || !slice_ends(name, ".mdb"))
			continue;
		if (slice_is(name, "store.1.mdb") && generation_empty(store, 1))
			place_unlink(store, 1);
		else
			good = error_set(err, ERROR_SETUP,
					 "%s is missing, but %s is there: "
					 "write its number into the first",
					 store->name_path, e->d_name);
	}
	closedir(dir);
	return good;
}

/* The caller holds the lock file in the way that a reader does. */
static bool
make_first(struct store *store, int fd, struct error *err)
{
	if (!place_lock(store, fd, LOCK_UN, err) ||
	    !place_lock(store, fd, LOCK_EX, err))
		return false;
	if (!file_exists(store->name_path) &&
	    (!refuse_orphans(store, err) || !generation_make(store, 1, err) ||
	     !place_name(store, 1, err)))
		return false;
	return place_lock(store, fd, LOCK_SH, err);
}

static bool
read_number(const struct store *store, int fd, unsigned *number,
	    struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	int64_t n;

	buf_init(&text, 64);
	if (!file_drain(fd, store->name_path, &text, err))
		return false;
	if (!slice_number(slice_trim(buf_slice(&text)), &n) || n < 1 ||
	    n >= UINT_MAX)
		return error_set(err, ERROR_IO,
				 "%s is damaged: it should hold the number of "
				 "a store.N.mdb beside it",
				 store->name_path);
	*number = (unsigned)n;
	return true;
}

/* To be written, or to be made. */
static bool
may_write(const struct store *store, const char *path)
{
	if (access(path, R_OK | W_OK) == 0)
		return true;
	return errno == ENOENT ? access(store->dir, W_OK) == 0 : !denied();
}

static bool
is_writable(struct store *store)
{
	SCOPED(close_fd)
	int fd = open(store->name_path, O_RDONLY | O_CLOEXEC);
	struct error ignored;
	unsigned number;

	if (fd < 0 || !read_number(store, fd, &number, &ignored))
		return true; /* what is wrong is told in time */
	SCOPED(free_pointer) char *data = store_data_path(store, number);
	SCOPED(free_pointer) char *lock = xasprintf("%s-lock", data);
	return may_write(store, store->lock_path) && may_write(store, data) &&
	       may_write(store, lock);
}

static bool
prepare_to_read(struct store *store, struct error *err)
{
	SCOPED(close_fd)
	int fd = open(store->lock_path, O_RDONLY | O_CLOEXEC);
	struct statvfs disk;

	if (fd < 0 && errno != ENOENT)
		return failed(err, "open", store->lock_path);
	if (fd < 0 &&
	    (statvfs(store->dir, &disk) != 0 || !(disk.f_flag & ST_RDONLY)))
		return error_set(err, ERROR_SETUP,
				 "%s may only be read, and without %s nothing "
				 "keeps others from writing meanwhile",
				 store->dir, store->lock_path);
	if (fd >= 0 && !lock_alone(store, fd, err))
		return false;
	store->read_only = true;
	store->alone_fd = fd;
	fd = -1;
	return place_follow(store, err);
}

bool
place_prepare(struct store *store, struct error *err)
{
	SCOPED(close_fd) int fd = -1;

	if (!file_make_dir(store->dir, 0700, err))
		return false;
	if (file_exists(store->name_path) && !is_writable(store))
		return prepare_to_read(store, err);
	fd = place_lock_open(store, err);
	if (fd < 0 || !place_lock(store, fd, LOCK_SH, err))
		return false;
	if (!file_exists(store->name_path) && !make_first(store, fd, err))
		return false;
	if (!place_follow(store, err))
		return false;
	place_unlink(store, store->now->number - 1);
	place_unlink(store, store->now->number + 1);
	return true;
}

static bool
move_over(struct store *store, struct error *err)
{
	SCOPED(generation_close) struct generation *gen = NULL;
	SCOPED(close_fd)
	int fd = open(store->name_path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	unsigned number = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(err, "open", store->name_path);
	if (!read_number(store, fd, &number, err))
		return false;
	if (!store->now || store->now->number != number) {
		gen = generation_open(store, number, err);
		if (!gen)
			return false;
		generation_close(&store->now);
		store->now = TAKE(gen);
		store->seen = 0;
	}
	close_fd(&store->name_fd);
	store->name_fd = fd;
	fd = -1;
	store->name_dev = st.st_dev;
	store->name_ino = st.st_ino;
	return true;
}

bool
place_follow(struct store *store, struct error *err)
{
	struct stat st;

	if (stat(store->name_path, &st) != 0)
		return failed(err, "read", store->name_path);
	if (store->now && st.st_dev == store->name_dev &&
	    st.st_ino == store->name_ino)
		return true;
	if (store->bound)
		return error_set(err, ERROR_BUSY,
				 "%s was replaced while it was in use",
				 store->name_path);
	return move_over(store, err);
}
