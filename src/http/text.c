/*
 * Percent-encoding, pairs, and the parameters of a field's value.
 */
#include "http/head.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/utf8.h"

/* Bytes written, or SIZE_MAX with *why. */
static size_t
decode(struct slice text, bool plus, char *out, const char **why)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		if (c == '+' && plus) {
			c = ' ';
		} else if (c == '%') {
			int high = i + 2 < text.len
					   ? hex_digit(text.data[i + 1])
					   : -1;
			int low = i + 2 < text.len ? hex_digit(text.data[i + 2])
						   : -1;
			if (high < 0 || low < 0) {
				*why = "a '%' without two hexadecimal digits";
				return SIZE_MAX;
			}
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (!c) {
			*why = "a NUL";
			return SIZE_MAX;
		}
		out[n++] = c;
	}
	return n;
}

bool
http_decode(struct slice text, bool plus, struct arena *arena,
	    struct slice *out, struct error *err)
{
	const char *why = NULL;
	char *copy;

	if (text.len && !memchr(text.data, '%', text.len) &&
	    !memchr(text.data, 0, text.len) &&
	    (!plus || !memchr(text.data, '+', text.len))) {
		*out = text;
		return utf8_valid(text) ||
		       error_set(err, ERROR_INVALID, "it is not UTF-8");
	}
	copy = arena_alloc(arena, text.len + 1, 1);
	size_t n = decode(text, plus, copy, &why);
	if (n == SIZE_MAX)
		return error_set(err, ERROR_INVALID, "there is %s in it", why);
	struct slice plain = slice_make(copy, n);
	if (!utf8_valid(plain))
		return error_set(err, ERROR_INVALID, "it is not UTF-8");
	*out = plain;
	return true;
}

bool
http_pair_next(struct slice *rest, struct arena *arena, struct http_pair *pair,
	       struct error *err)
{
	struct slice part, name;

	do
		if (!slice_split(rest, '&', &part))
			return false;
	while (!part.len);
	name = part;
	const char *equals = memchr(part.data, '=', part.len);
	struct slice value = slice_make(part.data + part.len, 0);
	if (equals) {
		name.len = (size_t)(equals - part.data);
		value = slice_make(equals + 1, part.len - name.len - 1);
	}
	return http_decode(name, true, arena, &pair->name, err) &&
	       http_decode(value, true, arena, &pair->value, err);
}

static bool
same(struct slice a, struct slice lower)
{
	size_t i = 0;

	for (; i < a.len && i < lower.len; i++) {
		char c = a.data[i];
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (c != lower.data[i])
			return false;
	}
	return a.len == lower.len;
}

bool
http_type_is(struct slice content_type, const char *type)
{
	const char *end = content_type.len ? memchr(content_type.data, ';',
						    content_type.len)
					   : NULL;

	if (end)
		content_type.len = (size_t)(end - content_type.data);
	return same(slice_trim(content_type), slice_of(type));
}

/* Past a quoted string that begins at *at; its text, without backslashes, in
 * *out.  False when it does not end. */
static bool
read_quoted(struct slice s, size_t *at, struct arena *arena, struct slice *out)
{
	char *copy = arena_alloc(arena, s.len - *at + 1, 1);
	size_t n = 0;

	for (++*at; *at < s.len; ++*at) {
		char c = s.data[*at];
		if (c == '"') {
			++*at;
			*out = slice_make(copy, n);
			return true;
		}
		if (c == '\\' && *at + 1 < s.len)
			c = s.data[++*at];
		copy[n++] = c;
	}
	return false;
}

static void
skip_blanks(struct slice s, size_t *at)
{
	while (*at < s.len && (s.data[*at] == ' ' || s.data[*at] == '\t'))
		++*at;
}

/* The parameter that begins at *at. */
static bool
read_parameter(struct slice s, size_t *at, struct arena *arena,
	       struct slice *name, struct slice *value)
{
	size_t from = *at;

	while (*at < s.len && s.data[*at] != '=' && s.data[*at] != ';')
		++*at;
	*name = slice_trim(slice_make(s.data + from, *at - from));
	*value = (struct slice){0};
	if (*at == s.len || s.data[*at] == ';')
		return true;
	++*at;
	skip_blanks(s, at);
	if (*at < s.len && s.data[*at] == '"')
		return read_quoted(s, at, arena, value);
	from = *at;
	while (*at < s.len && s.data[*at] != ';')
		++*at;
	*value = slice_trim(slice_make(s.data + from, *at - from));
	return true;
}

struct slice
http_parameter(struct slice value, const char *wanted, struct arena *arena)
{
	struct slice name, found;
	size_t at = 0;

	while (at < value.len && value.data[at] != ';')
		at++;
	while (at < value.len) {
		at++;
		if (!read_parameter(value, &at, arena, &name, &found))
			break;
		if (same(name, slice_of(wanted)) && found.data)
			return found;
		while (at < value.len && value.data[at] != ';')
			at++;
	}
	return (struct slice){0};
}
