/* Any bytes are an image or none, and words that name files lie in the text,
 * one after another. */
#include <stdlib.h>

#include "mneme/attach.h"
#include "mneme/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	struct slice rest = text, word;
	char *path;

	struct buf out = {.max = 8192};

	attach_image_type(text);
	attach_dropped(text, &out);
	buf_clear(&out);
	while (attach_next(&rest, &word, &path)) {
		free(path);
		if (word.len == 0 || *word.data != '@' ||
		    word.data + word.len != rest.data ||
		    rest.data + rest.len != text.data + text.len)
			abort();
	}
	return 0;
}
