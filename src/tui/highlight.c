/*
 * highlight.c - one scanner over all languages of the table.
 *
 * A string that must end on its line and does not, ends there.
 */
#include "tui/highlight.h"

#include <ctype.h>

#include "tui/highlight_private.h"
#include "tui/theme.h"

struct scan {
	const struct language *language;
	const struct lexicon *lexicon;
	struct slice text;
	size_t at;
	size_t line; /* where it began */
	highlight_fn *fn;
	void *arg;
};

/* ---- pieces of text */

static void
emit(struct scan *s, size_t to, int role)
{
	if (to > s->at)
		s->fn(s->arg, role, to - s->at);
	s->at = to;
}

static bool
is_at(const struct scan *s, size_t at, const char *what)
{
	size_t len = strlen(what);

	return s->text.len - at >= len &&
	       memcmp(s->text.data + at, what, len) == 0;
}

static size_t
line_end(const struct scan *s, size_t at)
{
	const char *end = memchr(s->text.data + at, '\n', s->text.len - at);

	return end ? (size_t)(end - s->text.data) : s->text.len;
}

static bool
is_name(const struct scan *s, size_t at)
{
	uint8_t c;

	if (at >= s->text.len)
		return false;
	c = (uint8_t)s->text.data[at];
	return isalnum(c) || c == '_' || c >= 0x80 ||
	       (c == '-' && s->language->flags & LANGUAGE_HYPHENS);
}

static size_t
name_end(const struct scan *s, size_t at)
{
	while (is_name(s, at))
		at++;
	return at;
}

static size_t
skip_blanks(const struct scan *s, size_t at)
{
	while (at < s->text.len &&
	       (s->text.data[at] == ' ' || s->text.data[at] == '\t'))
		at++;
	return at;
}

static bool
is_before(const struct scan *s, size_t at, char c)
{
	at = skip_blanks(s, at);
	return at < s->text.len && s->text.data[at] == c;
}

/* Only blanks stand before it on its line. */
static bool
begins_line(const struct scan *s)
{
	return skip_blanks(s, s->line) == s->at;
}

static bool
comment(struct scan *s)
{
	const struct language *l = s->language;
	struct slice rest = slice_of(l->line_comments), word;
	size_t at = s->at;

	if (l->block_open && is_at(s, at, l->block_open)) {
		size_t end = slice_find(
			slice_make(s->text.data + at, s->text.len - at),
			slice_of(l->block_close));

		emit(s, MIN(at + end + strlen(l->block_close), s->text.len),
		     ROLE_COMMENT);
		return true;
	}
	while (slice_split(&rest, ' ', &word)) {
		if (s->text.len - at < word.len ||
		    memcmp(s->text.data + at, word.data, word.len) != 0)
			continue;
		if (l->flags & LANGUAGE_WORD_COMMENTS && at > 0 &&
		    !isspace((uint8_t)s->text.data[at - 1]))
			continue;
		emit(s, line_end(s, at), ROLE_COMMENT);
		return true;
	}
	return false;
}

static size_t
string_end(const struct scan *s, const struct string_rule *rule)
{
	size_t at = s->at + strlen(rule->open);

	while (at < s->text.len && !is_at(s, at, rule->close)) {
		if (s->text.data[at] == '\n' && !rule->lines)
			return at;
		at += s->text.data[at] == '\\' && rule->escapes &&
				      at + 1 < s->text.len &&
				      s->text.data[at + 1] != '\n'
			      ? 2
			      : 1;
	}
	return MIN(at + strlen(rule->close), s->text.len);
}

static bool
string(struct scan *s)
{
	const struct language *l = s->language;

	for (size_t i = 0; i < STRING_RULES_MAX && l->strings[i].open; i++) {
		size_t end;
		int role = ROLE_STRING;

		if (!is_at(s, s->at, l->strings[i].open))
			continue;
		end = string_end(s, &l->strings[i]);
		if (l->flags & LANGUAGE_KEYS && is_before(s, end, ':'))
			role = ROLE_FUNCTION;
		emit(s, end, role);
		return true;
	}
	return false;
}

/* 'a is a lifetime, 'a' and '\n' are characters. */
static bool
lifetime(struct scan *s)
{
	size_t at = s->at + 1, end = name_end(s, at);

	if (at < s->text.len && s->text.data[at] == '\\') {
		end = at + 2;
		while (end < s->text.len && s->text.data[end] != '\'' &&
		       s->text.data[end] != '\n')
			end++;
	} else if (end == at) {
		end = MIN(at + 1, s->text.len);
	}
	if (end < s->text.len && s->text.data[end] == '\'')
		emit(s, end + 1, ROLE_STRING);
	else
		emit(s, name_end(s, at), ROLE_KEYWORD);
	return true;
}

/* $name, ${...}, $1 */
static bool
dollar(struct scan *s)
{
	size_t at = s->at + 1, end = name_end(s, at);

	if (at < s->text.len &&
	    (s->text.data[at] == '{' || s->text.data[at] == '(')) {
		char close = s->text.data[at] == '{' ? '}' : ')';

		if (close == ')') {
			emit(s, at + 1, ROLE_TYPE);
			return true;
		}
		while (end < s->text.len && s->text.data[end] != close &&
		       s->text.data[end] != '\n')
			end++;
		end = MIN(end + 1, s->text.len);
	} else if (end == at && at < s->text.len &&
		   strchr("?#@*!$-", s->text.data[at])) {
		end = at + 1;
	}
	emit(s, end, ROLE_TYPE);
	return true;
}

static bool
special(struct scan *s)
{
	unsigned flags = s->language->flags;
	char c = s->text.data[s->at];
	size_t end;

	if (comment(s) || string(s))
		return true;
	if (c == '\'' && flags & LANGUAGE_LIFETIMES)
		return lifetime(s);
	if (c == '$' && flags & LANGUAGE_DOLLAR)
		return dollar(s);
	end = name_end(s, s->at + 1);
	if (c == '#' && flags & LANGUAGE_DIRECTIVES && begins_line(s)) {
		end = name_end(s, skip_blanks(s, s->at + 1));
		emit(s, end, ROLE_KEYWORD);
		return true;
	}
	if (c == '#' && flags & LANGUAGE_HASH && end > s->at + 1) {
		emit(s, end, ROLE_NUMBER);
		return true;
	}
	if (c == '@' && flags & LANGUAGE_AT && end > s->at + 1) {
		emit(s, end, ROLE_KEYWORD);
		return true;
	}
	if (c == '[' && flags & LANGUAGE_SECTIONS && begins_line(s)) {
		emit(s, line_end(s, s->at), ROLE_KEYWORD);
		return true;
	}
	return false;
}

static void
name(struct scan *s)
{
	unsigned flags = s->language->flags;
	size_t start = s->at, end = name_end(s, start);
	int role = lexicon_role(s->lexicon, s->language,
				slice_make(s->text.data + start, end - start));
	char next = end < s->text.len ? s->text.data[end] : '\0';

	if ((flags & LANGUAGE_KEYS && is_before(s, end, ':')) ||
	    (flags & LANGUAGE_EQUALS && begins_line(s) &&
	     is_before(s, end, '='))) {
		role = ROLE_FUNCTION;
	} else if (role == ROLE_BLOCK) {
		if (next == '(' || (next == '!' && flags & LANGUAGE_BANG))
			role = ROLE_FUNCTION;
		else if (flags & LANGUAGE_UPPER_TYPES &&
			 isupper((uint8_t)s->text.data[start]))
			role = ROLE_TYPE;
	}
	emit(s, end, role);
}

static void
number(struct scan *s)
{
	size_t at = s->at;

	while (at < s->text.len) {
		uint8_t c = (uint8_t)s->text.data[at];

		if (!isalnum(c) && c != '_' && c != '.')
			break;
		at++;
	}
	emit(s, at, ROLE_NUMBER);
}

static void
scan_code(struct scan *s)
{
	while (s->at < s->text.len) {
		uint8_t c = (uint8_t)s->text.data[s->at];
		size_t plain = s->at;

		if (c == '\n')
			s->line = s->at + 1;
		if (s->lexicon->special[c] && special(s)) {
			const char *line = memrchr(s->text.data + plain, '\n',
						   s->at - plain);

			if (line)
				s->line = (size_t)(line - s->text.data) + 1;
			continue;
		}
		if (isalpha(c) || c == '_' || c >= 0x80)
			name(s);
		else if (isdigit(c))
			number(s);
		else
			emit(s, s->at + 1, ROLE_BLOCK);
	}
}

/* ---- markup */

static void
tag(struct scan *s)
{
	size_t at = s->at + 1;

	while (at < s->text.len && strchr("/!?", s->text.data[at]))
		at++;
	emit(s, at, ROLE_BLOCK);
	while (is_name(s, at) ||
	       (at < s->text.len && strchr("-:.", s->text.data[at])))
		at++;
	emit(s, at, ROLE_FUNCTION);
	while (s->at < s->text.len && s->text.data[s->at] != '>') {
		char c = s->text.data[s->at];

		at = s->at + 1;
		if (c == '<')
			return;
		if (c == '"' || c == '\'') {
			const char *end =
				memchr(s->text.data + at, c, s->text.len - at);

			at = end ? (size_t)(end - s->text.data) + 1
				 : s->text.len;
			emit(s, at, ROLE_STRING);
		} else if (is_name(s, s->at)) {
			while (is_name(s, at) ||
			       (at < s->text.len &&
				strchr("-:.@", s->text.data[at])))
				at++;
			emit(s, at, ROLE_TYPE);
		} else {
			emit(s, at, ROLE_BLOCK);
		}
	}
}

static void
scan_tags(struct scan *s)
{
	while (s->at < s->text.len) {
		size_t at = s->at;
		char c = s->text.data[at];

		if (c == '<' && comment(s))
			continue;
		if (c == '<' && at + 1 < s->text.len &&
		    (isalpha((uint8_t)s->text.data[at + 1]) ||
		     strchr("/!?", s->text.data[at + 1]))) {
			tag(s);
			continue;
		}
		if (c == '&') {
			size_t end = name_end(s, at + 1 + is_at(s, at, "&#"));

			if (end < s->text.len && s->text.data[end] == ';') {
				emit(s, end + 1, ROLE_NUMBER);
				continue;
			}
		}
		while (++at < s->text.len && s->text.data[at] != '<' &&
		       s->text.data[at] != '&')
			continue;
		emit(s, at, ROLE_BLOCK);
	}
}

static void
scan_lines(struct scan *s)
{
	while (s->at < s->text.len) {
		size_t end = line_end(s, s->at), head = 0;
		int role = ROLE_BLOCK;

		s->language->by_lines(
			slice_make(s->text.data + s->at, end - s->at), &role,
			&head);
		emit(s, s->at + MIN(head, end - s->at), role);
		emit(s, MIN(end + 1, s->text.len), ROLE_BLOCK);
	}
}

void
highlight(const struct language *language, struct slice text, highlight_fn *fn,
	  void *arg)
{
	struct scan s = {
		.language = language, .text = text, .fn = fn, .arg = arg};

	if (text.len == 0)
		return;
	if (!language) {
		fn(arg, ROLE_BLOCK, text.len);
		return;
	}
	s.lexicon = lexicon_of(language);
	if (language->by_lines)
		scan_lines(&s);
	else if (language->tags)
		scan_tags(&s);
	else
		scan_code(&s);
}
