#include "mneme/base.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool
slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int
slice_compare(struct slice a, struct slice b)
{
	size_t n = MIN(a.len, b.len);
	int order = n ? memcmp(a.data, b.data, n) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool
slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.data, prefix, n) == 0;
}

bool
slice_ends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && memcmp(s.data + s.len - n, suffix, n) == 0;
}

size_t
slice_find(struct slice s, struct slice needle)
{
	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return s.len;
	const char *at = memmem(s.data, s.len, needle.data, needle.len);
	return at ? (size_t)(at - s.data) : s.len;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len && isspace((unsigned char)s.data[0])) {
		s.data++;
		s.len--;
	}
	while (s.len && isspace((unsigned char)s.data[s.len - 1]))
		s.len--;
	return s;
}

/* A slice with data NULL has nothing left; one that is empty but not NULL has
 * one more, empty part. */
bool
slice_split(struct slice *rest, char separator, struct slice *part)
{
	if (!rest->data)
		return false;

	const char *at =
		rest->len ? memchr(rest->data, separator, rest->len) : NULL;
	if (!at) {
		*part = *rest;
		*rest = (struct slice){NULL, 0};
		return true;
	}
	*part = slice_make(rest->data, (size_t)(at - rest->data));
	*rest = slice_make(at + 1, rest->len - part->len - 1);
	return true;
}

bool
slice_line(struct slice *rest, struct slice *line)
{
	if (rest->len == 0 || !slice_split(rest, '\n', line))
		return false;
	if (line->len && line->data[line->len - 1] == '\r')
		line->len--;
	return true;
}

bool
slice_word(struct slice *rest, const char *inner, struct slice *word)
{
	size_t from = 0;

	while (from < rest->len && !is_word_byte(rest->data[from]))
		from++;
	size_t end = from;
	while (end < rest->len && (is_word_byte(rest->data[end]) ||
				   (end > from && rest->data[end] &&
				    strchr(inner, rest->data[end]))))
		end++;
	*word = slice_make(rest->data + from, end - from);
	*rest = slice_make(rest->data + end, rest->len - end);
	return end > from;
}

static int
compare_listed(const void *key, const void *member)
{
	return slice_compare(*(const struct slice *)key,
			     slice_of(*(const char *const *)member));
}

bool
slice_listed(struct slice s, const char *const *list, size_t count)
{
	return bsearch(&s, list, count, sizeof(*list), compare_listed) != NULL;
}

bool
slice_number(struct slice s, int64_t *value)
{
	int64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, s.data[i] - '0', &n))
			return false;
	}
	*value = n;
	return true;
}

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void *
or_abort(void *p)
{
	if (!p)
		abort();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	return or_abort(calloc(n ? n : 1, size ? size : 1));
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	return or_abort(reallocarray(p, n ? n : 1, size ? size : 1));
}

char *
xstrdup(const char *text)
{
	return or_abort(strdup(text));
}

char *
slice_dup(struct slice s)
{
	char *copy = xcalloc(s.len + 1, 1);

	if (s.len)
		memcpy(copy, s.data, s.len);
	return copy;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return or_abort(n < 0 ? NULL : text);
}

void
free_pointer(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void *
grow(void *array, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return array;
	size_t bigger = MAX(*cap + *cap / 2, MAX(need, (size_t)8));

	array = xrealloc(array, bigger, size);
	*cap = bigger;
	return array;
}
