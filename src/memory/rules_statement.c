/*
 * rules_statement.c - what is no statement about now and here: a question, a
 * task, an "if", a quotation, what is for this answer only.
 */
#include "memory/rules.h"

enum { AROUND = 2048 /* bytes beside a quote that are looked at */ };

bool
rules_asks(struct slice sentence, const struct rule_clause *c)
{
	size_t at = clause_lead(c);
	struct slice s = sentence;

	while (s.len && strchr(")\"'!. ", s.data[s.len - 1]))
		s.len--;
	if (slice_ends(s, "?"))
		return true;
	if (rules_word(RULES_QUESTION, clause_word(c, at)))
		return rules_word(RULES_AUXILIARY, clause_word(c, at + 1));
	return rules_word(RULES_AUXILIARY, clause_word(c, at)) &&
	       !clause_is(c, at + 1, "not");
}

bool
memory_asks(struct slice text)
{
	struct slice sentences[RULE_SENTENCES];
	struct rule_clause c;
	size_t n = rules_sentences(text, sentences, RULE_SENTENCES);

	for (size_t i = 0; i < n; i++) {
		clause_read(sentences[i], &c);
		if (rules_asks(sentences[i], &c) ||
		    rules_word(RULES_TASK, clause_word(&c, clause_lead(&c))))
			return true;
	}
	return n == 0;
}

/* A quotation of three words or more: somebody else's, or a title. */
bool
rules_quotes(struct slice s)
{
	static const char *const marks[][2] = {{"\"", "\""},
					       {"\xE2\x80\x9C", "\xE2\x80\x9D"},
					       {"\xE2\x80\x9E", "\xE2\x80\x9C"},
					       {"\xC2\xAB", "\xC2\xBB"}};

	for (size_t i = 0; i < COUNT(marks); i++) {
		size_t from = slice_find(s, slice_of(marks[i][0]));
		struct slice inner = slice_make(s.data + from, s.len - from);
		size_t blanks = 0;

		if (inner.len == 0)
			continue;
		inner = slice_make(inner.data + strlen(marks[i][0]),
				   inner.len - strlen(marks[i][0]));
		inner.len = slice_find(inner, slice_of(marks[i][1]));
		for (size_t k = 0; k < inner.len; k++)
			blanks += inner.data[k] == ' ';
		if (blanks >= 2)
			return true;
	}
	return false;
}

/* Only for this answer or conversation. */
bool
rules_passing(const struct rule_clause *c)
{
	static const char *const rows[] = {
		"this time",     "just once",     "for now",
		"this once",     "this chat",     "this conversation",
		"this answer",   "this question", "this message",
		"this one",      "this session",  "this task",
		"in this story", "in this game"};
	size_t n;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (clause_find(c, rows[i], &n) < c->count)
			return true;
	}
	return false;
}

static bool
states(struct slice sentence)
{
	struct rule_clause c;
	size_t lead;

	clause_read(sentence, &c);
	lead = clause_lead(&c);
	return !rules_asks(sentence, &c) &&
	       !rules_word(RULES_PRETEND, clause_word(&c, lead)) &&
	       !rules_word(RULES_TASK, clause_word(&c, lead)) &&
	       !clause_is(&c, lead, "if") && !rules_quotes(sentence);
}

/* Of a long message what stands around the quote. */
static struct slice
around(struct slice message, struct slice quote)
{
	size_t at = (size_t)(quote.data - message.data);
	size_t from = at > AROUND ? at - AROUND : 0;
	size_t end = MIN(at + quote.len + AROUND, message.len);

	return slice_make(message.data + from, end - from);
}

bool
rules_statement(struct slice message, struct slice quote)
{
	struct slice sentences[RULE_SENTENCES];
	size_t n = rules_sentences(around(message, quote), sentences,
				   RULE_SENTENCES);

	for (size_t i = 0; i < n; i++) {
		const char *from = sentences[i].data;

		if (quote.data < from + sentences[i].len &&
		    from < quote.data + quote.len && states(sentences[i]))
			return true;
	}
	return false;
}
