/*
 * keys.h - what a terminal sends, as events.
 *
 * A push parser: bytes go in as they are read, cut anywhere, events come out
 * of the same call.  ESC may be a key or a beginning: while keys_waiting(),
 * the caller runs a short timer and then calls keys_timeout().
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "mneme/base.h"

enum key_kind {
	KEY_PRESS,       /* `key` with `modifiers` */
	KEY_TEXT,        /* whole characters, typed */
	KEY_PASTE_BEGIN, /* then KEY_PASTE any number of times */
	KEY_PASTE,       /* raw bytes, cut anywhere */
	KEY_PASTE_END,
	KEY_FOCUS_IN,
	KEY_FOCUS_OUT,
	KEY_REPLY, /* to a question of ours */
	KEY_KIND_COUNT
};

/* Keys without a character stand above Unicode; a letter with Control or Alt
 * is its lower-case code point. */
enum key_name {
	KEY_NONE = 0x110000,
	KEY_ESCAPE,
	KEY_ENTER,
	KEY_TAB,
	KEY_BACKSPACE,
	KEY_INSERT,
	KEY_DELETE,
	KEY_HOME,
	KEY_END,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_WHEEL_UP,
	KEY_WHEEL_DOWN,
	KEY_F1, /* to KEY_F1 + 11 */
	KEY_F12 = KEY_F1 + 11,
};

enum { KEY_SHIFT = 1, KEY_ALT = 2, KEY_CTRL = 4, KEY_SUPER = 8 };

enum key_reply {
	REPLY_ATTRIBUTES, /* DA1: numbers are the attributes */
	REPLY_MODE,       /* DECRQM: mode, state */
	REPLY_KITTY,      /* CSI ? flags u */
	REPLY_CURSOR,     /* CPR: row (not the first), column */
	REPLY_BACKGROUND, /* OSC 11: red, green, blue, 0 to 255 */
};

enum { KEY_NUMBERS = 16 };

struct key_event {
	enum key_kind kind;
	uint32_t key;
	unsigned modifiers;
	struct slice text; /* KEY_TEXT and KEY_PASTE; until the call returns */
	enum key_reply reply;
	int numbers[KEY_NUMBERS];
	int number_count;
};

typedef void key_fn(void *arg, const struct key_event *event);

/* A sequence that this terminal sends for a key, from terminfo. */
struct key_sequence {
	const char *bytes;
	uint32_t key;
	unsigned modifiers;
};

enum { KEYS_SEQUENCE_MAX = 256 };

struct keys {
	key_fn *fn;
	void *arg;
	const struct key_sequence *sequences; /* borrowed */
	size_t sequence_count;
	uint8_t state;
	uint8_t mouse; /* bytes of an old mouse report still to come */
	bool overlong;
	bool place; /* an answer to "where is the cursor" is awaited */
	bool pasting;
	size_t len;
	char bytes[KEYS_SEQUENCE_MAX]; /* the sequence so far */
};

void keys_init(struct keys *k, key_fn *fn, void *arg);
void keys_feed(struct keys *k, struct slice in);

/* Whether a sequence is open that a person may have typed. */
bool keys_waiting(const struct keys *k);

/* Nothing followed: what is held was meant alone. */
void keys_timeout(struct keys *k);

/* "C-M-a", "PageUp", "S-F5": for help and tests.  Returns `out`. */
enum { KEY_NAME_MAX = 32 };
char *key_spell(uint32_t key, unsigned modifiers, char out[KEY_NAME_MAX]);

/* An OSC without its end, ESC included, as a reply; false when it is none. */
bool key_decode_string(struct slice sequence, struct key_event *event);

/* "CSI row ; column R", which else is a key, as a reply. */
bool key_decode_place(struct slice sequence, struct key_event *event);

/* The whole sequence of a CSI or SS3, ESC included, as an event; false when
 * it says nothing to us.  Used by keys.c. */
bool key_decode(struct slice sequence, struct key_event *event);

#endif
