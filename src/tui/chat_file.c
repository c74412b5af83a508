/*
 * chat_file.c - files in a message, and the message in a file for an editor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/filter.h"
#include "mneme/utf8.h"
#include "tui/chat_private.h"

/* ---- @path ---- */

/* The path of a word "@path", or NULL when there is no such file. */
static char *
file_path(struct slice word)
{
	struct slice path = slice_make(word.data + 1, word.len - 1);
	const char *home = getenv("HOME");
	SCOPED(free_pointer) char *full = NULL;
	struct stat st;

	if (slice_starts(path, "~/") && home)
		full = xasprintf("%s%.*s", home, (int)path.len - 1,
				 path.data + 1);
	else
		full = slice_dup(path);
	if (path.len == 0 || stat(full, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return TAKE(full);
}

static bool
add_file(const char *path, struct slice name, struct buf *out,
	 struct error *err)
{
	SCOPED(buf_clear) struct buf bytes;
	const char *fence = "```";

	buf_init(&bytes, CHAT_MESSAGE_MAX);
	if (!file_read(path, &bytes, err))
		return false;
	if (!utf8_valid(buf_slice(&bytes)))
		return error_set(err, ERROR_INVALID,
				 "%s is not UTF-8 text (byte %zu)", path,
				 utf8_valid_length(buf_slice(&bytes)));
	if (slice_find(buf_slice(&bytes), slice_of("```")) < bytes.len)
		fence = "~~~~";
	buf_addf(out, "\n\nFile %.*s:\n%s\n", SLICE_ARG(name), fence);
	buf_add_slice(out, buf_slice(&bytes));
	if (bytes.len > 0 && bytes.data[bytes.len - 1] != '\n')
		buf_addc(out, '\n');
	buf_adds(out, fence);
	if (out->over)
		return error_set(err, ERROR_LIMIT,
				 "with %s the message passes %d KiB", path,
				 CHAT_MESSAGE_MAX / 1024);
	return true;
}

/* The next word that begins with @; false at the end. */
static bool
next_word(struct slice *rest, struct slice *word)
{
	size_t at = 0, end;

	for (; at < rest->len; at = end) {
		while (at < rest->len && strchr(" \t\n", rest->data[at]))
			at++;
		end = at;
		while (end < rest->len && !strchr(" \t\n", rest->data[end]))
			end++;
		if (at < end && rest->data[at] == '@') {
			*word = slice_make(rest->data + at, end - at);
			*rest = slice_make(rest->data + end, rest->len - end);
			return true;
		}
	}
	return false;
}

bool
chat_add_files(struct slice text, struct buf *out, struct error *err)
{
	struct slice rest = text, word;

	buf_add_slice(out, text);
	while (next_word(&rest, &word)) {
		SCOPED(free_pointer) char *path = file_path(word);

		if (path &&
		    !add_file(path, slice_make(word.data + 1, word.len - 1),
			      out, err))
			return false;
	}
	return true;
}

/* ---- the editor ---- */

static void
read_back(struct chat_view *v, const char *path)
{
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};

	buf_init(&text, COMPOSER_MAX);
	if (!file_read(path, &text, &err)) {
		app_fail(v->view.app, &err);
		return;
	}
	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	composer_set(v->composer, buf_slice(&text));
	chat_text_changed(v);
}

static void
edited(void *arg, const struct error *err)
{
	struct chat_view *v = arg;
	SCOPED(free_pointer) char *path = TAKE(v->editing);

	if (err)
		app_fail(v->view.app, err);
	else
		read_back(v, path);
	unlink(path);
}

/* A file of one's own with the text in it; its name ends so that editors know
 * what it is. */
static char *
write_file(struct slice text, struct error *err)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	SCOPED(free_pointer) char *path = NULL;
	SCOPED(close_fd) int fd = -1;

	if (!folder || !*folder)
		folder = getenv("TMPDIR");
	path = xasprintf("%s/mneme-XXXXXX.md",
			 folder && *folder ? folder : "/tmp");
	fd = mkostemps(path, 3, O_CLOEXEC);
	if (fd < 0) {
		error_set(err, ERROR_IO, "cannot make %s: %s", path,
			  strerror(errno));
		return NULL;
	}
	if (!file_write_all(fd, text, err)) {
		unlink(path);
		return NULL;
	}
	return TAKE(path);
}

void
chat_open_editor(struct chat_view *v)
{
	struct app *app = v->view.app;
	SCOPED(buf_clear) struct buf text = {.max = COMPOSER_MAX};
	struct error err = {0};

	if (!app->edit || v->editing)
		return;
	composer_full(v->composer, &text);
	v->editing = write_file(buf_slice(&text), &err);
	if (v->editing && app->edit(app->arg, v->editing, edited, v, &err))
		return;
	if (v->editing)
		unlink(v->editing);
	free(v->editing);
	v->editing = NULL;
	app_fail(app, &err);
}
