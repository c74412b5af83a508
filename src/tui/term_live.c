/*
 * term_live.c - drawing in the normal screen, and what its size does to it.
 *
 * A terminal changes before we hear of it, and bytes that are then on their
 * way were made for the size before.  So nothing is drawn until no other size
 * has followed for a while and the terminal, which by then has read all that
 * was sent, has said where its cursor is.
 */
#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/loop.h"
#include "tui/term_private.h"

enum {
	QUIET_WAIT = 60000,  /* microseconds */
	PLACE_WAIT = 200000, /* for an answer */
};

/* Those that leave lines as they are when they get narrower. */
static bool
cuts_lines(void)
{
	const char *term = getenv("TERM");

	return getenv("XTERM_VERSION") ||
	       (term && (strncmp(term, "st", 2) == 0 ||
			 strncmp(term, "putty", 5) == 0 ||
			 (strncmp(term, "screen", 6) == 0 && !getenv("TMUX"))));
}

bool
term_inline(struct term *t, struct error *err)
{
	static const enum cap needed[] = {CAP_UP, CAP_CLEAR_BELOW,
					  CAP_CLEAR_LINE, CAP_ENTER_SCREEN,
					  CAP_LEAVE_SCREEN};

	for (size_t i = 0; i < COUNT(needed); i++)
		if (!t->caps.text[needed[i]])
			return error_set(err, ERROR_SETUP,
					 "terminal \"%s\" has no second screen "
					 "or cannot go up: leave out --inline, "
					 "or use --plain",
					 getenv("TERM"));
	t->inlined = true;
	t->live.reflows = !cuts_lines();
	return true;
}

/* The other screen has a stack of its own for kitty's keys. */
void
term_add_leave_other(const struct term *t, struct buf *out)
{
	if (t->talks)
		buf_adds(out, "\033[<u");
	if (t->caps.keeps_region)
		buf_adds(out, "\033[r");
	caps_put(&t->caps, CAP_LEAVE_SCREEN, 0, 0, out);
}

void
term_take_other(struct term *t)
{
	caps_put(&t->caps, CAP_ENTER_SCREEN, 0, 0, &t->pending);
	if (t->talks)
		buf_adds(&t->pending, "\033[>1u");
	t->other = true;
	term_settle_end(t);
	blit_forget(&t->blit);
	term_arm(t);
}

static void
leave_other(struct term *t)
{
	term_add_leave_other(t, &t->pending);
	t->other = false;
	live_forget_cursor(&t->live);
	term_arm(t);
}

void
term_live_restart(struct term *t)
{
	if (!t->inlined || t->other)
		return;
	term_size(t, &t->live_rows, &t->live_columns);
	live_begin(&t->live, t->live_columns);
	buf_addc(&t->pending, '\r');
	t->live_lost = false;
	term_arm(t);
}

/* ---- another size ---- */

void
term_settle_end(struct term *t)
{
	t->settling = SETTLED;
	t->keys.place = false;
	loop_timer_stop(t->settle);
	term_tell_blocked(t);
}

void
term_placed(struct term *t, int above)
{
	if (t->settling != SETTLE_ASKED)
		return;
	t->above = above;
	term_settle_end(t);
}

void
term_settle_due(void *arg)
{
	struct term *t = arg;

	if (t->settling == SETTLE_ASKED || !t->talks) {
		term_settle_end(t);
		return;
	}
	t->settling = SETTLE_ASKED;
	t->keys.place = true;
	loop_timer_set(t->settle, PLACE_WAIT);
	buf_adds(&t->pending, "\033[6n");
	term_flush(t);
}

void
term_live_resized(struct term *t)
{
	if (!t->inlined || !t->entered || t->other || t->hurried)
		return;
	t->settling = SETTLE_QUIET;
	t->keys.place = false;
	t->above = -1;
	loop_timer_set(t->settle, QUIET_WAIT);
	term_tell_blocked(t);
}

void
term_live_hurry(struct term *t)
{
	t->hurried = true;
	term_settle_end(t);
}

/* ---- frames ---- */

int
term_live_begin(struct term *t, int rows, int columns)
{
	bool same = rows == t->live_rows && columns == t->live_columns;
	int lost = 0;

	if (!t->entered)
		return 0;
	if (t->settling != SETTLED)
		return -1;
	if (t->other && !same && !t->hurried) {
		leave_other(t);
		term_flush(t);
		term_live_resized(t);
		return -1;
	}
	t->begun = t->pending.len;
	if (t->caps.sync)
		buf_adds(&t->pending, "\033[?2026h");
	t->drawn = t->pending.len;
	if (t->other)
		leave_other(t);
	if (t->live_lost || !same)
		lost = live_resize(&t->live, t->above < 0 ? rows - 1 : t->above,
				   columns, &t->pending);
	t->live_lost = false;
	t->live_rows = rows;
	t->live_columns = columns;
	t->above = -1;
	return lost;
}

void
term_live_append(struct term *t, const struct grid *lines)
{
	if (t->entered)
		live_append(&t->live, lines, &t->pending);
}

void
term_live(struct term *t, const struct grid *grid)
{
	if (!t->entered)
		return;
	live_frame(&t->live, grid, &t->pending);
	if (t->pending.len == t->drawn)
		t->pending.len = t->begun;
	else if (t->caps.sync)
		buf_adds(&t->pending, "\033[?2026l");
	term_arm(t);
	term_ask(t);
	term_flush(t);
}
