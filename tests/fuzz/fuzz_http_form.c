/*
 * A form gives valid UTF-8 without NUL and comes to its end.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct slice s)
{
	if (!utf8_valid(s) || (s.len && memchr(s.data, 0, s.len)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct slice rest = slice_make(data, size);
	struct error err = {0};
	struct http_pair pair;
	size_t before = rest.len + 1;

	while (http_pair_next(&rest, &arena, &pair, &err)) {
		check(pair.name);
		check(pair.value);
		if (rest.len >= before)
			abort();
		before = rest.len;
	}
	arena_clear(&arena);
	return 0;
}
