/* mneme config, and settings by name. */
#include "mneme/config.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/llm.h"
#include "setup.h"

enum { SECRET_MAX = 4096 };

/* Names in the code are in the table. */
static enum config_option
option_of(const char *name)
{
	enum config_option option = CONFIG_OPTION_COUNT;
	bool found = config_option_find(slice_of(name), &option);

	assert(found);
	(void)found;
	return option;
}

bool
setup_config(struct cli *cli, struct error *err)
{
	const struct config_sources sources = {
		.file = cli->options.config,
		.data_dir = cli->options.data_dir,
		/* Other programs' folders have such files: only for serving. */
		.dotenv = cli->command->run == cli_serve ? ".env" : NULL,
		.environment = (const char *const *)environ,
	};

	if (sources.data_dir && !*sources.data_dir)
		return error_set(err, ERROR_USAGE, "--data-dir is empty");
	cli->config = config_load(&sources, err);
	if (!cli->config)
		return false;
	const char *notice;
	for (size_t i = 0; (notice = config_notice(cli->config, i)); i++)
		fprintf(stderr, "mneme: %s\n", notice);
	return true;
}

void
setup_drop_config(struct cli *cli)
{
	config_destroy(&cli->config);
}

const char *
setup_data_dir(struct cli *cli, struct error *err)
{
	return config_data_dir(cli->config, err);
}

const char *
setting_text(struct cli *cli, const char *name)
{
	return config_text(cli->config, option_of(name));
}

int64_t
setting_int(struct cli *cli, const char *name)
{
	return config_int(cli->config, option_of(name));
}

bool
setting_secret(struct cli *cli, const char *name, struct buf *out, bool *found,
	       struct error *err)
{
	enum config_option option = option_of(name);

	if (!config_secret(cli->config, option, out, err))
		return false;
	*found = config_is_set(cli->config, option);
	return true;
}

bool
setup_write_setting(struct cli *cli, const char *key, const char *value,
		    struct error *err)
{
	const char *path = config_file(cli->config, err);

	return path && config_write(path, key, value, err);
}

/* Of a secret, only whether there is one. */
static const char *
shown_value(struct cli *cli, enum config_option option)
{
	if (config_rows[option].kind != CONFIG_SECRET)
		return config_text(cli->config, option);
	return config_is_set(cli->config, option) ? "set" : NULL;
}

static void
show(struct cli *cli, enum config_option option)
{
	const struct config_row *row = &config_rows[option];
	const char *origin = config_origins[config_origin(cli->config, option)];
	const char *value = shown_value(cli, option);
	struct printer *p = &cli->printer;

	if (!cli->options.json) {
		buf_addf(&cli->out, "%s=", row->name);
		cli_show_line(cli, slice_of(value), 200);
		buf_addf(&cli->out, "  (%s)  %s\n", origin, row->help);
		return;
	}
	printer_map(p);
	printer_add_word(p, "name", row->name);
	printer_add_string_or_null(p, "value", slice_of(value));
	printer_add_word(p, "origin", origin);
	printer_add_bool(p, "per_profile", row->scope == CONFIG_PER_PROFILE);
	printer_end(p);
}

bool
cli_config_list(struct cli *cli, struct error *err)
{
	(void)err;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++)
		show(cli, (enum config_option)i);
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

bool
cli_config_get(struct cli *cli, struct error *err)
{
	enum config_option option;

	if (!config_option_find(slice_of(cli->words[0]), &option))
		return error_set(err, ERROR_USAGE, "%.60s: no such setting",
				 cli->words[0]);
	const char *value = shown_value(cli, option);
	if (cli->options.json) {
		show(cli, option);
		return true;
	}
	cli_show_line(cli, slice_of(value), 1 << 16);
	buf_addc(&cli->out, '\n');
	return true;
}

/* Without VALUE it is read, so that a key stands in no shell's history. */
bool
cli_config_set(struct cli *cli, struct error *err)
{
	const char *key = cli->words[0], *value = cli->words[1];
	char line[SECRET_MAX];
	enum config_option option;

	if (!config_option_find(slice_of(key), &option))
		option = CONFIG_OPTION_COUNT; /* KEY_CMD, or unknown */
	if (cli->word_count == 1 && option != CONFIG_OPTION_COUNT &&
	    config_rows[option].kind == CONFIG_SECRET) {
		if (!cli_read_hidden(key, "value", line, sizeof(line), err))
			return false;
		value = line;
	} else if (cli->word_count == 1) {
		return error_set(err, ERROR_USAGE,
				 "usage: mneme config set KEY VALUE (a secret "
				 "KEY's is asked for, or standard input)");
	}
	bool good = (option != CONFIG_LLM_PROVIDER ||
		     llm_provider_known(slice_of(value), ERROR_USAGE, err)) &&
		    setup_write_setting(cli, key, value, err);
	explicit_bzero(line, sizeof(line));
	if (good && option != CONFIG_OPTION_COUNT &&
	    config_origin(cli->config, option) == CONFIG_FROM_ENVIRONMENT)
		fprintf(stderr,
			"mneme: written; the environment's %s still wins\n",
			key);
	return good;
}

bool
cli_config_unset(struct cli *cli, struct error *err)
{
	return setup_write_setting(cli, cli->words[0], NULL, err);
}

bool
cli_config_path(struct cli *cli, struct error *err)
{
	const char *file = config_file(cli->config, err);
	const char *data = file ? config_data_dir(cli->config, err) : NULL;

	if (!data)
		return false;
	printer_map(&cli->printer);
	printer_add_word(&cli->printer, "config", file);
	printer_add_word(&cli->printer, "data", data);
	printer_end(&cli->printer);
	return true;
}
