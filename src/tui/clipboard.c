/*
 * clipboard.c - written, never read: what the clipboard holds is nobody's
 * business here.
 */
#include "tui/clipboard.h"

#include <stdlib.h>

#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/program.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/child.h"

/* What common terminals take at once. */
enum { TERMINAL_MAX = 56000 };

/* The first whose variable is set is used, when it can be run. */
static const struct {
	const char *variable; /* NULL: always */
	const char *argv[6];
} programs[] = {
	{"TMUX", {"tmux", "load-buffer", "-w", "-"}},
	{"WAYLAND_DISPLAY", {"wl-copy"}},
	{"DISPLAY", {"xclip", "-selection", "clipboard"}},
	{"DISPLAY", {"xsel", "--input", "--clipboard"}},
	{"WSL_DISTRO_NAME", {"clip.exe"}},
	{NULL, {"pbcopy"}},
};

static bool
by_terminal(struct app *app, struct slice text)
{
	SCOPED(buf_clear) struct buf out = {.max = 2 * TERMINAL_MAX};

	if (!app->send || text.len > TERMINAL_MAX)
		return false;
	return buf_adds(&out, "\033]52;c;") && base64_write(text, &out) &&
	       buf_adds(&out, "\033\\") && app->send(app->arg, buf_slice(&out));
}

static void
done(struct app *app, void *arg, int status, struct slice output)
{
	(void)output;
	if (program_status(status) != 0)
		app_say(app, "%s could not copy it", (const char *)arg);
}

const char *const *
tui_clipboard(size_t *from)
{
	while (*from < COUNT(programs)) {
		const char *variable = programs[*from].variable;
		const char *value = variable ? getenv(variable) : "1";

		++*from;
		if (value && *value)
			return programs[*from - 1].argv;
	}
	return NULL;
}

static const char *
by_program(struct app *app, struct slice text)
{
	const char *const *argv;

	for (size_t i = 0; (argv = tui_clipboard(&i));) {
		struct error err = {0};

		if (child_start(app, argv, text, true, done, NULL,
				(void *)(uintptr_t)argv[0], &err))
			return argv[0];
	}
	return NULL;
}

void
clipboard_copy(struct app *app, struct slice text)
{
	bool terminal = by_terminal(app, text);
	const char *program = by_program(app, text);

	if (!terminal && !program)
		app_say(app, text.len > TERMINAL_MAX
				     ? "too long for the terminal's clipboard, "
				       "and no program takes it: save it"
				     : "nothing here takes the clipboard: "
				       "save it");
	else
		app_say(app, "copied %zu bytes by %s%s%s", text.len,
			terminal ? "the terminal" : "",
			terminal && program ? " and " : "",
			program ? program : "");
}
