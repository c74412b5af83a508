/*
 * mneme profile passwd, key: a local person's ways into the API.
 *
 * With access to the files a password protects nothing here; it is for those
 * who come over the network.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/auth.h"
#include "mneme/store.h"

/* ---- passwords */

static void
strip_line(char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
}

/* What ends the program while the echo is off gives it back first. */
static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

enum { ENDS = COUNT(ends) };

static struct termios with_echo;

static void
give_back(int signo)
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &with_echo);
	raise(signo); /* which now does what it does by default */
}

static void
echo_off(struct sigaction before[ENDS])
{
	const struct sigaction action = {.sa_handler = give_back,
					 .sa_flags = (int)SA_RESETHAND};
	struct termios quiet = with_echo;

	for (int i = 0; i < ENDS; i++)
		sigaction(ends[i], &action, &before[i]);
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

static void
echo_on(const struct sigaction before[ENDS])
{
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &with_echo);
	for (int i = 0; i < ENDS; i++)
		sigaction(ends[i], &before[i], NULL);
}

/* One line, without its echo on a terminal: that is off before anybody is
 * asked, so that not a letter is seen, nor lost. */
bool
cli_read_hidden(const char *question, const char *what, char *line, size_t size,
		struct error *err)
{
	struct sigaction before[ENDS];
	bool terminal = tcgetattr(STDIN_FILENO, &with_echo) == 0;

	if (terminal) {
		echo_off(before);
		fprintf(stderr, "%s: ", question);
	}
	bool read = fgets(line, (int)size, stdin) != NULL;
	if (terminal) {
		echo_on(before);
		fputc('\n', stderr);
	}
	if (!read)
		return error_set(err, ERROR_USAGE, "no %s was given", what);
	if (!strchr(line, '\n') && strlen(line) == size - 1)
		return error_set(err, ERROR_LIMIT, "a %s has at most %zu bytes",
				 what, size - 2);
	strip_line(line);
	return true;
}

struct new_password {
	struct id profile;
	struct buf hash;
};

static bool
put_password(struct store_txn *txn, void *arg, struct error *err)
{
	struct new_password *p = arg;

	return auth_password_store(txn, p->profile, buf_slice(&p->hash), err);
}

static bool
ask_password(char line[AUTH_PASSWORD_MAX + 2], struct error *err)
{
	char again[AUTH_PASSWORD_MAX + 2];
	bool same = true;

	if (!cli_read_hidden("New password", "password", line,
			     AUTH_PASSWORD_MAX + 2, err) ||
	    !auth_password_fits(slice_of(line), err))
		return false;
	if (isatty(STDIN_FILENO)) {
		if (!cli_read_hidden("Once more", "password", again,
				     sizeof(again), err))
			return false;
		same = strcmp(line, again) == 0;
		explicit_bzero(again, sizeof(again));
	}
	return same || error_set(err, ERROR_INVALID, "the two differ");
}

bool
cli_profile_passwd(struct cli *cli, struct error *err)
{
	struct new_password p = {.profile = cli->profile.id};
	char line[AUTH_PASSWORD_MAX + 2];
	bool good;

	buf_init(&p.hash, RECORD_PASSWORD_MAX);
	good = ask_password(line, err) &&
	       auth_password_hash(slice_of(line), &p.hash, err) &&
	       store_write(cli->store, put_password, &p, err);
	explicit_bzero(line, sizeof(line));
	buf_clear(&p.hash);
	return good;
}

/* ---- keys */

struct key_change {
	struct id profile;
	struct slice name;
	enum api_scope scope;
	char text[AUTH_KEY_TEXT + 1];
	struct api_key key;
	bool was;
};

static void
print_key(struct cli *cli, const struct api_key *key, const char *text)
{
	struct printer *p = &cli->printer;

	printer_map(p);
	printer_add_id(p, "id", key->id);
	printer_add_string(p, "name", key->name);
	printer_add_word(p, "scope", api_scope_names[key->scope]);
	printer_add_string(p, "hint", key->hint);
	printer_add_time(p, "created_at", key->created_at);
	printer_add_time_or_null(p, "last_used_at", key->used_at);
	if (text)
		printer_add_word(p, "key", text);
	printer_end(p);
}

static bool
make_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct key_change *c = arg;

	return auth_key_make(txn, c->profile, c->name, c->scope, c->text,
			     &c->key, err);
}

static bool
add_key(struct cli *cli, struct error *err)
{
	const char *scope = cli->options.scope;
	struct key_change c = {.profile = cli->profile.id, .scope = API_WRITE};

	if (cli->word_count != 2)
		return error_set(err, ERROR_USAGE,
				 "say what the key is for: profile key add "
				 "NAME");
	if (scope && strcmp(scope, "read") == 0)
		c.scope = API_READ;
	else if (scope && strcmp(scope, "write") != 0)
		return error_set(err, ERROR_USAGE,
				 "--scope is read or write, not %.40s", scope);
	c.name = slice_of(cli->words[1]);
	auth_key_text(c.text);
	if (!store_write(cli->store, make_key, &c, err))
		return false;
	if (cli->options.json) {
		print_key(cli, &c.key, c.text);
		return true;
	}
	buf_addf(&cli->out, "%s\n", c.text);
	fprintf(stderr,
		"mneme: this is shown once; revoke it with: mneme "
		"profile key revoke %s\n",
		cli->words[1]);
	return true;
}

static bool
list_keys(struct cli *cli, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	char id[ID_TEXT + 1];
	struct api_key *list;
	size_t n;

	if (!txn || !record_api_key_list(txn, cli->profile.id, &cli->arena,
					 &list, &n, err))
		return false;
	if (cli->options.json)
		printer_list(&cli->printer);
	for (size_t i = 0; i < n; i++) {
		if (cli->options.json) {
			print_key(cli, &list[i], NULL);
			continue;
		}
		buf_addf(&cli->out, "%s  %-5s  %.*s...  ",
			 id_format(list[i].id, id),
			 api_scope_names[list[i].scope],
			 SLICE_ARG(list[i].hint));
		cli_show_line(cli, list[i].name, RECORD_NAME_MAX);
		buf_addc(&cli->out, '\n');
	}
	if (cli->options.json)
		printer_end(&cli->printer);
	return true;
}

/* By its id, or a beginning of it, or its name. */
static bool
find_key(struct cli *cli, const char *word, struct id *out, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	char id[ID_TEXT + 1];
	struct api_key *list;
	size_t n, fits = 0;

	if (!txn || !record_api_key_list(txn, cli->profile.id, &cli->arena,
					 &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		id_format(list[i].id, id);
		bool begins = strlen(word) >= ID_PREFIX_MIN &&
			      strncmp(id, word, strlen(word)) == 0;

		if (!begins && !slice_is(list[i].name, word))
			continue;
		*out = list[i].id;
		fits++;
	}
	if (fits > 1)
		return error_set(err, ERROR_USAGE,
				 "%.60s is more than one key: give its id",
				 word);
	return fits == 1 ||
	       error_set(err, ERROR_NOT_FOUND, "no key %.60s", word);
}

static bool
drop_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct key_change *c = arg;

	return record_api_key_delete(txn, c->profile, c->key.id, &c->was, err);
}

static bool
revoke_key(struct cli *cli, struct error *err)
{
	struct key_change c = {.profile = cli->profile.id};

	if (cli->word_count != 2)
		return error_set(err, ERROR_USAGE,
				 "say which: profile key revoke ID");
	return find_key(cli, cli->words[1], &c.key.id, err) &&
	       store_write(cli->store, drop_key, &c, err);
}

bool
cli_profile_key(struct cli *cli, struct error *err)
{
	const char *verb = cli->words[0];

	if (strcmp(verb, "add") == 0)
		return add_key(cli, err);
	if (strcmp(verb, "revoke") == 0)
		return revoke_key(cli, err);
	if (strcmp(verb, "list") == 0 && cli->word_count == 1)
		return list_keys(cli, err);
	return error_set(err, ERROR_USAGE,
			 "profile key add NAME, list, or revoke ID");
}
