#include "mneme/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/error.h"

static bool
failed(struct error *err, const char *what, const char *path)
{
	enum error_code code = errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO;

	return error_set(err, code, "cannot %s %s: %s", what, path,
			 strerror(errno));
}

bool
file_drain(int fd, const char *name, struct buf *out, struct error *err)
{
	char piece[16384];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(err, "read", name);
		if (n == 0)
			return true;
		if (!buf_add(out, piece, (size_t)n))
			return error_set(err, ERROR_LIMIT,
					 "%s: more than %zu bytes", name,
					 out->max);
	}
}

bool
file_read(const char *path, struct buf *out, struct error *err)
{
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return failed(err, "open", path);
	return file_drain(fd, path, out, err);
}

bool
file_read_secret(const char *path, struct buf *out, struct error *err)
{
	SCOPED(close_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(err, "open", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_SETUP, "%s is not a regular file",
				 path);
	if (st.st_uid != geteuid())
		return error_set(err, ERROR_SETUP,
				 "%s belongs to another user: chown %u %s",
				 path, (unsigned)geteuid(), path);
	if (st.st_mode & 077)
		return error_set(err, ERROR_SETUP,
				 "%s can be read by others (mode %03o): "
				 "chmod 600 %s",
				 path, (unsigned)st.st_mode & 0777, path);
	return file_drain(fd, path, out, err);
}

bool
file_write_all(int fd, struct slice bytes, struct error *err)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.data, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_IO, "cannot write: %s",
					 strerror(errno));
		bytes = slice_make(bytes.data + n, bytes.len - (size_t)n);
	}
	return true;
}

bool
file_sync_name(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	SCOPED(free_pointer)
	char *dir =
		slash ? slice_dup(slice_make(path, (size_t)(slash - path) + 1))
		      : xstrdup(".");
	SCOPED(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0)
		return failed(err, "sync", dir);
	return true;
}

bool
file_write(const char *path, struct slice bytes, unsigned mode,
	   struct error *err)
{
	SCOPED(free_pointer) char *tmp = xasprintf("%s.XXXXXX", path);
	SCOPED(close_fd) int fd = mkostemp(tmp, O_CLOEXEC);

	if (fd < 0)
		return failed(err, "write", path);
	struct error why = {0};
	bool good = file_write_all(fd, bytes, &why);
	if (!good)
		error_set(err, why.code, "%s: %s", path, why.text);
	else if (fchmod(fd, mode) != 0 || fsync(fd) != 0 ||
		 rename(tmp, path) != 0)
		good = failed(err, "write", path);
	if (!good) {
		unlink(tmp);
		return false;
	}
	return file_sync_name(path, err);
}

bool
file_make_dir(const char *path, unsigned mode, struct error *err)
{
	SCOPED(free_pointer) char *part = xstrdup(path);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	for (char *at = part + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char end = *at;
		*at = '\0';
		if (mkdir(part, mode) == 0) {
			if (!file_sync_name(part, err))
				return false;
		} else if (errno != EEXIST) {
			return failed(err, "make the folder", part);
		}
		*at = end;
		if (end == '\0')
			break;
	}
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return error_set(err, ERROR_IO, "%s is not a folder", path);
	return true;
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

char *
path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	return xasprintf("%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/",
			 name);
}

char *
file_temporary(const char *ending, struct slice bytes, struct error *err)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	SCOPED(free_pointer) char *path = NULL;
	SCOPED(close_fd) int fd = -1;

	if (!folder || !*folder)
		folder = getenv("TMPDIR");
	path = xasprintf("%s/mneme-XXXXXX%s",
			 folder && *folder ? folder : "/tmp", ending);
	fd = mkostemps(path, (int)strlen(ending), O_CLOEXEC);
	if (fd < 0) {
		error_set(err, ERROR_IO, "cannot make %s: %s", path,
			  strerror(errno));
		return NULL;
	}
	if (!file_write_all(fd, bytes, err)) {
		unlink(path);
		return NULL;
	}
	return TAKE(path);
}

char *
file_from_home(struct slice path)
{
	const char *home = getenv("HOME");

	if (!slice_starts(path, "~/") || !home)
		return slice_dup(path);
	return xasprintf("%s%.*s", home, (int)path.len - 1, path.data + 1);
}
