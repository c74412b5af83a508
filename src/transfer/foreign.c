/* foreign.c - reading another program's words, and making lines of them. */
#include "inner.h"
#include "mneme/buf.h"
#include "mneme/clock.h"

const char *
foreign_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

void
foreign_add_part(struct buf *out, const char *text)
{
	if (!text || slice_trim(slice_of(text)).len == 0)
		return;
	if (out->len)
		buf_adds(out, "\n\n");
	buf_adds(out, text);
}

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
