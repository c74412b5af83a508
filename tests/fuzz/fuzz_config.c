/* Any bytes as a config file: errors at most, and what is read can be written
 * and read again. */
#include <assert.h>
#include <stdlib.h>

#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
writes_as_it_reads(struct slice line)
{
	struct config_line first, second;
	struct buf value, quoted, again;

	buf_init(&value, CONFIG_LINE_MAX);
	buf_init(&quoted, CONFIG_LINE_MAX * 3);
	buf_init(&again, CONFIG_LINE_MAX);
	if (line.len < CONFIG_LINE_MAX / 4 &&
	    config_line_parse(line, &value, &first, NULL) && first.key.len) {
		buf_adds(&quoted, "K=");
		config_quote(first.value, &quoted);
		buf_adds(&quoted, " # why");
		bool good = config_line_parse(buf_slice(&quoted), &again,
					      &second, NULL);
		assert(good && slice_equal(first.value, second.value));
	}
	buf_clear(&value);
	buf_clear(&quoted);
	buf_clear(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size), line;

	for (int i = 0; i < 2; i++) {
		struct config *config = xcalloc(1, sizeof(*config));
		struct error err;
		bool secret = false;
		config_parse(config, i ? CONFIG_FROM_DOTENV : CONFIG_FROM_FILE,
			     "f", text, &secret, &err);
		config_destroy(&config);
	}
	while (slice_line(&text, &line))
		writes_as_it_reads(line);
	return 0;
}
