/*
 * plain_out.c - texts to where the person says: the clipboard, a file, a
 * command, an editor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "mneme/config.h"
#include "mneme/file.h"
#include "mneme/program.h"
#include "mneme/tui.h"
#include "plain_private.h"

/* ---- programs ---- */

bool
plain_run(const char *path, const char *const *argv, const struct slice *input,
	  bool quiet, int *status, struct error *err)
{
	int ends[2] = {-1, -1}, failed,
	    said = quiet ? PROGRAM_NOTHING : PROGRAM_OURS;
	pid_t pid;

	fflush(stdout);
	if (input && pipe2(ends, O_CLOEXEC) != 0)
		return error_set(err, ERROR_IO, "cannot run %s: %s", argv[0],
				 strerror(errno));
	failed = program_start(&(struct program){path, argv,
						 input ? ends[0] : PROGRAM_OURS,
						 said, said, PROGRAM_WITH_US},
			       &pid);
	if (failed)
		error_set(err, ERROR_IO, "cannot run %s: %s", argv[0],
			  strerror(failed));
	close_fd(&ends[0]);
	/* One that does not read to the end has what it wants. */
	if (!failed && input)
		file_write_all(ends[1], *input, NULL);
	close_fd(&ends[1]);
	while (!failed && waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return !failed;
}

static bool
went_well(int status, const char *name, struct error *err)
{
	return program_status(status) == 0 ||
	       error_set(err, ERROR_IO, "%s failed (%d)", name,
			 program_status(status));
}

/* ---- files ---- */

static bool
to_file(struct plain *p, struct slice text, struct slice path,
	struct error *err)
{
	SCOPED(free_pointer) char *to = file_from_home(path);
	SCOPED(free_pointer)
	char *question = xasprintf("%.200s is there: replace it?", to);

	if (file_exists(to) && !plain_agrees(p, question))
		return error_set(err, ERROR_CANCELLED,
				 "%.200s was left as it is", to);
	if (!file_write(to, text, 0644, err))
		return false;
	buf_addf(&p->cli->out, "%zu %s written to %s\n", text.len,
		 plural(text.len, "byte", "bytes"), to);
	return true;
}

bool
plain_export(struct plain *p, struct slice path, struct error *err)
{
	SCOPED(buf_clear) struct buf text;
	struct conversation c;
	enum chat_format format;

	buf_init(&text, CHAT_EXPORT_MAX);
	if (path.len == 0)
		return error_set(err, ERROR_USAGE,
				 "/export FILE: a name that ends in .md, .json "
				 "or .txt");
	if (!chat_format_of(path, &format))
		return error_set(err, ERROR_USAGE,
				 "the file's name ends in .md, .json or .txt");
	return plain_stored(p, &c, err) &&
	       chat_export(p->cli->store, c.profile, c.id, format, &text,
			   err) &&
	       to_file(p, buf_slice(&text), path, err);
}

/* ---- copy ---- */

static bool
to_clipboard(struct plain *p, struct slice text, struct error *err)
{
	const char *const *argv;
	struct error why;
	int status = -1;

	for (size_t i = 0; (argv = tui_clipboard(&i));) {
		if (!plain_run(argv[0], argv, &text, true, &status, &why) ||
		    !went_well(status, argv[0], &why))
			continue;
		buf_addf(&p->cli->out, "copied %zu %s by %s\n", text.len,
			 plural(text.len, "byte", "bytes"), argv[0]);
		return true;
	}
	return error_set(err, ERROR_SETUP,
			 "no program here takes the clipboard: /copy FILE "
			 "writes it to a file");
}

/* As lines, for what reads or prints them. */
static bool
to_command(struct plain *p, struct slice text, struct slice command,
	   struct error *err)
{
	SCOPED(free_pointer) char *script = slice_dup(slice_trim(command));
	SCOPED(buf_clear) struct buf lines;
	struct slice input;
	const char *const argv[] = {"sh", "-c", script, NULL};
	int status = -1;

	buf_init(&lines, RECORD_CONTENT_MAX + 1);
	buf_add_slice(&lines, text);
	if (!slice_ends(text, "\n"))
		buf_addc(&lines, '\n');
	input = buf_slice(&lines);
	if (!*script)
		return error_set(err, ERROR_USAGE,
				 "/copy | COMMAND: no command");
	return cli_flush(p->cli, err) &&
	       plain_run("/bin/sh", argv, &input, false, &status, err) &&
	       went_well(status, script, err);
}

/* "code", "code 2": that block instead of the whole answer. */
static bool
take_code(struct slice *rest, struct slice *text, struct error *err)
{
	struct slice word = *rest, number;
	int64_t which = 1;

	if (!slice_starts(*rest, "code") ||
	    (rest->len > 4 && rest->data[4] != ' '))
		return true;
	word = slice_make(rest->data + 4, rest->len - 4);
	number = plain_number(&word);
	if (number.len)
		slice_number(number, &which);
	*rest = slice_trim(word);
	return (which > 0 && ask_code(*text, (size_t)which - 1, text)) ||
	       error_set(err, ERROR_NOT_FOUND,
			 "the answer has no block of code %lld",
			 (long long)which);
}

bool
plain_copy(struct plain *p, struct slice operand, struct error *err)
{
	SCOPED(plain_path_clear) struct plain_path path = {0};
	struct slice number = plain_number(&operand), text;
	size_t at;

	operand = slice_trim(operand);
	if (!plain_read_path(p, &path, err) ||
	    !plain_choose(&path, number, false, &at, err))
		return false;
	text = path.at[at].text;
	if (!take_code(&operand, &text, err))
		return false;
	if (operand.len == 0)
		return to_clipboard(p, text, err);
	if (*operand.data == '|')
		return to_command(p, text,
				  slice_make(operand.data + 1, operand.len - 1),
				  err);
	return to_file(p, text, operand, err);
}

/* ---- the editor ---- */

static bool
edit_file(struct plain *p, const char *path, struct buf *text,
	  struct error *err)
{
	SCOPED(free_pointer)
	char *script = xasprintf("%s \"$1\"", config_editor(p->cli->config));
	const char *const argv[] = {"sh", "-c", script, "sh", path, NULL};
	int status = -1;

	return cli_flush(p->cli, err) &&
	       plain_run("/bin/sh", argv, NULL, false, &status, err) &&
	       went_well(status, config_editor(p->cli->config), err) &&
	       file_read(path, text, err);
}

bool
plain_editor(struct plain *p, struct slice operand, struct error *err)
{
	SCOPED(free_pointer) char *path = NULL;
	SCOPED(buf_clear) struct buf text;
	bool good;

	buf_init(&text, CHAT_MESSAGE_MAX);
	if (!p->attended)
		return error_set(err, ERROR_USAGE,
				 "there is no terminal for an editor");
	path = file_temporary(".md", operand, err);
	if (!path)
		return false;
	good = edit_file(p, path, &text, err);
	unlink(path);
	if (!good)
		return false;
	if (slice_trim(buf_slice(&text)).len == 0)
		return error_set(err, ERROR_CANCELLED,
				 "nothing was written: nothing is sent");
	return plain_say(p, slice_trim(buf_slice(&text)), err);
}
