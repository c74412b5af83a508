/*
 * suggest.c - what was probably meant by a word that no table has.
 *
 * Nearness is the optimal string alignment distance: letters left out, put in,
 * changed, or two neighbours swapped, each counting one.
 */
#include <string.h>

#include "cli.h"

enum { WORD_MAX = 32 }; /* bytes; longer words are near to nothing */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
distance(struct slice a, struct slice b)
{
	size_t rows[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a.len; i++) {
		for (size_t k = 0; k <= b.len; k++) {
			if (i == 0 || k == 0) {
				rows[i][k] = i + k;
				continue;
			}
			bool same = a.data[i - 1] == b.data[k - 1];
			size_t d = least(rows[i - 1][k], rows[i][k - 1]) + 1;
			d = least(d, rows[i - 1][k - 1] + !same);
			if (i > 1 && k > 1 && a.data[i - 1] == b.data[k - 2] &&
			    a.data[i - 2] == b.data[k - 1])
				d = least(d, rows[i - 2][k - 2] + 1);
			rows[i][k] = d;
		}
	}
	return rows[a.len][b.len];
}

void
nearest_start(struct nearest *n, struct slice word)
{
	/* A third of its letters may differ. */
	*n = (struct nearest){.word = word, .bound = word.len / 3 + 1};
}

void
nearest_offer(struct nearest *n, struct slice name)
{
	if (n->word.len > WORD_MAX || name.len > WORD_MAX)
		return;
	size_t d = distance(n->word, name);
	if (d < n->bound) {
		n->bound = d;
		n->name = name;
	}
}
