/*
 * composer_private.h - what composer.c, its edits and its history share.
 */
#ifndef TUI_COMPOSER_PRIVATE_H
#define TUI_COMPOSER_PRIVATE_H

#include "mneme/filter.h"
#include "tui/composer.h"

enum { UNDO_MAX = 64, UNDO_BYTES_MAX = 1 << 20, HISTORY_MAX = 500 };

struct snapshot {
	char *text;
	size_t len;
	size_t caret;
};

/* A label in the text that stands for a longer text. */
struct chip {
	char *label;
	char *text;
	size_t len;
};

struct composer {
	struct buf text;
	size_t caret;
	struct buf killed;
	bool killing; /* the last key killed: the next one adds to it */
	bool typing;  /* the last key typed: one undo takes the run */
	struct filter paste;
	struct buf pasted; /* what has come of a paste */
	bool paste_over;   /* more than can be held came */
	struct chip *chips;
	size_t chip_count, chip_cap;
	char *sent; /* the text that was sent last, and its chips */
	struct chip *sent_chips;
	size_t sent_count;
	struct snapshot undo[UNDO_MAX];
	size_t undo_count;
	size_t undo_bytes;
	char **history; /* oldest first */
	size_t history_count, history_cap;
	size_t history_at; /* history_count: what is being written */
	char *written;     /* kept while history is looked at */
	int width;
	bool wide;
};

/* Before each edit; `typing` joins runs of typed characters. */
void composer_snapshot(struct composer *c, bool typing);
bool composer_undo(struct composer *c);

/* Put `text` in place of [from, to); the caret after it. */
bool composer_replace(struct composer *c, size_t from, size_t to,
		      struct slice text);

/* A whole paste, at the caret: as it is, or as a chip. */
enum composer_outcome composer_paste(struct composer *c, struct slice text);

/* The chip whose label ends at the caret, or begins at `at`; NULL: none. */
const struct chip *composer_chip_before(const struct composer *c);
const struct chip *composer_chip_at(const struct composer *c, size_t at);
void composer_drop_chips(struct composer *c);
/* As they are at this moment they go with what is sent; and come back. */
void composer_send_chips(struct composer *c);
void composer_unsend_chips(struct composer *c);

bool composer_history_move(struct composer *c, int by);

/* One line up or down on the screen; false at the edge. */
bool composer_vertical(struct composer *c, int by);

#endif
