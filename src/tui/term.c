/*
 * term.c - a terminal that is written to without waiting.
 *
 * Output has a description of its own, so that not waiting is nobody else's
 * business.  While bytes of a frame are still to go, no other is made: the
 * next one will hold the difference to what the terminal then shows.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/loop.h"
#include "tui/restore.h"
#include "tui/term_private.h"

enum {
	OUTPUT_MAX = 64 << 20,
	ESCAPE_WAIT = 30000, /* microseconds for what follows an ESC */
	ANSWER_WAIT = 100,   /* milliseconds */
	LEAVE_WAIT = 500     /* milliseconds for the last bytes to go */
};

/* ---- output ---- */

void
term_tell_blocked(struct term *t)
{
	bool blocked = t->output || t->settling != SETTLED;

	if (blocked == t->blocked)
		return;
	t->blocked = blocked;
	t->events.blocked(t->events.arg, blocked);
}

/* Write what can be written now; false when the terminal is gone. */
static bool
drain(struct term *t)
{
	while (t->pending.len > 0) {
		ssize_t n = write(t->out, t->pending.data, t->pending.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		if (n <= 0) {
			buf_reset(&t->pending);
			return false;
		}
		buf_drop(&t->pending, (size_t)n);
	}
	return true;
}

static void
writable(void *arg, unsigned events)
{
	struct term *t = arg;

	(void)events;
	if (!drain(t)) {
		loop_unwatch(&t->output);
		t->events.gone(t->events.arg);
		return;
	}
	if (t->pending.len > 0)
		return;
	loop_unwatch(&t->output);
	term_tell_blocked(t);
}

void
term_flush(struct term *t)
{
	if (!drain(t)) {
		t->events.gone(t->events.arg);
		return;
	}
	if (t->pending.len == 0 || t->output)
		return;
	t->output = loop_watch(t->loop, t->out, LOOP_WRITE, writable, t, NULL);
	term_tell_blocked(t);
}

/* At the end one waits a little for what is still to go. */
static void
flush_waiting(struct term *t)
{
	struct pollfd fd = {.fd = t->out, .events = POLLOUT};

	while (drain(t) && t->pending.len > 0)
		if (poll(&fd, 1, LEAVE_WAIT) <= 0)
			break;
	buf_reset(&t->pending);
	loop_unwatch(&t->output);
	term_tell_blocked(t);
}

void
term_show(struct term *t, const struct grid *grid)
{
	if (!t->entered)
		return;
	if (t->inlined && !t->other)
		term_take_other(t);
	blit_frame(&t->blit, grid, &t->pending);
	term_ask(t);
	term_flush(t);
}

bool
term_send(struct term *t, struct slice bytes)
{
	bool good = buf_add_slice(&t->pending, bytes);

	term_flush(t);
	return good;
}

void
term_forget(struct term *t)
{
	t->live_lost = true;
	blit_forget(&t->blit);
}

/* ---- input ---- */

static void
escape_waited(void *arg)
{
	struct term *t = arg;

	t->events.keys_begin(t->events.arg);
	keys_timeout(&t->keys);
	t->events.keys_end(t->events.arg);
}

static void
readable(void *arg, unsigned events)
{
	struct term *t = arg;
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		loop_unwatch(&t->input);
		t->events.gone(t->events.arg);
		return;
	}
	loop_timer_stop(t->escape);
	t->events.keys_begin(t->events.arg);
	keys_feed(&t->keys, slice_make(bytes, (size_t)n));
	t->events.keys_end(t->events.arg);
	if (keys_waiting(&t->keys))
		loop_timer_set(t->escape, ESCAPE_WAIT);
}

/* ---- modes ---- */

/* Those that show what they do not know. */
static bool
is_old(const char *term)
{
	static const char *const old[] = {"linux", "vt",  "ansi",
					  "cons",  "sun", "pcansi"};

	for (size_t i = 0; i < COUNT(old); i++)
		if (strncmp(term, old[i], strlen(old[i])) == 0)
			return true;
	return false;
}

static void
add_enter(const struct term *t, struct buf *out)
{
	if (!t->inlined)
		caps_put(&t->caps, CAP_ENTER_SCREEN, 0, 0, out);
	/* A cluster that it takes for wider must not reach the next row. */
	caps_put(&t->caps, CAP_NO_WRAP, 0, 0, out);
	caps_put(&t->caps, CAP_KEYPAD_ON, 0, 0, out);
	if (t->talks)
		buf_adds(out, "\033[>1u\033[?2004h");
	if (t->clusters)
		buf_adds(out, "\033[?2027h");
	if (t->mouse)
		buf_adds(out, "\033[?1000h\033[?1006h");
}

/* In reverse; kitty's keys are a stack of the screen that is left. */
static void
add_leave(const struct term *t, struct buf *out)
{
	if (t->mouse)
		buf_adds(out, "\033[?1006l\033[?1000l");
	if (t->caps.links)
		buf_adds(out, "\033]8;;\033\\");
	caps_put(&t->caps, CAP_PLAIN, 0, 0, out);
	if (t->other)
		term_add_leave_other(t, out);
	if (t->inlined)
		live_wipe_later(&t->live, out);
	if (t->clusters)
		buf_adds(out, "\033[?2027l");
	if (t->talks)
		buf_adds(out, "\033[?2004l\033[<u");
	if (t->caps.keeps_region && !t->inlined)
		buf_adds(out, "\033[r");
	caps_put(&t->caps, CAP_KEYPAD_OFF, 0, 0, out);
	caps_put(&t->caps, CAP_SHOW_CURSOR, 0, 0, out);
	caps_put(&t->caps, CAP_WRAP, 0, 0, out);
	if (!t->inlined)
		caps_put(&t->caps, CAP_LEAVE_SCREEN, 0, 0, out);
}

/* Behind the first frame, which waits for no answer: synchronised output,
 * clusters, the background, how wide it drew a character that some draw wide,
 * and DA1, which every terminal answers, so that what is not answered before
 * it never will be. */
void
term_ask(struct term *t)
{
	if (t->asked || !t->talks)
		return;
	t->asked = true;
	buf_adds(&t->pending, "\033[?u\033[?2026$p\033[?2027$p\033]11;?\033\\");
	t->probed = !t->inlined && blit_probe(&t->blit, "\033[6n", &t->pending);
	buf_adds(&t->pending, "\033[c");
}

void
term_arm(struct term *t)
{
	struct buf leave = {.max = 1024};

	if (t->caps.sync)
		buf_adds(&leave, "\033[?2026l");
	add_leave(t, &leave);
	restore_arm(STDOUT_FILENO, buf_slice(&leave), &t->saved);
	buf_clear(&leave);
}

bool
term_enter(struct term *t, struct error *err)
{
	struct termios raw = t->saved;

	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				   IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	term_arm(t);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0)
		return error_set(err, ERROR_IO, "cannot set the terminal: %s",
				 strerror(errno));
	t->input =
		loop_watch(t->loop, STDIN_FILENO, LOOP_READ, readable, t, err);
	if (!t->input)
		return false;
	t->entered = true;
	blit_forget(&t->blit);
	add_enter(t, &t->pending);
	if (t->inlined)
		term_live_restart(t);
	return true;
}

/* An answer that comes after we have left would be typed into the shell. */
static void
await_answer(struct term *t)
{
	struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};

	if (t->asked && !t->answered)
		poll(&fd, 1, ANSWER_WAIT);
	t->answered = true;
}

void
term_leave(struct term *t)
{
	if (!t->entered)
		return;
	t->entered = false;
	loop_unwatch(&t->input);
	loop_timer_stop(t->escape);
	add_leave(t, &t->pending);
	t->other = false;
	term_settle_end(t);
	flush_waiting(t);
	await_answer(t);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &t->saved);
	restore_disarm();
}

/* DECRQM: 1 set, 2 reset; 3 and 4 cannot be changed. */
static void
mode_reply(struct term *t, int mode, int state)
{
	if (mode == 2026 && (state == 1 || state == 2)) {
		t->caps.sync = true;
		t->caps.links = true; /* none knows the one and not the other */
	}
	if (mode != 2027 || state < 1 || state > 3 || t->caps.clusters)
		return;
	t->caps.clusters = true;
	if (state != 2)
		return;
	t->clusters = true;
	buf_adds(&t->pending, "\033[?2027h");
	term_flush(t);
}

bool
term_reply(struct term *t, const struct key_event *event)
{
	const int *n = event->numbers;
	bool counted = t->clusters;
	int columns = n[1] - 1 - t->blit.probe_column;

	switch (event->reply) {
	case REPLY_ATTRIBUTES:
		t->answered = true;
		break;
	case REPLY_MODE:
		mode_reply(t, n[0], n[1]);
		term_arm(t);
		break;
	case REPLY_CURSOR:
		term_placed(t, n[0] - 1);
		if (t->probed && n[0] == t->blit.probe_row + 1 &&
		    (columns == 1 || columns == 2))
			t->ambiguous = columns;
		t->caps.ambiguous = t->ambiguous == 1;
		t->probed = false;
		break;
	default:
		break;
	}
	if (counted || !t->clusters || !blit_has_clusters(&t->blit))
		return false;
	blit_forget(&t->blit);
	return true;
}

int
term_ambiguous(const struct term *t)
{
	return t->ambiguous;
}

int
term_colours(const struct term *t)
{
	return t->caps.colours;
}

void
term_mouse(struct term *t, bool wanted)
{
	/* In the normal screen the wheel is the terminal's. */
	t->mouse = wanted && t->talks && !t->inlined;
}

void
term_size(const struct term *t, int *rows, int *columns)
{
	struct winsize size;

	(void)t;
	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return;
	*rows = MIN(size.ws_row, 1000);
	*columns = MIN(size.ws_col, 2000);
}

/* ---- the whole ---- */

static int
open_output(void)
{
	char name[64];
	int fd = -1;

	if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) == 0)
		fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	/* A name from another mount: then one waits for it. */
	return fd >= 0 ? fd : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

struct term *
term_open(struct loop *loop, struct pool *pool,
	  const struct term_events *events, struct error *err)
{
	SCOPED(term_close) struct term *t = xcalloc(1, sizeof(*t));
	const char *term = getenv("TERM");

	t->loop = loop;
	t->events = *events;
	t->out = -1;
	buf_init(&t->pending, OUTPUT_MAX);
	blit_init(&t->blit, &t->caps, pool);
	live_init(&t->live, &t->caps, pool);
	if (tcgetattr(STDIN_FILENO, &t->saved) != 0) {
		error_set(err, ERROR_SETUP, "standard input is no terminal");
		return NULL;
	}
	if (!caps_load(&t->caps, term, STDOUT_FILENO, err))
		return NULL;
	t->talks = term && !is_old(term);
	keys_init(&t->keys, events->key, events->arg);
	t->keys.sequences = t->caps.keys;
	t->keys.sequence_count = t->caps.key_count;
	t->out = open_output();
	t->escape = loop_timer(loop, escape_waited, t);
	t->settle = loop_timer(loop, term_settle_due, t);
	if (t->out < 0) {
		error_set(err, ERROR_IO, "cannot write to the terminal: %s",
			  strerror(errno));
		return NULL;
	}
	return TAKE(t);
}

void
term_close(struct term **at)
{
	struct term *t = *at;

	if (!t)
		return;
	term_leave(t);
	loop_unwatch(&t->input);
	loop_unwatch(&t->output);
	loop_timer_drop(&t->escape);
	loop_timer_drop(&t->settle);
	close_fd(&t->out);
	blit_drop(&t->blit);
	live_drop(&t->live);
	caps_unload(&t->caps);
	buf_clear(&t->pending);
	free(t);
	*at = NULL;
}
