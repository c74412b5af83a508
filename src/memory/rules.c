/*
 * rules.c - facts out of a message, with no model: the reading of it.
 *
 * Sentence by sentence: what is no statement about now and here (a question, a
 * task, an "if", a game) is passed over; the rest is cut into clauses, brought
 * into its plain form ("I no longer smoke": "I smoke", over), and matched with
 * the table.  What is kept is the clause itself, so nothing is said that the
 * person did not say.
 */
#include "memory/rules.h"

#include "mneme/arena.h"
#include "mneme/clock.h"

enum { CLAUSES = 8 /* of a sentence */ };

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
	for (size_t i = 0; i < c->count; i++) {
		if (rules_one_of(c->tokens[i].word,
				 "probably|guess|sometimes|wahrscheinlich"))
			return true;
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

/* "Sara left Siemens": what says Siemens of her is over. */
static void
note_left(struct memory_fact *f, const struct rule_clause *c,
	  const struct rule_match *m)
{
	f->wrong = clause_text(c, m->from, m->end);
	f->left = true;
	if (m->word < c->count)
		f->who = c->tokens[m->word].raw;
	else if (m->name == 0 || !rules_is_subject(clause_word(c, 0)))
		f->who = clause_text(c, m->name, m->name_end);
}

static bool
try_rows(struct reading *r, const struct rule_plain *p, struct slice value,
	 struct slice quote)
{
	for (size_t i = 0; i < rules_count; i++) {
		const struct rule *rule = &rules_table[i];
		struct rule_match m;

		if (!rules_match(rule->pattern, &p->c, p->start, &m) ||
		    !rules_fits(rule, &p->c, &m) ||
		    ((rule->flags & RULE_THING) && p->start != p->lead) ||
		    ((rule->flags & RULE_FIRST) && !r->first) ||
		    ((rule->flags & RULE_OVER) && !p->ends))
			continue;
		struct memory_fact f = {
			.type = rule->type,
			.key = rules_key(rule->key, &p->c, &m, r->arena),
			.value = value,
			.quote = quote,
			.confidence =
				rule->confidence - (hedged(&p->c) ? .2 : 0),
			.importance = rule->importance,
			.ends = p->ends || (rule->flags & RULE_ENDS),
			.wrong = p->wrong,
			.corrects = r->corrects,
			.over = p->ends ? clause_text(&p->c, m.from, m.end)
					: (struct slice){0},
		};
		if (rule->flags & RULE_LEFT)
			note_left(&f, &p->c, &m);
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
try_mending(struct reading *r, const struct rule_plain *p, struct slice quote)
{
	static const char heads[] =
		"it|is|'s|that|i|meant|mean|spelled|name|her|his|my|the|"
		"written|am|called";
	size_t from = p->start;

	if (p->wrong.len == 0)
		return;
	while (from + 1 < p->c.count &&
	       rules_one_of(clause_word(&p->c, from), heads))
		from++;
	struct slice right = clause_text(&p->c, from, p->c.count);
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
	struct rule_plain p = {.c = *whole};
	size_t lead = clause_lead(whole), subject;
	struct slice quote, value;
	const char *own = NULL;

	if (whole->count < 2 || whole->text.len > RULE_CLAUSE)
		return;
	if (r->own && lead > 0 &&
	    rules_word(RULES_VERB, clause_word(whole, lead)) &&
	    p.c.count < RULE_TOKENS) {
		clause_take_out(&p.c, 0, lead);
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
	subject = rules_plain(&p);
	value = without_gone(value, p.gone, r->arena);
	if (try_rows(r, &p, value, quote))
		return;
	if (subject != p.start) {
		p.start = subject;
		/* "Guess what, I ..." begins with "I", "Next week I ..." not */
		if (!rules_timed(&p.c, subject))
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
	size_t n = 0, at = c->count, lead = clause_lead(c);

	for (size_t i = 0; i < COUNT(rows) && at == c->count; i++)
		at = clause_find(c, rows[i], &n);
	if (at == c->count || at <= lead ||
	    rules_is_subject(clause_word(c, lead)) || rules_passing(c))
		return false;
	m.from = lead;
	m.end = at;
	struct slice value = said_value(c, lead, NULL, r->arena, &quote);
	struct slice key = rules_key("from_now_on_*", c, &m, r->arena);
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

	clause_read(what, &c);
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

	clause_read(sentence, &c);
	lead = clause_lead(&c);
	if (c.count == 0)
		return true;
	if (memory_wish(sentence, &what) && !rules_passing(&c)) {
		read_wish(r, without_stops(what));
		return true;
	}
	if (rules_word(RULES_PRETEND, clause_word(&c, lead)))
		return false;
	if (rules_asks(sentence, &c) || rules_quotes(sentence) ||
	    read_standing(r, &c) || r->wishes)
		return true;
	if (rules_word(RULES_TASK, clause_word(&c, lead)))
		return slice_find(sentence, slice_of(":")) == sentence.len;
	if (rules_passing(&c) || clause_is(&c, lead, "if") ||
	    clause_is(&c, lead, "wenn") || clause_is(&c, lead, "falls"))
		return true;
	n = clause_split(sentence, clauses, CLAUSES);
	r->own = NULL;
	r->corrects = slice_starts(sentence, "Actually") ||
		      slice_starts(sentence, "actually") ||
		      slice_starts(sentence, "Correction");
	for (size_t i = 0; i < n; i++) {
		size_t before = r->count, at = clause_lead(&clauses[i]);
		const char *own = r->own;

		if (clause_is(&clauses[i], at, "i"))
			own = "I";
		else if (clause_is(&clauses[i], at, "ich"))
			own = "ich";
		r->first = i == 0;
		read_clause(r, &clauses[i]);
		r->own = r->count > before ? own : NULL;
	}
	return true;
}

/* A task in the first paragraph: what stands below is what to work on. */
static bool
work_below(struct slice first, struct slice next, struct slice sentence)
{
	struct rule_clause c;
	struct slice gap =
		slice_make(sentence.data, (size_t)(next.data - sentence.data));

	clause_read(first, &c);
	return slice_find(gap, slice_of("\n\n")) < gap.len &&
	       (rules_word(RULES_TASK, clause_word(&c, clause_lead(&c))) ||
		rules_asks(first, &c));
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
