/*
 * rules_text.c - a message into sentences.
 *
 * Everything points into the message, so that what is kept can be quoted from
 * it.  Code, quotations and pasted files are left out before anything is
 * matched: they are not what the person says of themselves.
 */
#include <ctype.h>

#include "memory/rules.h"
#include "mneme/utf8.h"

struct cutting {
	struct slice *out;
	size_t count, max;
	const char *from; /* of the sentence; NULL: none begun */
	bool quoted;      /* inside quotation marks */
	bool fenced;      /* inside a block of code */
	bool pasted;      /* all that follows is not the person's */
};

static void
end_sentence(struct cutting *c, const char *end)
{
	if (c->from && c->count < c->max) {
		struct slice s = slice_trim(
			slice_make(c->from, (size_t)(end - c->from)));

		if (s.len > 0)
			c->out[c->count++] = s;
	}
	c->from = NULL;
}

/* A quotation mark at `at`: its length, or 0. */
static size_t
quotation(struct slice s, size_t at)
{
	static const char *const marks[] = {"\"",           "\xE2\x80\x9C",
					    "\xE2\x80\x9D", "\xE2\x80\x9E",
					    "\xC2\xAB",     "\xC2\xBB"};

	for (size_t i = 0; i < COUNT(marks); i++) {
		size_t n = strlen(marks[i]);

		if (at + n <= s.len && memcmp(s.data + at, marks[i], n) == 0)
			return n;
	}
	return 0;
}

static bool
abbreviated(const char *from, const char *dot)
{
	static const char *const words[] = {"mr",  "mrs", "ms", "dr",    "st",
					    "e.g", "i.e", "vs", "etc",   "prof",
					    "no",  "z.b", "nr", "approx"};
	const char *at = dot;

	while (at > from && !isspace((unsigned char)at[-1]) && at[-1] != '(')
		at--;
	size_t n = (size_t)(dot - at);
	if (n == 1 && isupper((unsigned char)*at) && *at != 'I')
		return true;
	for (size_t i = 0; i < COUNT(words); i++) {
		if (n == strlen(words[i]) && strncasecmp(at, words[i], n) == 0)
			return true;
	}
	return false;
}

static bool
ends_here(const struct cutting *c, struct slice line, size_t at)
{
	char next = at + 1 < line.len ? line.data[at + 1] : ' ';

	if (!strchr(".!?", line.data[at]) || c->quoted)
		return false;
	if (!isspace((unsigned char)next) && next != '"' && next != ')')
		return false;
	return line.data[at] != '.' || !abbreviated(c->from, line.data + at);
}

static void
cut_line(struct cutting *c, struct slice line)
{
	for (size_t at = 0; at < line.len; at++) {
		size_t n = quotation(line, at);

		if (!c->from && !isspace((unsigned char)line.data[at]))
			c->from = line.data + at;
		if (n > 0) {
			c->quoted = !c->quoted;
			at += n - 1;
		} else if (c->from && ends_here(c, line, at)) {
			end_sentence(c, line.data + at + 1);
		}
	}
}

/* Lines that are code, a table, a log, somebody's quoted mail. */
static bool
foreign(struct slice line)
{
	static const char *const heads[] = {
		">",     "|",  "$ ",   "#!", "+++ ", "--- ", "@@ ",
		"diff ", "\t", "    ", "//", "/*",   "<"};
	struct slice text = slice_trim(line);

	for (size_t i = 0; i < COUNT(heads); i++) {
		if (slice_starts(line, heads[i]))
			return true;
	}
	return slice_ends(text, "{") || slice_ends(text, ";") ||
	       slice_ends(text, "}") || slice_ends(text, "\\");
}

static bool
file_head(struct slice line)
{
	return slice_starts(line, "File ") && slice_ends(line, ":");
}

size_t
rules_sentences(struct slice text, struct slice *out, size_t max)
{
	struct cutting c = {.out = out, .max = max};
	struct slice rest = utf8_cut(text, RULE_TEXT), line;

	while (slice_line(&rest, &line) && !c.pasted) {
		if (slice_starts(slice_trim(line), "```")) {
			c.fenced = !c.fenced;
			end_sentence(&c, line.data);
			continue;
		}
		c.pasted = file_head(line);
		if (c.fenced || c.pasted || foreign(line)) {
			end_sentence(&c, line.data);
			continue;
		}
		if (slice_trim(line).len == 0)
			c.quoted = false;
		cut_line(&c, line);
		if (!c.quoted)
			end_sentence(&c, line.data + line.len);
	}
	/* An open quotation is still one. */
	if (c.from && !c.quoted)
		end_sentence(&c, rest.data);
	return c.count;
}
