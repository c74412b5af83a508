/*
 * wrap.c - one pass over a line; ASCII costs a comparison a byte.
 */
#include "tui/wrap.h"

#include <ctype.h>

#include "tui/grapheme.h"

/* What may not begin a line in Chinese and Japanese, and what may not end
 * one: closing and opening punctuation. */
static bool
is_one_of(struct slice cluster, const char *characters)
{
	return cluster.len == 3 &&
	       memmem(characters, strlen(characters), cluster.data, 3);
}

static bool
may_break(struct slice before, int before_width, struct slice after,
	  int after_width)
{
	static const char closing[] =
		"、。，．・：；？！」』）〕］｝〉》】"
		"ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…";
	static const char opening[] = "「『（〔［｛〈《【";

	if (before.len == 0 || *after.data == ' ')
		return false;
	if (*before.data == ' ' || *before.data == '\t')
		return true;
	return (before_width == 2 || after_width == 2) &&
	       !is_one_of(after, closing) && !is_one_of(before, opening) &&
	       (before_width == 2 || !ispunct((uint8_t)*before.data)) &&
	       (after_width == 2 || !ispunct((uint8_t)*after.data));
}

/* How many bytes fit into `width` columns; stops at LF.  *word is the last
 * place between words up to there, 0 when there is none. */
static size_t
fitting(struct slice s, int width, bool wide, size_t *word)
{
	struct slice before = slice_make(s.data, 0);
	int columns = 0, before_width = 0;
	size_t at = 0;

	*word = 0;
	while (at < s.len && s.data[at] != '\n') {
		char next = at + 1 < s.len ? s.data[at + 1] : '\0';
		struct slice cluster = slice_make(s.data + at, 1);
		int w = 1;

		if (s.data[at] < 0x20 || s.data[at] == 0x7F || next & 0x80)
			cluster.len = grapheme_next(
				slice_make(s.data + at, s.len - at), wide, &w);
		if (w == 2 || before_width == 2 ||
		    (before.len == 1 &&
		     (*before.data == ' ' || *before.data == '\t'))) {
			if (may_break(before, before_width, cluster, w))
				*word = at;
		}
		/* Even what is wider than the screen must move on. */
		if (columns + w > width && at > 0)
			break;
		columns += w;
		at += cluster.len;
		before = cluster;
		before_width = w;
	}
	return at;
}

bool
wrap_next(struct slice *rest, int width, bool wide, enum wrap_mode mode,
	  struct slice *line)
{
	size_t len, next, word;

	if (rest->len == 0)
		return false;
	len = next = fitting(*rest, width, wide, &word);
	if (next < rest->len && rest->data[next] == '\n') {
		next++;
	} else if (next < rest->len && mode == WRAP_WORDS) {
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
