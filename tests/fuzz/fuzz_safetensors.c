/*
 * A file of tensors is foreign bytes: every tensor that is named lies within
 * it, in the order of its data, or the file is refused.
 */
#include <stdlib.h>

#include "embed/safetensors.h"
#include "mneme/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
parse(const char *bytes, size_t size)
{
	struct safetensors st = {0};
	struct error err = {0};
	unsigned sum = 0;

	if (!safetensors_parse(slice_make(bytes, size), &st, &err)) {
		if (err.code == ERROR_NONE || !err.text[0])
			abort();
		safetensors_close(&st);
		return;
	}
	const unsigned char *last = (const unsigned char *)bytes;
	for (size_t i = 0; i < st.count; i++) {
		const struct tensor *t = &st.tensors[i];
		if (t->data < last || t->rank > SAFETENSORS_RANK_MAX ||
		    t->bytes > size - (size_t)(t->data -
					       (const unsigned char *)bytes))
			abort();
		last = t->data + t->bytes;
		for (size_t k = 0; k < t->bytes; k++)
			sum += t->data[k];
		if (!safetensors_find(&st, t->name))
			abort();
	}
	safetensors_find(&st, "bert.");
	safetensors_close(&st);
	(void)sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(free_pointer) char *copy = xcalloc(size + 9, 1);

	if (size)
		memcpy(copy, data, size);
	parse(copy, size);
	/* Once more with a length in front that fits the first line. */
	const char *end = memchr(data, '\n', size);
	uint64_t len = end ? (uint64_t)(end - (const char *)data) : size;
	memcpy(copy, &len, sizeof(len));
	if (size)
		memcpy(copy + sizeof(len), data, size);
	parse(copy, size + sizeof(len));
	return 0;
}
