/*
 * wrap.c - one pass over a line; ASCII costs a comparison a byte.
 */
#include "tui/wrap.h"

#include "tui/grapheme.h"

/* How many bytes fit into `width` columns; stops at LF. */
static size_t
fitting(struct slice s, int width, bool wide)
{
	size_t at = 0;
	int columns = 0;

	while (at < s.len && s.data[at] != '\n') {
		char next = at + 1 < s.len ? s.data[at + 1] : '\0';
		size_t n = 1;
		int w = 1;

		if (s.data[at] < 0x20 || s.data[at] == 0x7F || next & 0x80)
			n = grapheme_next(slice_make(s.data + at, s.len - at),
					  wide, &w);
		/* Even what is wider than the screen must move on. */
		if (columns + w > width && at > 0)
			break;
		columns += w;
		at += n;
	}
	return at;
}

static size_t
after_last_space(struct slice s, size_t len)
{
	while (len > 0 && s.data[len - 1] != ' ' && s.data[len - 1] != '\t')
		len--;
	return len;
}

bool
wrap_next(struct slice *rest, int width, bool wide, enum wrap_mode mode,
	  struct slice *line)
{
	size_t len, next, word;

	if (rest->len == 0)
		return false;
	len = next = fitting(*rest, width, wide);
	if (next < rest->len && rest->data[next] == '\n') {
		next++;
	} else if (next < rest->len && mode == WRAP_WORDS) {
		word = after_last_space(*rest, len);
		if (rest->data[next] != ' ' && word > 0)
			len = next = word;
		while (next < rest->len && rest->data[next] == ' ')
			next++;
		while (len > 1 && rest->data[len - 1] == ' ')
			len--;
		/* A space that hangs over may be the last before an LF. */
		if (next < rest->len && rest->data[next] == '\n' &&
		    rest->data[next - 1] == ' ')
			next++;
	}
	*line = slice_make(rest->data, len);
	*rest = slice_make(rest->data + next, rest->len - next);
	return true;
}
