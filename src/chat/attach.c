/*
 * attach.c - files on their way into a question.
 *
 * A word that begins with @ and names a file stands for it; a path with blanks
 * is written @"a path".
 */
#include "mneme/attach.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/record.h"
#include "mneme/utf8.h"

const char *
attach_image_type(struct slice bytes)
{
	static const struct {
		const char *magic;
		size_t len, at;
		const char *type;
	} kinds[] = {
		{"\x89PNG\r\n\x1A\n", 8, 0, "image/png"},
		{"\xFF\xD8\xFF", 3, 0, "image/jpeg"},
		{"GIF87a", 6, 0, "image/gif"},
		{"GIF89a", 6, 0, "image/gif"},
		{"WEBP", 4, 8, "image/webp"},
	};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t end = kinds[i].at + kinds[i].len;

		if (bytes.len < end ||
		    memcmp(bytes.data + kinds[i].at, kinds[i].magic,
			   kinds[i].len) != 0)
			continue;
		if (kinds[i].at == 0 || slice_starts(bytes, "RIFF"))
			return kinds[i].type;
	}
	return NULL;
}

/* ---- gathering ---- */

void
attached_clear(struct attached *a)
{
	arena_clear(&a->arena);
	*a = (struct attached){0};
}

struct attached
attached_take(struct attached *from)
{
	struct attached taken = *from;

	*from = (struct attached){0};
	return taken;
}

static struct slice
file_name(struct slice path)
{
	size_t at = path.len;

	while (at > 0 && path.data[at - 1] != '/')
		at--;
	return slice_make(path.data + at, path.len - at);
}

bool
attached_add(struct attached *a, struct slice path, struct slice bytes,
	     struct error *err)
{
	SCOPED(buf_clear) struct buf name = {.max = 3 * RECORD_TITLE_MAX};

	/* A name need not be text. */
	utf8_repair(utf8_cut(file_name(path), RECORD_TITLE_MAX / 3), &name);
	if (a->count == ATTACH_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%s: at most %d images go with a question",
				 buf_text(&name), ATTACH_MAX);
	if (bytes.len > RECORD_ATTACHMENT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%s has %zu bytes; an image has at most %d",
				 buf_text(&name), bytes.len,
				 RECORD_ATTACHMENT_MAX);
	if (a->bytes + bytes.len > ATTACH_BYTES_MAX)
		return error_set(err, ERROR_LIMIT,
				 "with %s the images have %zu bytes; at most "
				 "%d go with a question",
				 buf_text(&name), a->bytes + bytes.len,
				 ATTACH_BYTES_MAX);
	a->at[a->count++] =
		(struct attachment){arena_copy(&a->arena, buf_slice(&name)),
				    arena_copy(&a->arena, bytes)};
	a->bytes += bytes.len;
	return true;
}

/* ---- files ---- */

bool
attach_kind(const char *name, struct slice bytes, bool *image,
	    struct error *err)
{
	*image = attach_image_type(bytes) != NULL;
	return *image || utf8_valid(bytes) ||
	       error_set(err, ERROR_INVALID,
			 "%s is neither an image (PNG, JPEG, GIF or WebP) nor "
			 "UTF-8 text (byte %zu)",
			 name, utf8_valid_length(bytes));
}

bool
attach_read(const char *path, struct buf *bytes, bool *image, struct error *err)
{
	buf_init(bytes, RECORD_ATTACHMENT_MAX);
	return file_read(path, bytes, err) &&
	       attach_kind(path, buf_slice(bytes), image, err);
}

const char *
attach_peek(const char *path, uint64_t *size)
{
	SCOPED(close_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char head[16];
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	n = pread(fd, head, sizeof(head), 0);
	*size = (uint64_t)st.st_size;
	return n > 0 ? attach_image_type(slice_make(head, (size_t)n)) : NULL;
}

/* The path of a name, or NULL when there is no such file. */
static char *
file_path(struct slice name)
{
	const char *home = getenv("HOME");
	SCOPED(free_pointer) char *full = NULL;
	struct stat st;

	if (slice_starts(name, "~/") && home)
		full = xasprintf("%s%.*s", home, (int)name.len - 1,
				 name.data + 1);
	else
		full = slice_dup(name);
	if (name.len == 0 || stat(full, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return TAKE(full);
}

/* How far the word reaches that begins at text.data[at]. */
static size_t
word_end(struct slice text, size_t at)
{
	bool quoted = at + 1 < text.len && text.data[at] == '@' &&
		      text.data[at + 1] == '"';
	size_t end = at + (quoted ? 2 : 0);

	if (quoted) {
		while (end < text.len && !strchr("\"\n", text.data[end]))
			end++;
		if (end < text.len && text.data[end] == '"')
			return end + 1;
		end = at;
	}
	while (end < text.len && !strchr(" \t\n", text.data[end]))
		end++;
	return end;
}

static struct slice
named(struct slice word)
{
	if (word.len > 3 && word.data[1] == '"' && slice_ends(word, "\""))
		return slice_make(word.data + 2, word.len - 3);
	return slice_make(word.data + 1, word.len - 1);
}

bool
attach_next(struct slice *rest, struct slice *word, char **path)
{
	size_t at = 0, end;

	for (; at < rest->len; at = end) {
		while (at < rest->len && strchr(" \t\n", rest->data[at]))
			at++;
		end = word_end(*rest, at);
		if (at == end || rest->data[at] != '@')
			continue;
		*word = slice_make(rest->data + at, end - at);
		*rest = slice_make(rest->data + end, rest->len - end);
		*path = file_path(named(*word));
		return true;
	}
	return false;
}

static bool
add_text(struct slice name, struct slice bytes, struct buf *out,
	 struct error *err)
{
	bool fenced = slice_find(bytes, slice_of("```")) < bytes.len;
	const char *fence = fenced ? "~~~~" : "```";

	buf_addf(out, "\n\nFile %.*s:\n%s\n", SLICE_ARG(name), fence);
	buf_add_slice(out, bytes);
	if (bytes.len > 0 && bytes.data[bytes.len - 1] != '\n')
		buf_addc(out, '\n');
	buf_adds(out, fence);
	return !out->over ||
	       error_set(err, ERROR_LIMIT,
			 "with %.*s the message passes %d KiB", SLICE_ARG(name),
			 CHAT_MESSAGE_MAX / 1024);
}

static bool
add_file(const char *path, struct slice name, struct buf *out,
	 struct attached *a, struct error *err)
{
	SCOPED(buf_clear) struct buf bytes = {0};
	bool image;

	if (!attach_read(path, &bytes, &image, err))
		return false;
	return image ? attached_add(a, slice_of(path), buf_slice(&bytes), err)
		     : add_text(name, buf_slice(&bytes), out, err);
}

bool
attach_named(struct slice text, struct buf *out, struct attached *a,
	     struct error *err)
{
	struct slice rest = text, word;
	char *at;

	buf_add_slice(out, text);
	while (attach_next(&rest, &word, &at)) {
		SCOPED(free_pointer) char *path = at;

		if (path && !add_file(path, named(word), out, a, err))
			return false;
	}
	return true;
}

void
attach_describe(struct slice name, struct slice media_type, uint64_t size,
		struct buf *out)
{
	buf_addf(out, "%.*s · %.*s · ", SLICE_ARG(name), SLICE_ARG(media_type));
	if (size < 1024)
		buf_addf(out, "%llu B", (unsigned long long)size);
	else if (size < 1 << 20)
		buf_addf(out, "%llu KiB", (unsigned long long)(size >> 10));
	else
		buf_addf(out, "%.1f MiB", (double)size / (1 << 20));
}
