/*
 * Memories given by hand: "remember that ...", and what becomes of it.
 */
#include <ctype.h>
#include <strings.h>

#include "memory/rules.h"
#include "mneme/arena.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/utf8.h"

static const char *const wishes[] = {
	"please remember that ",
	"please remember: ",
	"please remember ",
	"remember that ",
	"remember: ",
	"remember, ",
	"remember ",
	"don't forget that ",
	"don't forget: ",
	"don't forget ",
	"do not forget that ",
	"do not forget ",
	"from now on, ",
	"from now on ",
	"note that ",
	"keep in mind that ",
	"keep in mind: ",
	"merk dir bitte, dass ",
	"merk dir, dass ",
	"merke dir, dass ",
	"merk dir bitte: ",
	"merk dir: ",
	"merke dir: ",
	"bitte merk dir, dass ",
	"bitte merke dir, dass ",
	"vergiss nicht, dass ",
	"denk daran, dass ",
	"souviens-toi que ",
	"rappelle-toi que ",
	"n'oublie pas que ",
	"recuerda que ",
	"no olvides que ",
	"ricorda che ",
	"ricordati che ",
	"onthoud dat ",
	"lembre-se de que ",
};

static struct slice
without(struct slice s, size_t n)
{
	return slice_make(s.data + n, s.len - n);
}

bool
memory_wish(struct slice text, struct slice *what)
{
	struct slice s = slice_trim(text);

	if (s.len == 0 || s.data[s.len - 1] == '?')
		return false;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		size_t n = strlen(wishes[i]);
		if (s.len <= n || strncasecmp(s.data, wishes[i], n) != 0)
			continue;
		/* "from now on" is part of what is to be kept. */
		*what = wishes[i][0] == 'f' ? s : slice_trim(without(s, n));
		return what->len > 0 && !slice_is(*what, "that");
	}
	return false;
}

/* A key for a sentence: its first words, lower case, joined by "_". */
static struct slice
derive_key(struct slice text, struct arena *arena)
{
	char key[49];
	size_t n = 0;
	unsigned words = 0;

	for (size_t i = 0; i < text.len && n + 1 < sizeof(key); i++) {
		char c = text.data[i];
		if (is_word_byte(c)) {
			key[n++] = (char)tolower((unsigned char)c);
		} else if (n && key[n - 1] != '_') {
			if (++words == 5)
				break;
			key[n++] = '_';
		}
	}
	while (n && key[n - 1] == '_')
		n--;
	struct slice cut = utf8_cut(slice_make(key, n), n);
	return arena_copy(
		arena,
		utf8_open_tail(cut)
			? slice_make(cut.data, cut.len - utf8_open_tail(cut))
			: cut);
}

/* Of "the gate code is 4711" what has the code: told anew, it is another. */
static struct slice
attribute_key(struct slice text, struct arena *arena)
{
	static const char *const patterns[] = {
		"my|our|the @ @name|number|code|pin|plate|address|size|colour|"
		"color|price|date|day|time|room|floor|port|version is|are *",
		"my|our|the @ 's @ is|are *",
	};
	struct rule_clause c;
	struct rule_match m;

	clause_read(text, &c);
	for (size_t i = 0; i < COUNT(patterns); i++)
		if (rules_match(patterns[i], &c, 0, &m))
			return rules_key("%_@", &c, &m, arena);
	return (struct slice){0};
}

/* What the rules say it is about, or its first words. */
static void
find_key(struct memory *m, struct arena *arena)
{
	const struct memory_said said = {.text = m->value, .at = clock_now()};
	struct memory_fact fact;

	if (memory_rules(&said, 0, arena, &fact, 1) == 1 && fact.key.len &&
	    slice_equal(fact.value, m->value)) {
		m->key = fact.key;
		if (m->type == MEMORY_FACT)
			m->type = fact.type;
		return;
	}
	m->key = attribute_key(m->value, arena);
	if (m->key.len == 0)
		m->key = derive_key(m->value, arena);
}

bool
memory_from_text(struct slice text, struct arena *arena, struct memory *out,
		 struct error *err)
{
	struct slice value = slice_trim(text);
	struct slice wished;

	if (value.len == 0)
		return error_set(err, ERROR_INVALID,
				 "nothing to remember: the text is empty");
	if (value.len > MEMORY_TEXT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a memory of %zu bytes; at most %d fit",
				 value.len, MEMORY_TEXT_MAX);
	if (!utf8_valid(value))
		return error_set(err, ERROR_INVALID,
				 "the text is not UTF-8 (byte %zu)",
				 utf8_valid_length(value));
	if (memory_wish(value, &wished))
		value = wished;
	out->value = arena_copy(arena, value);
	if (out->key.len == 0)
		find_key(out, arena);
	return true;
}
