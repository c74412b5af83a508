/*
 * run.c - the screen in a terminal: signals, the store's notices, suspending.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/config.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/tui.h"
#include "tui/app.h"
#include "tui/chat_view.h"
#include "tui/editor.h"
#include "tui/keys.h"
#include "tui/term.h"

enum { SIGNALS = 6 };

struct run {
	struct app app;
	struct term *term;
	struct store_notice *notice;
	struct loop_signal *signals[SIGNALS];
	struct editor *editor; /* has the terminal */
	void (*edited)(void *arg, const struct error *err);
	void *edited_arg;
	bool suspended; /* by ourselves: its SIGCONT is still to come */
};

bool
tui_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
	       strcmp(term, "dumb") != 0;
}

static void
show(void *arg, const struct grid *grid)
{
	struct run *run = arg;

	if (run->term)
		term_show(run->term, grid);
}

static bool
send_bytes(void *arg, struct slice bytes)
{
	struct run *run = arg;

	return run->term && term_send(run->term, bytes);
}

/* ---- in the normal screen ---- */

static int
normal_begin(void *arg)
{
	struct run *run = arg;
	int rows, columns;

	/* A frame for another size would be a wrong one. */
	term_size(run->term, &rows, &columns);
	if (rows != run->app.grid.rows || columns != run->app.grid.columns) {
		app_resize(&run->app, rows, columns);
		term_live_resized(run->term);
	}
	return term_live_begin(run->term, rows, columns);
}

static void
normal_append(void *arg, const struct grid *lines)
{
	struct run *run = arg;

	term_live_append(run->term, lines);
}

static void
normal_live(void *arg, const struct grid *grid)
{
	struct run *run = arg;

	term_live(run->term, grid);
}

static const struct app_normal normal = {normal_begin, normal_append,
					 normal_live};

static void
fit(struct run *run)
{
	int rows, columns;

	term_size(run->term, &rows, &columns);
	app_resize(&run->app, rows, columns);
}

/* Stop the whole job, as the shell's key would have, and come back. */
static void
suspend(void *arg)
{
	struct run *run = arg;
	struct error err = {0};
	sigset_t mask, before;

	if (!run->editor)
		term_leave(run->term);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTSTP);
	kill(0, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &mask, &before);
	/* Here one stands until SIGCONT. */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (run->editor)
		return;
	if (!term_enter(run->term, &err))
		app_fail(&run->app, &err);
	run->suspended = true;
	fit(run);
}

static void
redraw(void *arg)
{
	struct run *run = arg;

	term_forget(run->term);
	fit(run);
	app_draw(&run->app);
}

/* Stopped by somebody else, and going on: who knows where the cursor is? */
static void
resume(struct run *run)
{
	if (!run->suspended)
		term_live_restart(run->term);
	run->suspended = false;
	redraw(run);
}

/* ---- an editor ---- */

static void
editor_ended(void *arg, const struct error *err)
{
	struct run *run = arg;
	struct error why = {0}, trouble = {0};

	if (err)
		why = *err;
	editor_drop(&run->editor);
	if (!term_enter(run->term, &trouble)) {
		app_quit(&run->app);
		return;
	}
	run->edited(run->edited_arg, err ? &why : NULL);
	fit(run);
	app_draw(&run->app);
}

static bool
edit(void *arg, const char *path,
     void (*done)(void *arg, const struct error *err), void *done_arg,
     struct error *err)
{
	struct run *run = arg;

	run->edited = done;
	run->edited_arg = done_arg;
	term_leave(run->term);
	run->editor =
		editor_start(run->app.loop, config_editor(run->app.tui->config),
			     path, editor_ended, run, err);
	if (run->editor)
		return true;
	if (!term_enter(run->term, NULL))
		app_quit(&run->app);
	fit(run);
	return false;
}

static void
on_signal(void *arg, int signo)
{
	struct run *run = arg;

	if (run->editor && (signo == SIGINT || signo == SIGCONT))
		return; /* they are the editor's */
	if (signo == SIGWINCH) {
		term_live_resized(run->term);
		fit(run);
	} else if (signo == SIGTSTP)
		suspend(run);
	else if (signo == SIGINT)
		app_act(&run->app, ACTION_INTERRUPT, (struct slice){0});
	else if (signo == SIGCONT)
		resume(run);
	else
		app_quit(&run->app);
}

static void
on_key(void *arg, const struct key_event *event)
{
	struct run *run = arg;

	if (event->kind == KEY_REPLY) {
		if (term_reply(run->term, event))
			app_dirty(&run->app);
		if (event->reply == REPLY_CURSOR)
			app_ambiguous(&run->app, term_ambiguous(run->term));
		if (event->reply == REPLY_BACKGROUND)
			app_background(&run->app, event->numbers);
		return;
	}
	app_key(&run->app, event);
}

static void
on_keys_begin(void *arg)
{
	struct run *run = arg;

	app_keys_begin(&run->app);
}

static void
on_keys_end(void *arg)
{
	struct run *run = arg;

	app_keys_end(&run->app);
}

static void
on_blocked(void *arg, bool blocked)
{
	struct run *run = arg;

	app_blocked(&run->app, blocked);
}

static void
on_gone(void *arg)
{
	struct run *run = arg;

	app_quit(&run->app);
}

static void
on_notice(void *arg)
{
	struct run *run = arg;

	app_changed(&run->app);
	if (run->app.tui->chat->learner)
		chat_learner_wake(run->app.tui->chat->learner);
	/* What another process said is embedded here. */
	memory_service_follow(run->app.tui->chat->memory, run->app.profile.id);
}

static bool
listen(struct run *run, struct error *err)
{
	static const int wanted[SIGNALS] = {SIGWINCH, SIGTSTP, SIGINT,
					    SIGCONT,  SIGTERM, SIGHUP};

	for (size_t i = 0; i < SIGNALS; i++) {
		run->signals[i] = loop_signal(run->app.loop, wanted[i],
					      on_signal, run, err);
		if (!run->signals[i])
			return false;
	}
	return true;
}

static bool
start(struct run *run, const struct tui *tui, struct error *err)
{
	const struct term_events events = {
		on_key, on_keys_begin, on_keys_end, on_blocked, on_gone, run};

	if (!app_init(&run->app, tui, err))
		return false;
	run->term = term_open(run->app.loop, run->app.pool, &events, err);
	if (run->term && tui->inline_screen && !term_inline(run->term, err))
		return false;
	if (run->term)
		term_mouse(run->term, config_bool(tui->config, CONFIG_MOUSE));
	if (!run->term || !listen(run, err) || !term_enter(run->term, err))
		return false;
	app_colours(&run->app, term_colours(run->term));
	run->app.show = show;
	if (tui->inline_screen)
		run->app.normal = &normal;
	run->app.suspend = suspend;
	run->app.redraw = redraw;
	run->app.edit = edit;
	run->app.send = send_bytes;
	run->app.arg = run;
	fit(run);
	app_first_run(&run->app);
	app_draw(&run->app);
	run->notice = store_notice(run->app.store, run->app.loop, on_notice,
				   run, err);
	if (!run->notice)
		return false;
	memory_service_follow(run->app.tui->chat->memory, run->app.profile.id);
	return true;
}

/* What was said last stays in the terminal's own lines. */
static void
print_last(struct run *run)
{
	SCOPED(buf_clear) struct buf out = {.max = 1 << 20};

	chat_view_last(run->app.stack[0], &out);
	file_write_all(STDOUT_FILENO, buf_slice(&out), NULL);
}

static void
end(struct run *run)
{
	editor_drop(&run->editor);
	if (run->app.over && run->app.normal) {
		term_live_hurry(run->term);
		chat_view_finish(run->app.stack[0]);
	}
	term_close(&run->term);
	if (run->app.over && !run->app.normal)
		print_last(run);
	store_notice_drop(&run->notice);
	for (size_t i = 0; i < SIGNALS; i++)
		loop_signal_drop(&run->signals[i]);
	app_drop(&run->app);
}

bool
tui_run(const struct tui *tui, struct error *err)
{
	struct run *run = xcalloc(1, sizeof(*run));
	bool good = start(run, tui, err);

	if (good)
		while (!run->app.over)
			loop_turn(run->app.loop, true);
	end(run);
	free(run);
	return good;
}
