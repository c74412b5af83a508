/*
 * Find the files, read them, then the environment.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

/* Another program's line in .env is none of our business. */
static bool
tolerate(struct config *config, enum config_origin origin,
	 const struct error *why)
{
	if (origin != CONFIG_FROM_DOTENV)
		return false;
	notice_add(config, "%s, so it is ignored", why->text);
	return true;
}

static bool
take_line(struct config *config, const struct place *place, struct slice line,
	  struct buf *scratch, bool *secret, struct error *err)
{
	struct config_line parsed;
	enum config_option option;
	struct error why;

	if (!config_line_parse(line, scratch, &parsed, &why)) {
		error_set(err, why.code, "%.500s:%u: %s", place->path,
			  place->line, why.text);
		return tolerate(config, place->origin, err);
	}
	if (!parsed.key.len)
		return true;
	if (setting_put(config, place, parsed.key, parsed.value, err)) {
		if (config_option_find(parsed.key, &option) &&
		    parsed.value.len &&
		    config_rows[option].kind == CONFIG_SECRET)
			*secret = true;
		return true;
	}
	return !config_option_find(parsed.key, &option) &&
	       tolerate(config, place->origin, err);
}

bool
config_parse(struct config *config, enum config_origin origin, const char *path,
	     struct slice text, bool *secret, struct error *err)
{
	SCOPED(buf_clear) struct buf scratch;
	struct place place = {origin, path, 0};
	struct slice line;
	struct error why;

	buf_init(&scratch, CONFIG_LINE_MAX);
	if (slice_starts(text, "\xEF\xBB\xBF"))
		text = slice_make(text.data + 3, text.len - 3);
	while (slice_line(&text, &line)) {
		place.line++;
		if (!take_line(config, &place, line, &scratch, secret, &why))
			return error_set(err, why.code, "%s", why.text);
	}
	return true;
}

static bool
read_file(struct config *config, enum config_origin origin, const char *path,
	  bool must, struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	struct error why;
	struct stat st;
	bool secret = false;

	buf_init(&text, CONFIG_FILE_MAX);
	if (!file_read(path, &text, &why)) {
		if (why.code == ERROR_NOT_FOUND && !must)
			return true;
		return error_set(err,
				 why.code == ERROR_NOT_FOUND ? ERROR_USAGE
							     : why.code,
				 "%s", why.text);
	}
	if (!config_parse(config, origin, path, buf_slice(&text), &secret, err))
		return false;
	if (text.data)
		explicit_bzero(text.data, text.len);
	if (secret && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077))
		return error_set(err, ERROR_SETUP,
				 "%s holds a secret and others can read it "
				 "(mode %03o): chmod 600 %s",
				 path, (unsigned)st.st_mode & 0777, path);
	return true;
}

static bool
read_environment(struct config *config, const char *const *environment,
		 struct error *err)
{
	const struct place place = {CONFIG_FROM_ENVIRONMENT, "environment", 0};
	enum config_option option;

	for (; environment && *environment; environment++) {
		const char *equals = strchr(*environment, '=');
		if (!equals)
			continue;
		struct slice name = slice_make(*environment,
					       (size_t)(equals - *environment));
		if (config_option_find(name, &option) &&
		    !setting_put(config, &place, name, slice_of(equals + 1),
				 err))
			return false;
	}
	return true;
}

static const char *
variable(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment && *environment; environment++) {
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=')
			return *environment + len + 1;
	}
	return NULL;
}

/* The XDG folder of ours; a relative one does not count.  NULL: no home. */
static char *
folder(const struct config_sources *sources, const char *name,
       const char *below_home)
{
	const char *base = variable(sources->environment, name);
	const char *home = variable(sources->environment, "HOME");

	if (base && *base == '/')
		return path_join(base, "mneme");
	if (home && *home == '/')
		return xasprintf("%s/%s/mneme", home, below_home);
	return NULL;
}

static void
find_paths(struct config *config, const struct config_sources *sources)
{
	SCOPED(free_pointer)
	char *dir = folder(sources, "XDG_CONFIG_HOME", ".config");

	if (sources->file)
		config->file = xstrdup(sources->file);
	else if (dir)
		config->file = path_join(dir, "config");
	config->usual_data_dir =
		folder(sources, "XDG_DATA_HOME", ".local/share");
	if (sources->data_dir)
		config->data_dir = xstrdup(sources->data_dir);
	else if (config->usual_data_dir)
		config->data_dir = xstrdup(config->usual_data_dir);
	config->state_dir = folder(sources, "XDG_STATE_HOME", ".local/state");
	if (!config->state_dir && sources->data_dir)
		config->state_dir = xstrdup(sources->data_dir);
}

static const char *
path_or_error(const char *path, const char *option, struct error *err)
{
	if (!path)
		error_set(err, ERROR_SETUP,
			  "HOME is not set: set it, or give %s", option);
	return path;
}

const char *
config_file(const struct config *config, struct error *err)
{
	return path_or_error(config->file, "--config FILE", err);
}

const char *
config_data_dir(const struct config *config, struct error *err)
{
	return path_or_error(config->data_dir, "--data-dir DIR", err);
}

const char *
config_usual_data_dir(const struct config *config)
{
	return config->usual_data_dir;
}

const char *
config_state_dir(const struct config *config, struct error *err)
{
	return path_or_error(config->state_dir, "--data-dir DIR", err);
}

struct config *
config_load(const struct config_sources *sources, struct error *err)
{
	SCOPED(config_destroy)
	struct config *config = xcalloc(1, sizeof(*config));

	find_paths(config, sources);
	if (!config->file && !sources->data_dir) {
		config_file(config, err);
		return NULL;
	}
	if (config->file && !read_file(config, CONFIG_FROM_FILE, config->file,
				       sources->file != NULL, err))
		return NULL;
	if (sources->dotenv &&
	    !read_file(config, CONFIG_FROM_DOTENV, sources->dotenv, false, err))
		return NULL;
	if (!read_environment(config, sources->environment, err))
		return NULL;
	return TAKE(config);
}
