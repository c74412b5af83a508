/*
 * A request's head, whole and in pieces: both find the same, and every slice of
 * the result lies inside the bytes.  The first byte is the size of a piece.
 */
#include <stdlib.h>

#include "http/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum head_found
scan(struct slice bytes, size_t step, size_t *begin, size_t *end)
{
	struct head_scan scan = {0};
	struct head_trouble trouble = {0};
	enum head_found found = HEAD_MORE;

	for (size_t n = 0; n < bytes.len && found == HEAD_MORE;) {
		n = MIN(n + step, bytes.len);
		found = head_scan(&scan, slice_make(bytes.data, n), end,
				  &trouble);
		if (found == HEAD_BAD && (!trouble.status || !trouble.why))
			abort();
		if (found == HEAD_WHOLE && *end > n)
			abort();
	}
	*begin = scan.begin;
	return found;
}

static void
inside(struct slice part, const char *bytes, size_t len)
{
	/* "/" and "*" for a target without a path are constants. */
	if (part.len <= 1)
		return;
	if (part.data < bytes || part.data + part.len > bytes + len)
		abort();
}

static void
check(char *bytes, size_t len)
{
	static struct head head;
	struct head_trouble trouble;

	if (!head_parse(bytes, len, &head, &trouble))
		return;
	if (head.field_count > HTTP_FIELDS_MAX || !head.path.len ||
	    (head.chunked && head.length >= 0) || head.length < -1)
		abort();
	inside(head.method_text, bytes, len);
	inside(head.target, bytes, len);
	inside(head.path, bytes, len);
	inside(head.query, bytes, len);
	for (size_t i = 0; i < head.field_count; i++) {
		inside(head.fields[i].name, bytes, len);
		inside(head.fields[i].value, bytes, len);
		if (!head_is_token(head.fields[i].name) ||
		    !head_is_value(head.fields[i].value))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t begin = 0, end = 0, other_begin = 0, other_end = 0;

	if (!size)
		return 0;
	size_t step = data[0] ? data[0] : 1;
	/* A copy of the very size, so that no byte past it is read unseen. */
	size_t len = size - 1;
	char *bytes = malloc(len ? len : 1);
	memcpy(bytes, data + 1, len);
	enum head_found found =
		scan(slice_make(bytes, len), len ? len : 1, &begin, &end);
	enum head_found other =
		scan(slice_make(bytes, len), step, &other_begin, &other_end);
	if (found == HEAD_WHOLE &&
	    (other != found || begin != other_begin || end != other_end))
		abort();
	if (found == HEAD_WHOLE)
		check(bytes + begin, end - begin);
	free(bytes);
	return 0;
}
