/*
 * config.h - settings: one table of options, four places that set them.
 *
 * A value comes from the command line, else the environment, else the
 * configuration file ($XDG_CONFIG_HOME/mneme/config), else the table.  A wrong
 * value is an error that names its place.  Secrets are never shown.
 */
#ifndef MNEME_CONFIG_H
#define MNEME_CONFIG_H

#include "mneme/base.h"

struct buf;
struct config;
struct error;

enum config_kind {
	CONFIG_TEXT,
	CONFIG_INTEGER, /* low to high */
	CONFIG_REAL,    /* low to high; may be unset */
	CONFIG_BOOLEAN,
	CONFIG_SECRET,
	CONFIG_UNUSED /* read, and answered with a word that nothing needs it */
};

struct config_option {
	const char *name; /* as in the file and the environment */
	enum config_kind kind;
	const char *fallback; /* NULL: unset */
	double low, high;
	const char *summary;
};

extern const struct config_option config_options[];
extern const size_t config_option_count;
const struct config_option *config_find(struct slice name);

enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT };
extern const char *const config_origin_names[];

/* Read the file (`file` NULL: the usual place, where it may be missing) and
 * the environment.  `data_dir` NULL: the usual one.  ERROR_USAGE for what is
 * wrong in them, as "path:line: KEY: why"; ERROR_SETUP without a HOME. */
struct config *config_load(const char *file, const char *data_dir,
			   struct error *err);
void config_drop(struct config **config);

/* Borrowed for the config's life; NULL when unset.  The option must be in the
 * table; of a secret this says only whether it is set ("set"). */
const char *config_text(const struct config *config, const char *name);
int64_t config_integer(const struct config *config, const char *name);
double config_real(const struct config *config, const char *name,
		   double fallback);
bool config_boolean(const struct config *config, const char *name);
enum config_origin config_origin(const struct config *config, const char *name);

/* A secret's bytes: the value, or the first line that NAME_CMD prints within
 * 10 s.  *found is false when neither is set. */
bool config_secret(const struct config *config, const char *name,
		   struct buf *out, bool *found, struct error *err);

/* Where files are; borrowed.  The folders are not made. */
const char *config_file(const struct config *config);
const char *config_data_dir(const struct config *config);

/* Set one key in the file (made 0600 when missing), keeping all else. */
bool config_write(const struct config *config, const char *name,
		  const char *value, struct error *err);

#endif
