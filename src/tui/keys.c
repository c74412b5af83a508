/*
 * keys.c - the parser's state machine over bytes.
 *
 * A byte either belongs to plain text (collected so that a run of it is one
 * event), to a sequence held in `bytes`, or to a paste.  A sequence longer
 * than the buffer is swallowed whole; a paste only ends where it says so.
 */
#include "tui/keys.h"

#include "mneme/utf8.h"

enum {
	TEXT,
	CHARACTER, /* inside a character of several bytes */
	ESCAPED,
	ALT_CHARACTER, /* ESC, then a character of several bytes */
	CONTROL,       /* CSI */
	SHIFTED,       /* SS3 */
	STRING,        /* OSC, DCS, APC: replies; dropped */
	STRING_ESCAPED,
	PASTE,
	MOUSE,
};

static const char paste_end[] = "\033[201~";

void
keys_init(struct keys *k, key_fn *fn, void *arg)
{
	*k = (struct keys){.fn = fn, .arg = arg, .state = TEXT};
}

static void
emit_text(struct keys *k, enum key_kind kind, struct slice text)
{
	struct key_event event = {.kind = kind, .key = KEY_NONE, .text = text};

	if (text.len > 0)
		k->fn(k->arg, &event);
}

static void
emit_key(struct keys *k, uint32_t key, unsigned modifiers)
{
	struct key_event event = {
		.kind = KEY_PRESS, .key = key, .modifiers = modifiers};

	k->fn(k->arg, &event);
}

static void
restart(struct keys *k)
{
	k->state = TEXT;
	k->len = 0;
	k->overlong = false;
}

static void
collect(struct keys *k, char c)
{
	if (k->len < sizeof(k->bytes))
		k->bytes[k->len++] = c;
	else
		k->overlong = true;
}

static const struct key_sequence *
known(const struct keys *k)
{
	struct slice have = slice_make(k->bytes, k->len);

	for (size_t i = 0; i < k->sequence_count; i++)
		if (slice_is(have, k->sequences[i].bytes))
			return &k->sequences[i];
	return NULL;
}

/* A control character, with or without Alt. */
static void
control(struct keys *k, uint8_t c, unsigned modifiers)
{
	static const char symbols[] = "[\\]^_";

	if (c == '\r')
		emit_key(k, KEY_ENTER, modifiers);
	else if (c == '\t')
		emit_key(k, KEY_TAB, modifiers);
	else if (c == 0x7F || c == 0x08)
		emit_key(k, KEY_BACKSPACE, modifiers);
	else if (c == 0)
		emit_key(k, ' ', modifiers | KEY_CTRL);
	else if (c < 0x1B)
		emit_key(k, (uint32_t)c - 1 + 'a', modifiers | KEY_CTRL);
	else
		emit_key(k, (uint32_t)symbols[c - 0x1B], modifiers | KEY_CTRL);
}

static void
emit_decoded(struct keys *k, struct key_event *event)
{
	char bytes[4];

	if (event->kind == KEY_PRESS && event->key < KEY_NONE &&
	    event->modifiers == 0)
		emit_text(k, KEY_TEXT,
			  slice_make(bytes, utf8_encode(event->key, bytes)));
	else
		k->fn(k->arg, event);
}

/* The sequence in `bytes` is whole. */
static void
finish_sequence(struct keys *k)
{
	const struct key_sequence *match = k->overlong ? NULL : known(k);
	struct key_event event = {.kind = KEY_PRESS};
	struct slice whole = slice_make(k->bytes, k->len);
	bool good = !k->overlong;

	restart(k);
	if (match) {
		emit_key(k, match->key, match->modifiers);
		return;
	}
	if (k->place && key_decode_place(whole, &event)) {
		emit_decoded(k, &event);
		return;
	}
	if (!good || !key_decode(whole, &event))
		return;
	if (event.kind == KEY_PASTE_BEGIN)
		k->state = PASTE;
	if (event.kind != KEY_PASTE_END)
		emit_decoded(k, &event);
}

static void
finish_character(struct keys *k)
{
	struct slice held = slice_make(k->bytes, k->len);
	bool alt = k->state == ALT_CHARACTER;
	uint32_t cp;

	if (alt)
		held = slice_make(held.data + 1, held.len - 1);
	utf8_decode(held, &cp);
	restart(k);
	if (!utf8_valid(held))
		held = slice_of("\357\277\275");
	if (alt)
		emit_key(k, cp, KEY_ALT);
	else
		emit_text(k, KEY_TEXT, held);
}

static void byte(struct keys *k, uint8_t c);

static void
in_character(struct keys *k, uint8_t c)
{
	size_t skip = k->state == ALT_CHARACTER ? 1 : 0;
	bool bad = (c & 0xC0) != 0x80;

	if (!bad) {
		collect(k, (char)c);
		if (utf8_open_tail(slice_make(k->bytes + skip, k->len - skip)) >
		    0)
			return;
	}
	finish_character(k);
	if (bad)
		byte(k, c);
}

static void
in_text(struct keys *k, uint8_t c)
{
	if (c == 0x1B) {
		collect(k, (char)c);
		k->state = ESCAPED;
	} else if (c >= 0x80) {
		collect(k, (char)c);
		k->state = CHARACTER;
		if (utf8_open_tail(slice_make(k->bytes, 1)) == 0)
			finish_character(k);
	} else if (c < 0x20 || c == 0x7F) {
		control(k, c, 0);
	} else {
		emit_text(k, KEY_TEXT, slice_make(&(char){(char)c}, 1));
	}
}

static void
in_escaped(struct keys *k, uint8_t c)
{
	if (c == 0x1B) { /* the first was a key */
		emit_key(k, KEY_ESCAPE, 0);
		return;
	}
	collect(k, (char)c);
	if (c == '[') {
		k->state = CONTROL;
	} else if (c == 'O') {
		k->state = SHIFTED;
	} else if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X') {
		k->state = STRING;
	} else if (c >= 0x80) {
		k->state = ALT_CHARACTER;
		if (utf8_open_tail(slice_make(k->bytes + 1, 1)) == 0)
			finish_character(k);
	} else {
		restart(k);
		if (c < 0x20 || c == 0x7F)
			control(k, c, KEY_ALT);
		else
			emit_key(k, c, KEY_ALT);
	}
}

static void
in_control(struct keys *k, uint8_t c)
{
	if (c < 0x20 || c > 0x7E) { /* no sequence after all */
		restart(k);
		byte(k, c);
		return;
	}
	collect(k, (char)c);
	if (c == '[' && k->len == 3)
		return;
	if (c == 'M' && k->len == 3) {
		k->state = MOUSE;
		k->mouse = 3;
	} else if (c >= 0x40) {
		finish_sequence(k);
	}
}

static void
in_shifted(struct keys *k, uint8_t c)
{
	if (c < 0x20 || c > 0x7E) {
		restart(k);
		byte(k, c);
		return;
	}
	collect(k, (char)c);
	if (c >= 0x40)
		finish_sequence(k);
}

static void
finish_string(struct keys *k)
{
	struct slice whole = slice_make(k->bytes, k->len);
	struct key_event event;
	bool good = !k->overlong && key_decode_string(whole, &event);

	restart(k);
	if (good)
		k->fn(k->arg, &event);
}

static void
in_string(struct keys *k, uint8_t c)
{
	if (c == 0x07 || (k->state == STRING_ESCAPED && c == '\\')) {
		finish_string(k);
	} else if (c == 0x18 || c == 0x1A) {
		restart(k);
	} else if (k->state == STRING_ESCAPED) {
		restart(k);
		byte(k, 0x1B);
		byte(k, c);
	} else if (c == 0x1B) {
		k->state = STRING_ESCAPED;
	} else {
		collect(k, (char)c);
	}
}

static void
byte(struct keys *k, uint8_t c)
{
	switch (k->state) {
	case CHARACTER:
	case ALT_CHARACTER:
		in_character(k, c);
		return;
	case ESCAPED:
		in_escaped(k, c);
		return;
	case CONTROL:
		in_control(k, c);
		return;
	case SHIFTED:
		in_shifted(k, c);
		return;
	case STRING:
	case STRING_ESCAPED:
		in_string(k, c);
		return;
	case MOUSE:
		if (--k->mouse == 0)
			restart(k);
		return;
	default:
		in_text(k, c);
	}
}

/* Returns the bytes taken.  `len` counts what of the end mark has come. */
static size_t
paste(struct keys *k, struct slice in)
{
	size_t at = 0, start = 0;

	while (at < in.len && k->len < sizeof(paste_end) - 1) {
		if (in.data[at] == paste_end[k->len]) {
			k->len++;
			at++;
			continue;
		}
		if (k->len > at - start) { /* begun in what came before */
			emit_text(k, KEY_PASTE, slice_make(paste_end, k->len));
			start = at;
		} else if (k->len == 0) {
			at++;
		}
		k->len = 0;
	}
	if (at - start > k->len)
		emit_text(k, KEY_PASTE,
			  slice_make(in.data + start, at - start - k->len));
	if (k->len == sizeof(paste_end) - 1) {
		struct key_event event = {.kind = KEY_PASTE_END};

		restart(k);
		k->fn(k->arg, &event);
	}
	return at;
}

static size_t
text_run(struct slice in)
{
	size_t n = 0;

	while (n < in.len && in.data[n] >= 0x20 && in.data[n] < 0x7F)
		n++;
	return n;
}

void
keys_feed(struct keys *k, struct slice in)
{
	while (in.len > 0) {
		size_t n = 0;

		if (k->state == PASTE) {
			n = paste(k, in);
		} else if (k->state == TEXT) {
			n = text_run(in);
			emit_text(k, KEY_TEXT, slice_make(in.data, n));
		}
		if (n == 0) {
			byte(k, (uint8_t)*in.data);
			n = 1;
		}
		in = slice_make(in.data + n, in.len - n);
	}
}

bool
keys_waiting(const struct keys *k)
{
	return k->state != TEXT && k->state != CHARACTER && k->state != PASTE;
}

void
keys_timeout(struct keys *k)
{
	uint8_t state = k->state;
	size_t len = k->len;
	char second = len > 1 ? k->bytes[1] : '\0';

	if (!keys_waiting(k))
		return;
	restart(k);
	if (state == ESCAPED)
		emit_key(k, KEY_ESCAPE, 0);
	else if (len == 2 && state != ALT_CHARACTER && state != MOUSE)
		emit_key(k, (uint8_t)second, KEY_ALT);
}
