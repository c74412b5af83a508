/*
 * mneme doctor: what is set up, what is not, and the command that mends it.
 *
 * The checks are the rows of one table.  They open for themselves what they
 * look at, so that one thing that is broken does not hide the others, and they
 * change nothing.
 */
#include "doctor.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/config.h"
#include "mneme/file.h"
#include "setup.h"

static const char *const state_names[DOCTOR_STATES] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_SETUP] = "set up",
	[DOCTOR_BROKEN] = "broken",
};

static void
print_finding(struct doctor *d, enum doctor_state state, const char *mend,
	      struct slice text)
{
	struct printer *p = &d->cli->printer;

	printer_map(p);
	printer_add_word(p, "check", d->check);
	printer_add_word(p, "state", state_names[state]);
	printer_add_string(p, "message", text);
	printer_add_string_or_null(p, "mend", slice_of(mend));
	printer_end(p);
}

void
doctor_say(struct doctor *d, enum doctor_state state, const char *mend,
	   const char *fmt, ...)
{
	enum { WIDTH = 2000 };
	struct cli *cli = d->cli;
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	d->said[state]++;
	if (cli->options.json) {
		print_finding(d, state, mend, slice_of(text));
		return;
	}
	buf_addf(&cli->out, "%-7s %-10s ", state_names[state], d->check);
	cli_show_line(cli, slice_of(text), WIDTH);
	buf_addc(&cli->out, '\n');
	if (mend) {
		buf_addf(&cli->out, "%-18s run: ", "");
		cli_show_line(cli, slice_of(mend), WIDTH);
		buf_addc(&cli->out, '\n');
	}
}

void
doctor_say_error(struct doctor *d, const char *mend, const struct error *err)
{
	bool setup = err->code == ERROR_SETUP || err->code == ERROR_USAGE ||
		     err->code == ERROR_NOT_FOUND || err->code == ERROR_AUTH;

	doctor_say(d, setup ? DOCTOR_SETUP : DOCTOR_BROKEN, mend, "%s",
		   err->text);
}

/* ---- the settings ---- */

static bool
check_config(struct doctor *d)
{
	struct cli *cli = d->cli;
	struct error err = {0};
	size_t set = 0;

	if (!setup_config(cli, &err)) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	const char *file = config_file(cli->config, &err);
	if (!file) {
		doctor_say_error(d, NULL, &err);
		return false;
	}
	for (int i = 0; i < CONFIG_OPTION_COUNT; i++)
		set += config_is_set(cli->config, (enum config_option)i) &&
		       config_origin(cli->config, (enum config_option)i) !=
			       CONFIG_FROM_DEFAULT;
	doctor_say(d, DOCTOR_OK, NULL, "%s%s; settings given: %zu", file,
		   file_exists(file) ? "" : " (not there, which is fine)", set);
	return true;
}

static bool
check_language(struct doctor *d)
{
	const char *language = setting_text(d->cli, "MNEME_LANGUAGE");

	doctor_say(d, DOCTOR_OK, NULL, "words are stemmed as %s",
		   language && *language ? language : "english");
	return true;
}

static bool
is_local(const char *host)
{
	return !host || !*host || strcmp(host, "localhost") == 0 ||
	       strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

static bool
check_server(struct doctor *d)
{
	struct cli *cli = d->cli;
	const char *host = setting_text(cli, "HOST");
	const char *dir = setup_data_dir(cli, NULL);
	SCOPED(buf_clear) struct buf key;
	struct error err = {0};
	bool set = false;

	buf_init(&key, 8192);
	if (!setting_secret(cli, "SECRET_KEY", &key, &set, &err)) {
		doctor_say_error(d, NULL, &err);
	} else if (set) {
		doctor_say(d, DOCTOR_OK, NULL, "SECRET_KEY is set");
	} else if (!is_local(host)) {
		doctor_say(d, DOCTOR_SETUP,
			   "mneme config set SECRET_KEY "
			   "\"$(openssl rand -hex 32)\"",
			   "HOST is %s, and mneme serve binds it only with "
			   "a SECRET_KEY",
			   host);
	} else if (dir) {
		SCOPED(free_pointer) char *path = path_join(dir, "secret");

		if (file_exists(path) && !file_read_secret(path, &key, &err))
			doctor_say_error(d, NULL, &err);
		else
			doctor_say(d, DOCTOR_OK, NULL,
				   file_exists(path)
					   ? "a secret was made, in %s"
					   : "mneme serve makes a secret in %s",
				   path);
	}
	if (key.data)
		explicit_bzero(key.data, key.len);
	return true;
}

static bool
check_terminal(struct doctor *d)
{
	const char *term = getenv("TERM");
	const char *set;

	setlocale(LC_CTYPE, "");
	set = nl_langinfo(CODESET);
	if (strcmp(set, "UTF-8") != 0)
		doctor_say(d, DOCTOR_NOTE, "export LC_ALL=C.UTF-8",
			   "the locale's letters are %s, not UTF-8", set);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		doctor_say(d, DOCTOR_OK, NULL, "none here");
	else if (!term || !*term || strcmp(term, "dumb") == 0)
		doctor_say(d, DOCTOR_NOTE, "mneme chat --plain",
			   "TERM is %s: line by line only",
			   term && *term ? term : "not set");
	else
		doctor_say(d, DOCTOR_OK, NULL, "%s", term);
	return true;
}

/* ---- the table ---- */

enum { WITHOUT_CONFIG = 1, WITH_STORE = 2 };

static const struct doctor_check {
	const char *name;
	unsigned needs;
	bool (*run)(struct doctor *d);
} checks[] = {
	{"terminal", WITHOUT_CONFIG, check_terminal},
	{"config", WITHOUT_CONFIG, check_config},
	{"language", 0, check_language},
	{"data", 0, doctor_data},
	{"store", 0, doctor_store},
	{"records", WITH_STORE, doctor_records},
	{"index", WITH_STORE, doctor_index},
	{"jobs", WITH_STORE, doctor_jobs},
	{"embedding", 0, doctor_embedding},
	{"model", 0, doctor_provider},
	{"server", 0, check_server},
};

static bool
can_run(const struct doctor *d, const struct doctor_check *check)
{
	if (check->needs & WITHOUT_CONFIG)
		return true;
	if (check->needs & WITH_STORE)
		return d->cli->store != NULL;
	return d->cli->config != NULL;
}

static bool
verdict(const struct doctor *d, struct error *err)
{
	size_t broken = d->said[DOCTOR_BROKEN], setup = d->said[DOCTOR_SETUP];

	if (broken)
		return error_set(err, ERROR_IO, "%zu %s broken", broken,
				 broken == 1 ? "thing is" : "things are");
	return setup == 0 ||
	       error_set(err, ERROR_SETUP, "%zu %s to be set up", setup,
			 setup == 1 ? "thing is" : "things are");
}

bool
cli_doctor(struct cli *cli, struct error *err)
{
	struct doctor d = {.cli = cli};

	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "checks");
		printer_list(&cli->printer);
	}
	for (size_t i = 0; i < COUNT(checks); i++) {
		d.check = checks[i].name;
		/* One that failed says so itself; the others still count. */
		if (can_run(&d, &checks[i]) && !checks[i].run(&d) &&
		    checks[i].run == doctor_data)
			i++; /* no store without its folder */
	}
	bool good = verdict(&d, err);
	if (cli->options.json) {
		printer_end(&cli->printer);
		printer_add_bool(&cli->printer, "well", good);
		printer_end(&cli->printer);
	}
	return good;
}
