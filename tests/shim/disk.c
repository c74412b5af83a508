/*
 * A library to preload: it writes down what a process does to the files under
 * DISK_ROOT (see disk.h), and lets calls fail.
 *
 *	DISK_LOG=FILE        write calls down
 *	DISK_NOSYNC=1        LMDB is opened with MDB_NOSYNC: the control that
 *	                     must lose something
 *	DISK_FAIL=N          the N-th call (from 1) that may fail does ...
 *	DISK_ERROR=NAME      ... with ENOSPC, EIO, EDQUOT, EMFILE or EROFS, or
 *	                     "short": half of a write is done
 *	DISK_FAIL_ALL=1      and every later one too
 *	DISK_FAIL_WHILE=FILE while there is this file, "NAME N", every call but
 *	                     the first N fails so
 *	DISK_COUNT=FILE      the number of calls that could have failed goes
 *	                     here
 *
 * Only calls on files under DISK_ROOT count.
 */
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The next definition of this function, found when first called. */
#define REAL(name) \
	static __typeof__(&name) real; \
	if (!real) \
	real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

enum { FDS = 4096 };

static atomic_bool ours[FDS]; /* a regular file under the root */
static int log_fd = -1;
static const char *root;
static size_t root_len;
static atomic_long calls;
static long fail_at;
static bool fail_all;
static int fail_with;
static bool fail_short;
static const char *count_path, *while_path;
static atomic_long passed; /* since that file is there */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int held;

static int
error_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO},     {"EDQUOT", EDQUOT},
		      {"EMFILE", EMFILE}, {"EROFS", EROFS}, {"short", 0}};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (name && strcmp(name, errors[i].name) == 0)
			return errors[i].number;
	return EIO;
}

__attribute__((constructor)) static void
begin(void)
{
	const char *log = getenv("DISK_LOG"), *fail = getenv("DISK_FAIL");
	const char *error = getenv("DISK_ERROR");

	root = getenv("DISK_ROOT");
	root_len = root ? strlen(root) : 0;
	count_path = getenv("DISK_COUNT");
	while_path = getenv("DISK_FAIL_WHILE");
	fail_at = fail ? atol(fail) : 0;
	fail_all = getenv("DISK_FAIL_ALL") != NULL;
	fail_with = error_number(error);
	fail_short = error && strcmp(error, "short") == 0;
	if (log)
		log_fd = (int)syscall(SYS_openat, AT_FDCWD, log,
				      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
				      0600);
}

__attribute__((destructor)) static void
end(void)
{
	char text[32];
	int n, fd;

	if (!count_path)
		return;
	fd = (int)syscall(SYS_openat, AT_FDCWD, count_path,
			  O_WRONLY | O_CREAT | O_APPEND, 0600);
	n = snprintf(text, sizeof(text), "%ld\n", atomic_load(&calls));
	if (fd >= 0) {
		syscall(SYS_write, fd, text, (size_t)n);
		syscall(SYS_close, fd);
	}
}

/* The path under the root, or NULL. */
static const char *
inside(const char *path)
{
	if (!root || strncmp(path, root, root_len) != 0)
		return NULL;
	if (path[root_len] == '\0')
		return path + root_len;
	return path[root_len] == '/' ? path + root_len + 1 : NULL;
}

static bool
path_of(int fd, char path[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool
join(int dir, const char *name, char whole[2 * PATH_MAX])
{
	char path[PATH_MAX];

	if (!path_of(dir, path))
		return false;
	snprintf(whole, 2 * PATH_MAX, "%s/%s", path, name);
	return true;
}

static bool
counts(int fd)
{
	return fd >= 0 && fd < FDS && atomic_load(&ours[fd]);
}

/* One log for all processes and threads: its lock is held from before a call
 * until that is written down. */
static void
take(void)
{
	if (log_fd < 0 || held++ > 0)
		return;
	pthread_mutex_lock(&turn);
	flock(log_fd, LOCK_EX);
}

static void
give(void)
{
	int saved = errno;

	if (log_fd >= 0 && --held == 0) {
		flock(log_fd, LOCK_UN);
		pthread_mutex_unlock(&turn);
	}
	errno = saved;
}

static void
note(enum disk_op op, uint64_t inode, uint64_t a, const void *text, size_t len)
{
	struct disk_record record = {op, (uint32_t)len, inode, a};
	struct iovec parts[] = {{&record, sizeof(record)},
				{(void *)(uintptr_t)text, len}};
	int saved = errno;
	size_t size = sizeof(record) + len;

	if (log_fd >= 0 &&
	    (size_t)syscall(SYS_writev, log_fd, parts, 2) != size)
		abort();
	errno = saved;
}

static uint64_t
inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* Whether the file that makes calls fail is there, and this is past its N. */
static bool
fails_now(void)
{
	char text[64] = "", *rest;
	int fd = while_path ? (int)syscall(SYS_openat, AT_FDCWD, while_path,
					   O_RDONLY | O_CLOEXEC)
			    : -1;

	if (fd < 0) {
		atomic_store(&passed, 0);
		return false;
	}
	ssize_t n = (ssize_t)syscall(SYS_read, fd, text, sizeof(text) - 1);
	syscall(SYS_close, fd);
	rest = n > 0 ? strchr(text, ' ') : NULL;
	if (!rest)
		return false;
	*rest++ = '\0';
	if (atomic_fetch_add(&passed, 1) < atol(rest))
		return false;
	errno = error_number(text);
	return true;
}

/* Whether this call is one that must fail; errno is then set. */
static bool
fails(void)
{
	long n = atomic_fetch_add(&calls, 1) + 1;

	if (fails_now())
		return true;
	if (!fail_at || n < fail_at || (n > fail_at && !fail_all))
		return false;
	errno = fail_with ? fail_with : ENOSPC;
	return true;
}

/* ---- files come ---- */

static bool
is_folder(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
opened(int fd, const char *path, bool was_there, int flags)
{
	const char *name = inside(path);

	if (fd < 0 || fd >= FDS)
		return;
	atomic_store(&ours[fd], name != NULL && *name && !is_folder(fd));
	if (!counts(fd))
		return;
	if (!was_there)
		note(DISK_CREATE, inode_of(fd), 0, name, strlen(name));
	else if (flags & O_TRUNC)
		note(DISK_TRUNCATE, inode_of(fd), 0, NULL, 0);
}

static bool
may_open(const char *path, int flags)
{
	return !inside(path) || !(flags & (O_CREAT | O_WRONLY | O_RDWR)) ||
	       !fails();
}

static int
open_it(int (*real)(const char *, int, ...), const char *path, int flags,
	mode_t mode)
{
	if (!may_open(path, flags))
		return -1;
	take();
	bool was_there = access(path, F_OK) == 0;
	int fd = real(path, flags, mode);
	opened(fd, path, was_there, flags);
	give();
	return fd;
}

#define OPEN_MODE(flags, mode) \
	va_list list; \
	mode_t mode = 0; \
	va_start(list, flags); \
	if ((flags) & (O_CREAT | O_TMPFILE)) \
		mode = va_arg(list, mode_t); \
	va_end(list)

int
open(const char *path, int flags, ...)
{
	REAL(open);
	OPEN_MODE(flags, mode);
	return open_it(real, path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	REAL(open64);
	OPEN_MODE(flags, mode);
	return open_it(real, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	REAL(openat);
	OPEN_MODE(flags, mode);
	char whole[2 * PATH_MAX];

	if (dir == AT_FDCWD || path[0] == '/')
		return open(path, flags, mode);
	if (!join(dir, path, whole))
		return real(dir, path, flags, mode);
	return open(whole, flags, mode);
}

int
mkostemp(char *pattern, int flags)
{
	REAL(mkostemp);
	if (inside(pattern) && fails())
		return -1;
	take();
	int fd = real(pattern, flags);
	opened(fd, pattern, false, 0);
	give();
	return fd;
}

int
mkstemp(char *pattern)
{
	return mkostemp(pattern, 0);
}

int
close(int fd)
{
	REAL(close);
	if (fd >= 0 && fd < FDS)
		atomic_store(&ours[fd], false);
	return real(fd);
}

int
mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	const char *name = inside(path);

	if (name && fails())
		return -1;
	take();
	int rc = real(path, mode);
	if (rc == 0 && name)
		note(DISK_FOLDER, 0, 0, name, strlen(name));
	give();
	return rc;
}

/* ---- bytes ---- */

static enum disk_op
write_op(int fd)
{
	return fcntl(fd, F_GETFL) & O_DSYNC ? DISK_WRITE_SYNC : DISK_WRITE;
}

/* The most that goes in: half of it where a write is to be cut short. */
static size_t
allowed(int fd, size_t len, bool *failed)
{
	*failed = counts(fd) && fails();
	if (!*failed || !fail_short || len < 2)
		return len;
	*failed = false;
	return len / 2;
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	REAL(pwrite);
	bool failed;

	len = allowed(fd, len, &failed);
	if (failed)
		return -1;
	if (!counts(fd))
		return real(fd, data, len, at);
	take();
	ssize_t n = real(fd, data, len, at);
	if (n > 0)
		note(write_op(fd), inode_of(fd), (uint64_t)at, data, (size_t)n);
	give();
	return n;
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	return pwrite(fd, data, len, at);
}

static uint64_t
place_of(int fd)
{
	struct stat st;

	if (!(fcntl(fd, F_GETFL) & O_APPEND))
		return (uint64_t)lseek(fd, 0, SEEK_CUR);
	return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

ssize_t
write(int fd, const void *data, size_t len)
{
	REAL(write);
	bool failed;

	len = allowed(fd, len, &failed);
	if (failed)
		return -1;
	if (!counts(fd))
		return real(fd, data, len);
	take();
	uint64_t at = place_of(fd);
	ssize_t n = real(fd, data, len);
	if (n > 0)
		note(write_op(fd), inode_of(fd), at, data, (size_t)n);
	give();
	return n;
}

/* Part by part, which is what a write that is cut short looks like. */
ssize_t
writev(int fd, const struct iovec *parts, int n)
{
	REAL(writev);
	ssize_t total = 0;

	if (!counts(fd))
		return real(fd, parts, n);
	take();
	for (int i = 0; i < n; i++) {
		ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
		if (done < 0 && total == 0)
			total = -1;
		if (done < 0)
			break;
		total += done;
		if ((size_t)done < parts[i].iov_len)
			break;
	}
	give();
	return total;
}

ssize_t
pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
	REAL(pwritev);
	ssize_t total = 0;

	if (!counts(fd))
		return real(fd, parts, n, at);
	take();
	for (int i = 0; i < n; i++) {
		ssize_t done = pwrite(fd, parts[i].iov_base, parts[i].iov_len,
				      at + total);
		if (done < 0 && total == 0)
			total = -1;
		if (done < 0)
			break;
		total += done;
		if ((size_t)done < parts[i].iov_len)
			break;
	}
	give();
	return total;
}

int
ftruncate(int fd, off_t size)
{
	REAL(ftruncate);
	if (!counts(fd))
		return real(fd, size);
	if (fails())
		return -1;
	take();
	int rc = real(fd, size);
	if (rc == 0)
		note(DISK_TRUNCATE, inode_of(fd), (uint64_t)size, NULL, 0);
	give();
	return rc;
}

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

/* Gives its error, and only ever makes a file longer. */
int
posix_fallocate(int fd, off_t at, off_t len)
{
	REAL(posix_fallocate);
	struct stat st;

	if (!counts(fd))
		return real(fd, at, len);
	if (fails())
		return errno;
	take();
	int rc = real(fd, at, len);
	if (rc == 0 && fstat(fd, &st) == 0)
		note(DISK_TRUNCATE, inode_of(fd), (uint64_t)st.st_size, NULL,
		     0);
	give();
	return rc;
}

/* ---- what makes it last ---- */

static int
sync_it(int (*real)(int), int fd)
{
	char path[PATH_MAX];

	if (counts(fd)) {
		if (fails())
			return -1;
		take();
		int rc = real(fd);
		if (rc == 0)
			note(DISK_SYNC, inode_of(fd), 0, NULL, 0);
		give();
		return rc;
	}
	const char *name = path_of(fd, path) ? inside(path) : NULL;
	if (!name || !is_folder(fd))
		return real(fd);
	if (fails())
		return -1;
	take();
	int rc = real(fd);
	if (rc == 0)
		note(DISK_SYNC_DIR, 0, 0, name, strlen(name));
	give();
	return rc;
}

int
fsync(int fd)
{
	REAL(fsync);
	return sync_it(real, fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	return sync_it(real, fd);
}

/* ---- names ---- */

int
rename(const char *from, const char *to)
{
	REAL(rename);
	const char *old = inside(from), *new = inside(to);
	char both[2 * PATH_MAX];

	if (!old || !new)
		return real(from, to);
	if (fails())
		return -1;
	take();
	int rc = real(from, to);
	if (rc == 0) {
		int n = snprintf(both, sizeof(both), "%s%c%s", old, 0, new);
		note(DISK_RENAME, 0, 0, both, (size_t)n);
	}
	give();
	return rc;
}

int
unlink(const char *path)
{
	REAL(unlink);
	const char *name = inside(path);

	if (!name)
		return real(path);
	take();
	int rc = real(path);
	if (rc == 0)
		note(DISK_UNLINK, 0, 0, name, strlen(name));
	give();
	return rc;
}

int
unlinkat(int dir, const char *path, int flags)
{
	REAL(unlinkat);
	char whole[2 * PATH_MAX];

	if (flags || path[0] == '/' || !join(dir, path, whole))
		return real(dir, path, flags);
	return unlink(whole);
}

/* ---- the control ---- */

int
mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode)
{
	REAL(mdb_env_open);
	if (getenv("DISK_NOSYNC"))
		flags |= MDB_NOSYNC;
	return real(env, path, flags, mode);
}
