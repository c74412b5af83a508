/* What passes the filter is valid, harmless, and the same however it is cut. */
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/filter.h"
#include "mneme/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, cut;
	struct filter f;
	size_t at = size > 0 ? data[0] % size : 0;

	buf_init(&whole, (size_t)1 << 24);
	buf_init(&cut, (size_t)1 << 24);
	filter_text(slice_make(data, size), &whole);
	filter_init(&f);
	filter_feed(&f, slice_make(data, at), &cut);
	for (size_t i = at; i < size; i++)
		filter_feed(&f, slice_make(data + i, 1), &cut);
	filter_finish(&f, &cut);
	if (!slice_equal(buf_slice(&whole), buf_slice(&cut)))
		abort();
	if (!utf8_valid(buf_slice(&whole)))
		abort();
	for (size_t i = 0; i < whole.len; i++) {
		uint8_t c = (uint8_t)whole.data[i];

		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
			abort();
	}
	buf_clear(&whole);
	buf_clear(&cut);
	return 0;
}
