/*
 * same.c - likeness of sentences and of keys.
 *
 * Two statements about one thing are compared by the set of their words of
 * meaning: without articles, prepositions, and the verbs that only say that
 * it is so ("I live in Rome", "moved to Rome", "User lives in Rome"), cut back
 * to a stem.  Whether they say yes or no is looked at apart.
 */
#include "memory/same.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "memory/rules.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/utf8.h"

enum { WORDS = 48, STEM = 24, KEY_LENGTH = 64 };

static const char plain_words[] =
	" a an the i my me mine we our us he she his her they their them it "
	"its you your user users person someone speaker is am are was were be "
	"been being do does did have has had will would can could should in on "
	"at to of for from with by as and or so that this there than then now "
	"also very really currently still just again about into near "
	"live lives living lived reside resides move moves moved moving "
	"relocated based work works working worked job employed employer "
	"started start begin began called named name call likes like loves "
	"love enjoys enjoy prefers prefer favorite favourite go goes going "
	"got get gets take takes having drink drinks eat eats city company "
	"back here currently new one "
	"ich mein meine bin ist wohne lebe arbeite bei der die das ein eine "
	"einen in zu nach hei\xC3\x9F"
	"e mag liebe esse trinke heisst ";

static const char no_words[] =
	" not no never none hate hates dislike dislikes detest detests cannot "
	"stopped quit anymore longer without avoid avoids loathe despise "
	"gave given unemployed fired lost left former formerly used "
	"nicht kein keine keinen nie hasse pas ";

static bool
listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; n && (at = strstr(at, word)); at += n) {
		if (at[-1] == ' ' && at[n] == ' ')
			return true;
	}
	return false;
}

struct meaning {
	char words[WORDS][STEM];
	size_t count;
	bool no;
	bool compares; /* "rather than": the order matters */
};

/* A short stem: enough to tell "peanuts" from "peanut" apart no more. */
static void
stem(const char *word, char out[STEM])
{
	size_t n = MIN(strlen(word), (size_t)STEM - 1);

	memcpy(out, word, n);
	out[n] = '\0';
	if (n > 5 && strcmp(out + n - 3, "ing") == 0)
		n -= 3;
	else if (n > 4 && strcmp(out + n - 3, "ies") == 0)
		n -= 2;
	else if (n > 4 && strcmp(out + n - 2, "ed") == 0)
		n -= 2;
	else if (n > 3 && out[n - 1] == 's' && out[n - 2] != 's')
		n -= 1;
	if (n > 4 && (out[n - 1] == 'e' || out[n - 1] == out[n - 2]))
		n -= 1;
	out[n] = '\0';
}

static void
add_meaning(struct meaning *m, const char *word)
{
	char cut[STEM];

	stem(word, cut);
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->words[i], cut) == 0)
			return;
	}
	if (m->count < WORDS)
		memcpy(m->words[m->count++], cut, sizeof(cut));
}

static void
read_meaning(struct slice text, struct meaning *m, struct arena *arena)
{
	struct rule_clause *c = arena_alloc(arena, 1, sizeof(*c));

	*m = (struct meaning){.count = 0};
	clause_read(text, c);
	for (size_t i = 0; i < c->count; i++) {
		const char *word = c->tokens[i].word;

		m->compares = m->compares ||
			      listed(" over than rather prefer prefers ", word);
		if (listed(no_words, word))
			m->no = true;
		else if (!listed(plain_words, word) && word[0] != '\'')
			add_meaning(m, word);
	}
}

static size_t
shared(const struct meaning *a, const struct meaning *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		for (size_t k = 0; k < b->count; k++) {
			if (strcmp(a->words[i], b->words[k]) == 0) {
				n++;
				break;
			}
		}
	}
	return n;
}

enum memory_likeness
memory_likeness(struct slice a, struct slice b, struct arena *arena)
{
	struct meaning x, y;

	read_meaning(a, &x, arena);
	read_meaning(b, &y, arena);
	size_t both = shared(&x, &y);
	bool within = both == x.count, around = both == y.count;

	if (x.count == 0 || y.count == 0) {
		struct slice p = record_normalise(arena, a);
		struct slice q = record_normalise(arena, b);

		return slice_equal(p, q) ? LIKE_SAME : LIKE_OTHER;
	}
	if (!within && !around)
		return LIKE_OTHER;
	if (x.no != y.no)
		return LIKE_OPPOSITE;
	if (within && around && x.compares && y.compares &&
	    strcmp(x.words[0], y.words[0]) != 0)
		return LIKE_OPPOSITE;
	if (within && around)
		return LIKE_SAME;
	return within ? LIKE_WITHIN : LIKE_AROUND;
}

size_t
memory_meaning_words(struct slice text, struct arena *arena)
{
	struct meaning m;

	read_meaning(text, &m, arena);
	return m.count;
}

bool
memory_mentions(struct slice text, struct slice part, struct arena *arena)
{
	struct meaning x, y;

	read_meaning(text, &x, arena);
	read_meaning(part, &y, arena);
	return y.count > 0 && shared(&x, &y) == y.count;
}

/* Whether a word of `text` begins with `stem`. */
static bool
has_stem(struct slice text, const char *stem)
{
	size_t n = strlen(stem);

	for (size_t at = 0; at + n <= text.len; at++) {
		bool inside = at > 0 && is_word_byte(text.data[at - 1]);

		if (!inside && strncasecmp(text.data + at, stem, n) == 0)
			return true;
	}
	return false;
}

bool
memory_share(struct slice value, struct slice text, struct arena *arena)
{
	struct meaning m;

	read_meaning(value, &m, arena);
	for (size_t i = 0; i < m.count; i++) {
		if (has_stem(text, m.words[i]))
			return true;
	}
	return m.count == 0;
}

/* ---- keys ---- */

struct slice
memory_key_normal(struct slice key, struct arena *arena)
{
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, KEY_LENGTH * 2);
	for (size_t i = 0; i < key.len && out.len < KEY_LENGTH; i++) {
		char c = key.data[i];

		if (is_word_byte(c))
			buf_addc(&out, (char)tolower((unsigned char)c));
		else if (out.len && out.data[out.len - 1] != '_')
			buf_addc(&out, '_');
	}
	struct slice s = buf_slice(&out);
	while (s.len && s.data[s.len - 1] == '_')
		s.len--;
	/* A character that was cut goes too. */
	s.len = utf8_valid_length(s);
	return arena_copy(arena, s);
}

/* One group a line; its names apart by blanks. */
static const char *const groups[] = {
	("home city home_city location residence lives_in current_city "
	 "current_location place_of_residence home_location living_place"),
	("employer company workplace works_at current_employer employer_name"),
	("job occupation profession job_title role position"),
	("name user_name full_name"),
	("nickname preferred_name"),
	("birthday birth_date date_of_birth birthdate"),
	("diet dietary_preference dietary_restriction diet_type"),
	("marital_status relationship_status"),
	("car vehicle"),
	("age user_age"),
};

size_t
memory_key_names(struct slice key, struct slice out[KEY_NAMES_MAX])
{
	size_t n = 1;

	out[0] = key;
	for (size_t i = 0; i < COUNT(groups); i++) {
		struct slice rest = slice_of(groups[i]), one;
		bool here = false;

		while (!here && slice_split(&rest, ' ', &one))
			here = slice_equal(one, key);
		if (!here)
			continue;
		rest = slice_of(groups[i]);
		while (n < KEY_NAMES_MAX && slice_split(&rest, ' ', &one)) {
			if (!slice_equal(one, key))
				out[n++] = one;
		}
		break;
	}
	return n;
}

static const char many_keys[] =
	" allergy allergies hobby hobbies like likes dislike dislikes interest "
	"interests skill skills pet pets language languages friend friends "
	"child goal goals plan plans todo habit habits preference preferences "
	"fact facts note notes event events food foods music opinion opinions "
	"constraint constraints instruction instructions degree education "
	"family trip trips book books movie movies project projects memory "
	"favorite_foods favourite_foods medication medications sport sports "
	"activity activities relationship relationships possession "
	"possessions ";

/* One may have several. */
static const char many_kin[] =
	" brother sister son daughter friend cat dog colleague coworker cousin "
	"aunt uncle niece nephew kid child roommate flatmate neighbour "
	"neighbor "
	"teacher doctor horse rabbit bird hamster fish puppy kitten bruder "
	"schwester sohn tochter hund katze freund freundin ";

bool
memory_key_many(struct slice key)
{
	char word[KEY_LENGTH * 2 + 1];
	size_t n = MIN(key.len, sizeof(word) - 1);

	memcpy(word, key.data, n);
	word[n] = '\0';
	if (listed(many_keys, word) || slice_starts(key, "past_") ||
	    slice_ends(key, "_is") || slice_ends(key, "_has"))
		return true;
	if (!slice_ends(key, "_name"))
		return false;
	word[n - 5] = '\0';
	return listed(many_kin, word);
}
