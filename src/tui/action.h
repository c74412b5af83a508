/*
 * action.h - everything that a person can do on the screen: one row each.
 *
 * Keys, slash commands, the palette, help and the manual page all come from
 * these rows.  A key means what the first of the shown view's contexts has for
 * it; CONTEXT_ANYWHERE is looked up last.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include "mneme/base.h"

struct buf;
struct error;
struct key_event;

enum context {
	CONTEXT_ANYWHERE,
	CONTEXT_CHAT,   /* the chat, whatever has the keys in it */
	CONTEXT_EDIT,   /* a text is being written */
	CONTEXT_BROWSE, /* a message of the transcript is chosen */
	CONTEXT_LIST,   /* a list, one row of it chosen */
	CONTEXT_ROWS,   /* what can be done with that row */
	CONTEXT_FOUND,  /* a place found in the transcript */
	CONTEXT_COUNT
};
extern const char *const context_names[CONTEXT_COUNT]; /* for help */

enum action {
	ACTION_NONE,

	/* anywhere */
	ACTION_HELP,
	ACTION_PALETTE,
	ACTION_CLOSE,
	ACTION_INTERRUPT,
	ACTION_SUSPEND,
	ACTION_REDRAW,
	ACTION_QUIT,
	ACTION_CONVERSATIONS,
	ACTION_SEARCH,
	ACTION_MEMORIES,

	/* the chat */
	ACTION_SEND,
	ACTION_STOP,
	ACTION_NEW,
	ACTION_BROWSE,
	ACTION_REGENERATE,
	ACTION_EDIT_MESSAGE,
	ACTION_CONTINUE,
	ACTION_FORK,
	ACTION_BRANCH_BACK,
	ACTION_BRANCH_ON,
	ACTION_USED,
	ACTION_MEMORY_MODE,
	ACTION_INCOGNITO,
	ACTION_MODEL,
	ACTION_THEME,
	ACTION_PROFILE,
	ACTION_SETUP,
	ACTION_UNLEARN,
	ACTION_UNFOLD,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_SCROLL_UP,
	ACTION_SCROLL_DOWN,
	ACTION_TOP,
	ACTION_BOTTOM,
	ACTION_TURN_BACK,
	ACTION_TURN_ON,
	ACTION_FIND,
	ACTION_COPY,
	ACTION_EXPORT,

	/* writing */
	ACTION_NEW_LINE,
	ACTION_COMPLETE,
	ACTION_HISTORY_SEARCH,
	ACTION_EDITOR,
	ACTION_LINE_START,
	ACTION_LINE_END,
	ACTION_BACK,
	ACTION_FORWARD,
	ACTION_WORD_BACK,
	ACTION_WORD_FORWARD,
	ACTION_TEXT_START,
	ACTION_TEXT_END,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_HISTORY_BACK,
	ACTION_HISTORY_FORWARD,
	ACTION_DELETE_BACK,
	ACTION_DELETE_FORWARD,
	ACTION_DELETE_OR_QUIT,
	ACTION_KILL_LINE,
	ACTION_KILL_LINE_BACK,
	ACTION_RUB_WORD,
	ACTION_KILL_WORD,
	ACTION_KILL_WORD_BACK,
	ACTION_YANK,
	ACTION_TRANSPOSE,
	ACTION_UNDO,

	/* a message is chosen */
	ACTION_MESSAGE_BACK,
	ACTION_MESSAGE_ON,
	ACTION_WRITE,

	/* a list */
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_NEXT_PAGE,
	ACTION_PREVIOUS_PAGE,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_CHOOSE,

	/* its chosen row */
	ACTION_ROW_RENAME,
	ACTION_ROW_EDIT,
	ACTION_ROW_PIN,
	ACTION_ROW_ARCHIVE,
	ACTION_ROW_DELETE,
	ACTION_ROW_UNDO,
	ACTION_ROW_RESTORE,
	ACTION_ROW_HISTORY,
	ACTION_ROW_SOURCE,
	ACTION_ROW_COPY,
	ACTION_ROW_SAVE,
	ACTION_ROW_PIPE,
	ACTION_ROW_FILTER,
	ACTION_ROW_AS_OF,

	/* a place found */
	ACTION_FOUND_NEXT,
	ACTION_FOUND_PREVIOUS,
	ACTION_FOUND_AGAIN,

	ACTION_COUNT
};

struct action_row {
	const char *name; /* in the config, in the palette, after a slash */
	enum context context;
	const char *keys;    /* the default ones: blanks between, or "" */
	const char *help;    /* one phrase, no full stop */
	const char *operand; /* what a slash command takes, or NULL */
	bool quiet;          /* not a slash command, not in the palette */
};

extern const struct action_row action_rows[ACTION_COUNT];
bool action_find(struct slice name, enum action *action);

/* "/name operand", where `name` could be a command's: *known says whether it
 * is one.  False for any other text, such as a path. */
bool action_slash(struct slice text, bool *known, enum action *action,
		  struct slice *operand);

/* ---- keys ---- */

struct binding {
	uint32_t key;
	unsigned modifiers;
	enum context context;
	enum action action;
};

struct keymap {
	struct binding *at;
	size_t count, cap;
};

/* The default keys, then `changes`: "NAME=KEY KEY, NAME=none, ..." (MNEME_KEYS;
 * may be empty).  ERROR_USAGE names the word that is wrong. */
bool keymap_init(struct keymap *map, struct slice changes, struct error *err);
void keymap_drop(struct keymap *map);

/* ACTION_NONE when the key means nothing there.  `contexts` ends with
 * CONTEXT_ANYWHERE. */
enum action keymap_find(const struct keymap *map, const enum context *contexts,
			const struct key_event *event);

/* The keys of an action, "C-p F2", added to `out`. */
void keymap_spell(const struct keymap *map, enum action action,
		  struct buf *out);

/* The first of them: enough for a hint. */
void keymap_spell_first(const struct keymap *map, enum action action,
			struct buf *out);

/* The first of those that it has in `context`, or nothing. */
void keymap_spell_in(const struct keymap *map, enum action action,
		     enum context context, struct buf *out);

/* "C-M-a", "PageUp", "?" as a key; what key_spell() writes. */
bool key_parse(struct slice name, uint32_t *key, unsigned *modifiers);

#endif
