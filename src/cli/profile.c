/* mneme profile: the people of a store. */
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
	printer_key(out, "id");
	printer_id(out, p->id);
	printer_key(out, "name");
	printer_string(out, p->name);
	printer_key(out, "current");
	printer_bool(out, current);
	printer_key(out, "created_at");
	printer_time(out, p->created_at);
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
cli_profile_use(struct cli *cli, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	struct profile p;
	bool found;

	if (!txn || !record_profile_find(txn, slice_of(cli->words[0]),
					 &cli->arena, &p, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "no profile %.60s",
				 cli->words[0]);
	return setup_write_setting(cli, "MNEME_PROFILE", cli->words[0], err);
}
