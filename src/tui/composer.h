/*
 * composer.h - the text that a person is writing, with readline's keys.
 *
 * The caret stands between grapheme clusters.  Text that comes from outside
 * (typed, pasted, history) passes the escape filter on its way in.
 */
#ifndef TUI_COMPOSER_H
#define TUI_COMPOSER_H

#include "mneme/buf.h"
#include "tui/action.h"

struct composer;
struct key_event;

enum { COMPOSER_MAX = 256 * 1024 };

enum composer_outcome {
	COMPOSER_IGNORED, /* not for us, or nothing to do */
	COMPOSER_CHANGED, /* text or caret */
	COMPOSER_SEND,    /* Enter on a text that is not blank */
	COMPOSER_FULL,    /* it would pass COMPOSER_MAX: nothing was added */
};

struct composer *composer_create(void);
void composer_destroy(struct composer **composer);

/* Text that is typed or pasted. */
enum composer_outcome composer_key(struct composer *c,
				   const struct key_event *event);

/* An action of CONTEXT_EDIT. */
enum composer_outcome composer_act(struct composer *c, enum action action);

/* Borrowed until the next change. */
struct slice composer_text(const struct composer *c);
size_t composer_caret(const struct composer *c);

/* The text with what its chips stand for, added to `out`. */
bool composer_full(const struct composer *c, struct buf *out);

/* The first chip at or after `from`: its label's place in the text. */
bool composer_next_chip(const struct composer *c, size_t from, size_t *at,
			size_t *len);

/* Put `text` in place of [from, to), the caret after it. */
bool composer_put(struct composer *c, size_t from, size_t to,
		  struct slice text);

/* Replace the text (undo brings the old one back); the caret to its end. */
void composer_set(struct composer *c, struct slice text);

/* Be empty: the text goes where kills go, so yank and undo bring it back. */
void composer_clear(struct composer *c);

/* Be empty, as for another conversation: nothing to undo. */
void composer_empty(struct composer *c);

/* Remember what was sent and be empty. */
void composer_sent(struct composer *c);

/* What was sent last comes back as it was written, its chips too; in the place
 * of whatever there is. */
void composer_unsent(struct composer *c);

/* Add to the history, oldest first. */
void composer_remember(struct composer *c, struct slice text);

/* What was remembered, oldest first; borrowed.  NULL past the last. */
const char *composer_history(const struct composer *c, size_t index);

/* Lines of the text at a width, and where the caret stands in them; an empty
 * text is one line. */
struct composer_layout {
	int lines;
	int caret_line;
	int caret_column;
};
struct composer_layout composer_layout(const struct composer *c, int width,
				       bool wide);

/* The next line of *rest at that width, as composer_layout() counts them;
 * begin with composer_text(). */
bool composer_line(struct slice *rest, int width, bool wide,
		   struct slice *line);

/* The width that Up and Down move by; set when the screen's is known. */
void composer_width(struct composer *c, int width, bool wide);

#endif
