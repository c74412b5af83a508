/* Bytes that claim to be another program's export, zipped (first byte odd) or
 * not: the array is cut, each element read by both readers. */
#include "mneme/error.h"
#include "transfer/inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_both(struct slice text)
{
	SCOPED(json_drop) json_t *json = NULL, *gpt = NULL, *claude = NULL;
	struct error err;

	json = json_read(text, &err);
	if (!json)
		return;
	gpt = chatgpt_lines(json, &err);
	claude = claude_lines(json, &err);
}

static bool
read_array(void *arg, const char *name, struct slice bytes, struct error *err)
{
	struct slice rest = slice_trim(bytes), element;
	bool whole;

	(void)arg;
	(void)name;
	(void)err;
	while (array_next(&rest, &element, &whole))
		read_both(element);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_make(data + (size > 0), size - (size > 0));
	struct error err;

	if (size == 0)
		return 0;
	if (data[0] & 1)
		zip_each(bytes, read_array, NULL, &err);
	else
		read_array(NULL, "", bytes, &err);
	return 0;
}
