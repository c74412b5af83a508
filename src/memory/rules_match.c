/*
 * rules_match.c - a pattern against the words of a clause.
 *
 * Patterns have a dozen elements and one "*" at most, so that trying the
 * shortest object first and going on is quick enough.
 */
#include <ctype.h>

#include "memory/rules.h"

struct element {
	struct slice text;
	bool optional;
};

static bool
next_element(struct slice *rest, struct element *e)
{
	while (rest->len && rest->data[0] == ' ')
		*rest = slice_make(rest->data + 1, rest->len - 1);
	if (rest->len == 0)
		return false;
	size_t n = 0;
	while (n < rest->len && rest->data[n] != ' ')
		n++;
	e->text = slice_make(rest->data, n);
	e->optional = e->text.data[0] == '[';
	if (e->optional)
		e->text = slice_make(e->text.data + 1, n - 2);
	*rest = slice_make(rest->data + n, rest->len - n);
	return true;
}

static bool
one_of(struct slice words, const char *word)
{
	struct slice rest = words, one;

	while (rest.len && slice_split(&rest, '|', &one)) {
		if (slice_is(one, word))
			return true;
	}
	return false;
}

static bool
numeric(const char *word)
{
	static const char names[] = "one|two|three|four|five|six|seven|eight|"
				    "nine|ten|eleven|twelve|a|an";

	return isdigit((unsigned char)word[0]) || one_of(slice_of(names), word);
}

/* "'s" for "is", not for whose it is: "my name's", "my cat's called". */
static bool
short_is(const struct rule_clause *c, size_t at)
{
	static const char before[] = "name|birthday|job|age|diet|address|email";
	static const char after[] = "called|named|allergic|a|an|on|in|from";

	return at > 0 && strcmp(c->tokens[at].word, "'s") == 0 &&
	       (one_of(slice_of(before), c->tokens[at - 1].word) ||
		(at + 1 < c->count &&
		 one_of(slice_of(after), c->tokens[at + 1].word)));
}

static bool match_from(struct slice rest, const struct rule_clause *c,
		       size_t at, struct rule_match *m);

/* One word or more, as few as let the rest match. */
static bool
match_any(struct slice rest, const struct rule_clause *c, size_t at,
	  struct rule_match *m)
{
	struct rule_match tried;
	struct slice left = rest;
	struct element e;

	if (at >= c->count)
		return false;
	if (!next_element(&left, &e)) {
		m->from = at;
		m->end = m->at = c->count;
		return true;
	}
	for (size_t end = at + 1; end <= c->count; end++) {
		tried = *m;
		if (!match_from(rest, c, end, &tried))
			continue;
		*m = tried;
		m->from = at;
		m->end = end;
		return true;
	}
	return false;
}

static bool
match_names(struct slice rest, const struct rule_clause *c, size_t at,
	    struct rule_match *m)
{
	enum { NAMES = 3 };
	size_t n = 0;

	while (n < NAMES && at + n < c->count && c->tokens[at + n].capital &&
	       !(n > 0 && c->tokens[at + n].comma))
		n++;
	for (; n > 0; n--) {
		struct rule_match tried = *m;

		if (!match_from(rest, c, at + n, &tried))
			continue;
		*m = tried;
		m->name = at;
		m->name_end = at + n;
		return true;
	}
	return false;
}

static bool
match_from(struct slice rest, const struct rule_clause *c, size_t at,
	   struct rule_match *m)
{
	struct element e;

	while (next_element(&rest, &e)) {
		const char *word = at < c->count ? c->tokens[at].word : "";
		bool fits;

		if (slice_is(e.text, "*"))
			return match_any(rest, c, at, m);
		if (slice_is(e.text, "^")) {
			if (match_names(rest, c, at, m))
				return true;
			if (!e.optional)
				return false;
			continue;
		}
		if (slice_is(e.text, "$")) {
			if (at < c->count)
				return false;
			continue;
		}
		bool kept = e.text.data[0] == '@';
		if (kept)
			e.text = slice_make(e.text.data + 1, e.text.len - 1);
		fits = *word &&
		       ((kept && e.text.len == 0) ||
			(slice_is(e.text, "#") ? numeric(word)
					       : one_of(e.text, word)));
		fits = fits || (at < c->count && one_of(e.text, "is") &&
				short_is(c, at));
		if (fits && kept) {
			m->owner = m->word;
			m->word = at;
		}
		if (!fits && !e.optional)
			return false;
		at += fits;
	}
	m->at = at;
	return true;
}

bool
rules_match(const char *pattern, const struct rule_clause *c, size_t start,
	    struct rule_match *out)
{
	*out = (struct rule_match){.word = RULE_TOKENS, .owner = RULE_TOKENS};
	return match_from(slice_of(pattern), c, start, out);
}
