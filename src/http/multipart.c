/*
 * multipart/form-data (RFC 7578), strictly: CR LF, the boundary right at the
 * beginning of a line, each part with a Content-Disposition that names it.
 * Values are slices of the body.
 */
#include "http/head.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/utf8.h"

enum { PARTS_MAX = 64, BOUNDARY_MAX = 70, PART_FIELDS_MAX = 16 };

static bool
bad(struct error *err, const char *why)
{
	return error_set(err, ERROR_INVALID,
			 "the multipart body is malformed: "
			 "%s",
			 why);
}

static bool
read_part_field(struct slice line, struct arena *arena, struct http_part *part,
		struct error *err)
{
	const char *colon = line.len ? memchr(line.data, ':', line.len) : NULL;

	if (!colon)
		return bad(err, "a part's header field has no colon");
	struct slice name = slice_make(line.data, (size_t)(colon - line.data));
	struct slice value =
		slice_trim(slice_make(colon + 1, line.len - name.len - 1));
	if (!head_is_token(name) || !head_is_value(value))
		return bad(err, "a part's header field has a wrong character");
	if (head_same(name, "content-type"))
		part->type = value;
	if (!head_same(name, "content-disposition"))
		return true;
	if (!http_type_is(value, "form-data"))
		return bad(err, "a part is not form-data");
	part->name = http_parameter(value, "name", arena);
	part->filename = http_parameter(value, "filename", arena);
	if (!part->name.data)
		return bad(err, "a part has no name");
	if (!utf8_valid(part->name) || !utf8_valid(part->filename))
		return bad(err, "a part's name is not UTF-8");
	return true;
}

/* The fields at the front of *rest, up to the empty line. */
static bool
read_part_head(struct slice *rest, struct arena *arena, struct http_part *part,
	       struct error *err)
{
	static const struct slice crlf = {"\r\n", 2};

	for (size_t fields = 0;; fields++) {
		size_t len = slice_find(*rest, crlf);
		if (len == rest->len)
			return bad(err, "a part's head does not end");
		struct slice line = slice_make(rest->data, len);
		*rest = slice_make(rest->data + len + 2, rest->len - len - 2);
		if (!len)
			break;
		if (fields == PART_FIELDS_MAX)
			return bad(err, "a part has over 16 header fields");
		if (!read_part_field(line, arena, part, err))
			return false;
	}
	return part->name.data || bad(err, "a part has no "
					   "Content-Disposition");
}

/* After a boundary: "--" ends the body, CR LF begins a part. */
static bool
read_boundary_end(struct slice *rest, bool *last, struct error *err)
{
	if (slice_starts(*rest, "--")) {
		*last = true;
		return true;
	}
	while (slice_starts(*rest, " ") || slice_starts(*rest, "\t"))
		*rest = slice_make(rest->data + 1, rest->len - 1);
	if (!slice_starts(*rest, "\r\n"))
		return bad(err, "a boundary's line does not end");
	*rest = slice_make(rest->data + 2, rest->len - 2);
	*last = false;
	return true;
}

/* To behind the next boundary; the bytes before it in *value. */
static bool
take_value(struct slice *rest, struct slice delimiter, struct slice *value,
	   struct error *err)
{
	size_t at = slice_find(*rest, delimiter);

	if (at == rest->len)
		return bad(err, "its last boundary is missing");
	*value = slice_make(rest->data, at);
	at += delimiter.len;
	*rest = slice_make(rest->data + at, rest->len - at);
	return true;
}

/* What stands before the first boundary is thrown away. */
static bool
find_first(struct slice *rest, struct slice delimiter, struct error *err)
{
	size_t len = delimiter.len - 2; /* without its CR LF */
	struct slice preamble;

	if (rest->len >= len &&
	    memcmp(rest->data, delimiter.data + 2, len) == 0) {
		*rest = slice_make(rest->data + len, rest->len - len);
		return true;
	}
	return take_value(rest, delimiter, &preamble, err);
}

static bool
read_parts(struct slice rest, struct slice delimiter, struct arena *arena,
	   struct http_part *parts, size_t *n, struct error *err)
{
	bool last;

	if (!find_first(&rest, delimiter, err) ||
	    !read_boundary_end(&rest, &last, err))
		return false;
	for (*n = 0; !last; ++*n) {
		if (*n == PARTS_MAX)
			return error_set(err, ERROR_LIMIT,
					 "the multipart body has over %d parts",
					 PARTS_MAX);
		struct http_part *part = &parts[*n];
		if (!read_part_head(&rest, arena, part, err))
			return false;
		/* An empty value's line break is the head's last one. */
		rest = slice_make(rest.data - 2, rest.len + 2);
		if (!take_value(&rest, delimiter, &part->value, err) ||
		    !read_boundary_end(&rest, &last, err))
			return false;
		size_t skip = MIN(part->value.len, (size_t)2);
		part->value = slice_make(part->value.data + skip,
					 part->value.len - skip);
	}
	return true;
}

bool
http_multipart(struct slice content_type, struct slice body,
	       struct arena *arena, struct http_part **parts, size_t *n,
	       struct error *err)
{
	struct slice boundary = http_parameter(content_type, "boundary", arena);

	if (!http_type_is(content_type, "multipart/form-data"))
		return bad(err, "its type is not multipart/form-data");
	if (!body.data)
		return bad(err, "it is empty");
	if (!boundary.len || boundary.len > BOUNDARY_MAX ||
	    !head_is_value(boundary))
		return bad(err, "its type names no boundary of 1 to 70 bytes");
	char *delimiter =
		arena_printf(arena, "\r\n--%.*s", SLICE_ARG(boundary));
	struct http_part *list = arena_alloc(arena, PARTS_MAX, sizeof(*list));
	if (!read_parts(body, slice_of(delimiter), arena, list, n, err))
		return false;
	*parts = list;
	return true;
}
