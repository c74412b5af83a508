/* deliver.c - the text is copied until the person has answered. */
#include "tui/deliver.h"

#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/program.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/child.h"

struct delivery {
	struct slice text; /* owned */
	char *path;
};

static struct delivery *
make(struct slice text)
{
	struct delivery *d = xcalloc(1, sizeof(*d));

	d->text = slice_make(slice_dup(text), text.len);
	return d;
}

static void
drop(void *arg)
{
	struct delivery *d = arg;

	free((char *)(uintptr_t)d->text.data);
	free(d->path);
	free(d);
}

static void
write_now(struct app *app, struct slice text, const char *path)
{
	struct error err = {0};

	if (!file_write(path, text, 0644, &err))
		app_fail(app, &err);
	else
		app_say(app, "%zu bytes written to %s", text.len, path);
}

static void
replace(struct app *app, void *arg, struct slice text)
{
	struct delivery *d = arg;

	(void)text;
	write_now(app, d->text, d->path);
}

void
deliver_to(struct app *app, struct slice text, struct slice path)
{
	SCOPED(free_pointer) char *to = file_from_home(slice_trim(path));
	SCOPED(free_pointer)
	char *question = xasprintf("%.200s is there: replace it?", to);
	struct ask_events events = {replace, drop, NULL};
	struct delivery *d;

	if (!*to)
		return;
	if (!file_exists(to)) {
		write_now(app, text, to);
		return;
	}
	d = make(text);
	d->path = TAKE(to);
	events.arg = d;
	ask_confirm(app, question, &events);
}

static void
path_given(struct app *app, void *arg, struct slice path)
{
	const struct delivery *d = arg;

	deliver_to(app, d->text, path);
}

void
deliver_to_file(struct app *app, struct slice text, const char *path)
{
	const struct ask_events events = {path_given, drop, make(text)};

	ask_open(app, "Write it to", slice_of(path), false, &events);
}

/* ---- commands ---- */

static void
ran(struct app *app, void *arg, int status, struct slice output)
{
	struct slice line = {0};

	(void)arg;
	output = slice_trim(output);
	slice_line(&output, &line);
	if (program_status(status) == 0)
		app_say(app, line.len ? "%.*s" : "done%.*s", SLICE_ARG(line));
	else
		app_say(app, "it failed (%d)%s%.*s", program_status(status),
			line.len ? ": " : "", SLICE_ARG(line));
}

static void
command_given(struct app *app, void *arg, struct slice command)
{
	const struct delivery *d = arg;
	SCOPED(free_pointer) char *text = slice_dup(slice_trim(command));
	const char *const argv[] = {"/bin/sh", "-c", text, NULL};
	struct error err = {0};

	if (!*text)
		return;
	if (!child_start(app, argv, d->text, false, ran, NULL, NULL, &err))
		app_fail(app, &err);
}

void
deliver_to_command(struct app *app, struct slice text)
{
	const struct ask_events events = {command_given, drop, make(text)};

	ask_open(app, "Give it to the command", (struct slice){0}, false,
		 &events);
}
