/*
 * rules.c - facts out of a message, with no model.
 *
 * Sentence by sentence: what is no statement about now and here (a question, a
 * task, an "if", a game) is passed over; the rest is cut into clauses, brought
 * into its plain form ("I no longer smoke": "I smoke", over), and matched with
 * the table.  What is kept is the clause itself, so nothing is said that the
 * person did not say.
 */
#include "memory/rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/clock.h"

enum { AROUND = 2048, CLAUSES = 8, KEY_WORDS = 3, LEAD_MOST = 6 };

#define STATE_LASTS (3 * CLOCK_DAY)

struct reading {
	const struct memory_said *said;
	size_t which;
	struct arena *arena;
	struct memory_fact *out;
	size_t count, max;
	const char *own; /* the subject of the clause before that told
			    something, "I" or "ich"; or NULL */
	bool corrects;   /* the sentence begins with "actually" */
	bool first;      /* no clause came before in the sentence */
	bool wishes;     /* nothing but what is asked to be kept */
};

/* One clause in its plain form. */
struct plain {
	struct rule_clause c;
	size_t start; /* of what is matched */
	size_t lead;  /* of what is said */
	bool ends;
	struct slice wrong;
	struct slice gone; /* "not X but": left out of the value */
};

static const char *
word_at(const struct rule_clause *c, size_t i)
{
	return i < c->count ? c->tokens[i].word : "";
}

static bool
is(const struct rule_clause *c, size_t i, const char *word)
{
	return strcmp(word_at(c, i), word) == 0;
}

static void
take_out(struct rule_clause *c, size_t from, size_t n)
{
	if (from >= c->count)
		return;
	n = MIN(n, c->count - from);
	memmove(c->tokens + from, c->tokens + from + n,
		(c->count - from - n) * sizeof(*c->tokens));
	c->count -= n;
}

/* Where the tokens in `words` (apart by blanks) stand in a row; c->count when
 * they do not. */
static size_t
find_row(const struct rule_clause *c, const char *words, size_t *length)
{
	for (size_t i = 0; i < c->count; i++) {
		struct slice rest = slice_of(words), one;
		size_t k = i;

		bool all = true;

		while (all && slice_split(&rest, ' ', &one))
			all = slice_is(one, word_at(c, k++));
		if (all) {
			*length = k - i;
			return i;
		}
	}
	return c->count;
}

static bool
cut_row(struct rule_clause *c, const char *words)
{
	size_t n, at = find_row(c, words, &n);

	if (at == c->count)
		return false;
	take_out(c, at, n);
	return true;
}

/* ---- what is no statement ---- */

static size_t
after_lead(const struct rule_clause *c)
{
	size_t i = 0;

	while (i + 1 < c->count && i < LEAD_MOST &&
	       rules_word(RULES_LEAD, c->tokens[i].word))
		i++;
	return i;
}

static bool
asks(struct slice sentence, const struct rule_clause *c)
{
	size_t at = after_lead(c);
	struct slice s = sentence;

	while (s.len && strchr(")\"'!. ", s.data[s.len - 1]))
		s.len--;
	if (slice_ends(s, "?"))
		return true;
	if (rules_word(RULES_QUESTION, word_at(c, at)))
		return rules_word(RULES_AUXILIARY, word_at(c, at + 1));
	return rules_word(RULES_AUXILIARY, word_at(c, at)) &&
	       !is(c, at + 1, "not");
}

/* A quotation of three words or more: somebody else's, or a title. */
static bool
quotes(struct slice s)
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
static bool
passing(const struct rule_clause *c)
{
	static const char *const rows[] = {
		"this time",     "just once",     "for now",
		"this once",     "this chat",     "this conversation",
		"this answer",   "this question", "this message",
		"this one",      "this session",  "this task",
		"in this story", "in this game"};
	size_t n;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (find_row(c, rows[i], &n) < c->count)
			return true;
	}
	return false;
}

/* ---- the plain form ---- */

/* "I no longer ...", "I do not ... any more", "I used to ...", "I stopped
 * ...ing": the same without it, over. */
static bool
said_over(struct rule_clause *c, size_t at)
{
	char base[RULE_WORD];
	size_t n;

	if (cut_row(c, "no longer") || cut_row(c, "nicht mehr"))
		return true;
	bool more = find_row(c, "any more", &n) < c->count ||
		    find_row(c, "anymore", &n) < c->count ||
		    find_row(c, "any longer", &n) < c->count;
	if (more && (cut_row(c, "do not") || cut_row(c, "does not") ||
		     cut_row(c, "not") || cut_row(c, "never"))) {
		if (!cut_row(c, "any more") && !cut_row(c, "anymore"))
			cut_row(c, "any longer");
		return true;
	}
	if (is(c, at + 1, "used") && is(c, at + 2, "to")) {
		take_out(c, at + 1, 2);
		return true;
	}
	size_t verb = at + 1 + (is(c, at + 1, "have") ? 1 : 0);
	size_t stops = verb;
	if (is(c, stops, "stopped") || is(c, stops, "quit"))
		stops++;
	else if ((is(c, stops, "gave") || is(c, stops, "given")) &&
		 is(c, stops + 1, "up"))
		stops += 2;
	if (stops == verb || stops >= c->count)
		return false;
	if (rules_base(word_at(c, stops), base)) {
		memcpy(c->tokens[stops].word, base, sizeof(base));
		take_out(c, at + 1, stops - at - 1);
		return true;
	}
	/* "I gave up coffee" */
	if (is(c, stops, "my") || is(c, verb, "stopped"))
		return false;
	strcpy(c->tokens[stops - 1].word, "like");
	take_out(c, at + 1, stops - at - 2);
	return true;
}

/* "I started working at", "I have been living in": "I work at". */
static void
said_begun(struct rule_clause *c, size_t at)
{
	size_t verb = at + 1;
	char base[RULE_WORD];

	if (is(c, verb, "have") && is(c, verb + 1, "been"))
		verb += 2;
	else if (is(c, verb, "have") &&
		 (is(c, verb + 1, "started") || is(c, verb + 1, "begun")))
		verb += 2;
	else if (is(c, verb, "started") || is(c, verb, "began"))
		verb += 1;
	else if (is(c, verb, "am") &&
		 (is(c, verb + 1, "working") || is(c, verb + 1, "living")) &&
		 !is(c, verb + 2, "on"))
		verb += 1;
	if (verb == at + 1 || !rules_base(word_at(c, verb), base))
		return;
	memcpy(c->tokens[verb].word, base, sizeof(base));
	take_out(c, at + 1, verb - at - 1);
}

static struct slice
tokens_text(const struct rule_clause *c, size_t from, size_t end)
{
	if (from >= end || end > c->count)
		return (struct slice){0};
	const char *first = c->tokens[from].raw.data;
	struct slice last = c->tokens[end - 1].raw;

	return slice_make(first, (size_t)(last.data + last.len - first));
}

/* The first word of meaning from `from` on. */
static size_t
skip_small(const struct rule_clause *c, size_t from, size_t end)
{
	while (from + 1 < end &&
	       (rules_word(RULES_ARTICLE, word_at(c, from)) ||
		is(c, from, "in") || is(c, from, "at") || is(c, from, "on")))
		from++;
	return from;
}

/* "B, not A" and "not A but B": leaves B, notes A. */
static void
said_instead(struct plain *p)
{
	struct rule_clause *c = &p->c;
	size_t at = 1, end;

	while (at < c->count && !is(c, at, "not"))
		at++;
	if (at + 1 >= c->count)
		return;
	if (c->tokens[at].comma) {
		p->wrong = tokens_text(c, skip_small(c, at + 1, c->count),
				       c->count);
		p->gone = tokens_text(c, at, c->count);
		take_out(c, at, c->count - at);
		return;
	}
	end = at + 1;
	while (end < c->count && end < at + 6 && !is(c, end, "but"))
		end++;
	if (!is(c, end, "but") || end + 1 >= c->count)
		return;
	const char *next = c->tokens[end + 1].raw.data;
	p->wrong = tokens_text(c, skip_small(c, at + 1, end), end);
	p->gone = slice_make(c->tokens[at].raw.data,
			     (size_t)(next - c->tokens[at].raw.data));
	take_out(c, at, end + 1 - at);
}

static bool
is_subject(const char *word)
{
	static const char *const words[] = {"i",   "my",   "we",    "our",
					    "ich", "mein", "meine", "je",
					    "j'",  "mon",  "ma",    "me"};

	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* Where "I" stands, when nothing before it makes it unreal. */
static bool
find_subject(const struct rule_clause *c, size_t *at)
{
	for (size_t i = 0; i < c->count && i <= LEAD_MOST; i++) {
		const char *word = c->tokens[i].word;

		if (is_subject(word)) {
			*at = i;
			return true;
		}
		if (rules_word(RULES_BLOCK, word))
			return false;
	}
	return false;
}

/* ---- keys ---- */

static void
key_word(struct buf *key, const char *word)
{
	char base[RULE_WORD];

	if (key->len && key->data[key->len - 1] != '_')
		buf_addc(key, '_');
	if (rules_base(word, base))
		word = base;
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (isalnum(c) || c >= 0x80)
			buf_addc(key, (char)c);
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
		if (!is(c, i, "to") && !is(c, i, "over") && !is(c, i, "than"))
			continue;
		out[0] = word_at(c, i - 1);
		out[1] = word_at(c, i + 1);
		if (strcmp(out[0], out[1]) > 0) {
			const char *swap = out[0];
			out[0] = out[1];
			out[1] = swap;
		}
		return true;
	}
	return false;
}

static struct slice
make_key(const char *form, const struct rule_clause *c,
	 const struct rule_match *m, struct arena *arena)
{
	SCOPED(buf_clear) struct buf key;
	const char *words[KEY_WORDS];
	size_t n = object_words(c, m, words);

	buf_init(&key, RECORD_KEY_MAX);
	if (slice_starts(slice_of(form), "prefer_") && compared(c, m, words))
		n = 2;
	for (; *form; form++) {
		if (*form == '@' && m->word < c->count) {
			key_word(&key, word_at(c, m->word));
		} else if (*form == '@') {
			return (struct slice){0};
		} else if (*form == '^') {
			for (size_t i = m->name; i < m->name_end; i++)
				key_word(&key, word_at(c, i));
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

/* ---- the rows' conditions ---- */

static bool
an_occupation(const char *word)
{
	static const char *const endings[] = {"er",  "or",    "ist",  "ian",
					      "ant", "woman", "man",  "eer",
					      "yst", "ect",   "ress", "mic"};
	static const char *const words[] = {
		"nurse", "chef",   "cook",    "pilot",  "student", "coach",
		"clerk", "vet",    "judge",   "intern", "surgeon", "ceo",
		"cto",   "cfo",    "doctor",  "maid",   "nanny",   "monk",
		"poet",  "priest", "barista", "guide",  "phd",     "diplomat",
		"spy",   "host",   "dj",      "model",  "trainee", "sailor"};
	struct slice s = slice_of(word);

	for (size_t i = 0; i < COUNT(words); i++) {
		if (slice_is(s, words[i]))
			return true;
	}
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

static bool
any_time(const struct rule_clause *c, size_t end)
{
	for (size_t i = 0; i < end; i++) {
		if (rules_word(RULES_TIME, c->tokens[i].word) &&
		    (i == 0 || !is(c, i - 1, "last")))
			return true;
	}
	return false;
}

/* "I'll send it to you tomorrow": a part of this conversation. */
static bool
to_us(const struct rule_clause *c)
{
	for (size_t i = 0; i < c->count; i++) {
		if (is(c, i, "you") || is(c, i, "your"))
			return true;
	}
	return false;
}

/* "always ...", "never ...": said to us, not of something. */
static bool
told_to_us(const struct rule *rule, const struct rule_clause *c,
	   const struct rule_match *m)
{
	static const char *const not_verbs[] = {
		"mind", "wanted", "had",  "been", "thought", "again", "ever",
		"a",    "an",     "the",  "in",   "on",      "said",  "saw",
		"give", "quit",   "knew", "try",  "heard",   "felt",  "good"};
	const char *word = word_at(c, m->from);
	struct slice s = slice_of(word);

	if (rule->type != MEMORY_INSTRUCTION ||
	    (rule->key[0] != 'a' && rule->key[1] != 'e'))
		return true;
	for (size_t i = 0; i < COUNT(not_verbs); i++) {
		if (strcmp(word, not_verbs[i]) == 0)
			return false;
	}
	/* "always makes", "never tried" */
	return !slice_ends(s, "ed") &&
	       (!slice_ends(s, "s") || slice_ends(s, "ss"));
}

/* "tired", but not "happy for you". */
static bool
in_a_state(const struct rule_clause *c, const struct rule_match *m)
{
	static const char *const others[] = {"you", "your", "that", "for",
					     "to",  "how",  "it",   "with"};
	const char *next = word_at(c, m->from + 1);

	for (size_t i = 0; i < COUNT(others); i++) {
		if (strcmp(next, others[i]) == 0)
			return false;
	}
	return rules_word(RULES_STATE, word_at(c, m->from));
}

static bool
row_fits(const struct rule *rule, const struct rule_clause *c,
	 const struct rule_match *m)
{
	const char *first = word_at(c, m->from);
	bool object = m->end > m->from;

	if (object &&
	    (strcmp(first, "not") == 0 ||
	     (rules_word(RULES_POINTING, first) && !(rule->flags & RULE_WISH))))
		return false;
	if ((rule->flags & RULE_TIMED) && (!any_time(c, c->count) || to_us(c)))
		return false;
	if ((rule->flags & RULE_GREETED) && !is(c, 0, "hi") &&
	    !is(c, 0, "hello") && !is(c, 0, "hey") && !is(c, 0, "hallo"))
		return false;
	if ((rule->flags & RULE_NAMED) && rule->confidence < .95 &&
	    !c->tokens[m->from].capital)
		return false;
	if ((rule->flags & RULE_NAMED) && rules_word(RULES_STATE, first))
		return false;
	if ((rule->flags & RULE_WORK) && !work_fits(c, m))
		return false;
	if ((rule->flags & RULE_STATE) && !in_a_state(c, m))
		return false;
	if (rule->flags & RULE_THING) {
		const char *thing =
			m->word < c->count ? word_at(c, m->word) : first;

		if (rules_word(RULES_WORKPIECE, thing) ||
		    rules_word(RULES_POINTING, thing) ||
		    rules_word(RULES_STATE, first) ||
		    rules_word(RULES_STATE, word_at(c, m->from + 1)))
			return false;
	}
	if (rule->type == MEMORY_HABIT && slice_ends(slice_of(first), "ed"))
		return false;
	return told_to_us(rule, c, m);
}

/* ---- facts ---- */

static struct slice
without_stops(struct slice s)
{
	s = slice_trim(s);
	while (s.len && strchr(".,;:!", s.data[s.len - 1]))
		s = slice_trim(slice_make(s.data, s.len - 1));
	return s;
}

/* The clause from its first word that counts; "I" put back where it was
 * left out after "and". */
static struct slice
said_value(const struct rule_clause *whole, size_t lead, const char *subject,
	   struct arena *arena, struct slice *quote)
{
	const char *from = whole->tokens[lead].raw.data;
	const char *end = whole->text.data + whole->text.len;

	*quote = without_stops(slice_make(from, (size_t)(end - from)));
	if (!subject)
		return *quote;
	return slice_of(
		arena_printf(arena, "%s %.*s", subject, SLICE_ARG(*quote)));
}

/* A sentence that a secret was taken out of is worth nothing without it. */
static bool
was_redacted(struct slice s)
{
	static const char *const marks[] = {
		"[password]", "[API key]", "[token]",     "[private key]",
		"[PIN]",      "[IBAN]",    "[card code]", "[card number]"};

	for (size_t i = 0; i < COUNT(marks); i++) {
		if (slice_find(s, slice_of(marks[i])) < s.len)
			return true;
	}
	return false;
}

static void
add_fact(struct reading *r, struct memory_fact f)
{
	if (was_redacted(f.value))
		return;
	for (size_t i = 0; i < r->count; i++) {
		if (slice_equal(r->out[i].key, f.key) &&
		    slice_equal(r->out[i].value, f.value))
			return;
	}
	if (r->count == r->max || f.value.len > MEMORY_FACT_VALUE)
		return;
	f.said = r->which;
	if (f.type == MEMORY_TEMPORARY_STATE)
		f.expires_at = rules_expiry(f.quote, r->said->at, STATE_LASTS);
	r->out[r->count++] = f;
}

static bool
hedged(const struct rule_clause *c)
{
	static const char *const words[] = {"probably", "guess", "sometimes",
					    "wahrscheinlich"};

	for (size_t i = 0; i < c->count; i++) {
		for (size_t k = 0; k < COUNT(words); k++) {
			if (strcmp(c->tokens[i].word, words[k]) == 0)
				return true;
		}
	}
	return false;
}

/* "I am in Rome today", "I work from home this week": not for long. */
static void
make_passing(struct memory_fact *f, const struct reading *r)
{
	if (f->type != MEMORY_FACT && f->type != MEMORY_HABIT)
		return;
	if (rules_expiry(f->quote, r->said->at, 0) == 0)
		return;
	f->type = MEMORY_TEMPORARY_STATE;
	f->key = slice_of(
		arena_printf(r->arena, "state_%.*s", SLICE_ARG(f->key)));
	f->importance = MIN(f->importance, .65);
}

static bool
try_rows(struct reading *r, const struct plain *p, struct slice value,
	 struct slice quote)
{
	for (size_t i = 0; i < rules_count; i++) {
		const struct rule *rule = &rules_table[i];
		struct rule_match m;

		if (!rules_match(rule->pattern, &p->c, p->start, &m) ||
		    !row_fits(rule, &p->c, &m) ||
		    ((rule->flags & RULE_THING) && p->start != p->lead) ||
		    ((rule->flags & RULE_FIRST) && !r->first))
			continue;
		struct memory_fact f = {
			.type = rule->type,
			.key = make_key(rule->key, &p->c, &m, r->arena),
			.value = value,
			.quote = quote,
			.confidence =
				rule->confidence - (hedged(&p->c) ? .2 : 0),
			.importance = rule->importance,
			.ends = p->ends || (rule->flags & RULE_ENDS),
			.wrong = p->wrong,
			.corrects = r->corrects,
			.over = p->ends ? tokens_text(&p->c, m.from, m.end)
					: (struct slice){0},
		};
		if (f.key.len == 0)
			continue;
		if (!f.ends)
			make_passing(&f, r);
		add_fact(r, f);
		return true;
	}
	return false;
}

/* "It's Anna, not Ana": known words are to be mended. */
static void
try_mending(struct reading *r, const struct plain *p, struct slice quote)
{
	static const char *const heads[] = {
		"it",   "is",      "'s",   "that",  "i",   "meant",
		"mean", "spelled", "name", "her",   "his", "my",
		"the",  "written", "am",   "called"};
	size_t from = p->start;

	if (p->wrong.len == 0)
		return;
	for (size_t k = 0; k < COUNT(heads) && from + 1 < p->c.count;) {
		if (is(&p->c, from, heads[k])) {
			from++;
			k = 0;
		} else {
			k++;
		}
	}
	struct slice right = tokens_text(&p->c, from, p->c.count);
	if (right.len == 0 || right.len > 60 || p->wrong.len > 60)
		return;
	add_fact(r, (struct memory_fact){.type = MEMORY_FACT,
					 .value = right,
					 .quote = quote,
					 .wrong = p->wrong,
					 .confidence = .9,
					 .importance = .7});
}

static struct slice
without_gone(struct slice value, struct slice gone, struct arena *arena)
{
	const char *end = value.data + value.len;

	if (gone.len == 0 || gone.data < value.data || gone.data > end)
		return value;
	struct slice head =
		slice_make(value.data, (size_t)(gone.data - value.data));
	const char *after = MIN(gone.data + gone.len, end);
	struct slice tail = slice_make(after, (size_t)(end - after));
	if (slice_trim(tail).len == 0)
		return without_stops(head);
	return slice_of(arena_printf(arena, "%.*s%.*s", SLICE_ARG(head),
				     SLICE_ARG(tail)));
}

/* "We have a dog", "our dog": of the person too. */
static void
speak_for_all(struct rule_clause *c)
{
	static const char *const verbs[] = {"have", "adopted", "got",
					    "own",  "bought",  "eat"};

	for (size_t i = 0; i < c->count; i++) {
		if (is(c, i, "our"))
			memcpy(c->tokens[i].word, "my", 3);
		for (size_t k = 0; k < COUNT(verbs) && is(c, i, "we"); k++) {
			if (is(c, i + 1, verbs[k]))
				memcpy(c->tokens[i].word, "i", 2);
		}
	}
}

static struct slice
from_token(struct slice value, const struct rule_clause *c, size_t i)
{
	const char *from = c->tokens[i].raw.data;
	const char *end = value.data + value.len;

	if (i >= c->count || from < value.data || from >= end)
		return value;
	return slice_make(from, (size_t)(end - from));
}

static void
read_clause(struct reading *r, const struct rule_clause *whole)
{
	struct plain p = {.c = *whole};
	size_t lead = after_lead(whole), subject;
	struct slice quote, value;
	const char *own = NULL;

	if (whole->count < 2 || whole->text.len > RULE_CLAUSE)
		return;
	if (r->own && lead > 0 &&
	    rules_word(RULES_VERB, word_at(whole, lead)) &&
	    p.c.count < RULE_TOKENS) {
		take_out(&p.c, 0, lead);
		memmove(p.c.tokens + 1, p.c.tokens,
			p.c.count * sizeof(*p.c.tokens));
		p.c.tokens[0] = (struct rule_token){
			.raw = whole->tokens[lead].raw, .word = "i"};
		if (r->own[1])
			memcpy(p.c.tokens[0].word, "ich", 4);
		p.c.count++;
		own = r->own;
		p.start = 0;
	} else {
		p.start = lead;
	}
	p.lead = p.start;
	value = said_value(whole, lead, own, r->arena, &quote);
	speak_for_all(&p.c);
	if (find_subject(&p.c, &subject)) {
		p.ends = said_over(&p.c, subject);
		if (!p.ends)
			said_begun(&p.c, subject);
	} else {
		subject = p.start;
	}
	said_instead(&p);
	value = without_gone(value, p.gone, r->arena);
	if (try_rows(r, &p, value, quote))
		return;
	if (subject != p.start) {
		p.start = subject;
		/* "Guess what, I ..." begins with "I", "Next week I ..." not */
		if (!any_time(&p.c, subject))
			value = from_token(value, &p.c, subject);
		if (try_rows(r, &p, value, quote))
			return;
		p.start = p.lead;
	}
	try_mending(r, &p, quote);
}

/* "Answer in German from now on." */
static bool
read_standing(struct reading *r, const struct rule_clause *c)
{
	static const char *const rows[] = {
		"from now on", "from today on", "in the future", "in future",
		"ab jetzt",    "von jetzt an",  "von nun an"};
	struct rule_match m = {.word = RULE_TOKENS};
	struct slice quote;
	size_t n = 0, at = c->count, lead = after_lead(c);

	for (size_t i = 0; i < COUNT(rows) && at == c->count; i++)
		at = find_row(c, rows[i], &n);
	if (at == c->count || at <= lead || is_subject(word_at(c, lead)) ||
	    passing(c))
		return false;
	m.from = lead;
	m.end = at;
	struct slice value = said_value(c, lead, NULL, r->arena, &quote);
	struct slice key = make_key("from_now_on_*", c, &m, r->arena);
	if (key.len)
		add_fact(r, (struct memory_fact){.type = MEMORY_INSTRUCTION,
						 .key = key,
						 .value = value,
						 .quote = quote,
						 .confidence = .95,
						 .importance = .9});
	return true;
}

/* The rows say what a wish is about; one that none knows is kept too. */
static void
read_wish(struct reading *r, struct slice what)
{
	struct rule_clause c;
	size_t before = r->count;
	struct memory m = {0};

	rules_tokens(what, &c);
	r->first = true;
	if (c.count > 1)
		read_clause(r, &c);
	if (r->count == before && memory_from_text(what, r->arena, &m, NULL))
		add_fact(r, (struct memory_fact){.type = MEMORY_FACT,
						 .key = m.key,
						 .value = m.value,
						 .quote = m.value});
	for (size_t i = before; i < r->count; i++) {
		r->out[i].confidence = 1;
		r->out[i].importance = MAX(r->out[i].importance, .8);
	}
}

/* False: nothing after this sentence is the person's own word. */
static bool
read_sentence(struct reading *r, struct slice sentence)
{
	struct rule_clause clauses[CLAUSES], c;
	struct slice what;
	size_t n, lead;

	rules_tokens(sentence, &c);
	lead = after_lead(&c);
	if (c.count == 0)
		return true;
	if (memory_wish(sentence, &what) && !passing(&c)) {
		read_wish(r, without_stops(what));
		return true;
	}
	if (rules_word(RULES_PRETEND, word_at(&c, lead)))
		return false;
	if (asks(sentence, &c) || quotes(sentence) || read_standing(r, &c) ||
	    r->wishes)
		return true;
	if (rules_word(RULES_TASK, word_at(&c, lead)))
		return slice_find(sentence, slice_of(":")) == sentence.len;
	if (passing(&c) || is(&c, lead, "if") || is(&c, lead, "wenn") ||
	    is(&c, lead, "falls"))
		return true;
	n = rules_clauses(sentence, clauses, CLAUSES);
	r->own = NULL;
	r->corrects = slice_starts(sentence, "Actually") ||
		      slice_starts(sentence, "actually") ||
		      slice_starts(sentence, "Correction");
	for (size_t i = 0; i < n; i++) {
		size_t before = r->count, at = after_lead(&clauses[i]);
		const char *own = r->own;

		if (is(&clauses[i], at, "i"))
			own = "I";
		else if (is(&clauses[i], at, "ich"))
			own = "ich";
		r->first = i == 0;
		read_clause(r, &clauses[i]);
		r->own = r->count > before ? own : NULL;
	}
	return true;
}

static bool
states(struct slice sentence)
{
	struct rule_clause c;
	size_t lead;

	rules_tokens(sentence, &c);
	lead = after_lead(&c);
	return !asks(sentence, &c) &&
	       !rules_word(RULES_PRETEND, word_at(&c, lead)) &&
	       !rules_word(RULES_TASK, word_at(&c, lead)) &&
	       !is(&c, lead, "if") && !quotes(sentence);
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

/* A task in the first paragraph: what stands below is what to work on. */
static bool
work_below(struct slice first, struct slice next, struct slice sentence)
{
	struct rule_clause c;
	struct slice gap =
		slice_make(sentence.data, (size_t)(next.data - sentence.data));

	rules_tokens(first, &c);
	return slice_find(gap, slice_of("\n\n")) < gap.len &&
	       (rules_word(RULES_TASK, word_at(&c, after_lead(&c))) ||
		asks(first, &c));
}

static size_t
read_message(struct reading r)
{
	struct slice sentences[RULE_SENTENCES];
	size_t n = rules_sentences(r.said->text, sentences, RULE_SENTENCES);

	for (size_t i = 0; i < n; i++) {
		if (i > 0 &&
		    work_below(sentences[0], sentences[i], sentences[i - 1]))
			break;
		if (!read_sentence(&r, sentences[i]))
			break;
	}
	return r.count;
}

size_t
memory_rules(const struct memory_said *said, size_t which, struct arena *arena,
	     struct memory_fact *out, size_t max)
{
	return read_message((struct reading){.said = said,
					     .which = which,
					     .arena = arena,
					     .out = out,
					     .max = max});
}

size_t
memory_wishes(const struct memory_said *said, size_t which, struct arena *arena,
	      struct memory_fact *out, size_t max)
{
	return read_message((struct reading){.said = said,
					     .which = which,
					     .arena = arena,
					     .out = out,
					     .max = max,
					     .wishes = true});
}
