/*
 * highlight_words.c - languages by their names, and the words of each in a hash
 * that is made when it is first used.
 */
#include <ctype.h>
#include <strings.h>

#include "tui/highlight.h"
#include "tui/highlight_private.h"
#include "tui/theme.h"

enum { WORD_MAX = 32 };

static bool
has_word(const char *words, struct slice name)
{
	struct slice rest = slice_of(words), word;

	while (slice_split(&rest, ' ', &word))
		if (word.len == name.len &&
		    strncasecmp(word.data, name.data, name.len) == 0)
			return true;
	return false;
}

const struct language *
language_find(struct slice name)
{
	size_t len = 0;

	if (name.len && *name.data == '.')
		name = slice_make(name.data + 1, name.len - 1);
	while (len < name.len && !strchr(" \t,:{", name.data[len]))
		len++;
	name.len = len;
	for (size_t i = 0; len > 0 && i < language_count; i++)
		if (has_word(languages[i].names, name))
			return &languages[i];
	return NULL;
}

const char *
language_name(const struct language *language)
{
	static char name[WORD_MAX];
	size_t len = strcspn(language->names, " ");

	memcpy(name, language->names, MIN(len, sizeof(name) - 1));
	name[MIN(len, sizeof(name) - 1)] = '\0';
	return name;
}

static unsigned
hash_of(const char *text, size_t len, bool caseless)
{
	unsigned hash = (unsigned)len;

	for (size_t i = 0; i < len; i++)
		hash = hash * 31 +
		       (uint8_t)(caseless ? tolower(text[i]) : text[i]);
	return (hash ^ hash >> 9) % LEXICON_SLOTS;
}

static void
add_words(struct lexicon *x, const struct language *language, const char *words,
	  enum role role)
{
	bool caseless = language->flags & LANGUAGE_CASELESS;
	struct slice rest = slice_of(words), word;

	while (slice_split(&rest, ' ', &word)) {
		unsigned at = hash_of(word.data, word.len, caseless);

		while (x->words[at].text)
			at = (at + 1) % LEXICON_SLOTS;
		x->words[at] = (struct lexicon_word){
			word.data, (uint8_t)word.len, (uint8_t)role};
	}
}

static void
mark_specials(struct lexicon *x, const struct language *language)
{
	struct slice rest = slice_of(language->line_comments), word;

	while (slice_split(&rest, ' ', &word))
		x->special[(uint8_t)*word.data] = true;
	if (language->block_open)
		x->special[(uint8_t)*language->block_open] = true;
	for (size_t i = 0; i < STRING_RULES_MAX && language->strings[i].open;
	     i++)
		x->special[(uint8_t)*language->strings[i].open] = true;
	for (const char *c = "#$@['"; *c; c++)
		x->special[(uint8_t)*c] = true;
}

const struct lexicon *
lexicon_of(const struct language *language)
{
	static struct lexicon *made[64];
	size_t index = (size_t)(language - languages);

	if (index >= COUNT(made))
		return NULL;
	if (!made[index]) {
		made[index] = xcalloc(1, sizeof(**made));
		add_words(made[index], language, language->keywords,
			  ROLE_KEYWORD);
		add_words(made[index], language, language->types, ROLE_TYPE);
		add_words(made[index], language, language->constants,
			  ROLE_NUMBER);
		mark_specials(made[index], language);
	}
	return made[index];
}

int
lexicon_role(const struct lexicon *x, const struct language *language,
	     struct slice name)
{
	bool caseless = language->flags & LANGUAGE_CASELESS;
	unsigned at;

	if (name.len > WORD_MAX)
		return ROLE_BLOCK;
	at = hash_of(name.data, name.len, caseless);
	for (; x->words[at].text; at = (at + 1) % LEXICON_SLOTS) {
		const struct lexicon_word *word = &x->words[at];

		if (word->len == name.len &&
		    (caseless ? strncasecmp(word->text, name.data, name.len)
			      : memcmp(word->text, name.data, name.len)) == 0)
			return word->role;
	}
	return ROLE_BLOCK;
}
