/*
 * secrets.c - keys, tokens, numbers and passwords in what people write.
 *
 * A list of detectors is tried wherever a word begins; each looks at the text
 * from there and says how much of it is a secret.  Patterns that could be
 * ordinary text must check out: a card number by Luhn, an IBAN by its
 * remainder, a password by the sentence around it.
 */
#include <ctype.h>
#include <strings.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/memory.h"

struct found {
	size_t skip, len; /* the secret is text[skip .. skip + len) */
	const char *kind;
};

typedef bool detect_fn(struct slice text, struct found *out);

static struct slice
after(struct slice s, size_t n)
{
	n = MIN(n, s.len);
	return slice_make(s.data + n, s.len - n);
}

static bool
begins(struct slice s, const char *word)
{
	size_t n = strlen(word);

	return s.len >= n && strncasecmp(s.data, word, n) == 0;
}

static bool
key_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static size_t
run(struct slice s, const char *also)
{
	size_t n = 0;

	while (n < s.len && s.data[n] &&
	       (key_char(s.data[n]) || strchr(also, s.data[n])))
		n++;
	return n;
}

static bool
has_digit(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (isdigit((unsigned char)s.data[i]))
			return true;
	}
	return false;
}

/* ---- keys that say whose they are ---- */

static const struct {
	const char *prefix;
	size_t least; /* characters after it */
	const char *also;
} vendors[] = {
	{"sk-", 18, ""},
	{"sk_live_", 10, ""},
	{"sk_test_", 10, ""},
	{"rk_live_", 10, ""},
	{"whsec_", 16, "+/="},
	{"ghp_", 30, ""},
	{"gho_", 30, ""},
	{"ghu_", 30, ""},
	{"ghs_", 30, ""},
	{"ghr_", 30, ""},
	{"github_pat_", 30, ""},
	{"glpat-", 16, ""},
	{"xoxb-", 10, ""},
	{"xoxp-", 10, ""},
	{"xoxa-", 10, ""},
	{"xoxr-", 10, ""},
	{"xoxs-", 10, ""},
	{"xapp-", 10, ""},
	{"AKIA", 16, ""},
	{"ASIA", 16, ""},
	{"AIza", 30, ""},
	{"ya29.", 20, "."},
	{"GOCSPX-", 20, ""},
	{"hf_", 24, ""},
	{"npm_", 30, ""},
	{"pypi-", 30, ""},
	{"SG.", 30, "."},
	{"dop_v1_", 30, ""},
	{"shpat_", 24, ""},
	{"shpss_", 24, ""},
	{"sq0atp-", 20, ""},
	{"gsk_", 30, ""},
	{"r8_", 30, ""},
	{"pplx-", 30, ""},
	{"xai-", 30, ""},
	{"tgp_v1_", 20, ""},
	{"lin_api_", 20, ""},
	{"ntn_", 30, ""},
	{"secret_", 30, ""},
	{"dckr_pat_", 16, ""},
	{"glsa_", 20, ""},
	{"NRAK-", 20, ""},
	{"PMAK-", 20, ""},
	{"figd_", 20, ""},
	{"vault:v1:", 20, "+/="},
	{"hvs.", 20, ""},
	{"AGE-SECRET-KEY-", 30, ""},
	{"key-", 30, ""},
	{"rzp_live_", 12, ""},
	{"eyJhbGciOi", 20, "."},
};

static bool
vendor_key(struct slice text, struct found *out)
{
	for (size_t i = 0; i < COUNT(vendors); i++) {
		if (text.data[0] != vendors[i].prefix[0] ||
		    !slice_starts(text, vendors[i].prefix))
			continue;
		size_t n = strlen(vendors[i].prefix);
		size_t more = run(after(text, n), vendors[i].also);
		if (more < vendors[i].least ||
		    !has_digit(slice_make(text.data + n, more)))
			continue;
		*out = (struct found){0, n + more,
				      slice_starts(text, "eyJ") ? "token"
								: "API key"};
		return true;
	}
	return false;
}

/* Header, payload and signature of a JSON Web Token. */
static bool
web_token(struct slice text, struct found *out)
{
	size_t at = 0;

	if (!slice_starts(text, "eyJ"))
		return false;
	for (int part = 0; part < 3; part++) {
		size_t n = run(after(text, at), "");

		if (n < 8)
			return false;
		at += n;
		if (part < 2 && (at >= text.len || text.data[at++] != '.'))
			return false;
	}
	*out = (struct found){0, at, "token"};
	return true;
}

static bool
private_key(struct slice text, struct found *out)
{
	static const char end[] = "-----END ";
	struct slice head = slice_make(text.data, MIN(text.len, (size_t)64));

	if (!slice_starts(text, "-----BEGIN ") ||
	    slice_find(head, slice_of("PRIVATE KEY")) == head.len)
		return false;
	size_t at = slice_find(text, slice_of(end));
	if (at < text.len) {
		struct slice tail = after(text, at + sizeof(end) - 1);

		at += sizeof(end) - 1;
		at += MIN(slice_find(tail, slice_of("-----")) + 5, tail.len);
	}
	*out = (struct found){0, at, "private key"};
	return true;
}

/* "Bearer TOKEN", "Basic dXNlcjpwYXNz". */
static bool
authorization(struct slice text, struct found *out)
{
	size_t skip = begins(text, "bearer ")  ? 7
		      : begins(text, "basic ") ? 6
					       : 0;
	size_t n = run(after(text, skip), ".+/=~");
	struct slice token = slice_make(text.data + skip, n);

	if (skip == 0 || n < 16 || !has_digit(token))
		return false;
	*out = (struct found){skip, n, "token"};
	return true;
}

/* https://user:password@host */
static bool
in_address(struct slice text, struct found *out)
{
	size_t scheme = 0, colon = 0, at;

	while (scheme < text.len && scheme < 16 &&
	       isalpha((unsigned char)text.data[scheme]))
		scheme++;
	if (scheme == 0 || scheme + 3 >= text.len ||
	    memcmp(text.data + scheme, "://", 3) != 0)
		return false;
	for (at = scheme + 3; at < text.len && text.data[at] > ' ' &&
			      !strchr("/?#@\"'<>", text.data[at]);
	     at++) {
		if (text.data[at] == ':' && !colon)
			colon = at + 1;
	}
	if (!colon || at >= text.len || text.data[at] != '@' || at == colon)
		return false;
	*out = (struct found){colon, at - colon, "password"};
	return true;
}

/* ---- numbers that check ---- */

static bool
luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2)
			d = d > 4 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return sum % 10 == 0;
}

static bool
card_number(struct slice text, struct found *out)
{
	char digits[20];
	size_t n = 0, at = 0, end = 0;
	bool same = true;

	if (text.len == 0 || text.data[0] < '2' || text.data[0] > '6')
		return false;
	for (; at < text.len; at++) {
		char c = text.data[at];

		if (isdigit((unsigned char)c)) {
			if (n == sizeof(digits) - 1)
				return false;
			digits[n++] = c;
			same = same && c == digits[0];
			end = at + 1;
		} else if ((c != ' ' && c != '-') || at == 0 ||
			   !isdigit((unsigned char)text.data[at - 1])) {
			break;
		}
	}
	if (n < 13 || same || !luhn(digits, n))
		return false;
	if (end < text.len && isalnum((unsigned char)text.data[end]))
		return false;
	*out = (struct found){0, end, "card number"};
	return true;
}

static unsigned
iban_remainder(const char *iban, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++) {
		char c = iban[(i + 4) % n];

		if (isdigit((unsigned char)c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
	}
	return rest;
}

static bool
iban(struct slice text, struct found *out)
{
	char plain[35];
	size_t n = 0, best = 0;

	for (size_t at = 0; at < text.len && n < sizeof(plain) - 1; at++) {
		char c = text.data[at];

		if (c == ' ' && at > 0 && text.data[at - 1] != ' ')
			continue;
		if (!isdigit((unsigned char)c) && !(c >= 'A' && c <= 'Z'))
			break;
		if ((n < 2) != !isdigit((unsigned char)c) && n < 4)
			return false;
		plain[n++] = c;
		if (n >= 15 && iban_remainder(plain, n) == 1)
			best = at + 1;
	}
	if (best == 0 ||
	    (best < text.len && isalnum((unsigned char)text.data[best])))
		return false;
	*out = (struct found){0, best, "IBAN"};
	return true;
}

/* ---- said in a sentence ---- */

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
		    begins(word, no_passwords[i]))
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
		if (begins(s, links[i]))
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
		size_t n = link_length(after(s, at));
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
		return value.len >= 12 && has_digit(value);
	return value.len >= 3 && !tells_of_one(value);
}

static bool
said_in_a_sentence(struct slice text, struct found *out)
{
	int first = tolower((unsigned char)text.data[0]);

	for (size_t i = 0; i < COUNT(said_names); i++) {
		if (first != said_names[i].name[0] ||
		    !begins(text, said_names[i].name))
			continue;
		size_t n = strlen(said_names[i].name);
		if (n < text.len && isalnum((unsigned char)text.data[n]))
			continue;
		size_t at = value_at(after(text, n));
		if (at == 0)
			return false;
		at += n;
		bool quoted = at < text.len && strchr("\"'`", text.data[at]);
		at += quoted;
		struct slice rest = after(text, at);
		int how = said_names[i].how;
		size_t len = how == SAID_PHRASE ? phrase_length(rest)
						: word_length(rest);
		struct slice value = slice_make(rest.data, len);
		if (!value_fits(value, how))
			return false;
		*out = (struct found){at, len, said_names[i].kind};
		return true;
	}
	return false;
}

/* ---- the search ---- */

static detect_fn *const detectors[] = {
	private_key, web_token, vendor_key,  authorization,
	in_address,  iban,      card_number, said_in_a_sentence,
};

static bool
word_begins(struct slice text, size_t at)
{
	return at == 0 || (!isalnum((unsigned char)text.data[at - 1]) &&
			   text.data[at - 1] != '_');
}

size_t
memory_secrets(struct slice text, struct memory_secret *out, size_t max)
{
	size_t n = 0;

	for (size_t at = 0; at < text.len && n < max; at++) {
		struct found f = {0};
		bool hit = false;

		if ((unsigned char)text.data[at] <= ' ' ||
		    !word_begins(text, at))
			continue;
		for (size_t i = 0; i < COUNT(detectors) && !hit; i++)
			hit = detectors[i](after(text, at), &f) && f.len > 0;
		if (!hit)
			continue;
		out[n++] = (struct memory_secret){at + f.skip, f.len, f.kind};
		at += f.skip + f.len - 1;
	}
	return n;
}

struct slice
memory_redacted(struct slice text, struct arena *arena, const char **kind)
{
	struct memory_secret found[MEMORY_SECRETS_MAX];
	size_t n = memory_secrets(text, found, COUNT(found));
	SCOPED(buf_clear) struct buf out;
	size_t at = 0;

	buf_init(&out, text.len + COUNT(found) * 32);
	if (kind)
		*kind = n ? found[0].kind : NULL;
	if (n == 0)
		return text;
	for (size_t i = 0; i < n; i++) {
		buf_add(&out, text.data + at, found[i].from - at);
		buf_addf(&out, "[%s]", found[i].kind);
		at = found[i].from + found[i].len;
	}
	/* What may hold more than could be listed is not passed on. */
	if (n < COUNT(found))
		buf_add(&out, text.data + at, text.len - at);
	return arena_copy(arena, buf_slice(&out));
}
