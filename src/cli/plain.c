/*
 * plain.c - the chat for dumb terminals, screen readers and pipes: lines are
 * only ever added, nothing is drawn over, nothing moves.
 *
 * A slash begins one of the commands of plain_commands.c, or any command of
 * the program: "/memory list" is what `mneme memory list` prints.  Where a
 * person sits before it the engine stays open between the turns; what comes
 * by a pipe is a turn a line, and the first that fails is the end.
 */
#include "plain.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/filter.h"
#include "mneme/store.h"
#include "plain_line.h"
#include "plain_private.h"

enum { WORDS_MAX = 64, LEARNED_MAX = 64 << 10, SECRET_MAX = 4096 };

/* ---- what is typed ---- */

/* What a person should know before the next line. */
static char *
prompt(struct plain *p)
{
	bool other = !id_equal(p->first, p->cli->profile.id), any;
	const char *name = other ? p->cli->options.profile : "";
	const char *comma = other ? ", " : "";
	enum memory_mode mode = p->mode;
	struct conversation c;
	struct error err;

	if (p->cli->options.incognito)
		return xasprintf("%s%sincognito> ", name, comma);
	if (plain_conversation(p, &c, &any, &err) && any)
		mode = c.memory_mode;
	if (mode == MEMORY_FULL)
		return xasprintf("%s> ", name);
	return xasprintf("%s%smemory %s> ", name, comma,
			 memory_mode_names[mode]);
}

static char *
next_line(struct plain *p)
{
	SCOPED(free_pointer) char *before = NULL;
	char *line;

	if (!p->terminal)
		return plain_line_read(NULL, NULL);
	before = prompt(p);
	if (p->learned.len)
		fputs(buf_text(&p->learned), stdout);
	buf_reset(&p->learned);
	line = plain_line_read(before, p->draft);
	free(p->draft);
	p->draft = NULL;
	if (line)
		plain_line_remember(line);
	return line;
}

char *
plain_ask(struct plain *p, const char *question)
{
	struct error err;
	char *answer, *kept;

	if (!cli_flush(p->cli, &err))
		return NULL;
	answer = plain_line_read(question, NULL);
	if (!answer)
		return NULL;
	kept = slice_dup(slice_trim(slice_of(answer)));
	free(answer);
	return kept;
}

char *
plain_ask_secret(struct plain *p, const char *question, const char *what,
		 struct error *err)
{
	char line[SECRET_MAX], *kept = NULL;

	if (cli_flush(p->cli, err) &&
	    cli_read_hidden(question, what, line, sizeof(line), err))
		kept = slice_dup(slice_trim(slice_of(line)));
	explicit_bzero(line, sizeof(line));
	return kept;
}

bool
plain_agrees(struct plain *p, const char *question)
{
	SCOPED(free_pointer) char *asked = xasprintf("%s [y/N] ", question);
	SCOPED(free_pointer) char *answer = plain_ask(p, asked);

	return answer && (*answer == 'y' || *answer == 'Y');
}

struct slice
plain_number(struct slice *rest)
{
	struct slice all = slice_trim(*rest), word = all;
	int64_t value;

	for (word.len = 0; word.len < all.len; word.len++)
		if (all.data[word.len] == ' ' || all.data[word.len] == '\n')
			break;
	if (!slice_number(word, &value))
		return (struct slice){0};
	*rest = slice_trim(slice_make(all.data + word.len, all.len - word.len));
	return word;
}

/* ---- the program's own commands ---- */

/* The next word of *rest, as it stands or in quotes; in the arena. */
static char *
next_word(struct cli *cli, struct slice *rest)
{
	SCOPED(buf_clear) struct buf word;
	char quote = 0;
	size_t i = 0;

	buf_init(&word, rest->len + 1);
	*rest = slice_trim(*rest);
	if (rest->len == 0)
		return NULL;
	for (; i < rest->len; i++) {
		char c = rest->data[i];

		if (!quote && (c == ' ' || c == '\n'))
			break;
		if (quote ? c == quote : i == 0 && (c == '"' || c == '\''))
			quote = quote ? 0 : c;
		else
			buf_addc(&word, c);
	}
	*rest = slice_make(rest->data + i, rest->len - i);
	return arena_text(&cli->arena, buf_slice(&word));
}

static size_t
split(struct cli *cli, struct slice text, char **words)
{
	size_t n = 0;

	while (n < WORDS_MAX && (words[n] = next_word(cli, &text)))
		n++;
	words[n] = NULL;
	return n;
}

/* Is it a command whose name has so many words (1: or begins so)? */
static bool
is_command(char **words, size_t count)
{
	for (size_t i = 0; words[0] && i < command_count; i++) {
		struct slice second,
			first = command_group(&commands[i], &second);

		if (!slice_is(first, words[0]) || slice_is(first, "chat"))
			continue;
		if (count == 1 || (words[1] && slice_is(second, words[1])))
			return true;
	}
	return false;
}

/* Run the program itself, with the same store and person. */
static bool
run_command(struct plain *p, char **words, size_t count, struct error *err)
{
	const char *argv[WORDS_MAX + 8] = {"mneme"};
	const struct cli_options *o = &p->cli->options;
	const struct {
		const char *option, *value;
	} passed[] = {{"--profile", o->profile},
		      {"--config", o->config},
		      {"--data-dir", o->data_dir}};
	size_t n = 1, i = 0;
	int status;

	for (; i < count && strcmp(words[i], "--") != 0; i++)
		argv[n++] = words[i];
	for (size_t k = 0; k < COUNT(passed); k++) {
		if (!passed[k].value)
			continue;
		argv[n++] = passed[k].option;
		argv[n++] = passed[k].value;
	}
	for (; i < count; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	return cli_flush(p->cli, err) &&
	       plain_run("/proc/self/exe", argv, NULL, false, &status, err);
}

/* ---- commands ---- */

static const struct plain_command *
find_command(struct slice name)
{
	for (size_t i = 0; i < plain_command_count; i++)
		if (slice_is(name, plain_commands[i].name))
			return &plain_commands[i];
	return NULL;
}

bool
plain_help(struct plain *p, struct slice command, struct error *err)
{
	static char help[] = "help";
	char *words[WORDS_MAX + 2] = {help};
	const struct plain_command *c = find_command(command);
	struct buf *out = &p->cli->out;

	if (c) {
		buf_addf(out, "/%s %s: %s\n", c->name, c->operand, c->help);
		return true;
	}
	if (command.len)
		return run_command(p, words,
				   1 + split(p->cli, command, &words[1]), err);
	plain_print_commands(out);
	buf_adds(out,
		 "N is the number of a turn, as /show has it; without it the "
		 "last one is meant.\n"
		 "/COMMAND ... is any command of the program too, such as "
		 "/memory list, /recall TEXT.\n"
		 "Everything else is said to the model, and what begins with a "
		 "blank; @FILE sends a text or an image along.\n");
	return true;
}

bool
plain_quit(struct plain *p, struct slice nothing, struct error *err)
{
	(void)nothing;
	(void)err;
	p->leaves = true;
	return true;
}

static bool
no_command(struct slice name, struct error *err)
{
	struct nearest n;

	for (size_t i = 0; i < plain_absent_count; i++)
		if (slice_is(name, plain_absent[i].name))
			return error_set(err, ERROR_USAGE, "%s",
					 plain_absent[i].why);
	nearest_start(&n, name);
	for (size_t i = 0; i < plain_command_count; i++)
		nearest_offer(&n, slice_of(plain_commands[i].name));
	for (size_t i = 0; i < command_count; i++) {
		struct slice rest;

		nearest_offer(&n, command_group(&commands[i], &rest));
	}
	return error_set(err, ERROR_USAGE,
			 "there is no command /%.*s; %s%.*s%s/help lists them",
			 (int)MIN(name.len, (size_t)60), name.data,
			 n.name.len ? "did you mean /" : "", SLICE_ARG(n.name),
			 n.name.len ? "? " : "");
}

static bool
run(struct plain *p, struct slice text, struct error *err)
{
	char *words[WORDS_MAX + 1];
	struct slice rest = slice_make(text.data + 1, text.len - 1), name;
	size_t n = split(p->cli, rest, words);
	const struct plain_command *c;

	slice_split(&rest, ' ', &name);
	if (is_command(words, 2))
		return run_command(p, words, n, err);
	c = find_command(name);
	if (c)
		return c->run(p, slice_trim(rest), err);
	if (is_command(words, 1))
		return run_command(p, words, n, err);
	return no_command(name, err);
}

static void
complain(const struct error *err)
{
	SCOPED(buf_clear) struct buf line;

	buf_init(&line, 16384);
	filter_line(slice_of(err->text), &line);
	fprintf(stderr, "mneme: %s\n", buf_text(&line));
}

/* False: it is none, but something to say, such as a path. */
static bool
command(struct plain *p, struct slice text)
{
	struct error err = {0}, broken = {0};
	struct slice rest = slice_make(text.data + 1, text.len - 1), word = {0};

	slice_split(&rest, ' ', &word);
	if (*text.data != '/' || word.len == 0 ||
	    memchr(word.data, '/', word.len))
		return false;
	bool good = run(p, text, &err);
	if (!cli_flush(p->cli, &broken))
		p->leaves = true;
	if (!good)
		complain(&err);
	return true;
}

/* ---- the loop ---- */

static bool
converse(struct plain *p, struct error *err)
{
	while (!p->leaves) {
		SCOPED(free_pointer) char *line = next_line(p);
		struct slice text = slice_trim(slice_of(line));
		struct error why = {0};

		if (!line)
			return true;
		if (text.len == 0 || (*line == '/' && command(p, text)))
			continue;
		if (plain_say(p, text, &why))
			continue;
		complain(&why);
		if (!p->terminal)
			return error_set(err, why.code, "%s", why.text);
	}
	return true;
}

/* What a line may begin with, for Tab: ours, then the program's. */
static const char *
name_at(size_t i)
{
	static char name[64];
	struct slice rest, first;

	if (i < plain_command_count) {
		snprintf(name, sizeof(name), "/%s", plain_commands[i].name);
		return name;
	}
	i -= plain_command_count;
	if (i >= command_count)
		return NULL;
	first = command_group(&commands[i], &rest);
	snprintf(name, sizeof(name), "/%.*s", SLICE_ARG(first));
	return name;
}

/* ---- what was being written ---- */

struct draft {
	struct id profile, conversation;
	struct slice text;
};

static bool
put_draft(struct store_txn *txn, void *arg, struct error *err)
{
	const struct draft *d = arg;

	return record_draft_put(txn, d->profile, d->conversation, d->text, err);
}

static bool
find_draft(struct plain *p, struct draft *d, struct error *err)
{
	struct conversation c = {0};
	bool any;

	if (!plain_conversation(p, &c, &any, err))
		return false;
	*d = (struct draft){.profile = p->cli->profile.id,
			    .conversation = c.id};
	return true;
}

/* It stands in the first line, and is no longer kept. */
static void
take_draft(struct plain *p)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct draft d;
	struct slice text = {0};
	struct error err = {0};
	{
		SCOPED(store_end) struct store_txn *txn = NULL;

		if (p->cli->options.incognito || !find_draft(p, &d, &err))
			return;
		txn = store_read(p->cli->store, &err);
		if (!txn || !record_draft_get(txn, d.profile, d.conversation,
					      &arena, &text, &err))
			complain(&err);
	}
	if (text.len == 0)
		return;
	p->draft = slice_dup(text);
	if (!store_write(p->cli->store, put_draft, &d, &err))
		complain(&err);
}

/* A signal came while it was written. */
static void
keep_draft(struct plain *p)
{
	SCOPED(free_pointer) char *left = plain_line_left();
	struct error err = {0};
	struct draft d;

	if (!left || p->cli->options.incognito)
		return;
	if (!find_draft(p, &d, &err)) {
		complain(&err);
		return;
	}
	d.text = slice_of(left);
	if (!store_write(p->cli->store, put_draft, &d, &err))
		complain(&err);
}

/* Where a person sits before it. */
static bool
attend(struct plain *p, struct error *err)
{
	struct cli *cli = p->cli;
	const char *word = cli->options.conversation;
	struct error why = {0};
	struct conversation c;

	if (word && cli->options.incognito)
		return error_set(err, ERROR_USAGE,
				 "--incognito keeps nothing, so it cannot go "
				 "on with a conversation");
	if (word && strcmp(word, "new") != 0) {
		if (!cli_find_conversation(cli, word, &c, err))
			return false;
		plain_go_on_with(p, c.id);
	}
	if (!desk_open(&p->desk, cli, &why, err))
		return false;
	if (why.code)
		fprintf(stderr, "mneme: %s; /setup sets a model up\n",
			why.text);
	engine_purge(&p->desk.engine);
	desk_learn(&p->desk);
	plain_listen(p);
	if (!plain_line_open(p->desk.engine.loop, &why))
		complain(&why);
	plain_line_complete(name_at);
	plain_load_history(p);
	take_draft(p);
	fprintf(stderr, "mneme: %s; /help lists the commands\n",
		p->desk.engine.chat.llm
			? cli->options.model
				  ? cli->options.model
				  : llm_model(p->desk.engine.chat.llm)
			: "no model answers yet");
	signal(SIGINT, SIG_IGN); /* but by the loop, where it means something */
	return true;
}

bool
plain_chat(struct cli *cli, struct error *err)
{
	struct plain p = {.cli = cli,
			  .terminal = isatty(STDIN_FILENO),
			  .first = cli->profile.id,
			  .model = cli->options.model};
	bool good;

	p.attended = p.terminal && isatty(STDOUT_FILENO) && !cli->options.json;
	buf_init(&p.learned, LEARNED_MAX);
	good = (!p.attended || attend(&p, err)) && converse(&p, err);
	keep_draft(&p);
	plain_line_close();
	if (p.desk.cli)
		desk_close(&p.desk);
	plain_drop_said(&p, 0);
	free(p.said);
	free(p.draft);
	free(p.unsent);
	buf_clear(&p.learned);
	return good;
}
