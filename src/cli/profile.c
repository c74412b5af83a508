/* mneme profile: the people of a store. */
#include <strings.h>

#include "cli.h"
#include "mneme/auth.h"
#include "mneme/store.h"
#include "setup.h"

static void
print_profile(struct cli *cli, const struct profile *p)
{
	struct printer *out = &cli->printer;
	bool current = id_equal(p->id, cli->profile.id);

	if (!cli->options.json) {
		buf_addf(&cli->out, "%c ", current ? '*' : ' ');
		cli_show_line(cli, p->name, RECORD_NAME_MAX);
		buf_addc(&cli->out, '\n');
		return;
	}
	printer_map(out);
	printer_add_id(out, "id", p->id);
	printer_add_string(out, "name", p->name);
	printer_add_bool(out, "current", current);
	printer_add_time(out, "created_at", p->created_at);
	printer_end(out);
}

bool
cli_profile_list(struct cli *cli, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct profile *list;
	size_t n;

	if (!txn || !record_profile_list(txn, &cli->arena, &list, &n, err))
		return false;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++)
		print_profile(cli, &list[i]);
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

struct new_profile {
	struct profile p;
	struct slice hash; /* of a password; may be empty */
};

static bool
create(struct store_txn *txn, void *arg, struct error *err)
{
	struct new_profile *made = arg;

	return record_profile_create(txn, &made->p, err) &&
	       record_password_put(txn, made->p.id, made->hash, err);
}

bool
cli_profile_add(struct cli *cli, struct error *err)
{
	struct new_profile made = {
		.p = {.name = slice_of(cli->words[0]),
		      .email = slice_of(cli->options.email)},
		.hash = slice_of(cli->options.password_hash),
	};

	if (made.p.name.len == 0 || made.p.name.len > RECORD_NAME_MAX)
		return error_set(err, ERROR_USAGE, "a name has 1 to %d bytes",
				 RECORD_NAME_MAX);
	if (memchr(made.p.name.data, '@', made.p.name.len))
		return error_set(err, ERROR_USAGE, "a name holds no @");
	if (made.p.email.len && !auth_email_fits(made.p.email, err))
		return error_set(err, ERROR_USAGE, "--email: %s", err->text);
	if (made.hash.len && !auth_password_hash_fits(made.hash, err))
		return error_set(err, ERROR_USAGE, "--password-hash: %s",
				 err->text);
	if (!store_write(cli->store, create, &made, err))
		return false;
	if (cli->options.json)
		print_profile(cli, &made.p);
	return true;
}

bool
cli_profile_find(struct cli *cli, const char *name, struct profile *out,
		 struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	bool found;

	if (!txn || !record_profile_find(txn, slice_of(name), &cli->arena, out,
					 &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "no profile %.60s", name);
}

bool
cli_profile_use(struct cli *cli, struct error *err)
{
	struct profile p;

	return cli_profile_find(cli, cli->words[0], &p, err) &&
	       setup_write_setting(cli, "MNEME_PROFILE", cli->words[0], err);
}

/* ---- rename, delete ---- */

struct change_of {
	struct profile p;
	bool done;
};

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	struct change_of *change = arg;

	return record_profile_update(txn, &change->p, err);
}

/* Whether `name` is the one that commands work for. */
static bool
is_chosen(struct cli *cli, struct slice name)
{
	const char *chosen = setting_text(cli, "MNEME_PROFILE");

	return chosen && name.len == strlen(chosen) &&
	       strncasecmp(name.data, chosen, name.len) == 0;
}

bool
cli_profile_rename(struct cli *cli, struct error *err)
{
	struct change_of change = {0};
	const char *name = cli->words[1];

	if (!cli_profile_find(cli, cli->words[0], &change.p, err))
		return false;
	struct slice was = change.p.name;
	change.p.name = slice_of(name);
	if (!store_write(cli->store, put, &change, err))
		return false;
	if (is_chosen(cli, was) &&
	    !setup_write_setting(cli, "MNEME_PROFILE", name, err))
		return false;
	if (cli->options.json)
		print_profile(cli, &change.p);
	return true;
}

static bool
delete_some(struct store_txn *txn, void *arg, struct error *err)
{
	enum { ROWS = 2000 };
	struct change_of *change = arg;

	return record_profile_delete(txn, change->p.id, ROWS, &change->done,
				     err) &&
	       (!change->done || memory_purge_later(txn, change->p.id, err));
}

bool
cli_profile_delete(struct cli *cli, struct error *err)
{
	struct change_of change = {0};

	if (!cli_profile_find(cli, cli->words[0], &change.p, err))
		return false;
	SCOPED(free_pointer)
	char *question = xasprintf("Delete %.*s, with every conversation and "
				   "memory of theirs?",
				   SLICE_ARG(change.p.name));
	if (!cli_confirm(cli, question, err))
		return false;
	while (!change.done)
		if (!store_write(cli->store, delete_some, &change, err))
			return false;
	if (is_chosen(cli, change.p.name) &&
	    !setup_write_setting(cli, "MNEME_PROFILE", "default", err))
		return false;
	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_add_bool(&cli->printer, "success", true);
		printer_end(&cli->printer);
	}
	return cli_purge(cli, change.p.id, err);
}
