/*
 * Chunks, whole and in pieces, give the same body and leave the same rest.
 * The first byte is the size of a piece.
 */
#include <stdlib.h>

#include "http/chunked.h"
#include "mneme/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum chunked_found
unchunk(struct slice bytes, size_t step, struct buf *out, size_t *left)
{
	struct chunked c = {0};
	enum chunked_found found = CHUNKED_MORE;
	struct slice piece;

	while (found == CHUNKED_MORE && bytes.len) {
		size_t n = MIN(step, bytes.len);
		struct slice rest = slice_make(bytes.data, n);
		while ((found = chunked_next(&c, &rest, &piece)) ==
		       CHUNKED_DATA) {
			if (!piece.len)
				abort();
			buf_add_slice(out, piece);
		}
		n -= rest.len;
		bytes = slice_make(bytes.data + n, bytes.len - n);
	}
	*left = bytes.len;
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;
	size_t left, left_in_pieces;

	if (!size)
		return 0;
	struct slice bytes = slice_make(data + 1, size - 1);
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	enum chunked_found found = unchunk(bytes, SIZE_MAX, &whole, &left);
	enum chunked_found other =
		unchunk(bytes, data[0] ? data[0] : 1, &pieces, &left_in_pieces);
	if (found != other ||
	    !slice_equal(buf_slice(&whole), buf_slice(&pieces)))
		abort();
	if (found == CHUNKED_END && left != left_in_pieces)
		abort();
	if (whole.len > bytes.len)
		abort();
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
