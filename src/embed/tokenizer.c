/*
 * One pass over the text, a code point at a time, in fixed memory: the word
 * so far (a word of over 100 characters is unknown, whatever follows), and the
 * combining marks whose canonical order is still open.  What passes the
 * bounds of either makes the word unknown, so no order or byte of it matters.
 */
#include "embed/tokenizer.h"

#include "embed/unicode.h"
#include "mneme/utf8.h"

enum { WORD_MAX = 100, MARKS_MAX = 128 };

struct pieces {
	uint32_t *ids;
	size_t max;
	size_t total;
	bool tail; /* ids is a ring of the last ones */
};

struct scan {
	const struct tokenizer *t;
	struct pieces *out;
	uint32_t marks[MARKS_MAX];
	size_t marks_count;
	char word[4 * WORD_MAX];
	size_t bytes;
	size_t characters; /* counts on after the word is full */
};

static bool
is_full(const struct pieces *p)
{
	return !p->tail && p->total >= p->max;
}

static void
add_piece(struct pieces *p, uint32_t id)
{
	if (is_full(p))
		return;
	if (p->max)
		p->ids[p->total % p->max] = id;
	p->total++;
}

/* The longest piece at the beginning of `rest`; 0 when there is none. */
static size_t
longest_piece(const struct vocabulary *v, struct slice rest, bool continues,
	      uint32_t *id)
{
	uint64_t hashes[4 * WORD_MAX + 1];
	size_t len = MIN(rest.len, v->longest);

	hashes[0] = vocabulary_hash_start(continues);
	for (size_t i = 0; i < len; i++)
		hashes[i + 1] = vocabulary_hash_add(hashes[i], rest.data[i]);
	for (; len > 0; len--) {
		if (len < rest.len && ((uint8_t)rest.data[len] & 0xC0) == 0x80)
			continue; /* amid a character */
		*id = vocabulary_find(v, slice_make(rest.data, len), continues,
				      hashes[len]);
		if (*id != VOCABULARY_NONE)
			return len;
	}
	return 0;
}

static void
end_word(struct scan *s)
{
	const struct vocabulary *v = &s->t->vocabulary;
	struct slice rest = {s->word, s->bytes};
	size_t characters = s->characters;
	uint32_t ids[WORD_MAX];
	size_t n = 0;

	s->bytes = s->characters = 0;
	if (characters == 0)
		return;
	while (rest.len && characters <= WORD_MAX) {
		size_t len = longest_piece(v, rest, n > 0, &ids[n]);
		if (!len)
			break;
		n++;
		rest.data += len;
		rest.len -= len;
	}
	if (rest.len || characters > WORD_MAX) {
		add_piece(s->out, v->unknown);
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_piece(s->out, ids[i]);
}

static void
add_to_word(struct scan *s, uint32_t c)
{
	if (s->characters++ < WORD_MAX)
		s->bytes += utf8_encode(c, s->word + s->bytes);
}

/* A normalised code point: letter, punctuation or space. */
static void
split(struct scan *s, uint32_t c)
{
	if (c == ' ') {
		end_word(s);
	} else if (unicode_is_punctuation(c)) {
		end_word(s);
		add_to_word(s, c);
		end_word(s);
	} else {
		add_to_word(s, c);
	}
}

static void
lower(struct scan *s, uint32_t c)
{
	uint32_t parts[2] = {c};
	size_t n = s->t->lower ? unicode_lower(c, parts) : 1;

	for (size_t i = 0; i < n; i++)
		split(s, parts[i]);
}

/* The marks so far, in canonical order. */
static void
end_marks(struct scan *s)
{
	size_t n = s->marks_count;

	s->marks_count = 0;
	for (size_t i = 0; i < n; i++)
		lower(s, s->marks[i]);
}

/* Insert after all of its own class and the classes below. */
static void
add_mark(struct scan *s, uint32_t c, unsigned class)
{
	size_t at = s->marks_count;

	if (at == MARKS_MAX) {
		s->characters += WORD_MAX;
		return;
	}
	for (; at && unicode_class(s->marks[at - 1]) > class; at--)
		s->marks[at] = s->marks[at - 1];
	s->marks[at] = c;
	s->marks_count++;
}

static void
strip(struct scan *s, uint32_t c)
{
	uint32_t parts[8];
	size_t n = unicode_decompose(c, parts);

	for (size_t i = 0; i < n; i++) {
		unsigned class = unicode_class(parts[i]);
		bool mark = unicode_is_mark(parts[i]);
		if (!class)
			end_marks(s);
		if (mark)
			continue;
		if (class)
			add_mark(s, parts[i], class);
		else
			lower(s, parts[i]);
	}
}

static void
normalise(struct scan *s, uint32_t c)
{
	if (s->t->strip_accents && c >= 0x80)
		strip(s, c);
	else {
		end_marks(s);
		lower(s, c);
	}
}

static void
clean(struct scan *s, uint32_t c)
{
	if (unicode_is_dropped(c))
		return;
	if (unicode_is_space(c)) {
		normalise(s, ' ');
	} else if (s->t->ideographs_apart && unicode_is_ideograph(c)) {
		normalise(s, ' ');
		normalise(s, c);
		normalise(s, ' ');
	} else {
		normalise(s, c);
	}
}

/* The names of marks stand for themselves, also in people's texts: the
 * reference takes them out before anything else. */
static size_t
named_mark(struct scan *s, struct slice rest)
{
	static const char *const names[] = {"[UNK]", "[CLS]", "[SEP]", "[PAD]",
					    "[MASK]"};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct slice name = slice_of(names[i]);
		uint64_t hash = vocabulary_hash_start(false);
		uint32_t id;
		if (!slice_starts(rest, names[i]))
			continue;
		for (size_t j = 0; j < name.len; j++)
			hash = vocabulary_hash_add(hash, name.data[j]);
		id = vocabulary_find(&s->t->vocabulary, name, false, hash);
		if (id == VOCABULARY_NONE)
			return 0;
		end_marks(s);
		end_word(s);
		add_piece(s->out, id);
		return name.len;
	}
	return 0;
}

static void
tokenize(const struct tokenizer *t, struct slice rest, struct pieces *out)
{
	struct scan s = {.t = t, .out = out};

	while (rest.len && !is_full(out)) {
		uint32_t c = (uint8_t)rest.data[0];
		size_t len = c == '[' ? named_mark(&s, rest) : 0;
		if (!len) {
			len = c < 0x80 ? 1 : utf8_decode(rest, &c);
			clean(&s, c);
		}
		rest.data += len;
		rest.len -= len;
	}
	end_marks(&s);
	end_word(&s);
}

size_t
tokenizer_head(const struct tokenizer *t, struct slice text, uint32_t *ids,
	       size_t max)
{
	struct pieces out = {.ids = ids, .max = max};

	tokenize(t, text, &out);
	return out.total;
}

static void
reverse(uint32_t *ids, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint32_t id = ids[i];
		ids[i] = ids[n - 1 - i];
		ids[n - 1 - i] = id;
	}
}

size_t
tokenizer_tail(const struct tokenizer *t, struct slice text, uint32_t *ids,
	       size_t max)
{
	struct pieces out = {.ids = ids, .max = max, .tail = true};
	size_t turn;

	tokenize(t, text, &out);
	if (out.total <= max || !max)
		return MIN(out.total, max);
	/* Turn the ring so that its oldest comes first. */
	turn = out.total % max;
	reverse(ids, turn);
	reverse(ids + turn, max - turn);
	reverse(ids, max);
	return max;
}
