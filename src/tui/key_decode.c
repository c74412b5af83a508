/*
 * key_decode.c - the meaning of one control sequence: xterm's keys with
 * modifiers, kitty's CSI u, the Linux console's, replies.
 */
#include <stdio.h>

#include "mneme/utf8.h"
#include "tui/action.h"
#include "tui/keys.h"

struct numbers {
	int value[KEY_NUMBERS]; /* -1 where nothing was given */
	int sub[KEY_NUMBERS];   /* the part after the first colon, or -1 */
	int count;
};

static int
number(struct slice s)
{
	int64_t value;

	if (s.len == 0 || s.len > 8 || !slice_number(s, &value))
		return -1;
	return (int)value;
}

static struct numbers
read_numbers(struct slice s)
{
	struct numbers n = {.count = 0};
	struct slice part, head, sub;

	while (n.count < KEY_NUMBERS && slice_split(&s, ';', &part)) {
		n.value[n.count] = n.sub[n.count] = -1;
		if (slice_split(&part, ':', &head))
			n.value[n.count] = number(head);
		if (slice_split(&part, ':', &sub))
			n.sub[n.count] = number(sub);
		n.count++;
	}
	return n;
}

static int
number_at(const struct numbers *n, int at, int missing)
{
	if (at >= n->count || n->value[at] < 0)
		return missing;
	return n->value[at];
}

/* Caps and Num Lock say nothing about what was meant. */
static unsigned
modifiers(const struct numbers *n)
{
	int given = number_at(n, 1, 1);

	return given < 1 ? 0 : (unsigned)(given - 1) & 0xF;
}

static uint32_t
letter_key(char final)
{
	static const struct {
		char final;
		uint32_t key;
	} keys[] = {
		{'A', KEY_UP},     {'B', KEY_DOWN},   {'C', KEY_RIGHT},
		{'D', KEY_LEFT},   {'F', KEY_END},    {'H', KEY_HOME},
		{'P', KEY_F1},     {'Q', KEY_F1 + 1}, {'R', KEY_F1 + 2},
		{'S', KEY_F1 + 3}, {'M', KEY_ENTER},  {'E', KEY_NONE},
		{'j', '*'},        {'k', '+'},        {'l', ','},
		{'m', '-'},        {'n', '.'},        {'o', '/'},
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (keys[i].final == final)
			return keys[i].key;
	if (final >= 'p' && final <= 'y')
		return (uint32_t)(final - 'p' + '0');
	return KEY_NONE;
}

static uint32_t
tilde_key(int number)
{
	static const uint32_t keys[] = {
		[1] = KEY_HOME,     [2] = KEY_INSERT,  [3] = KEY_DELETE,
		[4] = KEY_END,      [5] = KEY_PAGE_UP, [6] = KEY_PAGE_DOWN,
		[7] = KEY_HOME,     [8] = KEY_END,     [11] = KEY_F1,
		[12] = KEY_F1 + 1,  [13] = KEY_F1 + 2, [14] = KEY_F1 + 3,
		[15] = KEY_F1 + 4,  [17] = KEY_F1 + 5, [18] = KEY_F1 + 6,
		[19] = KEY_F1 + 7,  [20] = KEY_F1 + 8, [21] = KEY_F1 + 9,
		[23] = KEY_F1 + 10, [24] = KEY_F12,
	};

	if (number < 0 || number >= (int)COUNT(keys) || !keys[number])
		return KEY_NONE;
	return keys[number];
}

/* A code of kitty's protocol. */
static uint32_t
coded_key(int code)
{
	static const uint32_t keypad[] = {
		/* from 57399 */
		'0',       '1',        '2',         '3',           '4',
		'5',       '6',        '7',         '8',           '9',
		'.',       '/',        '*',         '-',           '+',
		KEY_ENTER, '=',        ',',         KEY_LEFT,      KEY_RIGHT,
		KEY_UP,    KEY_DOWN,   KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME,
		KEY_END,   KEY_INSERT, KEY_DELETE,
	};

	switch (code) {
	case 27:
		return KEY_ESCAPE;
	case 13:
		return KEY_ENTER;
	case 9:
		return KEY_TAB;
	case 8:
	case 127:
		return KEY_BACKSPACE;
	default:
		break;
	}
	if (code >= 57399 && code < 57399 + (int)COUNT(keypad))
		return keypad[code - 57399];
	if (code < 32 || code > 0x10FFFF || (code >= 0xE000 && code < 0xF900))
		return KEY_NONE;
	return (uint32_t)code;
}

static bool
press(struct key_event *event, uint32_t key, unsigned mods)
{
	event->kind = KEY_PRESS;
	event->key = key;
	event->modifiers = mods;
	return key != KEY_NONE;
}

static bool
pressed_code(struct key_event *event, const struct numbers *n)
{
	unsigned mods = modifiers(n);
	uint32_t key = coded_key(number_at(n, 0, 0));

	if (n->count > 1 && n->sub[1] == 3) /* let go */
		return false;
	if (key < KEY_NONE && mods == KEY_SHIFT) {
		if (n->count > 2 && n->value[2] > 0)
			key = coded_key(n->value[2]);
		else if (n->sub[0] > 0)
			key = coded_key(n->sub[0]);
		else if (key >= 'a' && key <= 'z')
			key -= 'a' - 'A';
		mods = 0;
	}
	return press(event, key, mods);
}

static bool
reply(struct key_event *event, const struct numbers *n, enum key_reply what)
{
	event->kind = KEY_REPLY;
	event->reply = what;
	event->number_count = n->count;
	for (int i = 0; i < n->count; i++)
		event->numbers[i] = MAX(n->value[i], 0);
	return true;
}

static bool
decode_private(struct key_event *event, const struct numbers *n, char final,
	       bool dollar)
{
	if (final == 'c')
		return reply(event, n, REPLY_ATTRIBUTES);
	if (final == 'u')
		return reply(event, n, REPLY_KITTY);
	if (final == 'R')
		return reply(event, n, REPLY_CURSOR);
	if (final == 'y' && dollar)
		return reply(event, n, REPLY_MODE);
	return false;
}

bool
key_decode_place(struct slice s, struct key_event *event)
{
	int n[2] = {0}, at = 0;

	if (!slice_starts(s, "\033[") || s.data[s.len - 1] != 'R')
		return false;
	for (size_t i = 2; i + 1 < s.len; i++) {
		if (s.data[i] == ';' && at == 0)
			at++;
		else if (s.data[i] >= '0' && s.data[i] <= '9' && n[at] < 10000)
			n[at] = n[at] * 10 + s.data[i] - '0';
		else
			return false;
	}
	*event = (struct key_event){.kind = KEY_REPLY,
				    .key = KEY_NONE,
				    .reply = REPLY_CURSOR,
				    .number_count = 2,
				    .numbers = {n[0], n[1]}};
	return at == 1;
}

static bool
decode_tilde(struct key_event *event, const struct numbers *n)
{
	struct numbers coded = *n;
	int code = number_at(n, 0, 0);

	if (code == 200 || code == 201) {
		event->kind = code == 200 ? KEY_PASTE_BEGIN : KEY_PASTE_END;
		return true;
	}
	if (code != 27)
		return n->count <= 1 || n->sub[1] != 3
			       ? press(event, tilde_key(code), modifiers(n))
			       : false;
	/* xterm's modifyOtherKeys: CSI 27 ; modifiers ; code ~ */
	coded.value[0] = number_at(n, 2, 0);
	coded.sub[0] = -1;
	coded.count = MIN(coded.count, 2);
	return pressed_code(event, &coded);
}

/* Of a mouse only the wheel is a key. */
static bool
decode_mouse(struct key_event *event, struct slice body, char final)
{
	struct numbers n =
		read_numbers(slice_make(body.data + 1, body.len - 1));
	int button = number_at(&n, 0, 0);

	if (final != 'M' || (button != 64 && button != 65))
		return false;
	return press(event, button == 64 ? KEY_WHEEL_UP : KEY_WHEEL_DOWN, 0);
}

/* One to four digits of base 16, whatever their number, as 0 to 255. */
static bool
read_channel(struct slice *rest, int *value)
{
	int n = 0, most = 0;

	for (; n < 4 && rest->len > 0 && *rest->data != '/'; n++) {
		char c = *rest->data | 0x20;
		int digit = c >= 'a' ? c - 'a' + 10 : c - '0';

		if (digit < 0 || digit > 15)
			return false;
		*value = *value * 16 + digit;
		most = most * 16 + 15;
		*rest = slice_make(rest->data + 1, rest->len - 1);
	}
	if (n == 0)
		return false;
	*value = *value * 255 / most;
	if (rest->len > 0 && *rest->data == '/')
		*rest = slice_make(rest->data + 1, rest->len - 1);
	return true;
}

bool
key_decode_string(struct slice s, struct key_event *event)
{
	static const char begin[] = "\033]11;rgb:";
	struct slice rest;

	if (!slice_starts(s, begin))
		return false;
	rest = slice_make(s.data + sizeof(begin) - 1,
			  s.len - (sizeof(begin) - 1));
	*event = (struct key_event){.kind = KEY_REPLY,
				    .key = KEY_NONE,
				    .reply = REPLY_BACKGROUND,
				    .number_count = 3};
	for (int i = 0; i < 3; i++)
		if (!read_channel(&rest, &event->numbers[i]))
			return false;
	return rest.len == 0;
}

bool
key_decode(struct slice s, struct key_event *event)
{
	char final = s.data[s.len - 1];
	struct slice body = slice_make(s.data + 2, s.len - 3);
	bool private, dollar;
	struct numbers n;

	*event = (struct key_event){.key = KEY_NONE};
	if (s.data[1] == 'O') {
		n = read_numbers(body);
		return press(event, letter_key(final), modifiers(&n));
	}
	if (body.len > 0 && body.data[0] == '[') /* the Linux console's F1-F5 */
		return final <= 'E' &&
		       press(event, KEY_F1 + (uint32_t) final - 'A', 0);
	private = body.len > 0 && body.data[0] == '?';
	dollar = body.len > 0 && body.data[body.len - 1] == '$';
	if (private)
		body = slice_make(body.data + 1, body.len - 1);
	if (dollar)
		body.len--;
	if (body.len > 0 && body.data[0] == '<')
		return decode_mouse(event, body, final);
	if (body.len > 0 && body.data[0] >= 0x3A && body.data[0] != ';')
		return false; /* a mouse's, or a reply that nobody asked for */
	n = read_numbers(body);
	if (private)
		return decode_private(event, &n, final, dollar);
	/* In the first row it would be F3 with a modifier: not asked there. */
	if (final == 'R' && n.count == 2 && number_at(&n, 0, 0) > 1)
		return reply(event, &n, REPLY_CURSOR);
	if (final == '~')
		return decode_tilde(event, &n);
	if (final == 'u')
		return pressed_code(event, &n);
	if (final == 'Z')
		return press(event, KEY_TAB, KEY_SHIFT);
	if (body.len == 0 && (final == 'I' || final == 'O')) {
		event->kind = final == 'I' ? KEY_FOCUS_IN : KEY_FOCUS_OUT;
		return true;
	}
	if (final > 'S' || final == 'M' || (n.count > 1 && n.sub[1] == 3))
		return false;
	return press(event, letter_key(final), modifiers(&n));
}

static const char *const key_names[] = {
	[KEY_ESCAPE - KEY_NONE] = "Esc",
	[KEY_ENTER - KEY_NONE] = "Enter",
	[KEY_TAB - KEY_NONE] = "Tab",
	[KEY_BACKSPACE - KEY_NONE] = "Backspace",
	[KEY_INSERT - KEY_NONE] = "Insert",
	[KEY_DELETE - KEY_NONE] = "Delete",
	[KEY_HOME - KEY_NONE] = "Home",
	[KEY_END - KEY_NONE] = "End",
	[KEY_PAGE_UP - KEY_NONE] = "PageUp",
	[KEY_PAGE_DOWN - KEY_NONE] = "PageDown",
	[KEY_UP - KEY_NONE] = "Up",
	[KEY_DOWN - KEY_NONE] = "Down",
	[KEY_LEFT - KEY_NONE] = "Left",
	[KEY_RIGHT - KEY_NONE] = "Right",
	[KEY_WHEEL_UP - KEY_NONE] = "WheelUp",
	[KEY_WHEEL_DOWN - KEY_NONE] = "WheelDown",
};

char *
key_spell(uint32_t key, unsigned mods, char out[KEY_NAME_MAX])
{
	int at = snprintf(
		out, KEY_NAME_MAX, "%s%s%s%s", mods & KEY_SUPER ? "D-" : "",
		mods & KEY_CTRL ? "C-" : "", mods & KEY_ALT ? "M-" : "",
		mods & KEY_SHIFT ? "S-" : "");
	size_t room = KEY_NAME_MAX - (size_t)at;

	if (key > ' ' && key < 0x7F)
		snprintf(out + at, room, "%c", (int)key);
	else if (key == ' ')
		snprintf(out + at, room, "Space");
	else if (key >= KEY_F1 && key <= KEY_F12)
		snprintf(out + at, room, "F%d", (int)(key - KEY_F1) + 1);
	else if (key > KEY_NONE && key < KEY_F1)
		snprintf(out + at, room, "%s", key_names[key - KEY_NONE]);
	else
		snprintf(out + at, room, "U+%04X", (unsigned)key);
	return out;
}

static bool
parse_name(struct slice name, uint32_t *key)
{
	int64_t n;

	for (size_t i = 1; i < COUNT(key_names); i++) {
		if (slice_is(name, key_names[i])) {
			*key = KEY_NONE + (uint32_t)i;
			return true;
		}
	}
	if (slice_is(name, "Space") || slice_is(name, "Comma")) {
		*key = *name.data == 'S' ? ' ' : ',';
		return true;
	}
	if (!slice_starts(name, "F") ||
	    !slice_number(slice_make(name.data + 1, name.len - 1), &n) ||
	    n < 1 || n > 12)
		return false;
	*key = KEY_F1 + (uint32_t)n - 1;
	return true;
}

bool
key_parse(struct slice name, uint32_t *key, unsigned *modifiers)
{
	static const struct {
		const char *prefix;
		unsigned bit;
	} prefixes[] = {{"C-", KEY_CTRL},
			{"M-", KEY_ALT},
			{"S-", KEY_SHIFT},
			{"D-", KEY_SUPER}};
	uint32_t cp;

	*modifiers = 0;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		if (name.len < 3 || !slice_starts(name, prefixes[i].prefix))
			continue;
		*modifiers |= prefixes[i].bit;
		name = slice_make(name.data + 2, name.len - 2);
		i = SIZE_MAX; /* any order */
	}
	if (name.len > 0 && utf8_decode(name, &cp) == name.len && cp > ' ' &&
	    cp != 0x7F && cp != UTF8_BAD) {
		*key = cp;
		return true;
	}
	return parse_name(name, key);
}
