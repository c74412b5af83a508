/*
 * theme.h - what each kind of thing on the screen looks like.
 *
 * Views name a role, never a colour.  A theme is a table of styles by role.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "tui/cells.h"

enum role {
	ROLE_TEXT,
	ROLE_QUIET,   /* dates, counts, hints */
	ROLE_YOU,     /* the name above one's own message */
	ROLE_MODEL,   /* the name above an answer */
	ROLE_STATUS,  /* the status line */
	ROLE_BUSY,    /* in it: what is happening */
	ROLE_WARNING, /* what must not be overlooked: incognito */
	ROLE_ERROR,
	ROLE_BORDER,
	ROLE_TITLE,    /* of a view */
	ROLE_SELECTED, /* the row or thing chosen */
	ROLE_MATCH,    /* found text */
	ROLE_KEY,      /* the name of a key */
	ROLE_PROMPT,   /* the mark before what one writes */
	ROLE_CHIP,     /* something folded into a word: a paste, a file */

	/* Markdown */
	ROLE_HEADING,
	ROLE_STRONG,
	ROLE_EMPHASIS,
	ROLE_STRIKE,
	ROLE_CODE,    /* inline */
	ROLE_BLOCK,   /* a code block's text */
	ROLE_FENCE,   /* its frame and language */
	ROLE_QUOTE,   /* quoted text */
	ROLE_MARK,    /* bullets, numbers, quote bars */
	ROLE_RULE,    /* thematic breaks, table lines */
	ROLE_LINK,    /* a link's text */
	ROLE_ADDRESS, /* where it goes */

	/* code */
	ROLE_KEYWORD,
	ROLE_TYPE,
	ROLE_STRING,
	ROLE_NUMBER,
	ROLE_COMMENT,
	ROLE_FUNCTION,
	ROLE_ADDED,
	ROLE_REMOVED,

	ROLE_COUNT
};

struct theme {
	const char *name;
	const char *summary; /* for help */
	struct style roles[ROLE_COUNT];
};

/* dark, light, contrast, mono */
extern const struct theme themes[];
extern const size_t theme_count;

const struct theme *theme_find(struct slice name); /* NULL: none */

#endif
