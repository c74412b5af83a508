/*
 * fuzzy.c - a run of letters counts more than letters apart, the start of a
 * word more than its middle, a short text more than a long one.
 *
 * Each word of the pattern is looked for as a whole first; only when it does
 * not stand there, letter by letter.
 */
#include "tui/fuzzy.h"

#include <stdlib.h>

enum { WHOLE = 64, START = 16, LETTER = 4, RUN = 4 };

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
begins_word(struct slice text, size_t at)
{
	return at == 0 || strchr(" -_/.,:;", text.data[at - 1]);
}

static bool
stands(struct slice text, size_t at, struct slice word)
{
	if (text.len - at < word.len)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (lower(text.data[at + i]) != lower(word.data[i]))
			return false;
	return true;
}

static int
whole_word(struct slice text, struct slice word)
{
	int best = -1;

	for (size_t at = 0; at + word.len <= text.len; at++) {
		if (!stands(text, at, word))
			continue;
		if (begins_word(text, at))
			return WHOLE + START + LETTER * (int)word.len;
		best = WHOLE + LETTER * (int)word.len;
	}
	return best;
}

static int
letters(struct slice text, struct slice word)
{
	size_t at = 0, last = SIZE_MAX;
	int score = 0;

	for (size_t i = 0; i < word.len; i++, at++) {
		while (at < text.len &&
		       lower(text.data[at]) != lower(word.data[i]))
			at++;
		if (at == text.len)
			return -1;
		score += 1 + (begins_word(text, at) ? LETTER : 0) +
			 (last != SIZE_MAX && at == last + 1 ? RUN : 0);
		last = at;
	}
	return score;
}

int
fuzzy_score(struct slice text, struct slice pattern)
{
	struct slice word;
	int total = 0;

	while (pattern.len > 0 && slice_split(&pattern, ' ', &word)) {
		int score;

		if (word.len == 0)
			continue;
		score = whole_word(text, word);
		if (score < 0)
			score = letters(text, word);
		if (score < 0)
			return -1;
		total += score;
	}
	return total;
}

static int
better(const void *a, const void *b)
{
	const struct fuzzy_fit *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

void
fuzzy_sort(struct fuzzy_fit *fits, size_t n)
{
	if (n > 0)
		qsort(fits, n, sizeof(*fits), better);
}
