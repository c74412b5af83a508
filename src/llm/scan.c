/*
 * A pull scanner.  One flag says whether a comma is due: entering clears the
 * way for a first element, and whoever takes an element, or leaves a nested
 * value, has made it an element that others follow.
 */
#include "llm/scan.h"

#include <stdlib.h>

#include "mneme/utf8.h"

void
scan_init(struct scan *s, char *json, size_t len)
{
	*s = (struct scan){.at = json, .end = json + len};
}

static bool
fault(struct scan *s)
{
	s->bad = true;
	s->at = s->end;
	return false;
}

static void
skip_space(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' ||
				  *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	skip_space(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

enum scan_kind
scan_kind(struct scan *s)
{
	skip_space(s);
	if (s->at == s->end)
		return SCAN_NONE;
	switch (*s->at) {
	case '{':
		return SCAN_OBJECT;
	case '[':
		return SCAN_ARRAY;
	case '"':
		return SCAN_TEXT;
	case 't':
		return SCAN_TRUE;
	case 'f':
		return SCAN_FALSE;
	case 'n':
		return SCAN_NULL;
	default:
		return *s->at == '-' || (*s->at >= '0' && *s->at <= '9')
			       ? SCAN_NUMBER
			       : SCAN_NONE;
	}
}

static bool
enter(struct scan *s)
{
	if (s->depth == SCAN_DEPTH_MAX)
		return fault(s);
	s->at++;
	s->depth++;
	s->first = true;
	return true;
}

bool
scan_object(struct scan *s)
{
	if (scan_kind(s) == SCAN_OBJECT)
		return enter(s);
	scan_skip(s);
	return false;
}

bool
scan_array(struct scan *s)
{
	if (scan_kind(s) == SCAN_ARRAY)
		return enter(s);
	scan_skip(s);
	return false;
}

/* Is there another element before `close`? */
static bool
another(struct scan *s, char close)
{
	bool first = s->first;

	s->first = false;
	if (s->bad)
		return false;
	if (take(s, close)) {
		s->depth--;
		return false;
	}
	return first || take(s, ',') || fault(s);
}

/* The bytes between the quotes, as they are written. */
static bool
quoted(struct scan *s, struct slice *inner, bool *escaped)
{
	if (!take(s, '"'))
		return fault(s);
	char *from = s->at;

	*escaped = false;
	for (; s->at < s->end && *s->at != '"'; s->at++) {
		if ((unsigned char)*s->at < 0x20)
			return fault(s);
		if (*s->at != '\\')
			continue;
		*escaped = true;
		if (++s->at == s->end)
			return fault(s);
	}
	if (s->at == s->end)
		return fault(s);
	*inner = slice_make(from, (size_t)(s->at - from));
	s->at++;
	return true;
}

bool
scan_member(struct scan *s, struct slice *name)
{
	bool escaped;

	if (!another(s, '}') || !quoted(s, name, &escaped))
		return false;
	return take(s, ':') || fault(s);
}

bool
scan_item(struct scan *s)
{
	return another(s, ']');
}

static bool
hex4(const char *at, const char *end, uint32_t *value)
{
	*value = 0;
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		uint32_t digit;
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (uint32_t)((c | 32) - 'a' + 10);
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

/* Decode \uXXXX at `at` (after the u), with the other half of a pair; half a
 * pair is U+FFFD.  Returns the bytes used, 0 when they are wrong. */
static size_t
decode_unit(const char *at, const char *end, uint32_t *cp)
{
	uint32_t low;

	if (!hex4(at, end, cp))
		return 0;
	if (*cp < 0xD800 || *cp > 0xDFFF)
		return 4;
	if (*cp < 0xDC00 && end - at >= 10 && at[4] == '\\' && at[5] == 'u' &&
	    hex4(at + 6, end, &low) && low >= 0xDC00 && low <= 0xDFFF) {
		*cp = 0x10000 + ((*cp - 0xD800) << 10) + (low - 0xDC00);
		return 10;
	}
	*cp = UTF8_BAD;
	return 4;
}

/* What \c stands for, or 0. */
static char
decode_letter(char c)
{
	static const char pairs[] = "\"\"\\\\//b\bf\fn\nr\rt\t";

	for (const char *at = pairs; *at; at += 2) {
		if (*at == c)
			return at[1];
	}
	return '\0';
}

/* Written forms are never shorter than what they stand for, so the text fits
 * where it was. */
static bool
decode(struct scan *s, char *from, size_t len, struct slice *text)
{
	char *to = from;
	const char *at = from, *end = from + len;

	while (at < end) {
		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		if (*at == 'u') {
			uint32_t cp;
			size_t used = decode_unit(at + 1, end, &cp);
			if (!used)
				return fault(s);
			to += utf8_encode(cp, to);
			at += used + 1;
			continue;
		}
		*to = decode_letter(*at++);
		if (!*to++)
			return fault(s);
	}
	*text = slice_make(from, (size_t)(to - from));
	return true;
}

bool
scan_text(struct scan *s, struct slice *text)
{
	struct slice inner;
	bool escaped;

	if (scan_kind(s) != SCAN_TEXT) {
		scan_skip(s);
		return false;
	}
	char *from = s->at + 1;
	if (!quoted(s, &inner, &escaped))
		return false;
	if (escaped)
		return decode(s, from, inner.len, text);
	*text = inner;
	return true;
}

static size_t
number_length(const struct scan *s)
{
	const char *at = s->at;

	while (at < s->end && ((*at >= '0' && *at <= '9') || *at == '-' ||
			       *at == '+' || *at == '.' || (*at | 32) == 'e'))
		at++;
	return (size_t)(at - s->at);
}

bool
scan_number(struct scan *s, double *number)
{
	char text[40];
	char *end;

	if (scan_kind(s) != SCAN_NUMBER) {
		scan_skip(s);
		return false;
	}
	size_t len = number_length(s);
	size_t kept = MIN(len, sizeof(text) - 1);
	memcpy(text, s->at, kept);
	text[kept] = '\0';
	double value = strtod(text, &end);
	if (*end && kept == len)
		return fault(s);
	s->at += len;
	*number = value;
	return true;
}

static bool
word(struct scan *s, const char *expected)
{
	size_t len = strlen(expected);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, expected, len) != 0)
		return fault(s);
	s->at += len;
	return true;
}

bool
scan_bool(struct scan *s, bool *value)
{
	enum scan_kind kind = scan_kind(s);

	scan_skip(s);
	if (s->bad || (kind != SCAN_TRUE && kind != SCAN_FALSE))
		return false;
	*value = kind == SCAN_TRUE;
	return true;
}

void
scan_skip(struct scan *s)
{
	struct slice ignored;
	double number;
	bool escaped;

	switch (scan_kind(s)) {
	case SCAN_OBJECT:
		if (!enter(s))
			return;
		while (scan_member(s, &ignored))
			scan_skip(s);
		return;
	case SCAN_ARRAY:
		if (!enter(s))
			return;
		while (scan_item(s))
			scan_skip(s);
		return;
	case SCAN_TEXT:
		quoted(s, &ignored, &escaped);
		return;
	case SCAN_NUMBER:
		scan_number(s, &number);
		return;
	case SCAN_TRUE:
		word(s, "true");
		return;
	case SCAN_FALSE:
		word(s, "false");
		return;
	case SCAN_NULL:
		word(s, "null");
		return;
	case SCAN_NONE:
		fault(s);
	}
}

struct slice
scan_raw(struct scan *s)
{
	skip_space(s);
	char *from = s->at;

	scan_skip(s);
	return slice_make(from, s->bad ? 0 : (size_t)(s->at - from));
}

bool
scan_finish(struct scan *s)
{
	skip_space(s);
	return !s->bad && s->at == s->end && s->depth == 0;
}
