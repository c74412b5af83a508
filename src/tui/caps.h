/*
 * caps.h - what the terminal can do and how it is told, from terminfo.
 *
 * The strings belong to terminfo and live until caps_unload().  One terminal
 * a process.
 */
#ifndef TUI_CAPS_H
#define TUI_CAPS_H

#include "mneme/base.h"

struct buf;
struct error;

enum cap {
	CAP_MOVE,   /* row, column */
	CAP_RIGHT,  /* count */
	CAP_LEFT,   /* count */
	CAP_UP,     /* count */
	CAP_DOWN,   /* count */
	CAP_UP_ONE, /* at the top of the region it scrolls */
	CAP_COLUMN, /* column, of this row */
	CAP_ROW,    /* row, of this column */
	CAP_SAVE,   /* the cursor's place and style */
	CAP_RESTORE,
	CAP_CLEAR,       /* the screen; goes home */
	CAP_CLEAR_LINE,  /* from the cursor to the end of the line */
	CAP_CLEAR_BELOW, /* from the cursor to the end of the screen */
	CAP_PLAIN,       /* no attributes, no colours */
	CAP_BOLD,
	CAP_DIM,
	CAP_ITALIC,
	CAP_UNDERLINE,
	CAP_REVERSE,
	CAP_STRIKE,
	CAP_FOREGROUND, /* number */
	CAP_BACKGROUND, /* number */
	CAP_SHOW_CURSOR,
	CAP_HIDE_CURSOR,
	CAP_ENTER_SCREEN,
	CAP_LEAVE_SCREEN,
	CAP_KEYPAD_ON,
	CAP_KEYPAD_OFF,
	CAP_NO_WRAP,
	CAP_WRAP,
	CAP_REGION,      /* first row, last row */
	CAP_SCROLL_UP,   /* count; at the region's bottom */
	CAP_SCROLL_DOWN, /* count; at its top */
	CAP_COUNT
};

struct caps {
	const char *text[CAP_COUNT]; /* NULL: it cannot */
	int colours;
	bool rgb;       /* 24 bits */
	bool sync;      /* mode 2026, once the terminal said so */
	bool clusters;  /* mode 2027: it counts columns by clusters */
	bool ambiguous; /* it has ambiguous characters as wide as we do */
	bool links;
	bool erases_coloured; /* clearing uses the background */
	bool keeps_region; /* a region may stand: it is known how to end it */
	bool scrolls_anywhere; /* wherever the cursor is */
	char plain[8];         /* CAP_PLAIN, with character sets left alone */
	struct key_sequence *keys;
	size_t key_count;
};

bool caps_load(struct caps *caps, const char *term, int fd, struct error *err);
void caps_unload(struct caps *caps);

/* Add the string with its numbers filled in and padding left out. */
void caps_put(const struct caps *caps, enum cap cap, int a, int b,
	      struct buf *out);

#endif
