/*
 * match.c - folded comparison, a character at a time; ASCII first.
 *
 * A row of the screen becomes a text with the column of each byte, so what is
 * marked is what stands there, whoever drew it.
 */
#include "tui/match.h"

#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/utf8.h"

enum { WORDS_MAX = 16, WORD_MIN = 2 };

/* At the start of a word of the text; scripts without blanks have none. */
static size_t
find_word(struct slice text, struct slice word, size_t from, size_t *len)
{
	for (;;) {
		size_t at = utf8_find(text, word, from, len);

		if (at == text.len || at == 0 ||
		    !is_word_byte(text.data[at - 1]) ||
		    (uint8_t)*word.data >= 0xE0)
			return at;
		from = at + 1;
	}
}

static size_t
split_words(struct slice text, struct slice *words)
{
	struct slice rest = text, word;
	size_t n = 0;

	while (n < WORDS_MAX && slice_split(&rest, ' ', &word))
		if (word.len >= WORD_MIN)
			words[n++] = word;
	return n;
}

size_t
match_first(struct slice text, struct slice pattern)
{
	struct slice words[WORDS_MAX];
	size_t n = split_words(pattern, words), best = text.len, len;

	for (size_t i = 0; i < n; i++)
		best = MIN(best, find_word(text, words[i], 0, &len));
	return best;
}

size_t
match_whole(struct slice text, struct slice pattern, size_t from)
{
	size_t len;

	return utf8_find(text, pattern, from, &len);
}

struct screen_row {
	struct buf text;
	int *columns; /* of each byte; then the end's */
};

static void
read_row(const struct area *area, int row, struct screen_row *out)
{
	const struct grid *g = area->grid;

	buf_init(&out->text, (size_t)area->columns * CLUSTER_MAX + 1);
	out->columns =
		xcalloc((size_t)area->columns * CLUSTER_MAX + 2, sizeof(int));
	for (int i = 0; i < area->columns; i++) {
		const struct cell *c =
			grid_cell(g, area->row + row, area->column + i);
		struct slice s = cell_text(g, c);

		for (size_t n = 0; n < s.len; n++)
			out->columns[out->text.len + n] = i;
		buf_add_slice(&out->text, s);
	}
	out->columns[out->text.len] = area->columns;
}

static int
mark_all(const struct area *area, int row, const struct slice *words, size_t n,
	 bool whole, struct style style)
{
	struct screen_row r;
	struct slice text;
	int count = 0;
	size_t len = 0;

	if (row < 0 || row >= area->rows)
		return 0;
	read_row(area, row, &r);
	text = buf_slice(&r.text);
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		while ((at = whole ? utf8_find(text, words[i], at, &len)
				   : find_word(text, words[i], at, &len)) <
		       text.len) {
			for (int c = r.columns[at]; c < r.columns[at + len];
			     c++) {
				struct style *to =
					&grid_cell(area->grid, area->row + row,
						   area->column + c)
						 ->style;
				uint16_t link = to->link;

				*to = style;
				to->link = link;
			}
			at += len;
			count++;
		}
	}
	buf_clear(&r.text);
	free(r.columns);
	return count;
}

int
match_mark(const struct area *area, int row, struct slice pattern,
	   struct style style)
{
	struct slice words[WORDS_MAX];
	size_t n = split_words(pattern, words);

	return mark_all(area, row, words, n, false, style);
}

int
match_mark_whole(const struct area *area, int row, struct slice pattern,
		 struct style style)
{
	return mark_all(area, row, &pattern, 1, true, style);
}
