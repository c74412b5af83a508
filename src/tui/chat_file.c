/*
 * chat_file.c - the message in a file, for an editor.
 */
#include <stdlib.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/file.h"
#include "tui/chat_private.h"

static void
read_back(struct chat_view *v, const char *path)
{
	SCOPED(buf_clear) struct buf text;
	struct error err = {0};

	buf_init(&text, COMPOSER_MAX);
	if (!file_read(path, &text, &err)) {
		app_fail(v->view.app, &err);
		return;
	}
	while (text.len > 0 && text.data[text.len - 1] == '\n')
		text.len--;
	composer_set(v->composer, buf_slice(&text));
	chat_text_changed(v);
}

static void
edited(void *arg, const struct error *err)
{
	struct chat_view *v = arg;
	SCOPED(free_pointer) char *path = TAKE(v->editing);

	if (err)
		app_fail(v->view.app, err);
	else
		read_back(v, path);
	unlink(path);
}

void
chat_open_editor(struct chat_view *v)
{
	struct app *app = v->view.app;
	SCOPED(buf_clear) struct buf text = {.max = COMPOSER_MAX};
	struct error err = {0};

	if (!app->edit || v->editing)
		return;
	composer_full(v->composer, &text);
	v->editing = file_temporary(".md", buf_slice(&text), &err);
	if (v->editing && app->edit(app->arg, v->editing, edited, v, &err))
		return;
	if (v->editing)
		unlink(v->editing);
	free(v->editing);
	v->editing = NULL;
	app_fail(app, &err);
}
