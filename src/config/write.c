/*
 * Edit one key of a config file: its first line gets the new value and keeps
 * its comment, further lines that set the same option go, all else stays.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

static void
add_setting(struct buf *out, const char *key, const char *value,
	    struct slice comment)
{
	buf_addf(out, "%s=", key);
	config_quote(slice_of(value), out);
	buf_add_slice(out, comment);
	buf_addc(out, '\n');
}

/* Does this line set the option?  Then where does its comment begin? */
static bool
sets(struct slice line, enum config_option option, struct buf *scratch,
     struct slice *comment)
{
	struct config_line parsed;
	enum config_option found;

	if (!config_line_parse(line, scratch, &parsed, NULL) ||
	    !parsed.key.len || !config_option_find(parsed.key, &found) ||
	    found != option)
		return false;
	*comment = slice_make(line.data + parsed.tail, line.len - parsed.tail);
	return true;
}

static void
edit(struct slice text, enum config_option option, const char *key,
     const char *value, struct buf *out)
{
	SCOPED(buf_clear) struct buf scratch;
	struct slice line, comment;

	buf_init(&scratch, CONFIG_LINE_MAX);
	while (slice_line(&text, &line)) {
		if (!sets(line, option, &scratch, &comment)) {
			buf_add_slice(out, line);
			buf_addc(out, '\n');
			continue;
		}
		if (value)
			add_setting(out, key, value, comment);
		value = NULL;
	}
	if (value)
		add_setting(out, key, value, (struct slice){0});
}

static bool
make_folder(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	SCOPED(free_pointer) char *dir = NULL;

	if (!slash || slash == path)
		return true;
	dir = slice_dup(slice_make(path, (size_t)(slash - path)));
	return file_make_dir(dir, 0700, err);
}

static bool
check_key(const char *key, const char *value, enum config_option *option,
	  struct error *err)
{
	enum secret_form form;
	struct slice name = slice_of(key);

	if (!find_form(name, option, &form))
		return error_set(err, ERROR_USAGE, "%.100s: unknown key", key);
	if (!value)
		return true;
	if (form == FORM_VALUE)
		return config_check(*option, slice_of(value), err);
	if (!*value || strlen(value) > CONFIG_LINE_MAX / 2)
		return error_set(err, ERROR_USAGE, "%s: empty, or too long",
				 key);
	return true;
}

bool
config_write(const char *path, const char *key, const char *value,
	     struct error *err)
{
	SCOPED(buf_clear) struct buf before, after;
	SCOPED(free_pointer) char *real = realpath(path, NULL);
	enum config_option option;
	unsigned mode = 0600;
	struct error why;
	struct stat st;

	buf_init(&before, CONFIG_FILE_MAX);
	buf_init(&after, CONFIG_FILE_MAX);
	if (!check_key(key, value, &option, err))
		return false;
	/* A link stays a link. */
	const char *target = real ? real : path;
	if (!make_folder(target, err))
		return false;
	if (!file_read(target, &before, &why) && why.code != ERROR_NOT_FOUND)
		return error_set(err, why.code, "%s", why.text);
	if (stat(target, &st) == 0 && config_rows[option].kind != CONFIG_SECRET)
		mode = st.st_mode & 0777;
	edit(buf_slice(&before), option, key, value, &after);
	if (after.over)
		return error_set(err, ERROR_LIMIT, "%s: more than %d bytes",
				 path, CONFIG_FILE_MAX);
	return file_write(target, buf_slice(&after), mode, err);
}
