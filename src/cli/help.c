/* Help and completions, written from the tables. */
#include "cli.h"
#include "mneme/config.h"
#include "mneme/tui.h"
#include "plain.h"

static void
option_line(const struct option_row *row, struct buf *out)
{
	SCOPED(free_pointer)
	char *left = xasprintf(
		"%s%c%s--%s%s%s", row->letter ? "-" : "  ",
		row->letter ? row->letter : ' ', row->letter ? ", " : " ",
		row->name, row->value ? " " : "", row->value ? row->value : "");

	buf_addf(out, "  %-24s %s\n", left, row->summary);
}

static void
command_line(const struct command *c, struct buf *out)
{
	SCOPED(free_pointer)
	char *left = xasprintf("%s %s", c->name, c->operands);

	buf_addf(out, "  %-36s %s\n", left, c->summary);
}

bool
cli_help_group(struct slice group, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < command_count; i++) {
		struct slice rest;
		if (!slice_equal(command_group(&commands[i], &rest), group) ||
		    rest.len == 0)
			continue;
		if (!any)
			buf_addf(out, "usage: mneme %.*s COMMAND\n\n",
				 SLICE_ARG(group));
		any = true;
		command_line(&commands[i], out);
	}
	if (any)
		buf_addf(out, "\nmneme help %.*s COMMAND lists its options.\n",
			 SLICE_ARG(group));
	return any;
}

static void
all_help(struct buf *out)
{
	buf_adds(out, "mneme: a terminal chat that remembers\n\n"
		      "usage: mneme [COMMAND] [OPTION...] [WORD...]\n\n");
	for (size_t i = 0; i < command_count; i++)
		command_line(&commands[i], out);
	buf_adds(out,
		 "\nWithout a command: chat, whose keys \"mneme help keys\" "
		 "lists; \"mneme help\nplain\" has the commands of chat "
		 "--plain.\nOptions of every command:\n");
	for (size_t i = 0; i < option_row_count; i++) {
		if (strcmp(option_rows[i].commands, "*") == 0)
			option_line(&option_rows[i], out);
	}
	buf_adds(out, "\nExit status: 0 done, 1 failed, 2 wrong usage, 3 the "
		      "provider or the network\nfailed, 4 not set up or not "
		      "allowed, 5 input over a limit, 130 interrupted.\n");
}

/* What may be set for a person. */
static void
each_own_key(struct buf *out)
{
	buf_adds(out, "\nKEY is one of:\n");
	for (size_t i = 0; i < CONFIG_OPTION_COUNT; i++)
		if (config_rows[i].scope == CONFIG_PER_PROFILE)
			buf_addf(out, "  %-22s %s.\n", config_rows[i].name,
				 config_rows[i].help);
}

void
cli_help(const struct command *command, struct buf *out)
{
	if (!command) {
		all_help(out);
		return;
	}
	buf_addf(out, "usage: mneme %s [OPTION...] %s\n\n%s\n\n", command->name,
		 command->operands, command->summary);
	for (size_t i = 0; i < option_row_count; i++) {
		if (option_fits(&option_rows[i], command))
			option_line(&option_rows[i], out);
	}
	if (command->run == cli_profile_set)
		each_own_key(out);
}

bool
cli_help_command(struct cli *cli, struct error *err)
{
	struct slice name = cli_joined(cli, 0);

	if (name.len == 0) {
		cli_help(NULL, &cli->out);
		return true;
	}
	if (slice_is(name, "keys"))
		return tui_print_keys(&cli->out, err);
	if (slice_is(name, "plain")) {
		plain_print_commands(&cli->out);
		return true;
	}
	for (size_t i = 0; i < command_count; i++) {
		if (slice_is(name, commands[i].name)) {
			cli_help(&commands[i], &cli->out);
			return true;
		}
	}
	if (cli_help_group(name, &cli->out))
		return true;
	return error_set(err, ERROR_USAGE, "no command '%.*s'",
			 SLICE_ARG(name));
}

static void
each_first_word(struct buf *out)
{
	const char *last = "";

	for (size_t i = 0; i < command_count; i++) {
		struct slice rest, first = command_group(&commands[i], &rest);
		if (strncmp(last, first.data, first.len) != 0)
			buf_addf(out, "%.*s ", SLICE_ARG(first));
		last = commands[i].name;
	}
}

static void
each_option(const struct command *command, struct buf *out)
{
	for (size_t i = 0; i < option_row_count; i++) {
		if (option_fits(&option_rows[i], command))
			buf_addf(out, "--%s ", option_rows[i].name);
	}
}

static void
bash_completion(struct buf *out)
{
	buf_adds(out, "_mneme() {\n"
		      "\tlocal word=${COMP_WORDS[COMP_CWORD]}"
		      " line=\"${COMP_WORDS[*]:1:COMP_CWORD-1}\" list=\n"
		      "\tcase $line in\n");
	for (size_t i = 0; i < command_count; i++) {
		buf_addf(out, "\t\"%s\"*) list=\"", commands[i].name);
		each_option(&commands[i], out);
		buf_adds(out, "\" ;;\n");
	}
	for (size_t i = 0; i < command_count; i++) {
		const char *space = strchr(commands[i].name, ' ');
		if (!space)
			continue;
		int n = (int)(space - commands[i].name);
		if (i && strncmp(commands[i - 1].name, commands[i].name,
				 (size_t)n + 1) == 0)
			continue;
		buf_addf(out, "\t\"%.*s\") list=\"", n, commands[i].name);
		for (size_t k = i; k < command_count &&
				   strncmp(commands[k].name, commands[i].name,
					   (size_t)n + 1) == 0;
		     k++)
			buf_addf(out, "%s ", commands[k].name + n + 1);
		buf_adds(out, "\" ;;\n");
	}
	buf_adds(out, "\t\"\") list=\"");
	each_first_word(out);
	each_option(NULL, out);
	buf_adds(out, "\" ;;\n\tesac\n"
		      "\tmapfile -t COMPREPLY < <(compgen -W \"$list\" -- "
		      "\"$word\")\n}\n"
		      "complete -o default -F _mneme mneme\n");
}

static void
fish_completion(struct buf *out)
{
	for (size_t i = 0; i < command_count; i++) {
		struct slice second,
			first = command_group(&commands[i], &second);
		if (second.len)
			buf_addf(out,
				 "complete -c mneme -n "
				 "'__fish_seen_subcommand_from %.*s' -a %.*s "
				 "-d \"%s\"\n",
				 SLICE_ARG(first), SLICE_ARG(second),
				 commands[i].summary);
		buf_addf(out,
			 "complete -c mneme -n __fish_use_subcommand -a %.*s\n",
			 SLICE_ARG(first));
	}
	for (size_t i = 0; i < option_row_count; i++)
		buf_addf(out, "complete -c mneme -l %s -d \"%s\"\n",
			 option_rows[i].name, option_rows[i].summary);
}

bool
cli_completion(const char *shell, struct buf *out, struct error *err)
{
	if (strcmp(shell, "bash") == 0) {
		bash_completion(out);
	} else if (strcmp(shell, "zsh") == 0) {
		buf_adds(out, "autoload -U +X bashcompinit && bashcompinit\n");
		bash_completion(out);
	} else if (strcmp(shell, "fish") == 0) {
		fish_completion(out);
	} else {
		return error_set(err, ERROR_USAGE,
				 "no completions for '%s': bash, zsh or fish",
				 shell);
	}
	return true;
}

bool
cli_completion_command(struct cli *cli, struct error *err)
{
	return cli_completion(cli->words[0], &cli->out, err);
}
