/*
 * rules_key.c - the key of a fact, out of a row's form and the words that its
 * pattern kept, so that the same thing said again has the same key.
 */
#include "memory/rules.h"
#include "mneme/arena.h"
#include "mneme/buf.h"

enum { KEY_WORDS = 3 };

static void
key_word(struct buf *key, const char *word)
{
	char base[RULE_WORD];

	if (key->len && key->data[key->len - 1] != '_')
		buf_addc(key, '_');
	if (rules_base(word, base))
		word = base;
	for (; *word; word++) {
		char c = *word;

		if (is_word_byte(c))
			buf_addc(key, c);
		else if (c == '-' || c == '.' || c == '/')
			buf_addc(key, '_');
	}
}

/* The first words of the object that mean something. */
static size_t
object_words(const struct rule_clause *c, const struct rule_match *m,
	     const char **out)
{
	size_t n = 0;

	for (size_t i = m->from; i < m->end && n < KEY_WORDS; i++) {
		const char *word = c->tokens[i].word;

		if (n > 0 &&
		    (c->tokens[i].comma || rules_word(RULES_BREAK, word)))
			break;
		if (rules_word(RULES_ARTICLE, word) ||
		    rules_word(RULES_BREAK, word) ||
		    (n == 0 && strcmp(word, "to") == 0))
			continue;
		out[n++] = word;
	}
	return n;
}

/* "tea to coffee", "coffee over tea": one key for both orders. */
static bool
compared(const struct rule_clause *c, const struct rule_match *m,
	 const char **out)
{
	for (size_t i = m->from + 1; i + 1 < m->end; i++) {
		if (!clause_is(c, i, "to") && !clause_is(c, i, "over") &&
		    !clause_is(c, i, "than"))
			continue;
		out[0] = clause_word(c, i - 1);
		out[1] = clause_word(c, i + 1);
		if (strcmp(out[0], out[1]) > 0) {
			const char *swap = out[0];
			out[0] = out[1];
			out[1] = swap;
		}
		return true;
	}
	return false;
}

struct slice
rules_key(const char *form, const struct rule_clause *c,
	  const struct rule_match *m, struct arena *arena)
{
	SCOPED(buf_clear) struct buf key;
	const char *words[KEY_WORDS];
	size_t n = object_words(c, m, words);

	buf_init(&key, RECORD_KEY_MAX);
	if (slice_starts(slice_of(form), "prefer_") && compared(c, m, words))
		n = 2;
	for (; *form; form++) {
		if (*form == '@' || *form == '%') {
			size_t word = *form == '@' ? m->word : m->owner;

			if (word >= c->count)
				return (struct slice){0};
			key_word(&key, clause_word(c, word));
		} else if (*form == '^') {
			for (size_t i = m->name; i < m->name_end; i++)
				key_word(&key, clause_word(c, i));
		} else if (*form == '*') {
			if (n == 0)
				return (struct slice){0};
			for (size_t i = 0; i < n; i++)
				key_word(&key, words[i]);
		} else {
			buf_addc(&key, *form);
		}
	}
	return key.len && !key.over ? arena_copy(arena, buf_slice(&key))
				    : (struct slice){0};
}
