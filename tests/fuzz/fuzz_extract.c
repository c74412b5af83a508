/*
 * An extractor's answer, and a person's words: what is believed of either has
 * a type, words of its own and numbers from 0 to 1.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
sound(const struct memory_fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (facts[i].type >= MEMORY_TYPE_COUNT ||
		    !(facts[i].confidence >= 0 && facts[i].confidence <= 1) ||
		    !(facts[i].importance >= 0 && facts[i].importance <= 1) ||
		    !utf8_valid(facts[i].value) || !utf8_valid(facts[i].key))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice bytes = slice_make(data, size);
	struct memory_said said = {
		.at = 1700000000000000,
		.turn = 1,
		.text = slice_of("My sister Ana lives in Bonn and I like "
				 "green tea; call me Jo.")};
	struct memory_fact facts[MEMORY_FACTS_MAX];
	struct error err = {0};
	size_t count = 0;

	if (memory_extract_read(bytes, &said, 1, &arena, facts, &count, &err))
		sound(facts, count);
	if (!utf8_valid(bytes) || memchr(data, 0, size))
		return 0;
	said.text = bytes;
	sound(facts, memory_rules(&said, 0, &arena, facts, MEMORY_FACTS_MAX));
	return 0;
}
