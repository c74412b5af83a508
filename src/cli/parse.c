/* From argv to struct cli: options may stand anywhere, "--" ends them. */
#include <stdlib.h>

#include "cli.h"

/* A row fits a command when its list names it. */
bool
option_fits(const struct option_row *row, const struct command *command)
{
	struct slice rest = slice_of(row->commands), one;

	if (slice_is(rest, "*"))
		return true;
	while (slice_split(&rest, ',', &one)) {
		if (command && slice_is(one, command->name))
			return true;
	}
	return false;
}

static const struct option_row *
find_option(struct slice name, char letter)
{
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];
		if (letter ? row->letter == letter : slice_is(name, row->name))
			return row;
	}
	return NULL;
}

static bool
store_option(struct cli *cli, const struct option_row *row, const char *value,
	     struct error *err)
{
	char *where = (char *)&cli->options + row->where;

	if (row->kind == OPTION_FLAG) {
		*(bool *)where = true;
		return true;
	}
	if (row->kind == OPTION_TEXT) {
		*(const char **)(void *)where = value;
		return true;
	}
	if (cli->options.file_count == CLI_FILES_MAX)
		return error_set(err, ERROR_USAGE, "--%s: more than %d files",
				 row->name, CLI_FILES_MAX);
	cli->options.files[cli->options.file_count++] = value;
	return true;
}

struct parser {
	struct cli *cli;
	int argc, at;
	char **argv;
	const struct option_row *given[64];
	size_t given_count;
};

static bool
unknown_option(const char *word, struct slice name, struct error *err)
{
	struct nearest n;

	nearest_start(&n, name);
	for (size_t i = 0; name.len && i < option_row_count; i++)
		nearest_offer(&n, slice_of(option_rows[i].name));
	if (n.name.len)
		return error_set(err, ERROR_USAGE,
				 "unknown option %s; did you mean --%.*s?",
				 word, SLICE_ARG(n.name));
	return error_set(err, ERROR_USAGE,
			 "unknown option %s; mneme help lists them", word);
}

/* One word that begins with "-". */
static bool
take_option(struct parser *p, struct error *err)
{
	const char *word = p->argv[p->at];
	bool long_form = word[1] == '-';
	const char *equals = long_form ? strchr(word, '=') : NULL;
	struct slice name =
		long_form ? slice_make(word + 2,
				       equals ? (size_t)(equals - word - 2)
					      : strlen(word + 2))
			  : (struct slice){0};
	const struct option_row *row =
		find_option(name, long_form ? 0 : word[1]);
	const char *value = equals ? equals + 1 : NULL;

	if (!row)
		return unknown_option(word, name, err);
	if (row->kind == OPTION_FLAG && (value || (!long_form && word[2])))
		return error_set(err, ERROR_USAGE, "%s takes no value", word);
	if (row->kind != OPTION_FLAG && !value) {
		if (!long_form && word[2])
			value = word + 2;
		else if (p->at + 1 < p->argc)
			value = p->argv[++p->at];
		else
			return error_set(err, ERROR_USAGE, "%s wants a value",
					 word);
	}
	if (p->given_count < COUNT(p->given))
		p->given[p->given_count++] = row;
	return store_option(p->cli, row, value, err);
}

static bool
split_words(struct parser *p, struct error *err)
{
	struct cli *cli = p->cli;
	bool options = true;

	cli->words = arena_alloc(&cli->arena, (size_t)p->argc + 1,
				 sizeof(*cli->words));
	for (p->at = 1; p->at < p->argc; p->at++) {
		char *word = p->argv[p->at];
		if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && word[0] == '-' && word[1]) {
			if (!take_option(p, err))
				return false;
		} else {
			cli->words[cli->word_count++] = word;
		}
	}
	return true;
}

/* How many words of the line the name takes up: 0 when it is another. */
static size_t
name_fits(const struct cli *cli, const char *name)
{
	struct slice rest = slice_of(name), part;
	size_t n = 0;

	while (slice_split(&rest, ' ', &part)) {
		if (n == cli->word_count || !slice_is(part, cli->words[n]))
			return 0;
		n++;
	}
	return n;
}

struct slice
command_group(const struct command *command, struct slice *rest)
{
	struct slice first = {0};

	*rest = slice_of(command->name);
	slice_split(rest, ' ', &first);
	return first;
}

/* Say what a group of commands has: "memory" alone, or with a wrong word. */
static bool
unknown_in_group(struct cli *cli, struct error *err)
{
	struct slice second =
		slice_of(cli->word_count > 1 ? cli->words[1] : "");
	SCOPED(buf_clear) struct buf list;
	struct nearest n;

	buf_init(&list, 4096);
	nearest_start(&n, second);
	for (size_t i = 0; i < command_count; i++) {
		struct slice rest;
		if (!slice_is(command_group(&commands[i], &rest),
			      cli->words[0]))
			continue;
		buf_addf(&list, "%s%.*s", list.len ? ", " : "",
			 SLICE_ARG(rest));
		nearest_offer(&n, rest);
	}
	if (second.len == 0)
		return error_set(err, ERROR_USAGE, "mneme %s does one of: %s",
				 cli->words[0], buf_text(&list));
	if (n.name.len)
		return error_set(err, ERROR_USAGE,
				 "unknown command '%s %s'; did you mean "
				 "%s %.*s?",
				 cli->words[0], cli->words[1], cli->words[0],
				 SLICE_ARG(n.name));
	return error_set(err, ERROR_USAGE,
			 "unknown command '%s %s'; mneme %s does one of: %s",
			 cli->words[0], cli->words[1], cli->words[0],
			 buf_text(&list));
}

static bool
unknown_command(struct cli *cli, struct error *err)
{
	struct nearest n;

	nearest_start(&n, slice_of(cli->words[0]));
	for (size_t i = 0; i < command_count; i++) {
		struct slice rest, first = command_group(&commands[i], &rest);
		if (rest.len && slice_is(first, cli->words[0]))
			return unknown_in_group(cli, err);
		nearest_offer(&n, first);
	}
	if (n.name.len)
		return error_set(err, ERROR_USAGE,
				 "unknown command '%s'; did you mean "
				 "mneme %.*s?",
				 cli->words[0], SLICE_ARG(n.name));
	return error_set(err, ERROR_USAGE,
			 "unknown command '%s'; mneme help lists them, and "
			 "mneme ask sends words to the model",
			 cli->words[0]);
}

static bool
find_command(struct cli *cli, struct error *err)
{
	if (cli->word_count == 0) {
		cli->command = &commands[0];
		return true;
	}
	for (size_t i = 0; i < command_count; i++) {
		size_t n = name_fits(cli, commands[i].name);
		if (n == 0)
			continue;
		cli->command = &commands[i];
		cli->words += n;
		cli->word_count -= n;
		return true;
	}
	if (cli->options.help)
		return true;
	return unknown_command(cli, err);
}

static bool
check_color(const char *when, struct error *err)
{
	static const char *const words[] = {"auto", "always", "never"};

	if (!when)
		return true;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(when, words[i]) == 0)
			return true;
	return error_set(err, ERROR_USAGE, "--color '%.40s': %s, %s or %s",
			 when, words[0], words[1], words[2]);
}

bool
cli_parse(struct cli *cli, int argc, char **argv, struct error *err)
{
	struct parser p = {.cli = cli, .argc = argc, .argv = argv};

	if (!split_words(&p, err))
		return false;
	if (cli->options.version)
		return true;
	if (!check_color(cli->options.color, err))
		return false;
	if (!find_command(cli, err))
		return false;
	if (cli->options.help)
		return true;
	const struct command *c = cli->command;
	for (size_t i = 0; i < p.given_count; i++) {
		if (!option_fits(p.given[i], c))
			return error_set(err, ERROR_USAGE,
					 "--%s is no option of mneme %s",
					 p.given[i]->name, c->name);
	}
	if (cli->word_count >= c->least && cli->word_count <= c->most)
		return true;
	return error_set(err, ERROR_USAGE, "%susage: mneme %s%s%s",
			 cli->word_count > c->most ? "too many words; " : "",
			 c->name, *c->operands ? " " : "", c->operands);
}

bool
cli_memory_type(const char *text, enum memory_type *type, struct error *err)
{
	SCOPED(buf_clear) struct buf names = {.max = 512};

	if (record_memory_type_find(slice_of(text), type))
		return true;
	for (int i = 0; i < MEMORY_TYPE_COUNT; i++)
		buf_addf(&names, "%s%s", i ? ", " : "",
			 record_memory_types[i].name);
	return error_set(err, ERROR_USAGE, "--type '%.40s': not one of: %s",
			 text, buf_text(&names));
}

bool
cli_number(const char *option, const char *text, int64_t low, int64_t high,
	   int64_t *value, struct error *err)
{
	if (!slice_number(slice_of(text), value) || *value < low ||
	    *value > high)
		return error_set(err, ERROR_USAGE,
				 "--%s '%.40s': a whole number from %lld to "
				 "%lld",
				 option, text, (long long)low, (long long)high);
	return true;
}

bool
cli_real(const char *option, const char *text, double low, double high,
	 double *value, struct error *err)
{
	char *end;

	*value = strtod(text, &end);
	if (end == text || *end || !(*value >= low && *value <= high))
		return error_set(err, ERROR_USAGE,
				 "--%s '%.40s': a number from %g to %g", option,
				 text, low, high);
	return true;
}
