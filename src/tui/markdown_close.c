/*
 * markdown_close.c - what is open at the end of a text that goes on.
 *
 * A word in bold is bold from its first letter on, not from the sign that ends
 * it: so while a text arrives, the signs that are missing are put behind it
 * for the parser.  This guesses, for the last paragraph only; the whole text
 * is parsed as it is.
 */
#include <ctype.h>

#include "tui/markdown_private.h"

enum { OPEN_MAX = 8, RUN_MAX = 3 };

struct open_sign {
	char sign;
	size_t times;
};

struct signs {
	struct open_sign open[OPEN_MAX];
	size_t count;
};

static size_t
run_length(struct slice s, size_t at)
{
	size_t n = 0;

	while (at + n < s.len && s.data[at + n] == s.data[at])
		n++;
	return n;
}

static bool
is_blank_at(struct slice s, size_t at)
{
	return at >= s.len || isspace((uint8_t)s.data[at]);
}

static bool
is_fence(struct slice line)
{
	size_t at = 0;

	while (at < line.len && line.data[at] == ' ')
		at++;
	line = slice_make(line.data + at, line.len - at);
	return slice_starts(line, "```") || slice_starts(line, "~~~");
}

/* The last paragraph, or nothing where it is code. */
static struct slice
last_paragraph(struct slice text)
{
	struct slice rest = text, line;
	size_t start = 0;
	bool fence = false;

	while (slice_line(&rest, &line)) {
		size_t at = (size_t)(line.data - text.data);

		if (is_fence(line)) {
			fence = !fence;
			start = at + line.len;
		} else if (slice_trim(line).len == 0) {
			start = at + line.len;
		}
	}
	text = slice_make(text.data + start, text.len - start);
	while (text.len > 0 && *text.data == '\n')
		text = slice_make(text.data + 1, text.len - 1);
	if (fence || slice_starts(text, "    ") || slice_starts(text, "\t"))
		text.len = 0;
	return text;
}

/* Past the code that begins at `at`, or false where it has no end. */
static bool
skip_code(struct slice s, size_t *at)
{
	size_t n = run_length(s, *at), i = *at + n;

	while (i < s.len) {
		size_t m = s.data[i] == '`' ? run_length(s, i) : 1;

		if (s.data[i] == '`' && m == n) {
			*at = i + m;
			return true;
		}
		i += m;
	}
	return false;
}

static void
read_run(struct signs *signs, struct slice s, size_t at, size_t n)
{
	char c = s.data[at];
	bool opens = !is_blank_at(s, at + n);
	bool closes = at > 0 && !is_blank_at(s, at - 1);
	struct open_sign *top =
		signs->count ? &signs->open[signs->count - 1] : NULL;

	/* Inside a word: a name, a product. */
	if (n == 1 && opens && closes && !top &&
	    isalnum((uint8_t)s.data[at - 1]) &&
	    isalnum((uint8_t)s.data[at + n]))
		return;
	if (n > RUN_MAX || (c == '~' && n != 2))
		return;
	if (closes && top && top->sign == c) {
		top->times -= MIN(top->times, n);
		signs->count -= top->times == 0;
	} else if (opens && signs->count < OPEN_MAX) {
		signs->open[signs->count++] = (struct open_sign){c, n};
	}
}

static void
read_signs(struct signs *signs, struct slice s)
{
	for (size_t at = 0; at < s.len;) {
		size_t n = 1;

		if (s.data[at] == '\\') {
			n = 2;
		} else if (s.data[at] == '`') {
			n = run_length(s, at);
			if (skip_code(s, &at))
				continue;
			if (at + n < s.len && signs->count < OPEN_MAX)
				signs->open[signs->count++] =
					(struct open_sign){'`', n};
			return;
		} else if (strchr("*_~", s.data[at])) {
			n = run_length(s, at);
			read_run(signs, s, at, n);
		}
		at += n;
	}
}

bool
close_signs(struct slice text, struct buf *out)
{
	struct slice last = last_paragraph(text);
	struct signs signs = {.count = 0};
	size_t blanks = 0;

	while (last.len > 0 && is_blank_at(last, last.len - 1)) {
		last.len--;
		blanks++;
	}
	read_signs(&signs, last);
	if (signs.count == 0)
		return false;
	buf_add(out, text.data, text.len - blanks);
	while (signs.count-- > 0)
		for (size_t i = 0; i < signs.open[signs.count].times; i++)
			buf_addc(out, signs.open[signs.count].sign);
	return true;
}
