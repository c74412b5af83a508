/* What is read is written back as the same text. */
#include <assert.h>

#include "mneme/base64.h"
#include "mneme/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SCOPED(buf_clear) struct buf bytes;
	SCOPED(buf_clear) struct buf text;
	struct slice in = slice_make(data, size);

	buf_init(&bytes, size + 4);
	buf_init(&text, size * 2 + 8);
	if (base64_read(in, &bytes)) {
		base64_write(buf_slice(&bytes), &text);
		assert(slice_equal(buf_slice(&text), in));
	}
	buf_reset(&bytes);
	buf_reset(&text);
	if (base64url_read(in, &bytes)) {
		base64url_write(buf_slice(&bytes), &text);
		assert(slice_equal(buf_slice(&text), in));
	}
	return 0;
}
