/* A hint first: a fold costs more than a look for one plain word. */
#include "says.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "mneme/arena.h"
#include "mneme/record.h"

enum { TELLING_LEN = 8, HINT_MIN = 3 };

struct wording {
	struct slice plain; /* normalised */
	struct slice hint;  /* its longest ASCII word, or empty */
};

struct says {
	struct arena arena;
	struct wording *wordings;
	size_t count, cap;
	struct slice words[SAYS_WORDS_MAX];
	unsigned word_count;
	uint64_t telling;
	struct arena scratch;
};

/* Sorted. */
static const char *const small_words[] = {
	"a",     "about", "all",   "also", "am",   "an",    "and",  "any",
	"are",   "as",    "at",    "be",   "been", "but",   "by",   "can",
	"could", "did",   "do",    "does", "for",  "from",  "had",  "has",
	"have",  "he",    "her",   "his",  "how",  "i",     "if",   "in",
	"is",    "it",    "its",   "just", "like", "likes", "me",   "my",
	"no",    "not",   "of",    "on",   "or",   "our",   "she",  "so",
	"that",  "the",   "their", "them", "then", "there", "they", "this",
	"to",    "too",   "up",    "user", "very", "was",   "we",   "were",
	"what",  "when",  "where", "who",  "will", "with",  "you",  "your",
};

struct says *
says_create(void)
{
	return xcalloc(1, sizeof(struct says));
}

void
says_destroy(struct says **says)
{
	if (!*says)
		return;
	arena_clear(&(*says)->arena);
	arena_clear(&(*says)->scratch);
	free((*says)->wordings);
	free(*says);
	*says = NULL;
}

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.data[i] >= 0x80)
			return false;
	return true;
}

static void
add_word(struct says *says, struct slice word)
{
	bool telling = word.len >= TELLING_LEN;

	if (slice_listed(word, small_words, COUNT(small_words)) ||
	    says->word_count == SAYS_WORDS_MAX)
		return;
	for (unsigned i = 0; i < says->word_count; i++)
		if (slice_equal(says->words[i], word))
			return;
	for (size_t i = 0; i < word.len; i++)
		telling = telling || isdigit((unsigned char)word.data[i]);
	if (telling)
		says->telling |= UINT64_C(1) << says->word_count;
	says->words[says->word_count++] = word;
}

void
says_add(struct says *says, struct slice text, bool words)
{
	struct slice plain = record_normalise(&says->arena, text);
	struct slice rest = plain, word;
	struct wording *w;

	if (plain.len == 0)
		return;
	says->wordings = grow(says->wordings, &says->cap, says->count + 1,
			      sizeof(*says->wordings));
	w = &says->wordings[says->count++];
	*w = (struct wording){.plain = plain};
	while (slice_word(&rest, "", &word)) {
		if (is_ascii(word) && word.len > w->hint.len &&
		    word.len >= HINT_MIN)
			w->hint = word;
		if (words)
			add_word(says, word);
	}
}

/* As slice_find() with ASCII letters of either case; `word` is in lower. */
static bool
hinted(struct slice text, struct slice word)
{
	char low = word.data[0];
	char high = (char)toupper((unsigned char)low);

	for (size_t i = 0; i + word.len <= text.len; i++)
		if ((text.data[i] == low || text.data[i] == high) &&
		    strncasecmp(text.data + i, word.data, word.len) == 0)
			return true;
	return false;
}

/* Two letters side by side: no word ends between them. */
static bool
joined(char a, char b)
{
	return isalnum((unsigned char)a) && isalnum((unsigned char)b);
}

static bool
stands_in(struct slice plain, struct slice text)
{
	size_t from = 0;

	while (from + plain.len <= text.len) {
		struct slice rest =
			slice_make(text.data + from, text.len - from);
		size_t at = from + slice_find(rest, plain);
		size_t end = at + plain.len;

		if (end > text.len)
			return false;
		if ((at == 0 || !joined(text.data[at - 1], plain.data[0])) &&
		    (end == text.len ||
		     !joined(plain.data[plain.len - 1], text.data[end])))
			return true;
		from = at + 1;
	}
	return false;
}

bool
says_it(void *arg, struct slice text)
{
	struct says *says = arg;
	bool ascii = is_ascii(text);
	struct slice plain = {0};

	for (size_t i = 0; i < says->count; i++) {
		const struct wording *w = &says->wordings[i];

		/* Most texts are told apart without folding them. */
		if (text.len == 0 ||
		    (ascii && (!w->hint.len ? !is_ascii(w->plain)
					    : !hinted(text, w->hint))))
			continue;
		if (!plain.data) {
			arena_reset(&says->scratch);
			plain = record_normalise(&says->scratch, text);
		}
		if (stands_in(w->plain, plain))
			return true;
	}
	return false;
}

uint64_t
says_which(struct says *says, struct slice text)
{
	struct slice rest, word;
	uint64_t which = 0;
	bool any = !is_ascii(text);

	for (unsigned i = 0; !any && i < says->word_count; i++)
		any = hinted(text, says->words[i]);
	if (!any)
		return 0;
	arena_reset(&says->scratch);
	rest = record_normalise(&says->scratch, text);
	while (slice_word(&rest, "", &word))
		for (unsigned i = 0; i < says->word_count; i++)
			if (slice_equal(word, says->words[i]))
				which |= UINT64_C(1) << i;
	return which;
}

unsigned
says_words(const struct says *says)
{
	return says->word_count;
}

uint64_t
says_telling(const struct says *says)
{
	return says->telling;
}
