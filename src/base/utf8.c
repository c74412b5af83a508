#include "mneme/utf8.h"

#include <ctype.h>

#include <utf8proc.h>

#include "mneme/buf.h"

/* What follows a lead byte: how many bytes, and the range of the first of
 * them, which excludes long forms, surrogates and what is over U+10FFFF. */
static unsigned
lead(uint8_t c, uint8_t *low, uint8_t *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (c >= 0xC2 && c <= 0xDF)
		return 1;
	if (c >= 0xE0 && c <= 0xEF) {
		if (c == 0xE0)
			*low = 0xA0;
		if (c == 0xED)
			*high = 0x9F;
		return 2;
	}
	if (c >= 0xF0 && c <= 0xF4) {
		if (c == 0xF0)
			*low = 0x90;
		if (c == 0xF4)
			*high = 0x8F;
		return 3;
	}
	return 0;
}

/* Decodes; *whole says whether the character was complete and right, *cut
 * whether only the end of the slice stood in the way. */
static size_t
step(struct slice s, uint32_t *cp, bool *whole, bool *cut)
{
	uint8_t c = (uint8_t)s.data[0], low, high;
	unsigned more = lead(c, &low, &high);

	*whole = c < 0x80;
	*cut = false;
	*cp = c;
	if (c < 0x80)
		return 1;
	*cp = UTF8_BAD;
	if (!more)
		return 1;

	uint32_t value = c & (0x3Fu >> more);
	for (unsigned i = 1; i <= more; i++) {
		if (i >= s.len) {
			*cut = true;
			return i;
		}
		uint8_t next = (uint8_t)s.data[i];
		if (next < low || next > high)
			return i;
		value = value << 6 | (next & 0x3F);
		low = 0x80;
		high = 0xBF;
	}
	*cp = value;
	*whole = true;
	return more + 1;
}

size_t
utf8_decode(struct slice s, uint32_t *cp)
{
	bool whole, cut;

	if (s.len == 0)
		return 0;
	return step(s, cp, &whole, &cut);
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_BAD;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

static bool
is_ascii8(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return !(word & UINT64_C(0x8080808080808080));
}

size_t
utf8_valid_length(struct slice s)
{
	size_t at = 0;

	while (at < s.len) {
		uint32_t cp;
		bool whole, cut;

		if (s.len - at >= 8 && is_ascii8(s.data + at)) {
			at += 8;
			continue;
		}
		if ((uint8_t)s.data[at] < 0x80) {
			at++;
			continue;
		}
		size_t n = step(slice_make(s.data + at, s.len - at), &cp,
				&whole, &cut);
		if (!whole)
			return at;
		at += n;
	}
	return s.len;
}

bool
utf8_valid(struct slice s)
{
	return utf8_valid_length(s) == s.len;
}

bool
utf8_repair(struct slice s, struct buf *out)
{
	while (s.len) {
		size_t good = utf8_valid_length(s);
		uint32_t cp;

		if (good && !buf_add(out, s.data, good))
			return false;
		s = slice_make(s.data + good, s.len - good);
		if (s.len == 0)
			break;
		size_t bad = utf8_decode(s, &cp);
		if (!buf_adds(out, "\xEF\xBF\xBD"))
			return false;
		s = slice_make(s.data + bad, s.len - bad);
	}
	return true;
}

struct slice
utf8_cut(struct slice s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max && ((uint8_t)s.data[max] & 0xC0) == 0x80)
		max--;
	return slice_make(s.data, max);
}

size_t
utf8_open_tail(struct slice s)
{
	for (size_t n = 1; n <= 3 && n <= s.len; n++) {
		const char *at = s.data + s.len - n;
		uint32_t cp;
		bool whole, cut;

		if (((uint8_t)*at & 0xC0) == 0x80)
			continue;
		step(slice_make(at, n), &cp, &whole, &cut);
		return cut ? n : 0;
	}
	return 0;
}

/* ---- whatever the case ---- */

/* How many bytes of `text` fold to all of `pattern`; 0: it does not begin
 * with it. */
static size_t
begins(struct slice text, struct slice pattern)
{
	size_t at = 0;

	while (pattern.len > 0) {
		uint32_t a, b;
		size_t n = utf8_decode(
			slice_make(text.data + at, text.len - at), &a);
		size_t m = utf8_decode(pattern, &b);

		if (n == 0 || utf8proc_tolower((utf8proc_int32_t)a) !=
				      utf8proc_tolower((utf8proc_int32_t)b))
			return 0;
		at += n;
		pattern = slice_make(pattern.data + m, pattern.len - m);
	}
	return at;
}

size_t
utf8_find(struct slice text, struct slice pattern, size_t from, size_t *len)
{
	uint8_t first = pattern.len ? (uint8_t)*pattern.data : 0;
	bool ascii = first && first < 0x80;

	if (pattern.len == 0)
		return text.len;
	for (size_t at = from; at < text.len; at++) {
		if (ascii &&
		    tolower((uint8_t)text.data[at]) != tolower(first) &&
		    (uint8_t)text.data[at] < 0x80)
			continue;
		if ((text.data[at] & 0xC0) == 0x80)
			continue;
		*len = begins(slice_make(text.data + at, text.len - at),
			      pattern);
		if (*len)
			return at;
	}
	return text.len;
}
