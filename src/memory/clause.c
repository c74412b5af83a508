/*
 * clause.c - a sentence into clauses and words, and words taken out again.
 *
 * A word of the sentence may become two tokens ("I'm": "i", "am"); each keeps
 * where it stands in the message.
 */
#include "memory/clause.h"

#include <ctype.h>

#include "memory/rules.h"

enum { LEAD_MOST = 6 /* words before what is said */ };

static bool
token_char(char c)
{
	return is_word_byte(c) || strchr("'-+#.@/&%$_", c);
}

/* Lower case, the typographic apostrophe made plain. */
static void
fold(struct slice raw, char out[RULE_WORD])
{
	size_t n = 0;

	for (size_t i = 0; i < raw.len && n + 1 < RULE_WORD; i++) {
		if (i + 3 <= raw.len &&
		    memcmp(raw.data + i, "\xE2\x80\x99", 3) == 0) {
			out[n++] = '\'';
			i += 2;
			continue;
		}
		out[n++] = (char)tolower((unsigned char)raw.data[i]);
	}
	out[n] = '\0';
}

static struct rule_token *
add_token(struct rule_clause *c, struct slice raw, const char *word, bool comma)
{
	struct rule_token *t = &c->tokens[c->count];

	if (c->count == RULE_TOKENS || (!*word && raw.len == 0))
		return NULL;
	*t = (struct rule_token){.raw = raw, .comma = comma};
	if (*word)
		strncat(t->word, word, RULE_WORD - 1);
	else
		fold(raw, t->word);
	t->capital = raw.len && isupper((unsigned char)raw.data[0]);
	if (rules_word(RULES_FILLER, t->word))
		return NULL;
	c->count++;
	return t;
}

static const struct {
	const char *word, *first, *second;
} contractions[] = {
	{"im", "i", "am"},        {"ive", "i", "have"},
	{"dont", "do", "not"},    {"cant", "can", "not"},
	{"can't", "can", "not"},  {"cannot", "can", "not"},
	{"won't", "will", "not"}, {"wanna", "want", "to"},
	{"gonna", "going", "to"}, {"doesnt", "does", "not"},
	{"didnt", "did", "not"},  {"isnt", "is", "not"},
	{"ain't", "am", "not"},   {"shan't", "will", "not"},
	{"didn't", "did", "not"},
};

static const struct {
	const char *suffix, *second;
} suffixes[] = {
	{"n't", "not"},  {"'m", "am"},    {"'re", "are"}, {"'ve", "have"},
	{"'d", "would"}, {"'ll", "will"}, {"'s", "'s"},
};

/* "j'habite", "l'eau": what stands before the apostrophe is a word. */
static size_t
elision(const char *word)
{
	static const char *const heads[] = {"j'", "l'", "d'",  "n'",
					    "m'", "t'", "qu'", "c'"};

	for (size_t i = 0; i < COUNT(heads); i++) {
		size_t n = strlen(heads[i]);
		if (strncmp(word, heads[i], n) == 0 && strlen(word) > n + 1)
			return n;
	}
	return 0;
}

static void
add_word(struct rule_clause *c, struct slice raw, bool comma)
{
	char word[RULE_WORD], head[RULE_WORD];
	size_t n;

	fold(raw, word);
	n = strlen(word);
	for (size_t i = 0; i < COUNT(contractions); i++) {
		if (strcmp(word, contractions[i].word) != 0)
			continue;
		add_token(c, raw, contractions[i].first, comma);
		add_token(c, raw, contractions[i].second, false);
		return;
	}
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		size_t m = strlen(suffixes[i].suffix);
		if (n <= m || strcmp(word + n - m, suffixes[i].suffix) != 0)
			continue;
		memcpy(head, word, n - m);
		head[n - m] = '\0';
		struct slice first = raw;
		first.len = MIN(raw.len, n - m);
		add_token(c, first, head, comma);
		add_token(c, raw, suffixes[i].second, false);
		return;
	}
	size_t cut = elision(word);
	if (cut > 0 && raw.len == n) {
		memcpy(head, word, cut);
		head[cut] = '\0';
		add_token(c, slice_make(raw.data, cut), head, comma);
		add_token(c, slice_make(raw.data + cut, raw.len - cut), "",
			  false);
		return;
	}
	add_token(c, raw, word, comma);
}

void
clause_read(struct slice text, struct rule_clause *out)
{
	bool comma = false, rest = false;
	size_t at = 0;

	out->text = text;
	out->count = 0;
	while (at < text.len && out->count < RULE_TOKENS) {
		if (!token_char(text.data[at])) {
			comma = comma || (text.data[at] &&
					  strchr(",;:()", text.data[at]));
			rest = rest || text.data[at] == ';';
			at++;
			continue;
		}
		size_t from = at;
		while (at < text.len && token_char(text.data[at]))
			at++;
		size_t end = at;
		while (end > from && strchr("'-.&/", text.data[end - 1]))
			end--;
		while (from < end && strchr("'-./&", text.data[from]))
			from++;
		/* A dash between blanks. */
		if (end == from) {
			rest = true;
			continue;
		}
		size_t first = out->count;
		add_word(out, slice_make(text.data + from, end - from), comma);
		if (out->count > first)
			out->tokens[first].rest = rest;
		comma = rest = false;
	}
}

/* ---- clauses ---- */

/* Whether a clause of its own begins at token i. */
static bool
splits(const struct rule_clause *c, size_t i)
{
	static const char joins[] =
		"and|but|so|because|though|although|whereas|while|und|aber|"
		"weil|et|mais|y|pero|e|ma|en|maar|plus|then";
	static const char subjects[] =
		"i|my|we|our|ich|mein|meine|wir|je|j'|mon|ma|mi|yo|mio|mia";
	const char *word = c->tokens[i].word;
	const char *next = i + 1 < c->count ? c->tokens[i + 1].word : "";

	if (i == 0)
		return false;
	if (c->tokens[i].rest ||
	    (c->tokens[i].comma && rules_one_of(word, subjects)))
		return true;
	if (!rules_one_of(word, joins))
		return false;
	return rules_one_of(next, subjects) || rules_word(RULES_VERB, next);
}

static void
take_clause(const struct rule_clause *c, size_t from, size_t end,
	    struct rule_clause *out)
{
	const char *first = c->tokens[from].raw.data;
	struct slice last = c->tokens[end - 1].raw;
	const char *stop = last.data + last.len;

	if (end == c->count)
		stop = c->text.data + c->text.len;
	out->text = slice_make(first, (size_t)(stop - first));
	out->count = end - from;
	memcpy(out->tokens, c->tokens + from,
	       out->count * sizeof(*out->tokens));
}

/* "Well, ...": no clause yet. */
static bool
only_lead(const struct rule_clause *c, size_t from, size_t end)
{
	while (from < end && rules_word(RULES_LEAD, c->tokens[from].word))
		from++;
	return from == end;
}

size_t
clause_split(struct slice sentence, struct rule_clause *out, size_t max)
{
	struct rule_clause whole;
	size_t n = 0, from = 0;

	clause_read(sentence, &whole);
	for (size_t i = 1; i <= whole.count && n < max; i++) {
		if (i < whole.count &&
		    (!splits(&whole, i) || only_lead(&whole, from, i)))
			continue;
		take_clause(&whole, from, i, &out[n++]);
		from = i;
	}
	return n;
}

/* ---- what stands in one ---- */

const char *
clause_word(const struct rule_clause *c, size_t i)
{
	return i < c->count ? c->tokens[i].word : "";
}

bool
clause_is(const struct rule_clause *c, size_t i, const char *word)
{
	return strcmp(clause_word(c, i), word) == 0;
}

void
clause_take_out(struct rule_clause *c, size_t from, size_t n)
{
	if (from >= c->count)
		return;
	n = MIN(n, c->count - from);
	memmove(c->tokens + from, c->tokens + from + n,
		(c->count - from - n) * sizeof(*c->tokens));
	c->count -= n;
}

size_t
clause_find(const struct rule_clause *c, const char *words, size_t *length)
{
	for (size_t i = 0; i < c->count; i++) {
		struct slice rest = slice_of(words), one;
		size_t k = i;

		bool all = true;

		while (all && slice_split(&rest, ' ', &one))
			all = slice_is(one, clause_word(c, k++));
		if (all) {
			*length = k - i;
			return i;
		}
	}
	return c->count;
}

bool
clause_cut(struct rule_clause *c, const char *words)
{
	size_t n, at = clause_find(c, words, &n);

	if (at == c->count)
		return false;
	clause_take_out(c, at, n);
	return true;
}

struct slice
clause_text(const struct rule_clause *c, size_t from, size_t end)
{
	if (from >= end || end > c->count)
		return (struct slice){0};
	const char *first = c->tokens[from].raw.data;
	struct slice last = c->tokens[end - 1].raw;

	return slice_make(first, (size_t)(last.data + last.len - first));
}

size_t
clause_lead(const struct rule_clause *c)
{
	size_t i = 0;

	while (i + 1 < c->count && i < LEAD_MOST &&
	       rules_word(RULES_LEAD, c->tokens[i].word))
		i++;
	return i;
}
