/*
 * caps.c - terminfo through libtinfo: its strings, its numbers, its keys.
 */
#include "tui/caps.h"

#include <stdio.h>
#include <stdlib.h>

/* Its types come with ncurses, its macros stay in this file. */
#include <curses.h>
#include <term.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#undef KEY_BACKSPACE
#undef KEY_DOWN
#undef KEY_END
#undef KEY_ENTER
#undef KEY_HOME
#undef KEY_LEFT
#undef KEY_RIGHT
#undef KEY_UP
#undef tab
#include "tui/keys.h"

static const char *const names[CAP_COUNT] = {
	[CAP_MOVE] = "cup",
	[CAP_RIGHT] = "cuf",
	[CAP_LEFT] = "cub",
	[CAP_UP] = "cuu",
	[CAP_DOWN] = "cud",
	[CAP_UP_ONE] = "ri",
	[CAP_COLUMN] = "hpa",
	[CAP_ROW] = "vpa",
	[CAP_SAVE] = "sc",
	[CAP_RESTORE] = "rc",
	[CAP_CLEAR] = "clear",
	[CAP_CLEAR_LINE] = "el",
	[CAP_CLEAR_BELOW] = "ed",
	[CAP_PLAIN] = "sgr0",
	[CAP_BOLD] = "bold",
	[CAP_DIM] = "dim",
	[CAP_ITALIC] = "sitm",
	[CAP_UNDERLINE] = "smul",
	[CAP_REVERSE] = "rev",
	[CAP_STRIKE] = "smxx",
	[CAP_FOREGROUND] = "setaf",
	[CAP_BACKGROUND] = "setab",
	[CAP_SHOW_CURSOR] = "cnorm",
	[CAP_HIDE_CURSOR] = "civis",
	[CAP_ENTER_SCREEN] = "smcup",
	[CAP_LEAVE_SCREEN] = "rmcup",
	[CAP_KEYPAD_ON] = "smkx",
	[CAP_KEYPAD_OFF] = "rmkx",
	[CAP_NO_WRAP] = "rmam",
	[CAP_WRAP] = "smam",
	[CAP_REGION] = "csr",
	[CAP_SCROLL_UP] = "indn",
	[CAP_SCROLL_DOWN] = "rin",
};

static const struct {
	const char *name;
	uint32_t key;
	unsigned modifiers;
} key_caps[] = {
	{"kcuu1", KEY_UP, 0},         {"kcud1", KEY_DOWN, 0},
	{"kcuf1", KEY_RIGHT, 0},      {"kcub1", KEY_LEFT, 0},
	{"khome", KEY_HOME, 0},       {"kend", KEY_END, 0},
	{"kpp", KEY_PAGE_UP, 0},      {"knp", KEY_PAGE_DOWN, 0},
	{"kich1", KEY_INSERT, 0},     {"kdch1", KEY_DELETE, 0},
	{"kcbt", KEY_TAB, KEY_SHIFT}, {"kent", KEY_ENTER, 0},
	{"kf1", KEY_F1, 0},           {"kf2", KEY_F1 + 1, 0},
	{"kf3", KEY_F1 + 2, 0},       {"kf4", KEY_F1 + 3, 0},
	{"kf5", KEY_F1 + 4, 0},       {"kf6", KEY_F1 + 5, 0},
	{"kf7", KEY_F1 + 6, 0},       {"kf8", KEY_F1 + 7, 0},
	{"kf9", KEY_F1 + 8, 0},       {"kf10", KEY_F1 + 9, 0},
	{"kf11", KEY_F1 + 10, 0},     {"kf12", KEY_F12, 0},
};

static const char *
string(const char *name)
{
	const char *text = tigetstr(name);

	return text == (char *)-1 || (text && !*text) ? NULL : text;
}

static bool
has_rgb(void)
{
	const char *colour = getenv("COLORTERM");

	return tigetflag("RGB") > 0 || tigetflag("Tc") > 0 ||
	       (colour && (strcmp(colour, "truecolor") == 0 ||
			   strcmp(colour, "24bit") == 0));
}

static void
load_keys(struct caps *caps)
{
	caps->keys = xcalloc(COUNT(key_caps), sizeof(*caps->keys));
	for (size_t i = 0; i < COUNT(key_caps); i++) {
		const char *bytes = string(key_caps[i].name);

		if (bytes && *bytes == '\033')
			caps->keys[caps->key_count++] = (struct key_sequence){
				bytes, key_caps[i].key, key_caps[i].modifiers};
	}
}

/* Most ways to say "no attributes" choose a character set as well, which
 * nothing here ever leaves. */
static void
shorten_plain(struct caps *caps)
{
	static const char *const ways[] = {"\033[m", "\033[0m"};
	const char *text = caps->text[CAP_PLAIN];

	for (size_t i = 0; text && i < COUNT(ways); i++)
		if (strstr(text, ways[i]))
			snprintf(caps->plain, sizeof(caps->plain), "%s",
				 ways[i]);
}

static bool
is_text(const struct caps *caps, enum cap cap, const char *text)
{
	return caps->text[cap] && strcmp(caps->text[cap], text) == 0;
}

bool
caps_load(struct caps *caps, const char *term, int fd, struct error *err)
{
	int status = 0;

	*caps = (struct caps){.colours = 0};
	if (setupterm((char *)(uintptr_t)term, fd, &status) != OK)
		return error_set(
			err, ERROR_SETUP,
			"terminal \"%s\" is not in terminfo: set TERM, "
			"or use --plain",
			term ? term : "");
	for (size_t i = 0; i < CAP_COUNT; i++)
		caps->text[i] = string(names[i]);
	if (!caps->text[CAP_MOVE] || !caps->text[CAP_CLEAR]) {
		caps_unload(caps);
		return error_set(err, ERROR_SETUP,
				 "terminal \"%s\" cannot move its cursor: use "
				 "--plain",
				 term ? term : "");
	}
	if (!getenv("NO_COLOR") || !*getenv("NO_COLOR"))
		caps->colours = MAX(tigetnum("colors"), 0);
	caps->rgb = caps->colours > 0 && has_rgb();
	caps->erases_coloured = tigetflag("bce") > 0;
	caps->keeps_region = is_text(caps, CAP_REGION, "\033[%i%p1%d;%p2%dr");
	caps->scrolls_anywhere = is_text(caps, CAP_SCROLL_UP, "\033[%p1%dS") &&
				 is_text(caps, CAP_SCROLL_DOWN, "\033[%p1%dT");
	shorten_plain(caps);
	load_keys(caps);
	return true;
}

void
caps_unload(struct caps *caps)
{
	free(caps->keys);
	*caps = (struct caps){.colours = 0};
	if (cur_term)
		del_curterm(cur_term);
}

/* Terminals of today wait for no padding ("$<5>"). */
static void
put_unpadded(const char *text, struct buf *out)
{
	while (*text) {
		const char *end = NULL;

		if (text[0] == '$' && text[1] == '<')
			end = strchr(text, '>');
		if (!end)
			buf_addc(out, *text);
		text = end ? end + 1 : text + 1;
	}
}

void
caps_put(const struct caps *caps, enum cap cap, int a, int b, struct buf *out)
{
	const char *text = caps->text[cap];

	if (!text)
		return;
	if (strchr(text, '%'))
		text = tparm((char *)(uintptr_t)text, (long)a, (long)b, 0L, 0L,
			     0L, 0L, 0L, 0L, 0L);
	if (text)
		put_unpadded(text, out);
}
