/*
 * "What do you know about me?" asks for no one thing, and no search finds what
 * it means: the answer is what matters most of all that is remembered.
 */
#include <stdlib.h>

#include "found.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"

enum { LOOKED_AT = 2000 /* the newest */, TOLD = 10 };

bool
memory_asks_for_all(struct slice question)
{
	static const char *const ways[] = {
		"who am i",
		"what do you know",
		"what do you know about me",
		"what do you know of me",
		"what do you remember",
		"what do you remember about me",
		"what do you remember of me",
		"what have i told you",
		"what have i told you about me",
		"what did i tell you",
		"tell me about me",
		"tell me about myself",
		"wer bin ich",
		"was wei\xC3\x9Ft du",
		("was wei\xC3\x9Ft du \xC3\xBC"
		 "ber mich"),
	};
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice asked = record_normalise(&arena, question);

	for (size_t i = 0; i < COUNT(ways); i++)
		if (slice_is(asked, ways[i]))
			return true;
	return false;
}

static int
by_importance(const void *a, const void *b)
{
	const struct memory *x = a, *y = b;

	if (x->importance != y->importance)
		return x->importance > y->importance ? -1 : 1;
	if (x->created_at != y->created_at)
		return x->created_at > y->created_at ? -1 : 1;
	return memcmp(y->id.bytes, x->id.bytes, ID_BYTES);
}

bool
memory_all_results(struct store_txn *txn, struct id profile,
		   struct arena *arena, struct memory_results *out,
		   struct error *err)
{
	const struct memory_filter active = {.profile = profile,
					     .type = MEMORY_TYPE_COUNT,
					     .state = MEMORY_ACTIVE};
	struct memory *list;
	size_t n;

	if (!memory_list(txn, &active, NULL, LOOKED_AT, arena, &list, &n, err))
		return false;
	if (n)
		qsort(list, n, sizeof(*list), by_importance);
	*out = (struct memory_results){
		.items = arena_alloc(arena, TOLD + 1, sizeof(*out->items))};
	for (size_t i = 0; i < n && out->count < TOLD; i++) {
		bool stands;

		if (!found_memory(txn, profile, list[i].id, 0, arena,
				  &out->items[out->count], &stands, err))
			return false;
		out->count += stands;
	}
	out->answerable = out->count > 0;
	return true;
}
