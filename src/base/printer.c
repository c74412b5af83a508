#include "mneme/printer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/filter.h"
#include "mneme/id.h"
#include "mneme/utf8.h"

/* Longer texts are rarely plain, and looked at once. */
enum { PLAIN_MAX = 4096 };

void
printer_init(struct printer *p, enum printer_format format, struct buf *out)
{
	*p = (struct printer){.out = out, .format = format};
}

static bool
json_escape(char c, struct buf *out)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *at = named; *at; at += 2) {
		if (*at == c)
			return buf_addc(out, '\\') && buf_addc(out, at[1]);
	}
	return buf_addf(out, "\\u%04x", (unsigned char)c);
}

static bool
json_add_valid(struct slice s, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
			continue;
		if (!buf_add(out, s.data + from, i - from) ||
		    !json_escape((char)c, out))
			return false;
		from = i + 1;
	}
	return buf_add(out, s.data + from, s.len - from);
}

/* Nothing in it has to be escaped or looked at twice: most texts are so. */
static bool
is_plain(struct slice s)
{
	unsigned odd = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		odd |= c < 0x20 || c >= 0x7F || c == '"' || c == '\\';
	}
	return !odd;
}

static bool
quote_plain(struct slice s, struct buf *out)
{
	char *room = buf_room(out, s.len + 2);

	if (!room)
		return false;
	room[0] = '"';
	if (s.len)
		memcpy(room + 1, s.data, s.len);
	room[s.len + 1] = '"';
	room[s.len + 2] = '\0';
	out->len += s.len + 2;
	return true;
}

bool
json_quote(struct slice s, struct buf *out)
{
	if (s.len <= PLAIN_MAX && is_plain(s))
		return quote_plain(s, out);
	if (!buf_addc(out, '"'))
		return false;
	while (s.len) {
		size_t good = utf8_valid_length(s);
		uint32_t cp;

		if (good && !json_add_valid(slice_make(s.data, good), out))
			return false;
		s = slice_make(s.data + good, s.len - good);
		if (s.len == 0)
			break;
		size_t bad = utf8_decode(s, &cp);
		if (!buf_adds(out, "\xEF\xBF\xBD"))
			return false;
		s = slice_make(s.data + bad, s.len - bad);
	}
	return buf_addc(out, '"');
}

static void
text_indent(struct printer *p)
{
	unsigned maps = 0;

	for (unsigned i = 0; i < p->depth; i++)
		maps += !p->level[i].list;
	for (unsigned i = 1; i < maps; i++)
		buf_adds(p->out, "  ");
}

/* What stands before a value: a comma in a list of JSON. */
static void
before(struct printer *p)
{
	if (p->depth == 0)
		return;
	bool list = p->level[p->depth - 1].list;
	assert(list || p->keyed);

	if (p->format == PRINTER_JSON && list && p->level[p->depth - 1].any)
		buf_addc(p->out, ',');
	p->level[p->depth - 1].any = true;
	p->keyed = false;
}

static void
open_level(struct printer *p, bool list)
{
	bool nested = p->depth > 0;
	bool later = nested && p->level[p->depth - 1].any;
	bool in_list = nested && p->level[p->depth - 1].list;

	assert(p->depth < PRINTER_DEPTH);
	before(p);
	if (p->format == PRINTER_JSON)
		buf_addc(p->out, list ? '[' : '{');
	else if ((nested && !in_list) || (in_list && later))
		buf_addc(p->out, '\n');
	p->level[p->depth].list = list;
	p->level[p->depth].any = false;
	p->depth++;
}

void
printer_map(struct printer *p)
{
	open_level(p, false);
}

void
printer_list(struct printer *p)
{
	open_level(p, true);
}

void
printer_end(struct printer *p)
{
	assert(p->depth > 0 && !p->keyed);
	p->depth--;
	if (p->format == PRINTER_JSON)
		buf_addc(p->out, p->level[p->depth].list ? ']' : '}');
}

void
printer_key(struct printer *p, const char *key)
{
	assert(p->depth > 0 && !p->level[p->depth - 1].list && !p->keyed);
	if (p->format == PRINTER_JSON) {
		if (p->level[p->depth - 1].any)
			buf_addc(p->out, ',');
		json_quote(slice_of(key), p->out);
		buf_addc(p->out, ':');
	} else {
		text_indent(p);
		buf_addf(p->out, "%s: ", key);
	}
	p->keyed = true;
}

/* After a value, text goes to the next line. */
static void
after(struct printer *p)
{
	if (p->format == PRINTER_TEXT)
		buf_addc(p->out, '\n');
}

static void
plain(struct printer *p, const char *text)
{
	before(p);
	buf_adds(p->out, text);
	after(p);
}

void
printer_string(struct printer *p, struct slice value)
{
	before(p);
	if (p->format == PRINTER_JSON)
		json_quote(value, p->out);
	else
		filter_text(value, p->out); /* it may be a terminal */
	after(p);
}

void
printer_int(struct printer *p, int64_t value)
{
	char text[24];
	char *at = text + sizeof(text) - 1;
	uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value;

	*at = '\0';
	do
		*--at = (char)('0' + n % 10);
	while (n /= 10);
	if (value < 0)
		*--at = '-';
	plain(p, at);
}

void
printer_real(struct printer *p, double value)
{
	char text[40];

	if (!isfinite(value)) {
		plain(p, "null");
		return;
	}
	for (int digits = 6; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	plain(p, text);
}

void
printer_bool(struct printer *p, bool value)
{
	plain(p, value ? "true" : "false");
}

void
printer_null(struct printer *p)
{
	plain(p, p->format == PRINTER_JSON ? "null" : "");
}

void
printer_id(struct printer *p, struct id id)
{
	char text[ID_TEXT + 1];

	if (id_none(id))
		printer_null(p);
	else
		printer_string(p, slice_of(id_format(id, text)));
}

void
printer_time(struct printer *p, int64_t at)
{
	char text[CLOCK_TEXT];

	printer_string(p, slice_of(clock_format(at, text)));
}

void
printer_json(struct printer *p, struct slice json)
{
	before(p);
	buf_add_slice(p->out, json);
	after(p);
}

void
printer_add_string(struct printer *p, const char *key, struct slice value)
{
	printer_key(p, key);
	printer_string(p, value);
}

void
printer_add_word(struct printer *p, const char *key, const char *value)
{
	printer_key(p, key);
	printer_string(p, slice_of(value));
}

void
printer_add_int(struct printer *p, const char *key, int64_t value)
{
	printer_key(p, key);
	printer_int(p, value);
}

void
printer_add_real(struct printer *p, const char *key, double value)
{
	printer_key(p, key);
	printer_real(p, value);
}

void
printer_add_bool(struct printer *p, const char *key, bool value)
{
	printer_key(p, key);
	printer_bool(p, value);
}

void
printer_add_id(struct printer *p, const char *key, struct id id)
{
	printer_key(p, key);
	printer_id(p, id);
}

void
printer_add_time(struct printer *p, const char *key, int64_t at)
{
	printer_key(p, key);
	printer_time(p, at);
}

void
printer_add_string_if(struct printer *p, const char *key, struct slice value)
{
	if (value.len)
		printer_add_string(p, key, value);
}

void
printer_add_string_or_null(struct printer *p, const char *key,
			   struct slice value)
{
	printer_key(p, key);
	if (value.len)
		printer_string(p, value);
	else
		printer_null(p);
}

void
printer_add_time_or_null(struct printer *p, const char *key, int64_t at)
{
	printer_key(p, key);
	if (at)
		printer_time(p, at);
	else
		printer_null(p);
}
