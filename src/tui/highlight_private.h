/*
 * highlight_private.h - a language as a row.
 */
#ifndef TUI_HIGHLIGHT_PRIVATE_H
#define TUI_HIGHLIGHT_PRIVATE_H

#include "mneme/base.h"

enum {
	LANGUAGE_DIRECTIVES = 1, /* #word at the start of a line */
	LANGUAGE_CASELESS = 2,
	LANGUAGE_DOLLAR = 4,     /* $name is a variable */
	LANGUAGE_AT = 8,         /* @name is a directive */
	LANGUAGE_KEYS = 16,      /* what stands before a colon is a name */
	LANGUAGE_SECTIONS = 32,  /* [name] at the start of a line */
	LANGUAGE_LIFETIMES = 64, /* 'a without a second quote */
	LANGUAGE_HYPHENS = 128,  /* names may have them */
	LANGUAGE_BANG = 256,     /* name! is a function */
	LANGUAGE_EQUALS = 512,   /* what stands before = at the start of a line
				    is a name */
	LANGUAGE_WORD_COMMENTS = 1024, /* a comment only after a blank */
	LANGUAGE_HASH = 2048,          /* #abc is a constant (CSS) */
	LANGUAGE_UPPER_TYPES = 4096,   /* Name is a type */
};

struct string_rule {
	const char *open, *close;
	bool escapes; /* a backslash protects what follows */
	bool lines;   /* it may go over the end of a line */
};

enum { STRING_RULES_MAX = 5 };

typedef void highlight_lines_fn(struct slice line, int *role, size_t *head);

struct language {
	const char *names; /* space between; the first is shown */
	const char *line_comments;
	const char *block_open, *block_close;
	struct string_rule strings[STRING_RULES_MAX];
	const char *keywords, *types, *constants;
	unsigned flags;
	/* instead of all that: a role for the first `head` bytes of a line,
	 * or for all of it */
	highlight_lines_fn *by_lines;
	bool tags; /* <markup> */
};

extern const struct language languages[];
extern const size_t language_count;

/* The words of a language and what they are (highlight_words.c). */
enum { LEXICON_SLOTS = 512 };
struct lexicon {
	struct lexicon_word {
		const char *text;
		uint8_t len;
		uint8_t role;
	} words[LEXICON_SLOTS]; /* a hash */
	bool special[256];      /* may begin a comment, a string or the like */
};

/* Made when it is first asked for; NULL: there are too many languages. */
const struct lexicon *lexicon_of(const struct language *language);

/* The role of a name; ROLE_BLOCK for one that is no word of the language. */
int lexicon_role(const struct lexicon *x, const struct language *language,
		 struct slice name);

#endif
