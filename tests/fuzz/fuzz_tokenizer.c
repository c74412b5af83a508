/*
 * A vocabulary is foreign bytes, and so is what it is used on: pieces are
 * numbers of the vocabulary, the first ones do not depend on how many are
 * asked for, and the last ones are the end of all.
 */
#include <stdlib.h>

#include "embed/tokenizer.h"
#include "mneme/error.h"

enum { MANY = 4096, FEW = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char words[] =
	"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\n"
	"##s\n##a\n##e\na\nb\nc\ne\n.\n,\n?\n##b\n##c\n"
	"\xe4\xb8\xad\n\xc3\xa9\ncafe\n##ing\nplay\n1\n##2\n";

static void
try_text(const struct tokenizer *t, struct slice text)
{
	static uint32_t all[MANY], head[FEW], tail[FEW];
	size_t n = tokenizer_head(t, text, all, MANY);
	size_t first = tokenizer_head(t, text, head, FEW);
	size_t last = tokenizer_tail(t, text, tail, FEW);

	for (size_t i = 0; i < n; i++)
		if (all[i] >= t->vocabulary.count)
			abort();
	if (n >= MANY)
		return;
	if (first != MIN(n, (size_t)FEW) || last != first ||
	    memcmp(head, all, first * sizeof(*all)) != 0 ||
	    memcmp(tail, all + n - last, last * sizeof(*all)) != 0)
		abort();
}

static void
try_all(struct slice vocabulary, struct slice text, unsigned how)
{
	struct tokenizer t = {.lower = how & 1,
			      .strip_accents = how >> 1 & 1,
			      .ideographs_apart = how >> 2 & 1};
	struct error err = {0};

	if (vocabulary_parse(vocabulary, &t.vocabulary, &err))
		try_text(&t, text);
	vocabulary_clear(&t.vocabulary);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct slice own;
	unsigned how = size ? data[0] : 0;

	try_all(slice_of(words), text, how);
	if (slice_split(&text, '\0', &own))
		try_all(own, text, how);
	return 0;
}
