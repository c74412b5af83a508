/*
 * rules_fit.c - the conditions of a row that are no pattern: an occupation, a
 * passing state, a name, a time.
 */
#include "memory/rules.h"

static bool
an_occupation(const char *word)
{
	static const char *const endings[] = {"er",  "or",    "ist",  "ian",
					      "ant", "woman", "man",  "eer",
					      "yst", "ect",   "ress", "mic"};
	static const char words[] =
		"nurse|chef|cook|pilot|student|coach|clerk|vet|judge|"
		"intern|surgeon|ceo|cto|cfo|doctor|maid|nanny|monk|poet|"
		"priest|barista|guide|phd|diplomat|spy|host|dj|model|"
		"trainee|sailor";
	struct slice s = slice_of(word);

	if (rules_one_of(word, words))
		return true;
	for (size_t i = 0; i < COUNT(endings); i++) {
		if (s.len > 4 && slice_ends(s, endings[i]))
			return true;
	}
	return false;
}

static bool
work_fits(const struct rule_clause *c, const struct rule_match *m)
{
	const char *last = "";

	for (size_t i = m->from; i < m->end; i++) {
		const char *word = c->tokens[i].word;

		if (c->tokens[i].comma && i > m->from)
			break;
		if (i > m->from && rules_word(RULES_BREAK, word))
			break;
		if (rules_word(RULES_NOT_WORK, word))
			return false;
		last = word;
	}
	return an_occupation(last);
}

bool
rules_timed(const struct rule_clause *c, size_t end)
{
	for (size_t i = 0; i < end; i++) {
		if (rules_word(RULES_TIME, c->tokens[i].word) &&
		    (i == 0 || !clause_is(c, i - 1, "last")))
			return true;
	}
	return false;
}

/* "I'll send it to you tomorrow": a part of this conversation. */
static bool
to_us(const struct rule_clause *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (clause_is(c, i, "you") || clause_is(c, i, "your"))
			return true;
	}
	return false;
}

/* "always ...", "never ...": said to us, not of something. */
static bool
told_to_us(const struct rule *rule, const struct rule_clause *c,
	   const struct rule_match *m)
{
	static const char not_verbs[] =
		"mind|wanted|had|been|thought|again|ever|a|an|the|in|on|"
		"said|saw|give|quit|knew|try|heard|felt|good";
	const char *word = clause_word(c, m->from);
	struct slice s = slice_of(word);

	if (rule->type != MEMORY_INSTRUCTION ||
	    (!slice_starts(slice_of(rule->key), "always_") &&
	     !slice_starts(slice_of(rule->key), "never_")))
		return true;
	if (rules_one_of(word, not_verbs))
		return false;
	/* "always makes", "never tried" */
	return !slice_ends(s, "ed") &&
	       (!slice_ends(s, "s") || slice_ends(s, "ss"));
}

/* "tired", but not "happy for you". */
static bool
in_a_state(const struct rule_clause *c, const struct rule_match *m)
{
	return !rules_one_of(clause_word(c, m->from + 1),
			     "you|your|that|for|to|how|it|with") &&
	       rules_word(RULES_STATE, clause_word(c, m->from));
}

/* A name and nothing else before what is said of it; no "said", no "story";
 * and what was matched ends there: "at Bosch", not "at Munich airport". */
static bool
of_another(const struct rule_clause *c, const struct rule_match *m)
{
	if (m->name_end == m->name ||
	    rules_name(c, m->name) != m->name_end - m->name)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		if (rules_word(RULES_BLOCK, clause_word(c, i)) ||
		    rules_word(RULES_POINTING, clause_word(c, i)))
			return false;
	}
	return m->at >= c->count || c->tokens[m->at].comma ||
	       rules_word(RULES_BREAK, clause_word(c, m->at));
}

bool
rules_fits(const struct rule *rule, const struct rule_clause *c,
	   const struct rule_match *m)
{
	const char *first = clause_word(c, m->from);
	bool object = m->end > m->from;

	if (object &&
	    (strcmp(first, "not") == 0 ||
	     (rules_word(RULES_POINTING, first) && !(rule->flags & RULE_WISH))))
		return false;
	if ((rule->flags & RULE_TIMED) &&
	    (!rules_timed(c, c->count) || to_us(c)))
		return false;
	if ((rule->flags & RULE_GREETED) &&
	    !rules_one_of(clause_word(c, 0), "hi|hello|hey|hallo"))
		return false;
	if ((rule->flags & RULE_NAMED) && rule->confidence < .95 &&
	    !c->tokens[m->from].capital)
		return false;
	if ((rule->flags & RULE_NAMED) && rules_word(RULES_STATE, first))
		return false;
	if ((rule->flags & RULE_OTHER) && !of_another(c, m))
		return false;
	if ((rule->flags & RULE_WORK) && !work_fits(c, m))
		return false;
	if ((rule->flags & RULE_STATE) && !in_a_state(c, m))
		return false;
	if (rule->flags & RULE_THING) {
		const char *thing =
			m->word < c->count ? clause_word(c, m->word) : first;

		if (rules_word(RULES_WORKPIECE, thing) ||
		    rules_word(RULES_POINTING, thing) ||
		    rules_word(RULES_STATE, first) ||
		    rules_word(RULES_STATE, clause_word(c, m->from + 1)))
			return false;
	}
	if (rule->type == MEMORY_HABIT && slice_ends(slice_of(first), "ed"))
		return false;
	return told_to_us(rule, c, m);
}
