/*
 * A chunk of an answer in either format: what is read of it lies in the bytes
 * that were given (a finish reason may be our own word).  The first byte picks
 * the format.
 */
#include <stdlib.h>

#include "llm/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
within(struct slice part, const char *json, size_t len)
{
	if (part.len && (part.data < json || part.data > json + len ||
			 part.len > len - (size_t)(part.data - json)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct llm_chunk chunk = {0};

	if (!size)
		return 0;
	const struct llm_format *format =
		data[0] & 1 ? &llm_gemini : &llm_openai;
	SCOPED(free_pointer) char *json = xcalloc(size, 1);
	memcpy(json, data + 1, size - 1);
	if (!format->read(json, size - 1, &chunk))
		return 0;
	within(chunk.text, json, size - 1);
	within(chunk.model, json, size - 1);
	within(chunk.error, json, size - 1);
	return 0;
}
