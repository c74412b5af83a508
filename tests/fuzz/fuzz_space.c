/* The file of a model's space, of any bytes: read whole or refused. */
#include <stdlib.h>

#include "memory/space.h"
#include "mneme/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(space_clear) struct space space = {0};
	struct error err = {0};
	const uint8_t print[DIGEST_BYTES] = {1, 2, 3};

	if (!space_read(&space, slice_make(data, size), print, &err))
		return 0;
	SCOPED(free_pointer) float *in = xcalloc(space.from, sizeof(float));
	SCOPED(free_pointer) float *out = xcalloc(space.to, sizeof(float));
	space_project(&space, in, out);
	return 0;
}
