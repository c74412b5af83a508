/*
 * Whole lines are read where they lie; only a line cut by the end of the bytes
 * is copied.  The buffers keep their memory, so a stream of events allocates
 * nothing once the longest has been seen.
 */
#include "llm/sse.h"

#include "mneme/error.h"

void
sse_init(struct sse *sse, const struct sse_events *events)
{
	*sse = (struct sse){.events = *events, .retry = -1};
	buf_init(&sse->line, SSE_LINE_MAX);
	buf_init(&sse->data, SSE_DATA_MAX);
}

void
sse_clear(struct sse *sse)
{
	buf_clear(&sse->line);
	buf_clear(&sse->data);
}

static bool
too_long(struct error *err)
{
	return error_set(err, ERROR_UPSTREAM,
			 "an event of the stream is too long (a line of over "
			 "%d bytes, or %d in all)",
			 SSE_LINE_MAX, SSE_DATA_MAX);
}

static void
dispatch(struct sse *sse)
{
	bool any = sse->any_data;
	struct slice name = slice_make(sse->name, sse->name_len);

	sse->any_data = false;
	sse->name_len = 0;
	if (!any)
		return;
	char *data = buf_room(&sse->data, 0);
	if (!sse->events.event(sse->events.arg, name, data - sse->data.len,
			       sse->data.len))
		sse->stopped = true;
	buf_reset(&sse->data);
}

static bool
add_data(struct sse *sse, struct slice value, struct error *err)
{
	if (sse->any_data && !buf_addc(&sse->data, '\n'))
		return too_long(err);
	if (!buf_add_slice(&sse->data, value))
		return too_long(err);
	sse->any_data = true;
	return true;
}

static void
keep_word(char word[SSE_WORD_MAX], size_t *len, struct slice value)
{
	*len = MIN(value.len, (size_t)SSE_WORD_MAX);
	if (*len)
		memcpy(word, value.data, *len);
}

static bool
take_field(struct sse *sse, struct slice line, struct slice name,
	   struct slice value, struct error *err)
{
	if (slice_is(name, "data"))
		return add_data(sse, value, err);
	if (slice_is(name, "event"))
		keep_word(sse->name, &sse->name_len, value);
	else if (slice_is(name, "id")) {
		if (!value.len || !memchr(value.data, '\0', value.len))
			keep_word(sse->id, &sse->id_len, value);
	} else if (slice_is(name, "retry"))
		slice_number(value, &sse->retry);
	else if (sse->events.other)
		sse->events.other(sse->events.arg, line);
	return true;
}

static bool
take_line(struct sse *sse, struct slice line, struct error *err)
{
	if (line.len > SSE_LINE_MAX)
		return too_long(err);
	if (line.len == 0) {
		dispatch(sse);
		return true;
	}
	if (line.data[0] == ':')
		return true;

	const char *colon = memchr(line.data, ':', line.len);
	if (!colon)
		return take_field(sse, line, line, slice_make("", 0), err);
	size_t at = (size_t)(colon - line.data);
	struct slice value = slice_make(colon + 1, line.len - at - 1);
	if (value.len && value.data[0] == ' ')
		value = slice_make(value.data + 1, value.len - 1);
	return take_field(sse, line, slice_make(line.data, at), value, err);
}

/* The line ends at `end`: with what is kept of it, or where it lies. */
static bool
end_line(struct sse *sse, struct slice part, struct error *err)
{
	if (sse->line.len == 0)
		return take_line(sse, part, err);
	if (!buf_add_slice(&sse->line, part))
		return too_long(err);
	bool good = take_line(sse, buf_slice(&sse->line), err);
	buf_reset(&sse->line);
	return good;
}

static size_t
line_length(struct slice bytes)
{
	const char *lf = memchr(bytes.data, '\n', bytes.len);
	size_t len = lf ? (size_t)(lf - bytes.data) : bytes.len;
	const char *cr = memchr(bytes.data, '\r', len);

	return cr ? (size_t)(cr - bytes.data) : len;
}

/* Skip a BOM at the start of the stream; false while it may still be one. */
static bool
skip_bom(struct sse *sse, struct slice *bytes)
{
	static const char bom[] = "\xEF\xBB\xBF";

	while (sse->bom < 3 && bytes->len) {
		if (bytes->data[0] != bom[sse->bom]) {
			buf_add(&sse->line, bom, sse->bom);
			sse->bom = 3;
			return true;
		}
		sse->bom++;
		*bytes = slice_make(bytes->data + 1, bytes->len - 1);
	}
	return bytes->len > 0;
}

bool
sse_feed(struct sse *sse, struct slice bytes, struct error *err)
{
	if (sse->bom < 3 && !skip_bom(sse, &bytes))
		return true;
	while (bytes.len && !sse->stopped) {
		if (sse->after_cr && bytes.data[0] == '\n') {
			sse->after_cr = false;
			bytes = slice_make(bytes.data + 1, bytes.len - 1);
			continue;
		}
		sse->after_cr = false;
		size_t len = line_length(bytes);
		struct slice part = slice_make(bytes.data, len);
		if (len == bytes.len)
			return buf_add_slice(&sse->line, part) || too_long(err);
		sse->after_cr = bytes.data[len] == '\r';
		if (!end_line(sse, part, err))
			return false;
		bytes = slice_make(bytes.data + len + 1, bytes.len - len - 1);
	}
	return true;
}

bool
sse_end(struct sse *sse, struct error *err)
{
	if (sse->stopped)
		return true;
	if (sse->line.len && !end_line(sse, slice_make("", 0), err))
		return false;
	if (!sse->stopped)
		dispatch(sse);
	return true;
}
