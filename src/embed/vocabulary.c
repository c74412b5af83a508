/*
 * An open-addressed table over the file's own bytes, never more than half
 * full.  A piece that stands twice keeps its later id, as in the reference.
 */
#include "embed/vocabulary.h"

#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/utf8.h"

struct vocabulary_entry {
	uint64_t hash;
	uint32_t begin;
	uint32_t len : 31;
	uint32_t continues : 1;
	uint32_t id; /* plus one; 0: a free place */
};

/* FNV-1a, 64 bits (Fowler, Noll, Vo), from two starts. */
uint64_t
vocabulary_hash_start(bool continues)
{
	return continues ? UINT64_C(0x84222325CBF29CE4)
			 : UINT64_C(0xCBF29CE484222325);
}

uint64_t
vocabulary_hash_add(uint64_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * UINT64_C(0x100000001B3);
}

static uint64_t
hash_of(struct slice piece, bool continues)
{
	uint64_t hash = vocabulary_hash_start(continues);

	for (size_t i = 0; i < piece.len; i++)
		hash = vocabulary_hash_add(hash, piece.data[i]);
	return hash;
}

/* The piece's place, or the free one where it belongs. */
static struct vocabulary_entry *
place(const struct vocabulary *v, struct slice piece, bool continues,
      uint64_t hash)
{
	for (size_t at = hash ^ hash >> 32;; at++) {
		struct vocabulary_entry *e = &v->table[at & v->mask];
		if (!e->id ||
		    (e->hash == hash && e->len == piece.len &&
		     e->continues == continues &&
		     memcmp(v->bytes + e->begin, piece.data, piece.len) == 0))
			return e;
	}
}

uint32_t
vocabulary_find(const struct vocabulary *v, struct slice piece, bool continues,
		uint64_t hash)
{
	const struct vocabulary_entry *e = place(v, piece, continues, hash);

	return e->id ? e->id - 1 : VOCABULARY_NONE;
}

static void
add_piece(struct vocabulary *v, struct slice piece)
{
	bool continues = piece.len > 2 && slice_starts(piece, "##");
	size_t skip = continues ? 2 : 0;
	struct slice text = {piece.data + skip, piece.len - skip};
	uint64_t hash = hash_of(text, continues);
	struct vocabulary_entry *e = place(v, text, continues, hash);

	*e = (struct vocabulary_entry){
		.hash = hash,
		.begin = (uint32_t)(text.data - v->bytes),
		.len = (uint32_t)text.len & 0x7FFFFFFF,
		.continues = continues,
		.id = ++v->count,
	};
	v->longest = MAX(v->longest, text.len);
}

static bool
need_piece(const struct vocabulary *v, const char *name, uint32_t *id,
	   struct error *err)
{
	struct slice piece = slice_of(name);

	*id = vocabulary_find(v, piece, false, hash_of(piece, false));
	return *id != VOCABULARY_NONE ||
	       error_set(err, ERROR_INVALID, "the vocabulary lacks %s", name);
}

static size_t
count_lines(struct slice text)
{
	size_t lines = text.len && text.data[text.len - 1] != '\n';

	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	return lines;
}

bool
vocabulary_parse(struct slice text, struct vocabulary *v, struct error *err)
{
	size_t lines = count_lines(text);
	struct slice rest, line;

	*v = (struct vocabulary){0};
	if (text.len > VOCABULARY_BYTES_MAX || lines > VOCABULARY_COUNT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a vocabulary of %zu pieces in %zu bytes, at "
				 "most %d in %d are read",
				 lines, text.len, VOCABULARY_COUNT_MAX,
				 VOCABULARY_BYTES_MAX);
	if (!utf8_valid(text))
		return error_set(err, ERROR_INVALID,
				 "the vocabulary is not UTF-8 at byte %zu",
				 utf8_valid_length(text));
	v->bytes = slice_dup(text);
	for (v->mask = 15; v->mask < 2 * lines;)
		v->mask = 2 * v->mask + 1;
	v->table = xcalloc(v->mask + 1, sizeof(*v->table));
	rest = slice_make(v->bytes, text.len);
	while (slice_line(&rest, &line))
		add_piece(v, line);
	if (need_piece(v, "[UNK]", &v->unknown, err) &&
	    need_piece(v, "[CLS]", &v->first, err) &&
	    need_piece(v, "[SEP]", &v->last, err))
		return true;
	vocabulary_clear(v);
	return false;
}

void
vocabulary_clear(struct vocabulary *v)
{
	free(v->bytes);
	free(v->table);
	*v = (struct vocabulary){0};
}
