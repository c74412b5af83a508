/*
 * secret.c - what signs access tokens when nobody set SECRET_KEY: made once,
 * kept in a file that only its owner can read.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "auth/private.h"
#include "mneme/base64.h"
#include "mneme/file.h"

enum { SECRET_BYTES = 48 };

/* Two processes may both be the first: the link decides. */
static bool
make_secret(const char *dir, const char *path, struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	SCOPED(free_pointer)
	char *temporary = xasprintf("%s/secret.%ld", dir, (long)getpid());
	uint8_t bytes[SECRET_BYTES];

	buf_init(&text, 128);
	random_bytes(bytes, sizeof(bytes));
	base64url_write(slice_make(bytes, sizeof(bytes)), &text);
	buf_addc(&text, '\n');
	explicit_bzero(bytes, sizeof(bytes));
	if (!file_make_dir(dir, 0700, err) ||
	    !file_write(temporary, buf_slice(&text), 0600, err))
		return false;
	bool made = link(temporary, path) == 0 || errno == EEXIST;
	int why = errno;
	unlink(temporary);
	explicit_bzero(text.data, text.len);
	return made || error_set(err, ERROR_IO, "cannot make %s: %s", path,
				 strerror(why));
}

bool
auth_secret(const char *dir, struct buf *out, struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(dir, "secret");
	size_t from = out->len;

	if (!file_exists(path) && !make_secret(dir, path, err))
		return false;
	if (!file_read_secret(path, out, err))
		return false;
	while (out->len > from && out->data[out->len - 1] == '\n')
		out->len--;
	if (out->len - from < AUTH_SECRET_MIN)
		return error_set(err, ERROR_SETUP,
				 "%s has %zu %s; at least %d are needed: "
				 "delete it to have it made again",
				 path, out->len - from,
				 plural(out->len - from, "byte", "bytes"),
				 AUTH_SECRET_MIN);
	return true;
}
