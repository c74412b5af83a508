/* A first byte that chooses the kind, then a row of it. */
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct error err;

	if (size > 0)
		record_decode(data[0] % RECORD_KIND_COUNT,
			      slice_make(data + 1, size - 1), &arena, &err);
	return 0;
}
