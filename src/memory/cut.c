/*
 * Word pieces are estimated in twelfths: letters of English words come five to
 * a piece, digits and accented letters two, anything else stands alone.  That
 * is on the safe side for prose; where it is not, the model cuts a part's end.
 * A part ends at the best place in its second half: between paragraphs, lines,
 * sentences, words.
 */
#include "cut.h"

#include <ctype.h>

#include "mneme/utf8.h"

enum { PIECE = 12 };

static unsigned
cost(uint32_t cp)
{
	if (cp < 0x80 && isspace((int)cp))
		return 0;
	if (cp < 0x80 && isalpha((int)cp))
		return PIECE / 5;
	if ((cp < 0x80 && isdigit((int)cp)) || (cp >= 0xC0 && cp < 0x250))
		return PIECE / 2;
	return PIECE;
}

/* How good a place before byte `at` is to cut: 0 is none. */
static unsigned
rank(struct slice text, size_t at)
{
	char last = text.data[at - 1];
	char before = at >= 2 ? text.data[at - 2] : 0;

	if (last == '\n')
		return before == '\n' ? 4 : 3;
	if (last != ' ' && last != '\t')
		return 0;
	return before == '.' || before == '!' || before == '?' ? 2 : 1;
}

size_t
cut_end(struct slice text, size_t from)
{
	size_t spent = 0, best = 0, at = from;
	unsigned best_rank = 0;

	while (at < text.len && spent <= (size_t)CUT_PIECES * PIECE) {
		uint32_t cp;
		size_t n = utf8_decode(
			slice_make(text.data + at, text.len - at), &cp);
		spent += cost(cp);
		at += n;
		if (spent <= (size_t)CUT_PIECES * PIECE / 2)
			continue;
		unsigned r = rank(text, at);
		if (r && r >= best_rank) {
			best_rank = r;
			best = at;
		}
	}
	if (at >= text.len)
		return text.len;
	return best ? best : at;
}

struct slice
cut_part(struct slice text, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n && from < text.len; i++)
		from = cut_end(text, from);
	size_t end = from >= text.len     ? text.len
		     : n + 1 >= CUT_PARTS ? text.len
					  : cut_end(text, from);
	return slice_make(text.data + from, end - from);
}
