/*
 * RFC 9112, read strictly: lines end with CR LF and nothing else, a name is a
 * token right before its colon, a folded line is refused, and every statement
 * about the body's length is one that can be read in one way only.
 *
 * Two things are taken though the grammar does not have them, since they change
 * nothing about framing: one empty line before the request line (RFC 9112 2.2
 * asks for that), and in a target the characters [ ] { } | ^ ` which browsers
 * send as they are.
 */
#include "http/head.h"

enum {
	TOKEN = 1,  /* tchar */
	VALUE = 2,  /* of a field: visible, blank, tab, above ASCII */
	TARGET = 4, /* of a request target */
	HOST = 8,   /* of a reg-name */
};

/* One row a character, so that each test is one look. */
static const uint8_t kinds[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = TOKEN | VALUE | TARGET | HOST,
	['"'] = VALUE,
	['#'] = TOKEN | VALUE,
	['$'] = TOKEN | VALUE | TARGET | HOST,
	['%'] = TOKEN | VALUE | TARGET | HOST,
	['&'] = TOKEN | VALUE | TARGET | HOST,
	['\''] = TOKEN | VALUE | TARGET | HOST,
	['('] = VALUE | TARGET | HOST,
	[')'] = VALUE | TARGET | HOST,
	['*'] = TOKEN | VALUE | TARGET | HOST,
	['+'] = TOKEN | VALUE | TARGET | HOST,
	[','] = VALUE | TARGET | HOST,
	['-'] = TOKEN | VALUE | TARGET | HOST,
	['.'] = TOKEN | VALUE | TARGET | HOST,
	['/'] = VALUE | TARGET,
	['0' ... '9'] = TOKEN | VALUE | TARGET | HOST,
	[':'] = VALUE | TARGET,
	[';'] = VALUE | TARGET | HOST,
	['<'] = VALUE,
	['='] = VALUE | TARGET | HOST,
	['>'] = VALUE,
	['?'] = VALUE | TARGET,
	['@'] = VALUE | TARGET,
	['A' ... 'Z'] = TOKEN | VALUE | TARGET | HOST,
	['['] = VALUE | TARGET,
	['\\'] = VALUE,
	[']'] = VALUE | TARGET,
	['^'] = TOKEN | VALUE | TARGET,
	['_'] = TOKEN | VALUE | TARGET | HOST,
	['`'] = TOKEN | VALUE | TARGET,
	['a' ... 'z'] = TOKEN | VALUE | TARGET | HOST,
	['{'] = VALUE | TARGET,
	['|'] = TOKEN | VALUE | TARGET,
	['}'] = VALUE | TARGET,
	['~'] = TOKEN | VALUE | TARGET | HOST,
	[0x80 ... 0xFF] = VALUE,
};

const char *const http_methods[HTTP_METHOD_COUNT] = {
	[HTTP_OTHER] = "",        [HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
	[HTTP_PUT] = "PUT",       [HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};

/* How many of the first bytes are of this kind. */
static size_t
span(struct slice s, unsigned kind)
{
	size_t n = 0;

	while (n < s.len && kinds[(uint8_t)s.data[n]] & kind)
		n++;
	return n;
}

bool
head_is_token(struct slice s)
{
	return s.len > 0 && span(s, TOKEN) == s.len;
}

bool
head_is_value(struct slice s)
{
	return span(s, VALUE) == s.len;
}

bool
head_same(struct slice s, const char *lower)
{
	size_t i = 0;

	for (; i < s.len && lower[i]; i++) {
		char c = s.data[i];
		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (c != lower[i])
			return false;
	}
	return i == s.len && !lower[i];
}

static bool
bad(struct head_trouble *trouble, int status, const char *code, const char *why)
{
	*trouble = (struct head_trouble){status, code, why};
	return false;
}

static bool
malformed(struct head_trouble *trouble, const char *why)
{
	return bad(trouble, 400, "bad_request", why);
}

/* ---- where it ends */

/* A line without its end was found. */
static enum head_found
take_line(struct head_scan *scan, size_t next, size_t *end,
	  struct head_trouble *trouble)
{
	size_t len = next - 2 - scan->line;

	if (len == 0 && scan->first) {
		*end = next;
		return HEAD_WHOLE;
	}
	if (len == 0) {
		if (scan->line > 0) {
			malformed(trouble, "more than one empty line stands "
					   "before the request line");
			return HEAD_BAD;
		}
		scan->begin = next;
	} else if (!scan->first) {
		scan->first = next - scan->begin;
	}
	scan->line = next;
	return HEAD_MORE;
}

static bool
fits(const struct head_scan *scan, size_t len, struct head_trouble *trouble)
{
	size_t first = scan->first ? scan->first : len - scan->begin;

	if (first > HTTP_LINE_MAX + 2)
		return bad(trouble, 414, "uri_too_long",
			   "the request line is over 8192 bytes");
	if (len - scan->begin - first > HTTP_HEAD_MAX)
		return bad(trouble, 431, "head_too_large",
			   "the header fields are over 16384 bytes");
	return true;
}

/* What is no HTTP at all is seen at its first byte: no need to wait for a
 * line. */
static bool
begins_well(const struct head_scan *scan, struct slice bytes)
{
	if (scan->begin >= bytes.len)
		return true;
	char first = bytes.data[scan->begin];
	return kinds[(uint8_t)first] & TOKEN || (first == '\r' && !scan->begin);
}

enum head_found
head_scan(struct head_scan *scan, struct slice bytes, size_t *end,
	  struct head_trouble *trouble)
{
	enum head_found found = HEAD_MORE;
	const char *lf;

	while (found == HEAD_MORE && scan->scanned < bytes.len &&
	       (lf = memchr(bytes.data + scan->scanned, '\n',
			    bytes.len - scan->scanned))) {
		size_t at = (size_t)(lf - bytes.data);
		if (at == scan->line || lf[-1] != '\r') {
			malformed(trouble, "a line ends with LF alone");
			return HEAD_BAD;
		}
		scan->scanned = at + 1;
		found = take_line(scan, at + 1, end, trouble);
	}
	if (found == HEAD_MORE)
		scan->scanned = bytes.len;
	if (found != HEAD_BAD && !begins_well(scan, bytes)) {
		malformed(trouble, "this does not begin like HTTP");
		return HEAD_BAD;
	}
	if (found != HEAD_BAD &&
	    !fits(scan, found == HEAD_WHOLE ? *end : bytes.len, trouble))
		return HEAD_BAD;
	return found;
}

/* ---- the request line */

static void
find_method(struct head *head)
{
	head->method = HTTP_OTHER;
	for (size_t i = HTTP_GET; i < HTTP_METHOD_COUNT; i++)
		if (slice_is(head->method_text, http_methods[i]))
			head->method = (enum http_method)i;
}

/* "host", "host:port", "[v6]:port".  Empty is allowed. */
static bool
is_authority(struct slice s)
{
	size_t at;

	if (s.len && s.data[0] == '[') {
		for (at = 1; at < s.len && s.data[at] != ']'; at++) {
			char c = s.data[at];
			bool hex = (c >= '0' && c <= '9') ||
				   ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
			if (!hex && c != ':' && c != '.')
				return false;
		}
		if (at++ == s.len)
			return false;
	} else {
		at = span(s, HOST);
	}
	if (at == s.len)
		return true;
	if (s.data[at++] != ':' || s.len - at > 5)
		return false;
	for (; at < s.len; at++)
		if (s.data[at] < '0' || s.data[at] > '9')
			return false;
	return true;
}

static void
split_query(struct slice target, struct head *head)
{
	const char *mark =
		target.len ? memchr(target.data, '?', target.len) : NULL;

	head->path = target;
	head->query = (struct slice){0};
	if (!mark)
		return;
	head->path.len = (size_t)(mark - target.data);
	head->query = slice_make(mark + 1, target.len - head->path.len - 1);
}

/* "http://host/path": the form that proxies get; its authority counts. */
static bool
read_absolute(struct head *head, struct head_trouble *trouble)
{
	struct slice t = head->target;
	size_t skip = 0;

	for (; skip < t.len && t.data[skip] != ':'; skip++)
		;
	struct slice scheme = slice_make(t.data, skip);
	if ((!head_same(scheme, "http") && !head_same(scheme, "https")) ||
	    t.len < skip + 3 || memcmp(t.data + skip, "://", 3) != 0)
		return malformed(trouble, "the target is neither a path nor "
					  "an http URL");
	skip += 3;
	size_t end = skip;
	while (end < t.len && t.data[end] != '/' && t.data[end] != '?')
		end++;
	struct slice authority = slice_make(t.data + skip, end - skip);
	if (!authority.len || !is_authority(authority))
		return malformed(trouble, "the target's host is malformed");
	split_query(slice_make(t.data + end, t.len - end), head);
	if (!head->path.len)
		head->path = slice_of(head->method == HTTP_OPTIONS &&
						      !head->query.data
					      ? "*"
					      : "/");
	return true;
}

static bool
read_target(struct head *head, struct head_trouble *trouble)
{
	if (!head->target.len || span(head->target, TARGET) != head->target.len)
		return malformed(trouble, "the target has a character that "
					  "no URL has");
	if (slice_is(head->method_text, "CONNECT"))
		return bad(trouble, 501, "not_implemented",
			   "this is no proxy: there is no CONNECT");
	if (head->target.data[0] == '/') {
		split_query(head->target, head);
		return true;
	}
	if (slice_is(head->target, "*") && head->method == HTTP_OPTIONS) {
		head->path = head->target;
		return true;
	}
	return read_absolute(head, trouble);
}

static bool
read_version(struct slice version, struct head *head,
	     struct head_trouble *trouble)
{
	if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0 ||
	    version.data[5] < '0' || version.data[5] > '9' ||
	    version.data[6] != '.' || version.data[7] < '0' ||
	    version.data[7] > '9')
		return malformed(trouble, "the request line does not end with "
					  "a blank and an HTTP version");
	if (version.data[5] != '1')
		return bad(trouble, 505, "version_not_supported",
			   "this server speaks HTTP/1.1");
	head->minor = version.data[7] == '0' ? 0 : 1;
	head->close = head->minor == 0;
	return true;
}

static bool
read_request_line(struct slice line, struct head *head,
		  struct head_trouble *trouble)
{
	const char *end = line.data + line.len;
	size_t method = span(line, TOKEN);

	head->method_text = slice_make(line.data, method);
	find_method(head);
	if (!method || method == line.len || line.data[method] != ' ')
		return malformed(trouble, "the request line does not begin "
					  "with a method and a blank");
	const char *target = line.data + method + 1;
	const char *blank = memchr(target, ' ', (size_t)(end - target));
	if (!blank)
		return malformed(trouble, "the request line has no version");
	head->target = slice_make(target, (size_t)(blank - target));
	return read_version(slice_make(blank + 1, (size_t)(end - blank - 1)),
			    head, trouble) &&
	       read_target(head, trouble);
}

/* ---- fields */

/* Which fields have been seen, of those that may come only once. */
enum {
	SEEN_HOST = 1,
	SEEN_LENGTH = 2,
	SEEN_CODING = 4,
	SEEN_TYPE = 8,
	SEEN_AUTHORIZATION = 16,
};

static bool
read_length(struct slice value, struct head *head, struct head_trouble *trouble)
{
	int64_t length;

	/* As one number of digits; "5, 5" is not. */
	if (!value.len || value.len > 18 || !slice_number(value, &length) ||
	    value.data[0] < '0' || value.data[0] > '9')
		return malformed(trouble, "Content-Length is not a number");
	head->length = length;
	return true;
}

static bool
read_coding(struct slice value, struct head *head, struct head_trouble *trouble)
{
	struct slice rest = value, item;

	if (head_same(value, "chunked")) {
		head->chunked = true;
		return true;
	}
	bool tokens = value.len > 0;
	while (slice_split(&rest, ',', &item)) {
		item = slice_trim(item);
		tokens = tokens && head_is_token(item);
	}
	if (tokens && head_same(item, "chunked"))
		return bad(trouble, 501, "not_implemented",
			   "the only transfer coding here is chunked");
	return malformed(trouble, "Transfer-Encoding is not chunked");
}

static bool
read_connection(struct slice value, struct head *head)
{
	struct slice item;

	while (slice_split(&value, ',', &item))
		if (head_same(slice_trim(item), "close"))
			head->close = true;
	return true;
}

static bool
read_expect(struct slice value, struct head *head, struct head_trouble *trouble)
{
	if (!head_same(value, "100-continue"))
		return bad(trouble, 417, "expectation_failed",
			   "nothing but 100-continue can be expected");
	head->expect = head->minor > 0;
	return true;
}

static bool
once(unsigned *seen, unsigned which, struct head_trouble *trouble,
     const char *why)
{
	if (*seen & which)
		return malformed(trouble, why);
	*seen |= which;
	return true;
}

static bool
understand(const struct http_field *field, struct head *head, unsigned *seen,
	   struct head_trouble *trouble)
{
	struct slice name = field->name, value = field->value;

	switch (name.len) {
	case 4:
		if (!slice_is(name, "host"))
			return true;
		if (!is_authority(value))
			return malformed(trouble, "Host is malformed");
		return once(seen, SEEN_HOST, trouble, "there are two Hosts");
	case 6:
		return !slice_is(name, "expect") ||
		       read_expect(value, head, trouble);
	case 10:
		return !slice_is(name, "connection") ||
		       read_connection(value, head);
	case 12:
		return !slice_is(name, "content-type") ||
		       once(seen, SEEN_TYPE, trouble,
			    "there are two Content-Types");
	case 13:
		return !slice_is(name, "authorization") ||
		       once(seen, SEEN_AUTHORIZATION, trouble,
			    "there are two Authorizations");
	case 14:
		return !slice_is(name, "content-length") ||
		       (once(seen, SEEN_LENGTH, trouble,
			     "there are two Content-Lengths") &&
			read_length(value, head, trouble));
	case 17:
		return !slice_is(name, "transfer-encoding") ||
		       (once(seen, SEEN_CODING, trouble,
			     "there are two Transfer-Encodings") &&
			read_coding(value, head, trouble));
	default:
		return true;
	}
}

static bool
read_field(char *line, size_t len, struct http_field *field,
	   struct head_trouble *trouble)
{
	size_t name = span(slice_make(line, len), TOKEN);

	if (line[0] == ' ' || line[0] == '\t')
		return malformed(trouble, "a header field goes on in a second "
					  "line");
	if (!name || name == len || line[name] != ':')
		return malformed(trouble, "a header field has no name right "
					  "before a colon");
	for (size_t i = 0; i < name; i++)
		if (line[i] >= 'A' && line[i] <= 'Z')
			line[i] |= 0x20;
	field->name = slice_make(line, name);
	size_t from = name + 1;
	while (from < len && (line[from] == ' ' || line[from] == '\t'))
		from++;
	while (len > from && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	field->value = slice_make(line + from, len - from);
	if (!head_is_value(field->value))
		return malformed(trouble, "a header field has a control "
					  "character in its value");
	return true;
}

/* What no single field can say. */
static bool
agree(const struct head *head, unsigned seen, struct head_trouble *trouble)
{
	if (head->minor > 0 && !(seen & SEEN_HOST))
		return malformed(trouble, "there is no Host");
	if (head->chunked && head->length >= 0)
		return malformed(trouble, "there are both Content-Length and "
					  "Transfer-Encoding");
	if (head->chunked && head->minor == 0)
		return malformed(trouble, "HTTP/1.0 has no Transfer-Encoding");
	return true;
}

bool
head_parse(char *bytes, size_t len, struct head *head,
	   struct head_trouble *trouble)
{
	unsigned seen = 0;

	*head = (struct head){.length = -1, .minor = 1};
	char *at = memchr(bytes, '\n', len);
	if (!read_request_line(slice_make(bytes, (size_t)(at - bytes) - 1),
			       head, trouble))
		return false;
	at++;
	while (at[0] != '\r' || at[1] != '\n') {
		char *end = memchr(at, '\n', len - (size_t)(at - bytes));
		if (head->field_count == HTTP_FIELDS_MAX)
			return bad(trouble, 431, "head_too_large",
				   "there are over 64 header fields");
		struct http_field *field = &head->fields[head->field_count];
		if (!read_field(at, (size_t)(end - at) - 1, field, trouble) ||
		    !understand(field, head, &seen, trouble))
			return false;
		head->field_count++;
		at = end + 1;
	}
	return agree(head, seen, trouble);
}
