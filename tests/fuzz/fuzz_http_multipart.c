/*
 * A multipart body behind a line with its content type: every part's value lies
 * inside the body, and parts do not overlap.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct slice rest = slice_make(data, size), type;
	struct http_part *parts = NULL;
	struct error err = {0};
	size_t n = 0;

	if (!slice_line(&rest, &type))
		return 0;
	if (http_multipart(type, rest, &arena, &parts, &n, &err)) {
		const char *from = rest.data;
		for (size_t i = 0; i < n; i++) {
			if (parts[i].value.data < from ||
			    parts[i].value.data + parts[i].value.len >
				    rest.data + rest.len ||
			    !parts[i].name.data)
				abort();
			from = parts[i].value.data + parts[i].value.len;
		}
	} else if (err.code == ERROR_NONE) {
		abort();
	}
	arena_clear(&arena);
	return 0;
}
