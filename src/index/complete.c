/*
 * complete.c - the words that begin as an unfinished one does.
 *
 * A segment's terms lie in order, so its candidates are a stretch; the tail is
 * a hash and is walked.  What is found in several parts is added up.
 */
#include <stdlib.h>

#include "index/inner.h"
#include "index/part.h"
#include "index/words.h"
#include "mneme/arena.h"
#include "mneme/index.h"

enum { STRETCH_MAX = 4096 }; /* terms looked at in one part */

struct found {
	struct slice stem;
	uint64_t documents;
};

struct completion {
	struct slice prefix;
	struct arena arena;
	struct map known; /* stem: its place in `list` + 1 */
	struct found *list;
	size_t count, cap;
};

static bool
begins(struct slice stem, struct slice prefix)
{
	return stem.len >= prefix.len &&
	       memcmp(stem.data, prefix.data, prefix.len) == 0;
}

static void
count_term(struct completion *c, struct slice stem, uint64_t documents)
{
	uintptr_t at = (uintptr_t)map_get(&c->known, stem);

	if (at) {
		c->list[at - 1].documents += documents;
		return;
	}
	c->list = grow(c->list, &c->cap, c->count + 1, sizeof(*c->list));
	c->list[c->count++] =
		(struct found){arena_copy(&c->arena, stem), documents};
	map_put(&c->known, stem, (void *)(uintptr_t)c->count);
}

static void
in_segment(struct completion *c, const struct segment *segment)
{
	uint32_t low = 0, high = segment->header->terms, end;
	struct slice stem, postings;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!segment_term(segment, middle, &stem, &postings))
			return;
		if (slice_compare(stem, c->prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	end = MIN(segment->header->terms, low + STRETCH_MAX);
	for (; low < end; low++) {
		if (!segment_term(segment, low, &stem, &postings) ||
		    !begins(stem, c->prefix))
			return;
		count_term(c, stem, segment->terms[low].documents);
	}
}

static void
in_tail(struct completion *c, const struct tail *tail)
{
	struct slice stem;
	size_t at = 0;
	void *term;

	while (map_next(&tail->terms, &at, &stem, &term))
		if (begins(stem, c->prefix))
			count_term(c, stem,
				   ((const struct tail_term *)term)->documents);
}

static void
keep_stem(struct slice stem, size_t from, size_t len, void *arg)
{
	struct completion *c = arg;

	(void)from;
	(void)len;
	c->prefix = arena_copy(&c->arena, stem);
}

static int
better(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->documents != y->documents)
		return x->documents > y->documents ? -1 : 1;
	return slice_compare(x->stem, y->stem);
}

void
index_complete(struct index *ix, struct slice word, size_t most,
	       index_term_fn *each, void *arg)
{
	struct completion c = {.count = 0};

	words_each(ix->words, word, keep_stem, &c);
	if (c.prefix.len > 0) {
		for (size_t i = 0; i < ix->count; i++)
			in_segment(&c, ix->segments[i]);
		in_tail(&c, &ix->tail);
		if (c.count > 0)
			qsort(c.list, c.count, sizeof(*c.list), better);
		for (size_t i = 0; i < MIN(c.count, most); i++)
			each(c.list[i].stem, c.list[i].documents, arg);
	}
	map_clear(&c.known, NULL);
	free(c.list);
	arena_clear(&c.arena);
}
