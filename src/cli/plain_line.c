/*
 * plain_line.c - readline by its callbacks, so that what is learned meanwhile
 * goes on.
 *
 * Between two lines the terminal is as it was.  Signals come by the loop:
 * Ctrl-C clears the line, Ctrl-Z stops the program with the terminal put back,
 * SIGTERM and SIGHUP are the end.
 */
#include "plain_line.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "mneme/plugin.h"

static struct {
	void (*install)(const char *prompt, void (*handler)(char *line));
	void (*read_char)(void);
	void (*remove)(void);
	void (*remember)(const char *line);
	int (*insert)(const char *text);
	void (*replace)(const char *text, int clear_undo);
	void (*reset)(void);
	void (*prepare)(int meta);
	void (*unprepare)(void);
	int (*on_new_line)(void);
	void (*redisplay)(void);
	void (*resize)(void);
	char **(*matches)(const char *text,
			  char *(*next)(const char *text, int again));
	char **(**complete)(const char *text, int start, int end);
	char **name, **buffer;
	int *end, *catch_signals, *catch_resize;
} rl;

static struct loop *loop;
static struct {
	char *text, *left;
	bool over, waiting;
} line;

bool
plain_line_open(struct loop *on, struct error *err)
{
	const struct plugin_symbol symbols[] = {
		{"rl_callback_handler_install", (void **)&rl.install},
		{"rl_callback_read_char", (void **)&rl.read_char},
		{"rl_callback_handler_remove", (void **)&rl.remove},
		{"rl_callback_sigcleanup", (void **)&rl.reset},
		{"add_history", (void **)&rl.remember},
		{"rl_insert_text", (void **)&rl.insert},
		{"rl_replace_line", (void **)&rl.replace},
		{"rl_prep_terminal", (void **)&rl.prepare},
		{"rl_deprep_terminal", (void **)&rl.unprepare},
		{"rl_on_new_line", (void **)&rl.on_new_line},
		{"rl_redisplay", (void **)&rl.redisplay},
		{"rl_resize_terminal", (void **)&rl.resize},
		{"rl_completion_matches", (void **)&rl.matches},
		{"rl_attempted_completion_function", (void **)&rl.complete},
		{"rl_readline_name", (void **)&rl.name},
		{"rl_line_buffer", (void **)&rl.buffer},
		{"rl_end", (void **)&rl.end},
		{"rl_catch_signals", (void **)&rl.catch_signals},
		{"rl_catch_sigwinch", (void **)&rl.catch_resize},
	};
	static char name[] = "mneme";

	if (!plugin_library("libreadline.so.8", symbols, COUNT(symbols), err))
		return false;
	*rl.name = name;
	*rl.catch_signals = *rl.catch_resize = 0;
	loop = on;
	return true;
}

void
plain_line_close(void)
{
	loop = NULL;
}

/* ---- readline ---- */

static void
line_came(char *text)
{
	line.text = text;
	line.over = true;
	rl.remove();
}

static void
typed(void *arg, unsigned events)
{
	(void)arg;
	if (events & LOOP_READ)
		rl.read_char();
	else
		line_came(NULL);
}

static void
stop(void)
{
	rl.unprepare();
	raise(SIGSTOP);
	rl.prepare(1);
	rl.on_new_line();
	rl.redisplay();
}

static void
signalled(void *arg, int signo)
{
	(void)arg;
	switch (signo) {
	case SIGINT:
		rl.reset();
		rl.replace("", 0);
		fputs("^C\n", stdout);
		fflush(stdout);
		rl.on_new_line();
		rl.redisplay();
		return;
	case SIGTSTP:
		stop();
		return;
	case SIGWINCH:
		rl.resize();
		return;
	default:
		if (*rl.end > 0)
			line.left = xstrdup(*rl.buffer);
		line_came(NULL);
	}
}

static char *
read_typed(const char *prompt, const char *old)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP,
				      SIGWINCH};
	struct loop_signal *handlers[COUNT(signals)] = {0};
	struct loop_watch *watch =
		loop_watch(loop, STDIN_FILENO, LOOP_READ, typed, NULL, NULL);

	line.text = NULL;
	line.over = !watch;
	for (size_t i = 0; i < COUNT(signals); i++)
		handlers[i] =
			loop_signal(loop, signals[i], signalled, NULL, NULL);
	rl.install(prompt, line_came);
	if (old) {
		rl.insert(old);
		rl.redisplay();
	}
	line.waiting = true;
	while (!line.over)
		loop_turn(loop, true);
	line.waiting = false;
	if (!line.text)
		putchar('\n'); /* the prompt's line ends */
	fflush(stdout);
	for (size_t i = 0; i < COUNT(signals); i++)
		loop_signal_drop(&handlers[i]);
	loop_unwatch(&watch);
	return TAKE(line.text);
}

char *
plain_line_left(void)
{
	return TAKE(line.left);
}

bool
plain_line_interject(struct slice text)
{
	if (!line.waiting || line.over || *rl.end > 0)
		return false;
	printf("\n%.*s\n", SLICE_ARG(text));
	fflush(stdout);
	rl.on_new_line();
	rl.redisplay();
	return true;
}

/* ---- completion ---- */

static const char *(*name_at)(size_t i);

static char *
next_match(const char *text, int again)
{
	static size_t next;
	const char *name;

	if (!again)
		next = 0;
	while ((name = name_at(next))) {
		next++;
		if (strncmp(name, text, strlen(text)) == 0)
			return xstrdup(name);
	}
	return NULL;
}

/* Where it is no name, readline completes a file's. */
static char **
complete(const char *text, int start, int end)
{
	(void)end;
	return start == 0 ? rl.matches(text, next_match) : NULL;
}

void
plain_line_complete(const char *(*name)(size_t i))
{
	if (!loop)
		return;
	name_at = name;
	*rl.complete = complete;
}

void
plain_line_remember(const char *text)
{
	if (loop && *text)
		rl.remember(text);
}

/* ---- as they come ---- */

static char *
read_plainly(const char *prompt)
{
	char *text = NULL;
	size_t cap = 0;
	ssize_t n;

	if (prompt)
		fputs(prompt, stderr);
	n = getline(&text, &cap, stdin);
	if (n < 0) {
		free(text);
		return NULL;
	}
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	return text;
}

char *
plain_line_read(const char *prompt, const char *old)
{
	return loop ? read_typed(prompt, old) : read_plainly(prompt);
}
