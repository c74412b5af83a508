/*
 * plain.c - the chat for dumb terminals, screen readers and pipes: lines are
 * only ever added, nothing is drawn over, nothing moves.
 *
 * On a terminal readline reads the lines; it is opened then, for nothing else
 * needs it.  A slash begins one of the few commands below, or any command of
 * the program: "/memory list" is what `mneme memory list` prints.
 */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "mneme/chat.h"
#include "mneme/file.h"
#include "mneme/plugin.h"
#include "plain.h"

enum { WORDS_MAX = 64 };

extern char **environ;

static char *(*read_line)(const char *prompt);
static void (*remember_line)(const char *line);

static bool
load_readline(struct error *err)
{
	const struct plugin_symbol symbols[] = {
		{"readline", (void **)&read_line},
		{"add_history", (void **)&remember_line},
	};

	return read_line ||
	       plugin_library("libreadline.so.8", symbols, COUNT(symbols), err);
}

/* The next line, owned; NULL at the end. */
static char *
next_line(bool terminal)
{
	char *line = NULL;
	size_t cap = 0;

	if (terminal && read_line) {
		line = read_line("> ");
		if (line && *line)
			remember_line(line);
		return line;
	}
	if (terminal)
		fputs("> ", stderr);
	if (getline(&line, &cap, stdin) < 0) {
		free(line);
		return NULL;
	}
	return line;
}

/* ---- commands ---- */

static void
say_help(void)
{
	puts("/new           begin a new conversation\n"
	     "/open ID       go on with another one (last: the newest)\n"
	     "/model NAME    let another model answer\n"
	     "/again         ask the last question once more\n"
	     "/help          this text\n"
	     "/quit          leave\n"
	     "/COMMAND ...   any command of the program, such as "
	     "/conversation list,\n"
	     "               /memory list, /recall TEXT; /help COMMAND\n"
	     "Everything else is said to the model; @FILE sends a text or an "
	     "image along.");
	fflush(stdout);
}

static size_t
split(struct cli *cli, struct slice text, char **words, size_t max)
{
	struct slice word;
	size_t n = 0;

	while (n < max && text.len > 0 && slice_split(&text, ' ', &word))
		if (word.len > 0)
			words[n++] = arena_text(&cli->arena, word);
	words[n] = NULL;
	return n;
}

static bool
is_command(char **words)
{
	for (size_t i = 0; words[0] && i < command_count; i++) {
		size_t n = strcspn(commands[i].name, " ");

		if (strlen(words[0]) == n &&
		    strncmp(words[0], commands[i].name, n) == 0)
			return strcmp(words[0], "chat") != 0;
	}
	return false;
}

/* Run the program itself, with the same store and person. */
static void
run_command(struct cli *cli, char **words, size_t count)
{
	char *argv[WORDS_MAX + 8] = {(char *)(uintptr_t) "mneme"};
	const struct cli_options *o = &cli->options;
	const struct {
		const char *option, *value;
	} passed[] = {{"--profile", o->profile},
		      {"--config", o->config},
		      {"--data-dir", o->data_dir}};
	size_t n = 1;
	pid_t pid;
	int status;

	for (size_t i = 0; i < count; i++)
		argv[n++] = words[i];
	for (size_t i = 0; i < COUNT(passed); i++) {
		if (!passed[i].value)
			continue;
		argv[n++] = (char *)(uintptr_t)passed[i].option;
		argv[n++] = (char *)(uintptr_t)passed[i].value;
	}
	argv[n] = NULL;
	fflush(stdout);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) != 0)
		fprintf(stderr, "mneme: cannot run %s\n", words[0]);
	else
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
}

static void
show_conversation(struct cli *cli, char *id)
{
	char noun[] = "conversation", verb[] = "show";
	char *words[] = {noun, verb, id};

	run_command(cli, words, COUNT(words));
}

enum outcome { SAID, DONE, LEAVE };

static enum outcome
command(struct cli *cli, struct slice text, char **again)
{
	char *words[WORDS_MAX + 1];
	size_t n = split(cli, slice_make(text.data + 1, text.len - 1), words,
			 WORDS_MAX);

	if (n == 0 || strchr(words[0], '/'))
		return SAID; /* a path */
	if (strcmp(words[0], "quit") == 0)
		return LEAVE;
	if (strcmp(words[0], "help") == 0 && n == 1) {
		say_help();
	} else if (strcmp(words[0], "new") == 0) {
		cli->options.conversation = NULL;
		puts("a new conversation");
	} else if (strcmp(words[0], "open") == 0 && n == 2) {
		cli->options.conversation = words[1];
		show_conversation(cli, words[1]);
	} else if (strcmp(words[0], "model") == 0 && n == 2) {
		cli->options.model = words[1];
		printf("%s answers from now on\n", words[1]);
	} else if (strcmp(words[0], "again") == 0 && *again) {
		return SAID;
	} else if (is_command(words)) {
		run_command(cli, words, n);
	} else {
		fprintf(stderr,
			"mneme: there is no command /%s; /help lists "
			"them\n",
			words[0]);
	}
	fflush(stdout);
	return DONE;
}

/* ---- the loop ---- */

/* The next line goes where this one went, whatever others do meanwhile.  A
 * turn of which nothing was stored changes nothing. */
static void
stay(struct cli *cli)
{
	char id[ID_TEXT + 1];
	struct conversation c;
	struct error err;

	if (cli->options.incognito || id_none(cli->asked_in) ||
	    !cli_find_conversation(cli, id_format(cli->asked_in, id), &c, &err))
		return;
	const char *now = cli->options.conversation;
	if (!now || strcmp(now, id) != 0)
		cli->options.conversation =
			arena_text(&cli->arena, slice_of(id));
}

static bool
say(struct cli *cli, struct slice text, bool terminal, struct error *err)
{
	SCOPED(attached_clear) struct attached attached = {0};
	SCOPED(buf_clear) struct buf all;
	struct error why = {0};

	buf_init(&all, CHAT_MESSAGE_MAX);
	if (text.len > CHAT_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a line of %zu bytes; at most %d fit",
				 text.len, CHAT_MESSAGE_MAX);
	if (!attach_named(text, &all, &attached, &why) ||
	    !ask_turn(cli, buf_slice(&all), &attached, &why)) {
		fprintf(stderr, "mneme: %s\n", why.text);
		if (!terminal)
			return error_set(err, why.code, "%s", why.text);
	}
	stay(cli);
	return true;
}

bool
plain_chat(struct cli *cli, struct error *err)
{
	SCOPED(free_pointer) char *last = NULL;
	bool terminal = isatty(STDIN_FILENO);
	struct error trouble = {0};

	/* Without it lines are read as they come. */
	if (terminal && !load_readline(&trouble))
		fprintf(stderr, "mneme: %s\n", trouble.text);
	for (;;) {
		SCOPED(free_pointer) char *line = next_line(terminal);
		struct slice text = slice_trim(slice_of(line));
		enum outcome outcome = SAID;

		if (!line)
			return true;
		if (text.len == 0)
			continue;
		if (*text.data == '/')
			outcome = command(cli, text, &last);
		if (outcome == LEAVE)
			return true;
		if (outcome == DONE)
			continue;
		if (slice_is(text, "/again")) {
			text = slice_of(last);
		} else {
			free(last);
			last = slice_dup(text);
			text = slice_of(last);
		}
		if (!say(cli, text, terminal, err))
			return false;
	}
}
