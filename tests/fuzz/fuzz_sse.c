/*
 * Events are the same whole and in pieces, and each byte is read once.  The
 * first byte is the size of a piece.
 */
#include <stdlib.h>

#include "llm/sse.h"
#include "mneme/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
hear_event(void *arg, struct slice name, char *data, size_t len)
{
	buf_add_slice(arg, name);
	buf_addc(arg, '\n');
	buf_add(arg, data, len);
	buf_addc(arg, '\0');
	memset(data, 'x', len); /* allowed */
	return true;
}

static void
hear_other(void *arg, struct slice line)
{
	buf_add_slice(arg, line);
	buf_addc(arg, '\1');
}

static bool
hear(struct slice bytes, size_t step, struct buf *out)
{
	const struct sse_events events = {hear_event, hear_other, out};
	struct error err = {0};
	struct sse sse;
	bool good = true;

	sse_init(&sse, &events);
	while (good && bytes.len) {
		size_t n = MIN(step, bytes.len);

		good = sse_feed(&sse, slice_make(bytes.data, n), &err);
		bytes = slice_make(bytes.data + n, bytes.len - n);
	}
	good = good && sse_end(&sse, &err);
	if (!good && err.code != ERROR_LIMIT)
		abort();
	sse_clear(&sse);
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { HEARD_MAX = 16 << 20 };
	struct buf whole, pieces;

	if (!size)
		return 0;
	struct slice bytes = slice_make(data + 1, size - 1);
	buf_init(&whole, HEARD_MAX);
	buf_init(&pieces, HEARD_MAX);
	bool good = hear(bytes, SIZE_MAX, &whole);
	if (hear(bytes, data[0] ? data[0] : 1, &pieces) != good ||
	    !slice_equal(buf_slice(&whole), buf_slice(&pieces)))
		abort();
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
