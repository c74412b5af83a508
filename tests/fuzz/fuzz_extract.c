/* Any bytes as an extractor's answer, a message, an inference. */
#include <assert.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice bytes = slice_make(data, size);
	struct memory_fact facts[MEMORY_FACTS_MAX];
	struct memory_results none = {0};
	struct memory_inference inference;
	struct error err;
	size_t n, refused;
	const char *kind;

	const struct memory_said fixed = {
		.text = slice_of("I live in Rome and like tea."), .at = 1};
	if (memory_extract_read(bytes, &fixed, 1, &arena, facts, COUNT(facts),
				&n, &refused, &err)) {
		for (size_t i = 0; i < n; i++) {
			assert(facts[i].value.len <= MEMORY_FACT_VALUE);
			assert(utf8_valid(facts[i].value));
			assert(facts[i].quote.len > 0);
			assert(facts[i].key.len > 0);
		}
	}
	assert(!memory_infer_read(bytes, &none, &inference));
	if (!utf8_valid(bytes))
		return 0;
	struct memory_said said = {
		.text = memory_redacted(bytes, &arena, &kind), .at = 1};
	n = memory_rules(&said, 0, &arena, facts, COUNT(facts));
	for (size_t i = 0; i < n; i++) {
		assert(utf8_valid(facts[i].value));
		assert(facts[i].value.len <= MEMORY_FACT_VALUE);
	}
	return 0;
}
