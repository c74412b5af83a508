/* Settings: what is taken, what is refused and with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/config.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "support.h"

struct world {
	char *dir;
	char *file;
	char *dotenv;
	struct config *config;
	struct error err;
};

static int
make(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->dir = folder_make();
	w->file = path_join(w->dir, "config");
	w->dotenv = path_join(w->dir, ".env");
	*state = w;
	return 0;
}

static int
drop(void **state)
{
	struct world *w = *state;

	config_destroy(&w->config);
	folder_drop(&w->dir);
	free(w->file);
	free(w->dotenv);
	free(w);
	return 0;
}

static bool
load_with(struct world *w, const char *text, const char *dotenv,
	  const char *const *environment)
{
	const struct config_sources sources = {
		.file = w->file,
		.dotenv = dotenv ? w->dotenv : NULL,
		.environment = environment,
	};

	config_destroy(&w->config);
	w->err = (struct error){0};
	assert_true(file_write(w->file, slice_of(text), 0600, NULL));
	if (dotenv)
		assert_true(
			file_write(w->dotenv, slice_of(dotenv), 0600, NULL));
	w->config = config_load(&sources, &w->err);
	return w->config != NULL;
}

static void
every_row_is_sound(void **state)
{
	enum config_option found;
	struct error err;

	(void)state;
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++) {
		const struct config_row *row = &config_rows[i];
		assert_true(config_option_find(slice_of(row->name), &found));
		assert_int_equal(found, i);
		assert_non_null(row->help);
		assert_int_equal(row->kind == CONFIG_CHOICE, !!row->choices);
		if (row->value && !config_check((enum config_option)i,
						slice_of(row->value), &err))
			fail_msg("%s", err.text);
	}
}

static void
good_lines_are_read(void **state)
{
	static const struct {
		const char *text;
		enum config_option option;
		const char *value;
	} cases[] = {
		{"LLM_MODEL=gpt", CONFIG_LLM_MODEL, "gpt"},
		{"LLM_MODEL=gpt\r\n", CONFIG_LLM_MODEL, "gpt"},
		{"\xEF\xBB\xBFLLM_MODEL=gpt", CONFIG_LLM_MODEL, "gpt"},
		{"  LLM_MODEL =  a b\t \n", CONFIG_LLM_MODEL, "a b"},
		{"LLM_MODEL=a#b # c", CONFIG_LLM_MODEL, "a#b"},
		{"LLM_MODEL='a # \"b\\n'#c", CONFIG_LLM_MODEL, "a # \"b\\n"},
		{"LLM_MODEL=\"a\\n\\\"\\\\\\x\"", CONFIG_LLM_MODEL,
		 "a\n\"\\\\x"},
		{"# LLM_MODEL=a\n\n\t\n", CONFIG_LLM_MODEL, NULL},
		{"LLM_MODEL=", CONFIG_LLM_MODEL, NULL},
		{"LLM_MODEL=''", CONFIG_LLM_MODEL, NULL},
		{"HOST= # none", CONFIG_HOST, "127.0.0.1"},
		{"PORT=0", CONFIG_PORT, "0"},
		{"LLM_TEMPERATURE=0.25", CONFIG_LLM_TEMPERATURE, "0.25"},
		{"MNEME_LANGUAGE=german", CONFIG_LANGUAGE, "german"},
		{"DEBUG=On", CONFIG_DEBUG, "On"},
		{"LLM_BASE_URL=http://[::1]:1/v1", CONFIG_LLM_BASE_URL,
		 "http://[::1]:1/v1"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!load_with(w, cases[i].text, NULL, NULL))
			fail_msg("%s: %s", cases[i].text, w->err.text);
		const char *value = config_text(w->config, cases[i].option);
		if (cases[i].value)
			assert_string_equal(value, cases[i].value);
		else
			assert_null(value);
	}
}

static void
bad_lines_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *text;
		const char *why; /* behind "path:" */
	} cases[] = {
		{"PORT", "1: not KEY=value"},
		{"\n=1", "2: not KEY=value"},
		{"9A=1", "1: not KEY=value"},
		{"LLM_API_KEY sk-secret", "1: not KEY=value"},
		{"LLM_MODL=x", "1: LLM_MODL: unknown key"},
		{"PORT_CMD=x", "1: PORT_CMD: unknown key"},
		{"HOST='a", "1: the closing ' is missing"},
		{"HOST=\"a\\\"", "1: the closing \" is missing"},
		{"HOST='a' b", "1: text behind the closing '"},
		{"PORT=80000", "1: PORT: 80000: not from 0 to 65535"},
		{"PORT=-1", "1: PORT: -1: not a whole number"},
		{"PORT=8O", "1: PORT: 8O: not a whole number"},
		{"PORT=1\nPORT=1", "2: PORT: set already on line 1"},
		{"DEBUG=maybe", "1: DEBUG: maybe: neither true nor false"},
		{"LLM_TEMPERATURE=2.1",
		 "1: LLM_TEMPERATURE: 2.1: not from 0 to 2"},
		{"LLM_TEMPERATURE=0,5",
		 "1: LLM_TEMPERATURE: 0,5: not a number"},
		{"LLM_TEMPERATURE=1.", "1: LLM_TEMPERATURE: 1.: not a number"},
		{"LLM_TEMPERATURE=-.", "1: LLM_TEMPERATURE: -.: not a number"},
		{"LLM_TEMPERATURE=nan",
		 "1: LLM_TEMPERATURE: nan: not a number"},
		{"MNEME_LOG_LEVEL=loud", "1: MNEME_LOG_LEVEL: loud: not one "
					 "of: error warn info debug"},
		{"LLM_BASE_URL=ftp://x", "1: LLM_BASE_URL: ftp://x: not an "
					 "http:// or https:// address"},
		{"SECRET_KEY=tooshort",
		 "1: SECRET_KEY: (hidden): shorter than 32 bytes"},
		{"LLM_API_KEY=a\x01", "1: LLM_API_KEY: (hidden): it has "
				      "control characters"},
		{"LLM_API_KEY=a\nLLM_API_KEY_CMD=b",
		 "2: LLM_API_KEY_CMD: set already on line 1"},
		{"HOST=\xff", "1: HOST: (not text): not UTF-8"},
		{"HOST=a\x1b[2J", "1: HOST: a?[2J: it has control characters"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(free_pointer)
		char *want = xasprintf("%s:%s", w->file, cases[i].why);
		assert_false(load_with(w, cases[i].text, NULL, NULL));
		assert_int_equal(w->err.code, ERROR_USAGE);
		assert_string_equal(w->err.text, want);
	}
}

static void
too_much_is_refused(void **state)
{
	struct world *w = *state;
	SCOPED(buf_clear) struct buf text;

	buf_init(&text, 8 << 20);
	buf_adds(&text, "LLM_MODEL=");
	memset(buf_room(&text, CONFIG_LINE_MAX), 'x', CONFIG_LINE_MAX);
	text.len += CONFIG_LINE_MAX;
	assert_false(load_with(w, buf_text(&text), NULL, NULL));
	assert_int_equal(w->err.code, ERROR_LIMIT);
	buf_reset(&text);
	while (text.len <= CONFIG_FILE_MAX)
		buf_adds(&text, "# a comment\n");
	assert_false(load_with(w, buf_text(&text), NULL, NULL));
	assert_int_equal(w->err.code, ERROR_LIMIT);
}

static void
later_sources_win(void **state)
{
	static const char *const environment[] = {
		"LLM_PROVIDER=env", "LLM_MODEL=env",
		"MNEME_THEME=", "UNRELATED=1", NULL};
	struct world *w = *state;

	assert_true(load_with(w,
			      "LLM_PROVIDER=file\nHOST=file\n"
			      "MNEME_THEME=light\nMNEME_LANGUAGE=dutch",
			      "HOST=dotenv\nLLM_MODEL=dotenv", environment));
	assert_true(config_set(w->config, CONFIG_LLM_MODEL, "flag", NULL));
	assert_true(config_overlay(w->config, CONFIG_LLM_MODEL, "own", NULL));
	assert_true(config_overlay(w->config, CONFIG_LANGUAGE, "danish", NULL));
	assert_true(config_overlay(w->config, CONFIG_LANGUAGE, "german", NULL));
	assert_string_equal(config_text(w->config, CONFIG_LLM_PROVIDER), "env");
	assert_string_equal(config_text(w->config, CONFIG_LLM_MODEL), "flag");
	assert_string_equal(config_text(w->config, CONFIG_HOST), "dotenv");
	assert_string_equal(config_text(w->config, CONFIG_THEME), "light");
	SCOPED(config_destroy) struct config *copy = config_copy(w->config);
	config_destroy(&w->config);
	assert_string_equal(config_text(copy, CONFIG_LANGUAGE), "german");
	assert_int_equal(config_origin(copy, CONFIG_LANGUAGE),
			 CONFIG_FROM_PROFILE);
	assert_int_equal(config_origin(copy, CONFIG_PORT), CONFIG_FROM_DEFAULT);
	assert_int_equal(config_int(copy, CONFIG_PORT), 8000);
}

static void
values_have_their_kind(void **state)
{
	struct world *w = *state;
	struct slice rest, item;
	char got[32] = "";

	assert_true(load_with(w,
			      "LLM_TEMPERATURE=0.7\nDEBUG=yes\n"
			      "CORS_ORIGINS=a, b,,c ,",
			      NULL, NULL));
	assert_true(config_real(w->config, CONFIG_LLM_TEMPERATURE) == 0.7);
	assert_true(config_bool(w->config, CONFIG_DEBUG));
	assert_false(config_bool(w->config, CONFIG_MOUSE));
	assert_false(config_is_set(w->config, CONFIG_LLM_MAX_TOKENS));
	assert_int_equal(config_int(w->config, CONFIG_LLM_MAX_TOKENS), 0);
	rest = slice_of(config_text(w->config, CONFIG_CORS_ORIGINS));
	while (config_item(&rest, &item)) {
		strncat(got, item.data, item.len);
		strcat(got, ";");
	}
	assert_string_equal(got, "a;b;c;");
	assert_true(config_is_set(w->config, CONFIG_PORT));
}

static void
a_bad_environment_a_bad_flag_and_a_bad_profile_are_named(void **state)
{
	static const char *const bad[] = {"PORT=x", NULL};
	static const char *const twice[] = {"LLM_API_KEY=x",
					    "LLM_API_KEY_CMD=y", NULL};
	struct world *w = *state;

	assert_false(load_with(w, "", NULL, bad));
	assert_string_equal(w->err.text,
			    "environment: PORT: x: not a whole number");
	assert_false(load_with(w, "", NULL, twice));
	assert_string_equal(w->err.text,
			    "environment: LLM_API_KEY_CMD: set in two ways");
	assert_true(load_with(w, "", NULL, NULL));
	assert_false(config_set(w->config, CONFIG_PORT, "x", &w->err));
	assert_string_equal(w->err.text, "PORT: x: not a whole number");
	assert_false(config_overlay(w->config, CONFIG_PORT, "1", &w->err));
	assert_string_equal(w->err.text,
			    "profile: PORT: cannot be set for a profile");
}

static void
the_lines_of_others_in_dotenv_are_only_noticed(void **state)
{
	struct world *w = *state;

	assert_true(
		load_with(w, "", "VITE_X=1\nexport A=b\nREDIS_URL=x\n", NULL));
	assert_non_null(strstr(config_notice(w->config, 0), ":1: VITE_X"));
	assert_non_null(strstr(config_notice(w->config, 1), ":2: not KEY"));
	assert_non_null(strstr(config_notice(w->config, 2), "REDIS_URL: Not"));
	assert_null(config_notice(w->config, 3));
	assert_false(load_with(w, "", "PORT=x\n", NULL));
	assert_non_null(strstr(w->err.text, ".env:1: PORT: x: not a whole"));
}

static void
a_file_with_secrets_must_be_closed_to_others(void **state)
{
	struct world *w = *state;
	struct config_sources sources = {.file = w->file};

	assert_true(file_write(w->file, slice_of("LLM_API_KEY_CMD=x\n"), 0640,
			       NULL));
	assert_null(config_load(&sources, &w->err));
	assert_int_equal(w->err.code, ERROR_SETUP);
	assert_non_null(strstr(w->err.text, "chmod 600 "));
	assert_true(file_write(w->file, slice_of("PORT=1\n"), 0644, NULL));
	w->config = config_load(&sources, &w->err);
	assert_non_null(w->config);
}

static void
a_secret_comes_from_its_value_a_command_or_a_file(void **state)
{
	struct world *w = *state;
	SCOPED(free_pointer) char *key = path_join(w->dir, "key");
	SCOPED(free_pointer) char *text = NULL;
	SCOPED(buf_clear) struct buf out;

	assert_true(file_write(key, slice_of("from-file\n"), 0600, NULL));
	text = xasprintf("LLM_API_KEY=plain\nOPENAI_API_KEY_FILE=%s\n"
			 "GEMINI_API_KEY_CMD='echo one; echo two'\n",
			 key);
	assert_true(load_with(w, text, NULL, NULL));
	buf_init(&out, 100);
	assert_true(config_secret(w->config, CONFIG_LLM_API_KEY, &out, NULL));
	assert_true(
		config_secret(w->config, CONFIG_OPENAI_API_KEY, &out, NULL));
	assert_true(
		config_secret(w->config, CONFIG_GEMINI_API_KEY, &out, NULL));
	assert_true(config_secret(w->config, CONFIG_SECRET_KEY, &out, NULL));
	assert_string_equal(buf_text(&out), "plainfrom-fileone");
	assert_false(config_is_set(w->config, CONFIG_SECRET_KEY));
	chmod(key, 0644);
	assert_false(
		config_secret(w->config, CONFIG_OPENAI_API_KEY, &out, &w->err));
	assert_int_equal(w->err.code, ERROR_SETUP);
}

static void
a_command_that_fails_is_an_error_without_its_output(void **state)
{
	static const struct {
		const char *command;
		const char *why;
	} cases[] = {
		{"echo secret; exit 3", "LLM_API_KEY_CMD failed (exit status"},
		{"echo no vault >&2; echo >&2; exit 1",
		 "LLM_API_KEY_CMD failed (exit status 1): no vault"},
		{"yes wrong >&2", "LLM_API_KEY_CMD failed (exit status 1)"},
		{"kill -9 $$", "LLM_API_KEY_CMD failed (signal 9"},
		{"true", "LLM_API_KEY_CMD printed nothing"},
		{"echo", "LLM_API_KEY_CMD printed nothing"},
		{"yes", "LLM_API_KEY_CMD printed more than"},
		{"printf 'a\\001b'", "LLM_API_KEY: it has control characters"},
	};
	struct world *w = *state;
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT(cases); i++) {
		SCOPED(buf_clear) struct buf line;
		buf_init(&line, 1000);
		buf_adds(&line, "LLM_API_KEY_CMD=");
		config_quote(slice_of(cases[i].command), &line);
		assert_true(load_with(w, buf_text(&line), NULL, NULL));
		assert_false(config_secret(w->config, CONFIG_LLM_API_KEY, &out,
					   &w->err));
		if (!strstr(w->err.text, cases[i].why))
			fail_msg("%s", w->err.text);
		assert_null(strstr(w->err.text, "secret"));
		assert_int_equal(out.len, 0);
	}
}

static void
a_command_that_hangs_is_ended(void **state)
{
	SCOPED(buf_clear) struct buf out;
	struct error err = {0};

	(void)state;
	buf_init(&out, 100);
	assert_false(
		command_first_line("echo x; sleep 1000", "K", 1, &out, &err));
	assert_string_equal(err.text, "K_CMD took too long and was ended");
	/* What it leaves behind with the pipe open does not hold us. */
	assert_true(command_first_line("sleep 1000 & echo x; kill $!", "K",
				       60000, &out, &err));
	assert_string_equal(buf_text(&out), "x");
}

static void
writing_changes_one_key_and_nothing_else(void **state)
{
	static const struct {
		const char *before, *key, *value, *after;
	} cases[] = {
		{"", "PORT", "1", "PORT=1\n"},
		{"# a\nPORT=1 # why\n\nHOST=x", "PORT", "2",
		 "# a\nPORT=2 # why\n\nHOST=x\n"},
		{"PORT=1\nX=?\nPORT=3\n", "PORT", "2", "PORT=2\nX=?\n"},
		{"PORT='1'# why\n", "PORT", "2", "PORT=2# why\n"},
		{"PORT=1\nHOST=x\n", "PORT", NULL, "HOST=x\n"},
		{"LLM_API_KEY=a\n", "LLM_API_KEY_CMD", "pass a",
		 "LLM_API_KEY_CMD=\"pass a\"\n"},
		{"", "LLM_MODEL", "a\"\\n # b",
		 "LLM_MODEL=\"a\\\"\\\\n # b\"\n"},
	};
	struct world *w = *state;
	SCOPED(buf_clear) struct buf text;

	buf_init(&text, 10000);
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_reset(&text);
		file_write(w->file, slice_of(cases[i].before), 0600, NULL);
		if (!config_write(w->file, cases[i].key, cases[i].value,
				  &w->err))
			fail_msg("%s", w->err.text);
		assert_true(file_read(w->file, &text, NULL));
		assert_string_equal(buf_text(&text), cases[i].after);
	}
	assert_false(config_write(w->file, "PORT", "x", &w->err));
	assert_string_equal(w->err.text, "PORT: x: not a whole number");
	assert_false(config_write(w->file, "PROT", "1", &w->err));
}

static void
writing_makes_what_is_missing_and_closes_secrets(void **state)
{
	struct world *w = *state;
	SCOPED(free_pointer) char *deep = path_join(w->dir, "a/b/config");
	SCOPED(free_pointer) char *link = path_join(w->dir, "link");
	struct stat st;

	assert_true(config_write(deep, "PORT", "1", NULL));
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	chmod(deep, 0644);
	assert_int_equal(symlink(deep, link), 0);
	assert_true(config_write(link, "HOST", "x", NULL));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_true(config_write(link, "LLM_API_KEY", "x", NULL));
	assert_int_equal(stat(deep, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
files_have_their_places(void **state)
{
	static const char *const home[] = {"HOME=/h", "XDG_DATA_HOME=/d",
					   "XDG_STATE_HOME=relative", NULL};
	struct world *w = *state;
	struct config_sources sources = {.environment = home};

	w->config = config_load(&sources, &w->err);
	assert_non_null(w->config);
	assert_string_equal(config_file(w->config, NULL),
			    "/h/.config/mneme/config");
	assert_string_equal(config_data_dir(w->config, NULL), "/d/mneme");
	assert_string_equal(config_state_dir(w->config, NULL),
			    "/h/.local/state/mneme");
	config_destroy(&w->config);

	sources = (struct config_sources){0};
	assert_null(config_load(&sources, &w->err));
	assert_int_equal(w->err.code, ERROR_SETUP);
	sources.data_dir = "/x";
	w->config = config_load(&sources, &w->err);
	assert_non_null(w->config);
	assert_string_equal(config_data_dir(w->config, NULL), "/x");
	assert_null(config_file(w->config, &w->err));
	config_destroy(&w->config);

	sources = (struct config_sources){.file = "/nowhere/config"};
	assert_null(config_load(&sources, &w->err));
	assert_int_equal(w->err.code, ERROR_USAGE);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make, drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_sound),
		WITH_FOLDER(good_lines_are_read),
		WITH_FOLDER(bad_lines_are_refused_with_their_place),
		WITH_FOLDER(too_much_is_refused),
		WITH_FOLDER(later_sources_win),
		WITH_FOLDER(values_have_their_kind),
		WITH_FOLDER(
			a_bad_environment_a_bad_flag_and_a_bad_profile_are_named),
		WITH_FOLDER(the_lines_of_others_in_dotenv_are_only_noticed),
		WITH_FOLDER(a_file_with_secrets_must_be_closed_to_others),
		WITH_FOLDER(a_secret_comes_from_its_value_a_command_or_a_file),
		WITH_FOLDER(
			a_command_that_fails_is_an_error_without_its_output),
		cmocka_unit_test(a_command_that_hangs_is_ended),
		WITH_FOLDER(writing_changes_one_key_and_nothing_else),
		WITH_FOLDER(writing_makes_what_is_missing_and_closes_secrets),
		WITH_FOLDER(files_have_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
