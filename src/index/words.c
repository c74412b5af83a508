/*
 * One pass over the code points.  A word is gathered in `word`, folded, until
 * something that belongs to no word ends it; a CJK run keeps its last
 * character only.  Cyrillic and Hangul keep their marks, which make other
 * letters there: their stemmers want to see them.
 */
#include "index/words.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <strings.h>
#include <utf8proc.h>

#include "mneme/index.h"
#include "mneme/utf8.h"

struct words {
	struct sb_stemmer *stemmer; /* NULL: none for this language */
	bool english;
};

struct run {
	struct words *words;
	word_fn *each;
	void *arg;
	char word[INDEX_WORD_MAX];
	size_t len;
	size_t from, to; /* where the word stands in the text */
	bool full;       /* the rest of this word is ignored */
	char last[4];    /* the CJK character before, and where */
	size_t last_len, last_from, last_to;
	bool paired; /* it has been part of a pair */
};

/* Sorted. */
static const char *const stop_words[] = {
	"a",     "about", "am",    "an",   "and",   "are",   "as",   "at",
	"be",    "been",  "but",   "by",   "can",   "could", "d",    "did",
	"do",    "does",  "for",   "from", "had",   "has",   "have", "he",
	"her",   "him",   "his",   "how",  "i",     "if",    "in",   "is",
	"it",    "its",   "ll",    "m",    "me",    "my",    "of",   "on",
	"or",    "our",   "re",    "s",    "she",   "so",    "t",    "that",
	"the",   "their", "them",  "then", "there", "these", "they", "this",
	"those", "to",    "us",    "ve",   "was",   "we",    "were", "what",
	"when",  "where", "which", "who",  "whom",  "why",   "will", "with",
	"would", "you",   "your",
};

struct words *
words_open(const char *language)
{
	struct words *words = xcalloc(1, sizeof(*words));

	words->stemmer = sb_stemmer_new(language, "UTF_8");
	words->english = strcasecmp(language, "english") == 0 ||
			 strcasecmp(language, "en") == 0 ||
			 strcasecmp(language, "eng") == 0;
	return words;
}

void
words_close(struct words **words)
{
	if (!*words)
		return;
	if ((*words)->stemmer)
		sb_stemmer_delete((*words)->stemmer);
	free(*words);
	*words = NULL;
}

static void
end_word(struct run *run)
{
	struct slice word = slice_make(run->word, run->len);
	struct sb_stemmer *stemmer = run->words->stemmer;

	run->len = 0;
	run->full = false;
	if (!word.len || (run->words->english &&
			  slice_listed(word, stop_words, COUNT(stop_words))))
		return;
	if (stemmer) {
		const sb_symbol *stem = sb_stemmer_stem(
			stemmer, (const sb_symbol *)word.data, (int)word.len);
		if (stem)
			word = slice_make(stem,
					  (size_t)sb_stemmer_length(stemmer));
	}
	if (word.len && word.len <= INDEX_WORD_MAX)
		run->each(word, run->from, run->to - run->from, run->arg);
}

static void
end_pairs(struct run *run)
{
	if (run->last_len && !run->paired)
		run->each(slice_make(run->last, run->last_len), run->last_from,
			  run->last_to - run->last_from, run->arg);
	run->last_len = 0;
	run->paired = false;
}

static bool
is_cjk(uint32_t cp)
{
	return (cp >= 0x4E00 && cp <= 0x9FFF) ||
	       (cp >= 0x3400 && cp <= 0x4DBF) ||
	       (cp >= 0x3041 && cp <= 0x3096) ||
	       (cp >= 0x30A1 && cp <= 0x30FF && cp != 0x30FB) ||
	       (cp >= 0x31F0 && cp <= 0x31FF) || cp == 0x3005 || cp == 0x3007 ||
	       (cp >= 0xAC00 && cp <= 0xD7A3) ||
	       (cp >= 0xF900 && cp <= 0xFAFF) ||
	       (cp >= 0x20000 && cp <= 0x3FFFF);
}

static void
put_cjk(struct run *run, uint32_t cp, size_t from, size_t to)
{
	char now[4], pair[8];
	size_t len = utf8_encode(cp, now);

	end_word(run);
	if (run->last_len) {
		memcpy(pair, run->last, run->last_len);
		memcpy(pair + run->last_len, now, len);
		run->each(slice_make(pair, run->last_len + len), run->last_from,
			  to - run->last_from, run->arg);
	}
	run->paired = run->last_len > 0;
	memcpy(run->last, now, len);
	run->last_len = len;
	run->last_from = from;
	run->last_to = to;
}

static bool
is_accent(uint32_t cp)
{
	return (cp >= 0x0300 && cp <= 0x036F) ||
	       (cp >= 0x1AB0 && cp <= 0x1AFF) ||
	       (cp >= 0x1DC0 && cp <= 0x1DFF) ||
	       (cp >= 0x20D0 && cp <= 0x20FF) || (cp >= 0xFE20 && cp <= 0xFE2F);
}

/* Letters, marks that make them, digits. */
static bool
is_letter(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z');
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);
	return c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO;
}

static void
put_letter(struct run *run, uint32_t cp, size_t from, size_t to)
{
	char bytes[4];
	size_t len = utf8_encode(cp, bytes);

	end_pairs(run);
	if (!run->len)
		run->from = from;
	run->to = to;
	run->full = run->full || run->len + len > sizeof(run->word);
	if (run->full)
		return;
	memcpy(run->word + run->len, bytes, len);
	run->len += len;
}

/* A folded code point. */
static void
put(struct run *run, uint32_t cp, size_t from, size_t to)
{
	if (is_cjk(cp)) {
		put_cjk(run, cp, from, to);
	} else if (is_letter(cp)) {
		put_letter(run, cp, from, to);
	} else {
		end_word(run);
		end_pairs(run);
	}
}

static void
fold(struct run *run, uint32_t cp, size_t from, size_t to)
{
	utf8proc_int32_t out[32];
	int class = 0;
	unsigned options = UTF8PROC_CASEFOLD;

	if (cp < 0x0400 || cp > 0x052F) /* Cyrillic */
		options |= UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
	utf8proc_ssize_t n =
		utf8proc_decompose_char((utf8proc_int32_t)cp, out, COUNT(out),
					(utf8proc_option_t)options, &class);
	if (n < 0 || n > (utf8proc_ssize_t)COUNT(out))
		return;
	for (utf8proc_ssize_t i = 0; i < n; i++) {
		uint32_t c = (uint32_t)out[i];
		if (!is_accent(c))
			put(run, c == 0x0451 ? 0x0435 : c, from, to);
		else if (run->len)
			run->to = to;
	}
}

void
words_each(struct words *words, struct slice text, word_fn *each, void *arg)
{
	struct run run = {.words = words, .each = each, .arg = arg};

	for (size_t at = 0; at < text.len;) {
		uint32_t cp = (uint8_t)text.data[at];
		size_t len = 1;
		if (cp >= 0x80)
			len = utf8_decode(
				slice_make(text.data + at, text.len - at), &cp);
		if (cp >= 'A' && cp <= 'Z')
			cp += 'a' - 'A';
		if (cp < 0x80 || (is_cjk(cp) && (cp < 0xF900 || cp > 0xFAFF)))
			put(&run, cp, at, at + len);
		else
			fold(&run, cp, at, at + len);
		at += len;
	}
	end_word(&run);
	end_pairs(&run);
}
