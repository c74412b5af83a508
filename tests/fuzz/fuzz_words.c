/* Any bytes, in any language, give stems of 1 to 64 bytes that stand where
 * they are said to.  The first byte chooses the language. */
#include <stdlib.h>

#include "index/words.h"
#include "mneme/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_word(struct slice stem, size_t from, size_t len, void *arg)
{
	const struct slice *text = arg;

	if (!stem.len || stem.len > INDEX_WORD_MAX || !len ||
	    from > text->len || len > text->len - from)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const languages[] = {"english", "german", "russian",
						"greek",   "none",   "french",
						"turkish", "arabic"};
	static struct words *words[COUNT(languages)];

	if (!size)
		return 0;
	size_t i = data[0] % COUNT(languages);
	struct slice text = slice_make(data + 1, size - 1);
	if (!words[i])
		words[i] = words_open(languages[i]);
	words_each(words[i], text, check_word, &text);
	return 0;
}
