/*
 * rules.h - learning without a model: sentences, words, and a table of what
 * people say of themselves.
 */
#ifndef MEMORY_RULES_H
#define MEMORY_RULES_H

#include "memory/clause.h"
#include "mneme/memory.h"

enum {
	RULE_SENTENCES = 64, /* of a message */
	RULE_TEXT = 8 << 10  /* bytes of a message that are looked at */
};

/*
 * A pattern is matched word by word from the start of a clause:
 *
 *	a|b	one of these		[a|b]	perhaps one of these
 *	@	a word, kept		@a|b	one of these, kept
 *	#	a number
 *	^	one to three names, kept	*	one word or more, kept
 *	$	the end
 *
 * In a key, "@", "^" and "*" stand for what was kept, "%" for the "@" before
 * the last.
 */
enum rule_flag {
	RULE_ENDS = 1,    /* something known is over */
	RULE_TIMED = 2,   /* only with a time in it: "tomorrow" */
	RULE_NAMED = 4,   /* what "*" keeps begins with a capital */
	RULE_THING = 8,   /* "@" is not what one is just working on */
	RULE_STATE = 16,  /* "@" or "*" begins with a word of a passing state */
	RULE_WORK = 32,   /* "*" is an occupation */
	RULE_FIRST = 256, /* only as the sentence's first words */
	RULE_GREETED = 128, /* after "hello" */
	RULE_OTHER = 512,   /* begins with somebody's name */
	RULE_OVER = 1024,   /* only where it is said to be over */
	RULE_LEFT = 2048,   /* what "*" keeps was left: what says it is over */
	RULE_WISH = 64      /* the person asks for it to be kept */
};

struct rule {
	const char *pattern;
	enum memory_type type;
	const char *key;
	double confidence, importance;
	unsigned flags;
};

extern const struct rule rules_table[];
extern const size_t rules_count;

/* A word in one of the lists of rules_words.c. */
enum rule_list {
	RULES_FILLER,    /* "really", left out */
	RULES_LEAD,      /* "well", at the beginning */
	RULES_BLOCK,     /* "if", before "I": not said of now and here */
	RULES_TASK,      /* "translate": the message is work to do */
	RULES_PRETEND,   /* "imagine": nothing after it is meant */
	RULES_QUESTION,  /* "what" */
	RULES_AUXILIARY, /* "do" */
	RULES_POINTING,  /* "it", "this": not known later what */
	RULES_WORKPIECE, /* "code", "essay" */
	RULES_STATE,     /* "tired" */
	RULES_TIME,      /* "tomorrow" */
	RULES_BREAK,     /* "because": an object ends before it */
	RULES_ARTICLE,   /* left out of keys */
	RULES_VERB,      /* may go on after "and": "love" */
	RULES_NOT_WORK,  /* "I am a bit ..." */
	RULES_NO_NAME,   /* "everybody": begins a sentence, names nobody */
	RULES_LIST_COUNT
};
bool rules_word(enum rule_list list, const char *word);
/* `list` is "a|b|c". */
bool rules_one_of(const char *word, const char *list);

/* "smoking" gives "smoke", from a list or by taking "ing" away; false when the
 * word does not end so. */
bool rules_base(const char *word, char out[RULE_WORD]);

/* The message without code, quotations and pasted text, as sentences. */
size_t rules_sentences(struct slice text, struct slice *out, size_t max);
/* Whether the quote stands in a sentence that states something: no question,
 * task, "if", code or quotation. */
bool rules_statement(struct slice message, struct slice quote);
/* What keeps a sentence from being a statement: it asks, it quotes three words
 * or more, it is for this answer or conversation only. */
bool rules_asks(struct slice sentence, const struct rule_clause *c);
bool rules_quotes(struct slice sentence);
bool rules_passing(const struct rule_clause *c);

/* When something said at `at` is over: "today", "this week", "until Friday",
 * "for two weeks"; else after `fallback`. */
int64_t rules_expiry(struct slice text, int64_t at, int64_t fallback);

/* What a pattern kept. */
struct rule_match {
	size_t word;           /* token of the last "@", or RULE_TOKENS */
	size_t owner;          /* of the "@" before it */
	size_t from, end;      /* tokens of "*"; equal: none */
	size_t name, name_end; /* of "^" */
	size_t at;             /* tokens used up */
};
bool rules_match(const char *pattern, const struct rule_clause *c, size_t start,
		 struct rule_match *out);
/* Whether the row's flags hold too. */
bool rules_fits(const struct rule *rule, const struct rule_clause *c,
		const struct rule_match *m);
/* Whether a time stands in the first `end` tokens. */
bool rules_timed(const struct rule_clause *c, size_t end);
/* The key in `arena`; empty when what `form` asks for was not kept. */
struct slice rules_key(const char *form, const struct rule_clause *c,
		       const struct rule_match *m, struct arena *arena);

/* One clause in its plain form. */
struct rule_plain {
	struct rule_clause c;
	size_t start; /* of what is matched */
	size_t lead;  /* of what is said */
	bool ends;    /* it is said to be over */
	struct slice wrong;
	struct slice gone; /* "not X but": left out of the value */
};

/* Brings p->c into its plain form; returns where its subject stands, or
 * p->start. */
size_t rules_plain(struct rule_plain *p);
/* How many tokens from `at` on are a person's name. */
size_t rules_name(const struct rule_clause *c, size_t at);
/* "i", "my", "ich" ... */
bool rules_is_subject(const char *word);

#endif
