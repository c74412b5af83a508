/* Members of a line that is made from another program's words. */
#include "inner.h"
#include "mneme/clock.h"

void
line_text(json_t *line, const char *key, struct slice value)
{
	json_t *text = value.data ? json_stringn(value.data, value.len) : NULL;

	if (text)
		json_object_set_new(line, key, text);
}

void
line_time(json_t *line, const char *key, int64_t at)
{
	char text[CLOCK_TEXT];

	if (at > 0)
		line_text(line, key, slice_of(clock_format(at, text)));
}
