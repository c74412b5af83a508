/* private.h - what the files of config/ share. */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include "mneme/arena.h"
#include "mneme/config.h"

/* How the text of a secret leads to it. */
enum secret_form { FORM_VALUE, FORM_CMD, FORM_FILE };

/* One line of a file.  The slices lie in the line, but for the value, which
 * lies in the buf given when quotes had to be taken off. */
struct config_line {
	struct slice key; /* empty: no setting stands here */
	struct slice value;
	size_t tail; /* where the line goes on after the value */
};

/* Explains what is wrong without showing the line: it may be a secret. */
bool config_line_parse(struct slice line, struct buf *unquoted,
		       struct config_line *out, struct error *err);

/* As it must stand after "KEY=". */
void config_quote(struct slice value, struct buf *out);

bool find_form(struct slice name, enum config_option *option,
	       enum secret_form *form);

/* Why the value does not fit, as a bare reason. */
bool value_fits(enum config_option option, struct slice value,
		struct error *err);
bool value_real(struct slice text, double *value);
bool value_bool(struct slice text, bool *value);

/* The value for an error message: short, printable, hidden when secret. */
enum { SHOWN_MAX = 100 };
const char *value_shown(enum config_option option, struct slice value,
			char out[SHOWN_MAX]);

/* The first line that `command` prints. */
bool command_first_line(const char *command, const char *name,
			int64_t time_limit, struct buf *out, struct error *err);

struct setting {
	const char *value; /* NULL: the default */
	enum config_origin origin;
	enum secret_form form;
	unsigned line;
};

struct config {
	struct arena arena;
	struct setting settings[CONFIG_OPTION_COUNT];
	const char **notices;
	size_t notice_count;
	size_t notice_cap;
	char *file; /* NULL: no home */
	char *data_dir;
	char *usual_data_dir; /* without --data-dir; NULL: no home */
	char *state_dir;
};

/* Where a value stands, for messages and to see what was set twice. */
struct place {
	enum config_origin origin;
	const char *path;
	unsigned line;
};

bool setting_put(struct config *config, const struct place *place,
		 struct slice name, struct slice value, struct error *err);
void notice_add(struct config *config, const char *fmt, ...) PRINTF(2, 3);

/* Read settings from the text of a file; *secret: one of them is secret. */
bool config_parse(struct config *config, enum config_origin origin,
		  const char *path, struct slice text, bool *secret,
		  struct error *err);

#endif
