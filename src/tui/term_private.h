/*
 * term_private.h - what the files of the terminal share: term.c has its bytes
 * and modes, term_live.c what is drawn in the normal screen.
 */
#ifndef TUI_TERM_PRIVATE_H
#define TUI_TERM_PRIVATE_H

#include <termios.h>

#include "mneme/buf.h"
#include "tui/blit.h"
#include "tui/caps.h"
#include "tui/keys.h"
#include "tui/live.h"
#include "tui/term.h"

/* After another size of the normal screen nothing is drawn for a while. */
enum settling {
	SETTLED,
	SETTLE_QUIET, /* another may follow */
	SETTLE_ASKED, /* where the cursor is now */
};

struct term {
	struct loop *loop;
	struct term_events events;
	struct caps caps;
	struct blit blit;
	struct keys keys;
	struct termios saved;
	int out;
	struct buf pending;
	struct loop_watch *input, *output;
	struct loop_timer *escape;
	bool entered;
	bool talks; /* knows sequences of today: may be asked */
	bool asked;
	bool answered; /* the last of what was asked */
	bool mouse;
	bool blocked;  /* as was told */
	bool clusters; /* counted by it because we said so */
	bool probed;   /* where it drew a character was asked */
	int ambiguous; /* columns of those, 0: not known */

	bool inlined;   /* in the normal screen ... */
	bool hurried;   /* nothing is waited for */
	bool other;     /* ... but the other one is shown now */
	bool live_lost; /* what is drawn there must be drawn anew */
	enum settling settling;
	struct loop_timer *settle;
	int above; /* rows above the cursor's, or -1: not known */
	struct live live;
	int live_rows, live_columns; /* of the terminal, then */
	size_t begun;                /* where the frame begins in `pending` */
	size_t drawn;                /* and what is drawn in it */
};

void term_flush(struct term *t);
void term_ask(struct term *t);
void term_arm(struct term *t);
void term_tell_blocked(struct term *t);

/* ---- term_live.c */

void term_take_other(struct term *t);
void term_add_leave_other(const struct term *t, struct buf *out);
void term_placed(struct term *t, int above);
void term_settle_due(void *arg);
void term_settle_end(struct term *t);

#endif
