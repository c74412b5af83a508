/* mneme config, and settings by name. */
#include "mneme/config.h"

#include "cli.h"
#include "setup.h"

bool
setup_config(struct cli *cli, struct error *err)
{
	cli->config =
		config_load(cli->options.config, cli->options.data_dir, err);
	if (!cli->config)
		return false;
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *o = &config_options[i];
		if (o->kind == CONFIG_UNUSED &&
		    config_text(cli->config, o->name))
			fprintf(stderr, "mneme: %s is set; it is not needed\n",
				o->name);
	}
	return true;
}

void
setup_drop_config(struct cli *cli)
{
	config_drop(&cli->config);
}

const char *
setup_data_dir(struct cli *cli, struct error *err)
{
	(void)err;
	return config_data_dir(cli->config);
}

const char *
setting_text(struct cli *cli, const char *name)
{
	return config_text(cli->config, name);
}

int64_t
setting_int(struct cli *cli, const char *name)
{
	return config_integer(cli->config, name);
}

bool
setting_secret(struct cli *cli, const char *name, struct buf *out, bool *found,
	       struct error *err)
{
	return config_secret(cli->config, name, out, found, err);
}

bool
setup_write_setting(struct cli *cli, const char *key, const char *value,
		    struct error *err)
{
	return config_write(cli->config, key, value, err);
}

static void
show(struct cli *cli, const struct config_option *o)
{
	const char *value = config_text(cli->config, o->name);
	struct printer *p = &cli->printer;

	if (!cli->options.json) {
		buf_addf(&cli->out, "%s=", o->name);
		cli_show_line(cli, slice_of(value), 200);
		buf_addf(&cli->out, "  (%s)  %s\n",
			 config_origin_names[config_origin(cli->config,
							   o->name)],
			 o->summary);
		return;
	}
	printer_map(p);
	printer_key(p, "name");
	printer_string(p, slice_of(o->name));
	printer_key(p, "value");
	value ? printer_string(p, slice_of(value)) : printer_null(p);
	printer_key(p, "origin");
	printer_string(p, slice_of(config_origin_names[config_origin(
				  cli->config, o->name)]));
	printer_end(p);
}

bool
cli_config_list(struct cli *cli, struct error *err)
{
	(void)err;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < config_option_count; i++)
		show(cli, &config_options[i]);
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

bool
cli_config_get(struct cli *cli, struct error *err)
{
	const struct config_option *o = config_find(slice_of(cli->words[0]));

	if (!o)
		return error_set(err, ERROR_USAGE, "%.60s: no such setting",
				 cli->words[0]);
	const char *value = config_text(cli->config, o->name);
	if (cli->options.json) {
		show(cli, o);
		return true;
	}
	cli_show_line(cli, slice_of(value), 1 << 16);
	buf_addc(&cli->out, '\n');
	return true;
}

bool
cli_config_set(struct cli *cli, struct error *err)
{
	return config_write(cli->config, cli->words[0], cli->words[1], err);
}

bool
cli_config_path(struct cli *cli, struct error *err)
{
	(void)err;
	printer_map(&cli->printer);
	printer_key(&cli->printer, "config");
	printer_string(&cli->printer, slice_of(config_file(cli->config)));
	printer_key(&cli->printer, "data");
	printer_string(&cli->printer, slice_of(config_data_dir(cli->config)));
	printer_end(&cli->printer);
	return true;
}
