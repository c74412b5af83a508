/*
 * KEY=value, one a line.  `#` begins a comment at the start of a line or after
 * white space.  'single quotes' keep everything as it is; in "double quotes"
 * \n \t \" \\ are what they are in C, other backslashes stay.
 */
#include "config/private.h"
#include "mneme/buf.h"
#include "mneme/error.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_key(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

static size_t
skip_blanks(struct slice line, size_t at)
{
	while (at < line.len && is_blank(line.data[at]))
		at++;
	return at;
}

/* *at stands behind the opening quote, and in the end behind the closing. */
static bool
unquote(struct slice line, size_t *at, char quote, struct buf *out,
	struct error *err)
{
	static const char escapes[] = "n\nt\t\"\"\\\\";

	for (size_t i = *at; i < line.len; i++) {
		char c = line.data[i];
		if (c == quote) {
			*at = i + 1;
			return true;
		}
		if (c == '\\' && quote == '"' && i + 1 < line.len) {
			for (size_t e = 0; e + 1 < sizeof(escapes); e += 2) {
				if (escapes[e] == line.data[i + 1]) {
					c = escapes[e + 1];
					i++;
					break;
				}
			}
		}
		buf_addc(out, c);
	}
	return error_set(err, ERROR_USAGE, "the closing %c is missing", quote);
}

/* The value from `at` on. */
static bool
parse_value(struct slice line, size_t at, struct buf *unquoted,
	    struct config_line *out, struct error *err)
{
	char quote = at < line.len ? line.data[at] : '\0';
	size_t end;

	if (quote == '"' || quote == '\'') {
		buf_reset(unquoted);
		at++;
		if (!unquote(line, &at, quote, unquoted, err))
			return false;
		out->value = buf_slice(unquoted);
		out->tail = at;
		end = skip_blanks(line, at);
		if (end < line.len && line.data[end] != '#')
			return error_set(err, ERROR_USAGE,
					 "text behind the closing %c", quote);
		return true;
	}
	for (end = at; end < line.len; end++) {
		if (line.data[end] == '#' &&
		    (end == 0 || is_blank(line.data[end - 1])))
			break;
	}
	while (end > at && is_blank(line.data[end - 1]))
		end--;
	out->value = slice_make(line.data + at, end - at);
	out->tail = end;
	return true;
}

bool
config_line_parse(struct slice line, struct buf *unquoted,
		  struct config_line *out, struct error *err)
{
	size_t at = skip_blanks(line, 0), start = at;

	*out = (struct config_line){.tail = line.len};
	if (at == line.len || line.data[at] == '#')
		return true;
	if (line.len > CONFIG_LINE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a line of more than %d bytes",
				 CONFIG_LINE_MAX);
	while (at < line.len && is_key(line.data[at], at == start))
		at++;
	struct slice key = slice_make(line.data + start, at - start);
	at = skip_blanks(line, at);
	if (!key.len || at == line.len || line.data[at] != '=')
		return error_set(err, ERROR_USAGE, "not KEY=value");
	if (!parse_value(line, skip_blanks(line, at + 1), unquoted, out, err))
		return false;
	out->key = key;
	return true;
}

static bool
is_plain(struct slice value)
{
	static const char safe[] = "-_./:@,+%=~*()[]{}<>?!;&|^";

	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];
		if (!is_key(c, false) && !strchr(safe, c))
			return false;
	}
	return value.len > 0;
}

void
config_quote(struct slice value, struct buf *out)
{
	if (is_plain(value)) {
		buf_add_slice(out, value);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];
		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		if (c == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, c);
	}
	buf_addc(out, '"');
}
