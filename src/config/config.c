/*
 * Values are kept as text, checked when they are read, parsed when asked for.
 * Each option has room for itself and, if a secret, for its NAME_CMD.
 */
#include "mneme/config.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { FILE_MAX = 1 << 20, LINE_MAX_BYTES = 64 << 10, OPTIONS_MAX = 64 };

struct value {
	char *text;
	char *command; /* of a secret: NAME_CMD */
	enum config_origin origin;
};

struct config {
	struct value values[OPTIONS_MAX];
	char *file;
	char *data_dir;
};

static_assert(OPTIONS_MAX >= 20, "room for the table");

/* ---- values ---- */

static bool
boolean(struct slice text, bool *value)
{
	static const char *const yes[] = {"true", "1", "yes", "on"};
	static const char *const no[] = {"false", "0", "no", "off", ""};

	for (size_t i = 0; i < COUNT(yes); i++) {
		if (slice_is(text, yes[i]))
			return *value = true;
	}
	for (size_t i = 0; i < COUNT(no); i++) {
		if (slice_is(text, no[i])) {
			*value = false;
			return true;
		}
	}
	return false;
}

static bool
check(const struct config_option *o, const char *text, char *why, size_t size)
{
	char *end;
	bool value;
	double number = strtod(text, &end);
	bool whole = end != text && *end == '\0' && isfinite(number);

	switch (o->kind) {
	case CONFIG_INTEGER:
	case CONFIG_REAL:
		if (whole && number >= o->low && number <= o->high &&
		    (o->kind == CONFIG_REAL || number == floor(number)))
			return true;
		snprintf(why, size, "'%.40s' is no %s from %g to %g", text,
			 o->kind == CONFIG_REAL ? "number" : "whole number",
			 o->low, o->high);
		return false;
	case CONFIG_BOOLEAN:
		if (boolean(slice_of(text), &value))
			return true;
		snprintf(why, size, "'%.40s' is neither true nor false", text);
		return false;
	default:
		return true;
	}
}

static bool
set(struct config *config, struct slice name, struct slice text,
    enum config_origin origin, char *why, size_t size)
{
	bool command = slice_ends(name, "_CMD");
	struct slice base = name;

	if (command)
		base.len -= 4;
	const struct config_option *o = config_find(base);
	if (!o || (command && o->kind != CONFIG_SECRET)) {
		snprintf(why, size,
			 "no such setting; mneme config list names "
			 "them");
		return false;
	}
	struct value *v = &config->values[o - config_options];
	SCOPED(free_pointer) char *copy = slice_dup(text);
	if (!command && !check(o, copy, why, size))
		return false;
	char **where = command ? &v->command : &v->text;
	free(*where);
	*where = TAKE(copy);
	v->origin = origin;
	return true;
}

/* ---- the file ---- */

/* "KEY = 'value' # comment": false with a reason. */
static bool
split_line(struct slice line, struct slice *name, struct slice *value,
	   const char **why)
{
	size_t equals = slice_find(line, slice_of("="));

	if (equals == line.len) {
		*why = "not KEY=value";
		return false;
	}
	*name = slice_trim(slice_make(line.data, equals));
	*value = slice_trim(
		slice_make(line.data + equals + 1, line.len - equals - 1));
	if (value->len && (value->data[0] == '"' || value->data[0] == '\'')) {
		char quote = value->data[0];
		const char *end =
			memchr(value->data + 1, quote, value->len - 1);
		if (!end) {
			*why = "the quote does not end";
			return false;
		}
		*value = slice_make(value->data + 1,
				    (size_t)(end - value->data - 1));
		return true;
	}
	size_t comment = slice_find(*value, slice_of(" #"));
	*value = slice_trim(slice_make(value->data, comment));
	return true;
}

static bool
read_lines(struct config *config, struct slice text, bool *secrets,
	   struct error *err)
{
	struct slice line, name, value;
	char reason[256];

	for (size_t n = 1; slice_line(&text, &line); n++) {
		const char *why = reason;
		line = slice_trim(line);
		if (line.len == 0 || line.data[0] == '#')
			continue;
		name = (struct slice){0};
		if (line.len > LINE_MAX_BYTES)
			why = "longer than 64 KiB";
		else if (memchr(line.data, '\0', line.len))
			why = "a NUL byte";
		else if (split_line(line, &name, &value, &why) &&
			 set(config, name, value, CONFIG_FILE, reason,
			     sizeof(reason))) {
			const struct config_option *o = config_find(name);
			*secrets = *secrets ||
				   (o && o->kind == CONFIG_SECRET && value.len);
			continue;
		}
		return error_set(
			err, ERROR_USAGE, "%s:%zu: %.*s%s%s", config->file, n,
			(int)MIN(name.len, (size_t)60),
			name.data ? name.data : "", name.len ? ": " : "", why);
	}
	return true;
}

static bool
read_file(struct config *config, bool must, struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	struct error why = {0};
	bool secrets = false;
	struct stat st;

	buf_init(&text, FILE_MAX);
	if (!file_read(config->file, &text, &why)) {
		if (why.code == ERROR_NOT_FOUND && !must)
			return true;
		return error_set(err,
				 why.code == ERROR_NOT_FOUND ? ERROR_USAGE
							     : why.code,
				 "%s", why.text);
	}
	if (!read_lines(config, buf_slice(&text), &secrets, err))
		return false;
	if (secrets && stat(config->file, &st) == 0 && (st.st_mode & 077))
		return error_set(err, ERROR_SETUP,
				 "%s holds a key and can be read by others: "
				 "chmod 600 %s",
				 config->file, config->file);
	return true;
}

static bool
read_environment(struct config *config, struct error *err)
{
	char reason[256];

	for (size_t i = 0; i < config_option_count; i++) {
		for (int command = 0; command < 2; command++) {
			char name[80];
			snprintf(name, sizeof(name), "%s%s",
				 config_options[i].name, command ? "_CMD" : "");
			if (command && config_options[i].kind != CONFIG_SECRET)
				continue;
			const char *text = getenv(name);
			if (text &&
			    !set(config, slice_of(name), slice_of(text),
				 CONFIG_ENVIRONMENT, reason, sizeof(reason)))
				return error_set(err, ERROR_USAGE,
						 "environment: %s: %s", name,
						 reason);
		}
	}
	return true;
}

/* ---- the places ---- */

/* $XDG or $HOME/below, then "/mneme"; NULL without either. */
static char *
place(const char *xdg, const char *below)
{
	const char *base = getenv(xdg), *home = getenv("HOME");

	if (base && base[0] == '/')
		return xasprintf("%s/mneme", base);
	if (home && *home)
		return xasprintf("%s/%s/mneme", home, below);
	return NULL;
}

static bool
find_places(struct config *config, const char *file, const char *data_dir,
	    struct error *err)
{
	SCOPED(free_pointer) char *dir = place("XDG_CONFIG_HOME", ".config");

	config->data_dir = data_dir ? xstrdup(data_dir)
				    : place("XDG_DATA_HOME", ".local/share");
	if (file)
		config->file = xstrdup(file);
	else if (dir)
		config->file = path_join(dir, "config");
	if (!config->data_dir)
		return error_set(err, ERROR_SETUP,
				 "HOME is not set: give --data-dir and "
				 "--config, or set HOME");
	return true;
}

struct config *
config_load(const char *file, const char *data_dir, struct error *err)
{
	SCOPED(config_drop) struct config *config = xcalloc(1, sizeof(*config));

	if (!find_places(config, file, data_dir, err) ||
	    (config->file && !read_file(config, file != NULL, err)) ||
	    !read_environment(config, err))
		return NULL;
	return TAKE(config);
}

void
config_drop(struct config **config)
{
	if (!*config)
		return;
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		struct value *v = &(*config)->values[i];
		if (v->text)
			explicit_bzero(v->text, strlen(v->text));
		free(v->text);
		free(v->command);
	}
	free((*config)->file);
	free((*config)->data_dir);
	free(*config);
	*config = NULL;
}

/* ---- asking ---- */

static const struct value *
value_of(const struct config *config, const char *name,
	 const struct config_option **option)
{
	*option = config_find(slice_of(name));
	assert(*option);
	return &config->values[*option - config_options];
}

const char *
config_text(const struct config *config, const char *name)
{
	const struct config_option *o;
	const struct value *v = value_of(config, name, &o);

	if (o->kind == CONFIG_SECRET)
		return v->text || v->command ? "set" : NULL;
	return v->text ? v->text : o->fallback;
}

double
config_real(const struct config *config, const char *name, double fallback)
{
	const char *text = config_text(config, name);

	return text && *text ? strtod(text, NULL) : fallback;
}

int64_t
config_integer(const struct config *config, const char *name)
{
	return (int64_t)config_real(config, name, 0);
}

bool
config_boolean(const struct config *config, const char *name)
{
	const char *text = config_text(config, name);
	bool value = false;

	return text && boolean(slice_of(text), &value) && value;
}

enum config_origin
config_origin(const struct config *config, const char *name)
{
	const struct config_option *o;

	return value_of(config, name, &o)->origin;
}

const char *
config_file(const struct config *config)
{
	return config->file;
}

const char *
config_data_dir(const struct config *config)
{
	return config->data_dir;
}

/* ---- secrets ---- */

static bool
read_pipe(int fd, struct buf *out)
{
	int64_t until = clock_monotonic() + 10 * CLOCK_SECOND;
	char piece[4096];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = until - clock_monotonic();
		if (left <= 0 || poll(&p, 1, (int)(left / 1000) + 1) == 0)
			return false;
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (!buf_add(out, piece, (size_t)n))
			return false;
	}
}

static bool
run_command(const char *name, const char *command, struct buf *out,
	    struct error *err)
{
	int ends[2];
	int status = 0;

	if (pipe2(ends, 0) != 0)
		return error_set(err, ERROR_IO, "pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	bool good = pid > 0 && read_pipe(ends[0], out);
	close(ends[0]);
	if (pid > 0) {
		if (!good)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	if (!good || status != 0)
		return error_set(err, ERROR_SETUP,
				 "%s_CMD failed or took over 10 s", name);
	return true;
}

bool
config_secret(const struct config *config, const char *name, struct buf *out,
	      bool *found, struct error *err)
{
	const struct config_option *o;
	const struct value *v = value_of(config, name, &o);

	*found = false;
	if (v->text && *v->text) {
		*found = true;
		return buf_adds(out, v->text) ||
		       error_set(err, ERROR_LIMIT, "%s is too long", name);
	}
	if (!v->command || !*v->command)
		return true;
	if (!run_command(name, v->command, out, err))
		return false;
	const char *end = out->len ? memchr(out->data, '\n', out->len) : NULL;
	if (end) {
		out->len = (size_t)(end - out->data);
		out->data[out->len] = '\0';
	}
	*found = out->len > 0;
	return true;
}

/* ---- writing ---- */

bool
config_write(const struct config *config, const char *name, const char *value,
	     struct error *err)
{
	struct config trial = {0};
	char reason[256];
	SCOPED(buf_clear) struct buf in, out;
	struct slice line, key, old;
	const char *why;
	bool written = false;

	buf_init(&in, FILE_MAX);
	buf_init(&out, FILE_MAX);
	if (!config->file)
		return error_set(err, ERROR_SETUP, "HOME is not set");
	bool fits = strchr(value, '\n') == NULL &&
		    set(&trial, slice_of(name), slice_of(value), CONFIG_FILE,
			reason, sizeof(reason));
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		free(trial.values[i].text);
		free(trial.values[i].command);
	}
	if (!fits)
		return error_set(err, ERROR_USAGE, "%s: %s", name,
				 strchr(value, '\n') ? "a line break" : reason);
	struct error none = {0};
	if (!file_read(config->file, &in, &none) &&
	    none.code != ERROR_NOT_FOUND)
		return error_set(err, none.code, "%s", none.text);
	struct slice rest = buf_slice(&in);
	while (slice_line(&rest, &line)) {
		struct slice bare = slice_trim(line);
		bool ours = bare.len && bare.data[0] != '#' &&
			    split_line(bare, &key, &old, &why) &&
			    slice_is(key, name);
		if (!ours)
			buf_addf(&out, "%.*s\n", SLICE_ARG(line));
		else if (!written)
			buf_addf(&out, "%s=\"%s\"\n", name, value);
		written = written || ours;
	}
	if (!written)
		buf_addf(&out, "%s=\"%s\"\n", name, value);
	SCOPED(free_pointer)
	char *dir = slice_dup(slice_make(
		config->file,
		(size_t)(strrchr(config->file, '/')
				 ? strrchr(config->file, '/') - config->file
				 : 0)));
	if (*dir && !file_make_dir(dir, 0700, err))
		return false;
	return file_write(config->file, buf_slice(&out), 0600, err);
}
