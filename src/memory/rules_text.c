/*
 * rules_text.c - a message into sentences, clauses and words.
 *
 * Everything points into the message, so that what is kept can be quoted from
 * it.  Code, quotations and pasted files are left out before anything is
 * matched: they are not what the person says of themselves.
 */
#include <ctype.h>
#include <strings.h>

#include "memory/rules.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/utf8.h"

/* ---- sentences ---- */

struct cutting {
	struct slice *out;
	size_t count, max;
	const char *from; /* of the sentence; NULL: none begun */
	bool quoted;      /* inside quotation marks */
	bool fenced;      /* inside a block of code */
	bool pasted;      /* all that follows is not the person's */
};

static void
end_sentence(struct cutting *c, const char *end)
{
	if (c->from && c->count < c->max) {
		struct slice s = slice_trim(
			slice_make(c->from, (size_t)(end - c->from)));

		if (s.len > 0)
			c->out[c->count++] = s;
	}
	c->from = NULL;
}

/* A quotation mark at `at`: its length, or 0. */
static size_t
quotation(struct slice s, size_t at)
{
	static const char *const marks[] = {"\"",           "\xE2\x80\x9C",
					    "\xE2\x80\x9D", "\xE2\x80\x9E",
					    "\xC2\xAB",     "\xC2\xBB"};

	for (size_t i = 0; i < COUNT(marks); i++) {
		size_t n = strlen(marks[i]);

		if (at + n <= s.len && memcmp(s.data + at, marks[i], n) == 0)
			return n;
	}
	return 0;
}

static bool
abbreviated(const char *from, const char *dot)
{
	static const char *const words[] = {"mr",  "mrs", "ms", "dr",    "st",
					    "e.g", "i.e", "vs", "etc",   "prof",
					    "no",  "z.b", "nr", "approx"};
	const char *at = dot;

	while (at > from && !isspace((unsigned char)at[-1]) && at[-1] != '(')
		at--;
	size_t n = (size_t)(dot - at);
	if (n == 1 && isupper((unsigned char)*at) && *at != 'I')
		return true;
	for (size_t i = 0; i < COUNT(words); i++) {
		if (n == strlen(words[i]) && strncasecmp(at, words[i], n) == 0)
			return true;
	}
	return false;
}

static bool
ends_here(const struct cutting *c, struct slice line, size_t at)
{
	char next = at + 1 < line.len ? line.data[at + 1] : ' ';

	if (!strchr(".!?", line.data[at]) || c->quoted)
		return false;
	if (!isspace((unsigned char)next) && next != '"' && next != ')')
		return false;
	return line.data[at] != '.' || !abbreviated(c->from, line.data + at);
}

static void
cut_line(struct cutting *c, struct slice line)
{
	for (size_t at = 0; at < line.len; at++) {
		size_t n = quotation(line, at);

		if (!c->from && !isspace((unsigned char)line.data[at]))
			c->from = line.data + at;
		if (n > 0) {
			c->quoted = !c->quoted;
			at += n - 1;
		} else if (c->from && ends_here(c, line, at)) {
			end_sentence(c, line.data + at + 1);
		}
	}
}

/* Lines that are code, a table, a log, somebody's quoted mail. */
static bool
foreign(struct slice line)
{
	static const char *const heads[] = {
		">",     "|",  "$ ",   "#!", "+++ ", "--- ", "@@ ",
		"diff ", "\t", "    ", "//", "/*",   "<"};
	struct slice text = slice_trim(line);

	for (size_t i = 0; i < COUNT(heads); i++) {
		if (slice_starts(line, heads[i]))
			return true;
	}
	return slice_ends(text, "{") || slice_ends(text, ";") ||
	       slice_ends(text, "}") || slice_ends(text, "\\");
}

static bool
file_head(struct slice line)
{
	return slice_starts(line, "File ") && slice_ends(line, ":");
}

size_t
rules_sentences(struct slice text, struct slice *out, size_t max)
{
	struct cutting c = {.out = out, .max = max};
	struct slice rest = utf8_cut(text, RULE_TEXT), line;

	while (slice_line(&rest, &line) && !c.pasted) {
		if (slice_starts(slice_trim(line), "```")) {
			c.fenced = !c.fenced;
			end_sentence(&c, line.data);
			continue;
		}
		c.pasted = file_head(line);
		if (c.fenced || c.pasted || foreign(line)) {
			end_sentence(&c, line.data);
			continue;
		}
		if (slice_trim(line).len == 0)
			c.quoted = false;
		cut_line(&c, line);
		if (!c.quoted)
			end_sentence(&c, line.data + line.len);
	}
	/* An open quotation is still one. */
	if (c.from && !c.quoted)
		end_sentence(&c, rest.data);
	return c.count;
}

/* ---- words ---- */

static bool
token_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	       strchr("'-+#.@/&%$_", c);
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
rules_tokens(struct slice text, struct rule_clause *out)
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

static bool
is_one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *at = list; n && (at = strstr(at, word)); at += n) {
		if ((at == list || at[-1] == '|') &&
		    (at[n] == '|' || at[n] == '\0'))
			return true;
	}
	return false;
}

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
	    (c->tokens[i].comma && is_one_of(word, subjects)))
		return true;
	if (!is_one_of(word, joins))
		return false;
	return is_one_of(next, subjects) || rules_word(RULES_VERB, next);
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
rules_clauses(struct slice sentence, struct rule_clause *out, size_t max)
{
	struct rule_clause whole;
	size_t n = 0, from = 0;

	rules_tokens(sentence, &whole);
	for (size_t i = 1; i <= whole.count && n < max; i++) {
		if (i < whole.count &&
		    (!splits(&whole, i) || only_lead(&whole, from, i)))
			continue;
		take_clause(&whole, from, i, &out[n++]);
		from = i;
	}
	return n;
}

/* ---- times ---- */

static int
weekday(const char *word)
{
	static const char *const days[] = {"sunday",    "monday",   "tuesday",
					   "wednesday", "thursday", "friday",
					   "saturday"};

	for (int i = 0; i < 7; i++) {
		if (strcmp(word, days[i]) == 0)
			return i;
	}
	return -1;
}

static int64_t
number_of(const char *word)
{
	static const char *const names[] = {
		"",    "one|a|an", "two|couple", "three|few", "four", "five",
		"six", "seven",    "eight",      "nine",      "ten"};
	int64_t n;

	if (slice_number(slice_of(word), &n))
		return MIN(n, 1000);
	for (size_t i = 1; i < COUNT(names); i++) {
		if (is_one_of(word, names[i]))
			return (int64_t)i;
	}
	return 0;
}

static int64_t
unit_of(const char *word)
{
	if (is_one_of(word, "day|days"))
		return CLOCK_DAY;
	if (is_one_of(word, "week|weeks"))
		return 7 * CLOCK_DAY;
	if (is_one_of(word, "month|months"))
		return 31 * CLOCK_DAY;
	if (is_one_of(word, "year|years"))
		return 366 * CLOCK_DAY;
	return is_one_of(word, "hour|hours") ? CLOCK_HOUR : 0;
}

/* What "this week", "for two days", "until Friday" add, by the token. */
static int64_t
span_at(const struct rule_clause *c, size_t i, int64_t at)
{
	const char *word = c->tokens[i].word;
	const char *next = i + 1 < c->count ? c->tokens[i + 1].word : "";
	const char *third = i + 2 < c->count ? c->tokens[i + 2].word : "";

	if (is_one_of(word, "today|tonight|heute|hoy|oggi"))
		return CLOCK_DAY;
	if (is_one_of(word, "lately|recently"))
		return 30 * CLOCK_DAY;
	if (strcmp(word, "this") == 0 && strcmp(next, "weekend") == 0)
		return 4 * CLOCK_DAY;
	if (is_one_of(word, "this|diese") && unit_of(next))
		return unit_of(next);
	if (is_one_of(word, "for|in") && number_of(next) && unit_of(third))
		return number_of(next) * unit_of(third);
	if (!is_one_of(word, "until|till|til|through"))
		return 0;
	if (strcmp(next, "tomorrow") == 0)
		return 2 * CLOCK_DAY;
	if (strcmp(next, "next") == 0 && unit_of(third))
		return 2 * unit_of(third);
	int day = weekday(strcmp(next, "next") == 0 ? third : next);
	if (day < 0)
		return 0;
	int now = clock_civil(at, false).weekday;
	int ahead = (day - now + 7) % 7;
	return (ahead ? ahead + 1 : 8) * CLOCK_DAY;
}

int64_t
rules_expiry(struct slice text, int64_t at, int64_t fallback)
{
	struct rule_clause c;

	rules_tokens(utf8_cut(text, RULE_CLAUSE), &c);
	for (size_t i = 0; i < c.count; i++) {
		int64_t span = span_at(&c, i, at);

		if (span > 0)
			return at + span;
	}
	return fallback ? at + fallback : 0;
}
