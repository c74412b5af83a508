/*
 * secret_said.c - a password, a key or a number that a sentence says is one.
 */
#include "memory/secret.h"

enum { SAID_WORD, SAID_KEY, SAID_PIN, SAID_PHRASE };

static const struct {
	const char *name;
	int how;
	const char *kind;
} said_names[] = {
	{"password", SAID_WORD, "password"},
	{"passwort", SAID_WORD, "password"},
	{"kennwort", SAID_WORD, "password"},
	{"passcode", SAID_WORD, "password"},
	{"passwd", SAID_WORD, "password"},
	{"pwd", SAID_WORD, "password"},
	{"mot de passe", SAID_WORD, "password"},
	{"contrase\xC3\xB1"
	 "a",
	 SAID_WORD, "password"},
	{"senha", SAID_WORD, "password"},
	{"wachtwoord", SAID_WORD, "password"},
	{"passphrase", SAID_PHRASE, "password"},
	{"seed phrase", SAID_PHRASE, "password"},
	{"recovery phrase", SAID_PHRASE, "password"},
	{"pin code", SAID_PIN, "PIN"},
	{"pin", SAID_PIN, "PIN"},
	{"cvv", SAID_PIN, "card code"},
	{"cvc", SAID_PIN, "card code"},
	{"api key", SAID_KEY, "API key"},
	{"api-key", SAID_KEY, "API key"},
	{"api_key", SAID_KEY, "API key"},
	{"apikey", SAID_KEY, "API key"},
	{"access key", SAID_KEY, "API key"},
	{"secret key", SAID_KEY, "API key"},
	{"aws_secret_access_key", SAID_KEY, "API key"},
	{"secret_key", SAID_KEY, "API key"},
	{"client_secret", SAID_KEY, "API key"},
	{"access_token", SAID_KEY, "token"},
	{"token", SAID_KEY, "token"},
};

/* What follows "password is" and tells of one rather than being one. */
static const char *const no_passwords[] = {
	"wrong",   "correct",  "incorrect", "weak",    "strong",    "safe",
	"secure",  "required", "expired",   "not",     "too",       "the",
	"a",       "an",       "on",        "in",      "it",        "empty",
	"missing", "hidden",   "invalid",   "changed", "my",        "your",
	"same",    "always",   "never",     "very",    "different", "stored",
	"known",   "needed",   "reset",     "used",    "bad",       "good",
	"being",   "saved",    "written",   "longer",  "short",     "long",
	"falsch",  "richtig",  "zu",        "nicht",   "das",       "ein",
	"no",      "so",       "to",        "for",     "what",      "that",
	"this",    "still",    "only",      "also",    "just",      "lost",
};

static bool
tells_of_one(struct slice word)
{
	for (size_t i = 0; i < COUNT(no_passwords); i++) {
		if (word.len == strlen(no_passwords[i]) &&
		    secret_begins(word, no_passwords[i]))
			return true;
	}
	return false;
}

/* The length of "is ", ": ", "= " and the like at the beginning, or 0. */
static size_t
link_length(struct slice s)
{
	static const char *const links[] = {"is now ", "is ",  "was ", "ist ",
					    "lautet ", "est ", "es ",  "= ",
					    "=",       ": ",   ":",    "- "};

	for (size_t i = 0; i < COUNT(links); i++) {
		if (secret_begins(s, links[i]))
			return strlen(links[i]);
	}
	return 0;
}

/* Where the value begins: after a link that comes within a few words ("the
 * password for my laptop is ..."); 0: there is none. */
static size_t
value_at(struct slice s)
{
	enum { WORDS = 6 };
	size_t at = 0;

	for (int words = 0; words <= WORDS && at < s.len; words++) {
		while (at < s.len && (s.data[at] == ' ' || s.data[at] == '"' ||
				      s.data[at] == '\''))
			at++;
		size_t n = link_length(secret_after(s, at));
		if (n > 0) {
			at += n;
			while (at < s.len &&
			       (s.data[at] == ' ' || s.data[at] == ':'))
				at++;
			return at;
		}
		while (at < s.len && !strchr(" :=", s.data[at])) {
			if (strchr(".,;!?\n", s.data[at]))
				return 0;
			at++;
		}
	}
	return 0;
}

static size_t
word_length(struct slice s)
{
	size_t n = 0;

	while (n < s.len && (unsigned char)s.data[n] > ' ')
		n++;
	while (n > 1 && strchr(".,;!?)\"'`", s.data[n - 1]))
		n--;
	return n;
}

static size_t
phrase_length(struct slice s)
{
	size_t n = 0;

	while (n < s.len && !strchr("\n.;\"", s.data[n]))
		n++;
	return n;
}

static bool
only_digits(struct slice s, size_t least, size_t most)
{
	int64_t n;

	return s.len >= least && s.len <= most && slice_number(s, &n);
}

static bool
value_fits(struct slice value, int how)
{
	if (how == SAID_PIN)
		return only_digits(value, 3, 8);
	if (how == SAID_KEY)
		return value.len >= 12 && secret_has_digit(value);
	return value.len >= 3 && !tells_of_one(value);
}

bool
secret_said(struct slice text, struct secret_found *out)
{
	int first = tolower((unsigned char)text.data[0]);

	for (size_t i = 0; i < COUNT(said_names); i++) {
		if (first != said_names[i].name[0] ||
		    !secret_begins(text, said_names[i].name))
			continue;
		size_t n = strlen(said_names[i].name);
		if (n < text.len && isalnum((unsigned char)text.data[n]))
			continue;
		size_t at = value_at(secret_after(text, n));
		if (at == 0)
			return false;
		at += n;
		bool quoted = at < text.len && strchr("\"'`", text.data[at]);
		at += quoted;
		struct slice rest = secret_after(text, at);
		int how = said_names[i].how;
		size_t len = how == SAID_PHRASE ? phrase_length(rest)
						: word_length(rest);
		struct slice value = slice_make(rest.data, len);
		if (!value_fits(value, how))
			return false;
		*out = (struct secret_found){at, len, said_names[i].kind};
		return true;
	}
	return false;
}
