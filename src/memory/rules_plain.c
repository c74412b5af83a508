/*
 * rules_plain.c - a clause in the form that the table knows: "I no longer
 * smoke" is "I smoke", over; "I have been living in" is "I live in"; "not A
 * but B" is B, and A was wrong.
 */
#include "memory/rules.h"

enum { SUBJECT_MOST = 6 /* words before "I" */ };

/* "I no longer ...", "I do not ... any more", "I used to ...": the same
 * without it, over. */
static bool
said_no_more(struct rule_clause *c, size_t at)
{
	size_t n;

	if (clause_cut(c, "no longer") || clause_cut(c, "nicht mehr"))
		return true;
	bool more = clause_find(c, "any more", &n) < c->count ||
		    clause_find(c, "anymore", &n) < c->count ||
		    clause_find(c, "any longer", &n) < c->count;
	if (more && (clause_cut(c, "do not") || clause_cut(c, "does not") ||
		     clause_cut(c, "not") || clause_cut(c, "never"))) {
		if (!clause_cut(c, "any more") && !clause_cut(c, "anymore"))
			clause_cut(c, "any longer");
		return true;
	}
	if (clause_is(c, at + 1, "used") && clause_is(c, at + 2, "to")) {
		clause_take_out(c, at + 1, 2);
		return true;
	}
	return false;
}

/* "I stopped ...ing", "I gave up ...": the same. */
static bool
said_stopped(struct rule_clause *c, size_t at)
{
	char base[RULE_WORD];
	size_t verb = at + 1 + (clause_is(c, at + 1, "have") ? 1 : 0);
	size_t stops = verb;
	if (clause_is(c, stops, "stopped") || clause_is(c, stops, "quit"))
		stops++;
	else if ((clause_is(c, stops, "gave") ||
		  clause_is(c, stops, "given")) &&
		 clause_is(c, stops + 1, "up"))
		stops += 2;
	if (stops == verb || stops >= c->count)
		return false;
	if (rules_base(clause_word(c, stops), base)) {
		memcpy(c->tokens[stops].word, base, sizeof(base));
		clause_take_out(c, at + 1, stops - at - 1);
		return true;
	}
	/* "I gave up coffee" */
	if (clause_is(c, stops, "my") || clause_is(c, verb, "stopped"))
		return false;
	strcpy(c->tokens[stops - 1].word, "like");
	clause_take_out(c, at + 1, stops - at - 2);
	return true;
}

/* "I started working at", "I have been living in": "I work at". */
static void
said_begun(struct rule_clause *c, size_t at)
{
	size_t verb = at + 1;
	char base[RULE_WORD];

	if (clause_is(c, verb, "have") && clause_is(c, verb + 1, "been"))
		verb += 2;
	else if (clause_is(c, verb, "have") &&
		 (clause_is(c, verb + 1, "started") ||
		  clause_is(c, verb + 1, "begun")))
		verb += 2;
	else if (clause_is(c, verb, "started") || clause_is(c, verb, "began"))
		verb += 1;
	else if (clause_is(c, verb, "am") &&
		 (clause_is(c, verb + 1, "working") ||
		  clause_is(c, verb + 1, "living")) &&
		 !clause_is(c, verb + 2, "on"))
		verb += 1;
	if (verb == at + 1 || !rules_base(clause_word(c, verb), base))
		return;
	memcpy(c->tokens[verb].word, base, sizeof(base));
	clause_take_out(c, at + 1, verb - at - 1);
}

/* The first word of meaning from `from` on. */
static size_t
skip_small(const struct rule_clause *c, size_t from, size_t end)
{
	while (from + 1 < end &&
	       (rules_word(RULES_ARTICLE, clause_word(c, from)) ||
		clause_is(c, from, "in") || clause_is(c, from, "at") ||
		clause_is(c, from, "on")))
		from++;
	return from;
}

/* "B, not A" and "not A but B": leaves B, notes A. */
static void
said_instead(struct rule_plain *p)
{
	struct rule_clause *c = &p->c;
	size_t at = 1, end;

	while (at < c->count && !clause_is(c, at, "not"))
		at++;
	if (at + 1 >= c->count)
		return;
	if (c->tokens[at].comma) {
		p->wrong = clause_text(c, skip_small(c, at + 1, c->count),
				       c->count);
		p->gone = clause_text(c, at, c->count);
		clause_take_out(c, at, c->count - at);
		return;
	}
	end = at + 1;
	while (end < c->count && end < at + 6 && !clause_is(c, end, "but"))
		end++;
	if (!clause_is(c, end, "but") || end + 1 >= c->count)
		return;
	const char *next = c->tokens[end + 1].raw.data;
	p->wrong = clause_text(c, skip_small(c, at + 1, end), end);
	p->gone = slice_make(c->tokens[at].raw.data,
			     (size_t)(next - c->tokens[at].raw.data));
	clause_take_out(c, at, end + 1 - at);
}

bool
rules_is_subject(const char *word)
{
	return rules_one_of(word, "i|my|we|our|ich|mein|meine|je|j'|mon|ma|me");
}

/* Where "I" stands, when nothing before it makes it unreal. */
static bool
find_subject(const struct rule_clause *c, size_t *at)
{
	for (size_t i = 0; i < c->count && i <= SUBJECT_MOST; i++) {
		const char *word = c->tokens[i].word;

		if (rules_is_subject(word)) {
			*at = i;
			return true;
		}
		if (rules_word(RULES_BLOCK, word))
			return false;
	}
	return false;
}

/* "We have a dog", "our dog": of the person too. */
static void
speak_for_all(struct rule_clause *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (clause_is(c, i, "our"))
			memcpy(c->tokens[i].word, "my", 3);
		if (clause_is(c, i, "we") &&
		    rules_one_of(clause_word(c, i + 1),
				 "have|adopted|got|own|bought|eat"))
			memcpy(c->tokens[i].word, "i", 2);
	}
}

size_t
rules_name(const struct rule_clause *c, size_t at)
{
	enum { NAMES = 3 };
	size_t n = 0;

	while (n < NAMES && at + n < c->count && c->tokens[at + n].capital &&
	       !(n > 0 && c->tokens[at + n].comma) &&
	       !rules_word(RULES_NO_NAME, clause_word(c, at + n)))
		n++;
	return n;
}

size_t
rules_plain(struct rule_plain *p)
{
	size_t name;

	size_t subject;

	speak_for_all(&p->c);
	if (find_subject(&p->c, &subject)) {
		p->ends = said_no_more(&p->c, subject) ||
			  said_stopped(&p->c, subject);
		if (!p->ends)
			said_begun(&p->c, subject);
	} else {
		subject = p->start;
		name = rules_name(&p->c, subject);
		if (name)
			p->ends = said_no_more(&p->c, subject + name - 1);
	}
	said_instead(p);
	return subject;
}
