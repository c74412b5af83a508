/*
 * secrets.c - keys, tokens, numbers and passwords in what people write.
 *
 * A list of detectors is tried wherever a word begins; each looks at the text
 * from there and says how much of it is a secret.  Patterns that could be
 * ordinary text must check out: a card number by Luhn, an IBAN by its
 * remainder, a password by the sentence around it.
 */
#include "memory/secret.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/memory.h"

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
card_number(struct slice text, struct secret_found *out)
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
	*out = (struct secret_found){0, end, "card number"};
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
iban(struct slice text, struct secret_found *out)
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
	*out = (struct secret_found){0, best, "IBAN"};
	return true;
}

/* ---- the search ---- */

static secret_fn *const detectors[] = {
	secret_private_key,   secret_web_token,  secret_vendor_key,
	secret_authorization, secret_in_address, iban,
	card_number,          secret_said,
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
		struct secret_found f = {0};
		bool hit = false;

		if ((unsigned char)text.data[at] <= ' ' ||
		    !word_begins(text, at))
			continue;
		for (size_t i = 0; i < COUNT(detectors) && !hit; i++)
			hit = detectors[i](secret_after(text, at), &f) &&
			      f.len > 0;
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
