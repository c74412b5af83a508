/*
 * grapheme.c - clusters by Unicode's rules (utf8proc), widths by what
 * terminals do: the first character decides, a selector for emoji or a second
 * half of a flag makes it two.
 */
#include "tui/grapheme.h"

#include <utf8proc.h>

#include "mneme/utf8.h"

static int
width_of(uint32_t cp, bool wide)
{
	int width = utf8proc_charwidth((utf8proc_int32_t)cp);

	if (wide && width == 1 && grapheme_is_ambiguous(cp))
		return 2;
	return width < 0 ? 0 : width;
}

static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7F;
}

static bool
is_flag_half(uint32_t cp)
{
	return cp >= 0x1F1E6 && cp <= 0x1F1FF;
}

/* Kana and ideographs, which nothing but a mark can join. */
static bool
is_simple_wide(struct slice s)
{
	const uint8_t *b = (const uint8_t *)s.data;
	uint32_t cp;

	if (s.len < 3 || b[0] < 0xE3 || b[0] > 0xE9 || (b[1] & 0xC0) != 0x80 ||
	    (b[2] & 0xC0) != 0x80)
		return false;
	cp = (b[0] & 15U) << 12 | (b[1] & 63U) << 6 | (b[2] & 63U);
	return cp >= 0x4E00 || (cp >= 0x3041 && cp <= 0x3096) ||
	       (cp >= 0x30A1 && cp <= 0x30FA) || (cp >= 0x3001 && cp <= 0x3003);
}

size_t
grapheme_next(struct slice s, bool wide, int *width)
{
	utf8proc_int32_t state = 0;
	uint32_t first, last, cp;
	size_t len;

	*width = 1;
	if (s.len == 0)
		return 0;
	if (is_plain(s.data[0]) && (s.len == 1 || (s.data[1] & 0x80) == 0))
		return 1;
	if (*s.data == '\t') {
		*width = TAB_COLUMNS;
		return 1;
	}
	if (is_simple_wide(s)) {
		struct slice next = slice_make(s.data + 3, s.len - 3);

		*width = 2;
		if (next.len == 0 || is_plain(*next.data) ||
		    is_simple_wide(next))
			return 3;
	}
	len = utf8_decode(s, &first);
	*width = width_of(first, wide);
	for (last = first; len < s.len; last = cp) {
		size_t n =
			utf8_decode(slice_make(s.data + len, s.len - len), &cp);

		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)last,
						     (utf8proc_int32_t)cp,
						     &state))
			break;
		if (cp == 0xFE0F || (is_flag_half(first) && is_flag_half(cp)))
			*width = 2;
		else if (*width == 0 || (first < 0x80 && cp == 0x20E3))
			*width = MAX(*width, width_of(cp, wide));
		len += n;
	}
	return len;
}

/* Far enough back that a cluster surely begins there. */
static size_t
safe_start(struct slice s)
{
	size_t at = s.len;

	while (at > 0 && s.len - at < 256) {
		at--;
		if (s.data[at] == '\n' || s.data[at] == ' ')
			return at;
	}
	while (at > 0 && (s.data[at] & 0xC0) == 0x80)
		at--;
	return at;
}

size_t
grapheme_previous(struct slice s)
{
	size_t at = safe_start(s), last = 0;
	int width;

	if (s.len > 0 && is_plain(s.data[s.len - 1]))
		return 1;
	while (at < s.len) {
		last = grapheme_next(slice_make(s.data + at, s.len - at), false,
				     &width);
		at += last;
	}
	return last;
}

int
grapheme_columns(struct slice s, bool wide)
{
	int columns = 0, width;

	while (s.len > 0) {
		size_t n = grapheme_next(s, wide, &width);

		columns += width;
		s = slice_make(s.data + n, s.len - n);
	}
	return columns;
}
