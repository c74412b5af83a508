/*
 * attach_dropped.c - a file that is dropped on a terminal comes as a paste of
 * its path, written as a shell would want it or as a URL.
 */
#include <stdlib.h>

#include "mneme/attach.h"
#include "mneme/buf.h"

enum { PATH_BYTES_MAX = 4096 };

/* "file://host/path"; the host is this machine or none. */
static bool
read_url(struct slice url, struct buf *path)
{
	size_t at = strlen("file://");

	while (at < url.len && url.data[at] != '/')
		at++;
	for (; at < url.len; at++) {
		bool coded = url.data[at] == '%' && at + 2 < url.len;
		int high = coded ? hex_digit(url.data[at + 1]) : -1;
		int low = coded ? hex_digit(url.data[at + 2]) : -1;

		if (high < 0 || low < 0) {
			buf_addc(path, url.data[at]);
			continue;
		}
		buf_addc(path, (char)(high << 4 | low));
		at += 2;
	}
	return path->len > 0;
}

static bool
read_path(struct slice text, struct buf *path)
{
	char quote = text.data[0];

	if (slice_starts(text, "file://"))
		return read_url(text, path);
	if (quote == '\'' || quote == '"') {
		if (text.len < 3 || text.data[text.len - 1] != quote)
			return false;
		return buf_add(path, text.data + 1, text.len - 2);
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\\' && i + 1 < text.len)
			i++;
		buf_addc(path, text.data[i]);
	}
	return true;
}

bool
attach_dropped(struct slice pasted, struct buf *out)
{
	SCOPED(buf_clear) struct buf path = {.max = PATH_BYTES_MAX};
	struct slice text = slice_trim(pasted);
	const char *name;
	uint64_t size;

	if (text.len == 0 || text.len > PATH_BYTES_MAX ||
	    memchr(text.data, '\n', text.len) || !read_path(text, &path) ||
	    path.over)
		return false;
	name = buf_text(&path);
	if (*name != '/' || strlen(name) != path.len || strpbrk(name, "\"\n") ||
	    !attach_peek(name, &size))
		return false;
	return buf_addf(out, strpbrk(name, " \t") ? "@\"%s\" " : "@%s ", name);
}
