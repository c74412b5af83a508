/*
 * A large JSON array, an element at a time: years of conversations as one tree
 * would take many times the file's size.  Only strings and brackets are
 * looked at; what an element is worth, its reader finds out.
 */
#include "inner.h"

static struct slice
skip_space(struct slice s)
{
	while (s.len && strchr(" \t\r\n", s.data[0]) && s.data[0])
		s = slice_make(s.data + 1, s.len - 1);
	return s;
}

/* Bytes up to the comma or bracket that ends the element, or `len`. */
static size_t
element_length(struct slice s)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']'))
			return i;
		if (c == '"')
			quoted = true;
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth)
			depth--;
	}
	return s.len;
}

bool
array_next(struct slice *rest, struct slice *element, bool *whole)
{
	struct slice s = skip_space(*rest);
	bool first = s.len && s.data[0] == '[';
	size_t n;

	*whole = false;
	if (s.len && (first || s.data[0] == ','))
		s = skip_space(slice_make(s.data + 1, s.len - 1));
	else if (s.len && s.data[0] == ']') {
		/* Nothing but space may follow. */
		*whole = skip_space(slice_make(s.data + 1, s.len - 1)).len == 0;
		return false;
	} else {
		return false;
	}
	if (first && s.len && s.data[0] == ']') {
		*rest = s;
		return array_next(rest, element, whole);
	}
	n = element_length(s);
	if (n == s.len)
		return false;
	*element = slice_trim(slice_make(s.data, n));
	*rest = slice_make(s.data + n, s.len - n);
	return true;
}
