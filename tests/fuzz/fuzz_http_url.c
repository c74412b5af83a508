/*
 * Percent-decoding never grows, gives UTF-8, and what was decoded and encoded
 * again decodes to the same.  A parameter's value is no longer than the text.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
back_again(struct slice plain, struct arena *arena)
{
	struct buf text;
	struct slice again;

	buf_init(&text, 4 << 20);
	for (size_t i = 0; i < plain.len; i++)
		buf_addf(&text, "%%%02x", (uint8_t)plain.data[i]);
	if (!http_decode(buf_slice(&text), false, arena, &again, NULL) ||
	    !slice_equal(plain, again))
		abort();
	buf_clear(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct slice text = slice_make(data, size), plain;
	struct error err = {0};

	for (int plus = 0; plus < 2; plus++) {
		if (!http_decode(text, plus, &arena, &plain, &err)) {
			if (err.code != ERROR_INVALID)
				abort();
			continue;
		}
		if (plain.len > text.len || !utf8_valid(plain))
			abort();
		back_again(plain, &arena);
	}
	if (http_parameter(text, "boundary", &arena).len > text.len)
		abort();
	http_type_is(text, "text/plain");
	arena_clear(&arena);
	return 0;
}
