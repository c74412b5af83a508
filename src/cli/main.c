/*
 * From argv to exit status.
 *
 * Output gathers in a buffer and goes out once the command has done its work;
 * `ask` and `export` write as they go.  A failure is one line on stderr, or an
 * object on stdout with --json, and the status of its code.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/cli.h"
#include "mneme/file.h"
#include "mneme/filter.h"

enum { OUTPUT_MAX = 1 << 30 };

struct slice
cli_joined(struct cli *cli, size_t from)
{
	size_t len = 0;

	for (size_t i = from; i < cli->word_count; i++)
		len += strlen(cli->words[i]) + 1;
	char *text = arena_alloc(&cli->arena, len + 1, 1), *at = text;
	for (size_t i = from; i < cli->word_count; i++) {
		if (at > text)
			*at++ = ' ';
		size_t n = strlen(cli->words[i]);
		memcpy(at, cli->words[i], n);
		at += n;
	}
	return slice_make(text, (size_t)(at - text));
}

void
cli_show(struct cli *cli, struct slice text)
{
	filter_text(text, &cli->out);
}

void
cli_show_line(struct cli *cli, struct slice text, size_t width)
{
	struct slice cut = text;

	if (cut.len > width) {
		cut.len = width;
		while (cut.len && ((uint8_t)text.data[cut.len] & 0xC0) == 0x80)
			cut.len--;
	}
	filter_line(cut, &cli->out);
	if (cut.len < text.len)
		buf_adds(&cli->out, "...");
}

bool
cli_colours(const struct cli *cli)
{
	const char *when = cli->options.color, *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

bool
cli_on_terminal(void)
{
	return isatty(STDIN_FILENO);
}

bool
cli_confirm(struct cli *cli, const char *question, struct error *err)
{
	char answer[16];

	if (cli->options.yes)
		return true;
	if (!cli_on_terminal())
		return error_set(err, ERROR_USAGE,
				 "%s Say --yes: there is no terminal to ask",
				 question);
	fprintf(stderr, "%s [y/N] ", question);
	if (fgets(answer, sizeof(answer), stdin) &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	return error_set(err, ERROR_CANCELLED, "nothing was changed");
}

void
cli_print_error(struct printer *p, const struct error *err)
{
	printer_key(p, "error");
	printer_map(p);
	printer_add_word(p, "code", error_kinds[err->code].slug);
	printer_add_word(p, "message", err->text);
	printer_end(p);
}

static void
report(struct cli *cli, const struct error *err)
{
	struct printer p;

	fflush(stdout);
	if (!cli->options.json) {
		SCOPED(buf_clear) struct buf line;
		buf_init(&line, 16384);
		filter_line(slice_of(err->text), &line);
		fprintf(stderr, "mneme: %s\n", buf_text(&line));
		return;
	}
	if (cli->out.len)
		return; /* the command has said it, with what it had */
	printer_init(&p, PRINTER_JSON, &cli->out);
	printer_map(&p);
	cli_print_error(&p, err);
	printer_end(&p);
}

bool
cli_flush(struct cli *cli, struct error *err)
{
	if (cli->options.json && cli->out.len &&
	    cli->out.data[cli->out.len - 1] != '\n')
		buf_addc(&cli->out, '\n');
	bool good = file_write_all(STDOUT_FILENO, buf_slice(&cli->out), err);
	buf_reset(&cli->out);
	return good;
}

static bool
run(struct cli *cli, int argc, char **argv, struct error *err)
{
	if (!cli_parse(cli, argc, argv, err))
		return false;
	if (cli->options.version) {
		buf_adds(&cli->out, "mneme " MNEME_VERSION "\n");
		return true;
	}
	if (cli->options.help) {
		if (cli->command || cli->word_count == 0 ||
		    !cli_help_group(slice_of(cli->words[0]), &cli->out))
			cli_help(argc > 2 ? cli->command : NULL, &cli->out);
		return true;
	}
	printer_init(&cli->printer,
		     cli->options.json ? PRINTER_JSON : PRINTER_TEXT,
		     &cli->out);
	return cli_open(cli, err) && cli->command->run(cli, err);
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	struct error err = {0};

	const struct rlimit none = {0};

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &none); /* keys are in memory */
#ifndef __SANITIZE_ADDRESS__           /* which looks into its own process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
	buf_init(&cli.out, OUTPUT_MAX);
	bool good = run(&cli, argc, argv, &err);
	cli_close(&cli);
	if (!good) {
		if (err.code == ERROR_NONE)
			error_set(&err, ERROR_IO,
				  "failed for no stated reason");
		report(&cli, &err);
		cli_flush(&cli, NULL);
	} else if (!cli_flush(&cli, &err)) {
		good = false;
		report(&cli, &err);
	}
	arena_clear(&cli.arena);
	buf_clear(&cli.out);
	return good ? 0 : error_kinds[err.code].exit_status;
}
