/*
 * Memories given by hand: "remember that ...", and what becomes of it.
 */
#include <ctype.h>
#include <strings.h>

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
		unsigned char c = (unsigned char)text.data[i];
		if (isalnum(c) || c >= 0x80) {
			key[n++] = (char)tolower(c);
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
		out->key = derive_key(value, arena);
	return true;
}

/* The active memory that says the same, if there is one. */
static bool
find_same(struct store_txn *txn, const struct memory *m, struct arena *arena,
	  struct memory *same, bool *found, struct error *err)
{
	struct slice wanted = record_normalise(arena, m->value);
	struct record_scan *scan =
		record_memory_scan_key(txn, m->profile, m->key, err);

	*found = false;
	while (scan && !*found && record_memory_next(scan, arena, same))
		*found = same->state == MEMORY_ACTIVE &&
			 slice_equal(record_normalise(arena, same->value),
				     wanted);
	return record_scan_end(&scan, err);
}

static bool
strengthen(struct store_txn *txn, struct memory *same, const struct memory *m,
	   struct arena *arena, struct error *err)
{
	size_t n = same->source_count + m->source_count;
	struct memory_source *sources =
		arena_alloc(arena, n ? n : 1, sizeof(*sources));

	if (same->source_count)
		memcpy(sources, same->sources,
		       same->source_count * sizeof(*sources));
	if (m->source_count)
		memcpy(sources + same->source_count, m->sources,
		       m->source_count * sizeof(*sources));
	same->sources = sources;
	same->source_count = MIN(n, (size_t)RECORD_LIST_MAX);
	same->confidence += (1 - same->confidence) / 2;
	same->importance = MAX(same->importance, m->importance);
	same->updated_at = clock_now();
	return record_memory_put(txn, same, err);
}

bool
memory_save(struct store_txn *txn, struct memory *m, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory same;
	bool found;

	if (!find_same(txn, m, &arena, &same, &found, err))
		return false;
	if (!found)
		return record_memory_put(txn, m, err);
	if (!strengthen(txn, &same, m, &arena, err))
		return false;
	m->id = same.id;
	m->version = same.version;
	m->confidence = same.confidence;
	m->importance = same.importance;
	m->created_at = same.created_at;
	m->updated_at = same.updated_at;
	return true;
}
