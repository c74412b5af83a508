/*
 * mneme profile show, set, unset: what a person set for themselves.
 *
 * It lies in the store, which only its owner can read.  A secret that is
 * replaced or taken out leaves the store's free pages too.
 */
#include <stdio.h>

#include "cli.h"
#include "mneme/config.h"
#include "mneme/store.h"
#include "mneme/voice.h"

enum { SECRET_MAX = 4096 };

static bool
wins_over_own(const struct cli *cli, enum config_option option)
{
	return config_origin(cli->config, option) > CONFIG_FROM_PROFILE;
}

/* ---- show ---- */

static void
show_one(struct cli *cli, const struct record_setting *setting,
	 enum config_option option)
{
	struct printer *p = &cli->printer;
	bool secret = config_rows[option].kind == CONFIG_SECRET;
	bool loses = wins_over_own(cli, option);
	struct slice value = secret ? slice_of("set") : setting->value;

	if (!cli->options.json) {
		buf_addf(&cli->out, "%s=", config_rows[option].name);
		cli_show_line(cli, value, 200);
		buf_addf(&cli->out, "%s\n",
			 loses ? "  (the environment's is used)" : "");
		return;
	}
	printer_map(p);
	printer_add_word(p, "name", config_rows[option].name);
	printer_add_string(p, "value", value);
	printer_add_bool(p, "used", !loses);
	printer_end(p);
}

/* What an older or a newer mneme put there may be no option. */
static void
show_all(struct cli *cli, const struct record_setting *list, size_t n)
{
	enum config_option option;

	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++)
		if (config_option_find(list[i].name, &option))
			show_one(cli, &list[i], option);
	if (cli->options.json)
		printer_end(&cli->printer);
}

bool
cli_profile_show(struct cli *cli, struct error *err)
{
	struct profile p = cli->profile;
	struct record_setting *list;
	size_t n;

	if (cli->word_count
		    ? !cli_profile_find(cli, cli->words[0], &p, err)
		    : id_none(p.id) &&
			      !error_set(err, ERROR_NOT_FOUND,
					 "there is no such profile: mneme "
					 "profile list"))
		return false;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	if (!txn ||
	    !record_setting_list(txn, p.id, &cli->arena, &list, &n, err))
		return false;
	show_all(cli, list, n);
	return true;
}

/* ---- set, unset ---- */

struct own_change {
	struct id profile;
	const char *key;
	struct slice value; /* empty: out */
	bool was;           /* there was one */
};

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct own_change *change = arg;
	struct slice key = slice_of(change->key), before;

	return record_setting_get(txn, change->profile, key, &arena, &before,
				  &change->was, err) &&
	       record_setting_put(txn, change->profile, key, change->value,
				  err);
}

static bool
write_own(struct cli *cli, struct own_change *change, struct error *err)
{
	enum config_option option;

	if (!store_write(cli->store, put, change, err))
		return false;
	if (!config_option_find(slice_of(change->key), &option))
		return change->was ||
		       error_set(err, ERROR_USAGE, "%.60s: unknown key",
				 change->key);
	if (wins_over_own(cli, option) && change->value.len)
		fprintf(stderr,
			"mneme: written; the environment's %s still wins\n",
			change->key);
	return config_rows[option].kind != CONFIG_SECRET || !change->was ||
	       cli_purge(cli, change->profile, err);
}

/* "profile ada: KEY: value: why" */
static bool
may_set(const struct profile *p, const char *key, const struct slice *value,
	enum config_option *option, struct error *err)
{
	struct error why = {0};

	return voice_setting_check(slice_of(key), value, option, &why) ||
	       error_set(err, why.code, "profile %.*s: %s", SLICE_ARG(p->name),
			 why.text);
}

bool
cli_profile_set(struct cli *cli, struct error *err)
{
	const char *key = cli->words[1];
	struct slice value =
		slice_of(cli->word_count > 2 ? cli->words[2] : NULL);
	char line[SECRET_MAX + 1];
	enum config_option option;
	struct profile p;

	if (!cli_profile_find(cli, cli->words[0], &p, err) ||
	    !may_set(&p, key, NULL, &option, err))
		return false;
	if (!value.data && config_rows[option].kind != CONFIG_SECRET)
		return error_set(err, ERROR_USAGE,
				 "usage: mneme profile set NAME KEY VALUE (a "
				 "secret KEY's is asked for, or standard "
				 "input)");
	if (!value.data) {
		if (!cli_read_hidden(key, "value", line, sizeof(line), err))
			return false;
		value = slice_of(line);
	}
	struct own_change change = {
		.profile = p.id, .key = key, .value = value};
	bool good = may_set(&p, key, &value, &option, err) &&
		    write_own(cli, &change, err);
	explicit_bzero(line, sizeof(line));
	return good;
}

/* Also what may not be set any more. */
bool
cli_profile_unset(struct cli *cli, struct error *err)
{
	struct own_change change = {.key = cli->words[1]};
	struct profile p;

	if (!cli_profile_find(cli, cli->words[0], &p, err))
		return false;
	change.profile = p.id;
	return write_own(cli, &change, err);
}
