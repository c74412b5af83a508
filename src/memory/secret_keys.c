/*
 * secret_keys.c - secrets that are known by how they look: keys that begin
 * with their vendor's mark, tokens, private keys, passwords in addresses.
 */
#include "memory/secret.h"

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

bool
secret_vendor_key(struct slice text, struct secret_found *out)
{
	for (size_t i = 0; i < COUNT(vendors); i++) {
		if (text.data[0] != vendors[i].prefix[0] ||
		    !slice_starts(text, vendors[i].prefix))
			continue;
		size_t n = strlen(vendors[i].prefix);
		size_t more = run(secret_after(text, n), vendors[i].also);
		if (more < vendors[i].least ||
		    !secret_has_digit(slice_make(text.data + n, more)))
			continue;
		*out = (struct secret_found){
			0, n + more,
			slice_starts(text, "eyJ") ? "token" : "API key"};
		return true;
	}
	return false;
}

/* Header, payload and signature of a JSON Web Token. */
bool
secret_web_token(struct slice text, struct secret_found *out)
{
	size_t at = 0;

	if (!slice_starts(text, "eyJ"))
		return false;
	for (int part = 0; part < 3; part++) {
		size_t n = run(secret_after(text, at), "");

		if (n < 8)
			return false;
		at += n;
		if (part < 2 && (at >= text.len || text.data[at++] != '.'))
			return false;
	}
	*out = (struct secret_found){0, at, "token"};
	return true;
}

bool
secret_private_key(struct slice text, struct secret_found *out)
{
	static const char end[] = "-----END ";
	struct slice head = slice_make(text.data, MIN(text.len, (size_t)64));

	if (!slice_starts(text, "-----BEGIN ") ||
	    slice_find(head, slice_of("PRIVATE KEY")) == head.len)
		return false;
	size_t at = slice_find(text, slice_of(end));
	if (at < text.len) {
		struct slice tail = secret_after(text, at + sizeof(end) - 1);

		at += sizeof(end) - 1;
		at += MIN(slice_find(tail, slice_of("-----")) + 5, tail.len);
	}
	*out = (struct secret_found){0, at, "private key"};
	return true;
}

/* "Bearer TOKEN", "Basic dXNlcjpwYXNz". */
bool
secret_authorization(struct slice text, struct secret_found *out)
{
	size_t skip = secret_begins(text, "bearer ")  ? 7
		      : secret_begins(text, "basic ") ? 6
						      : 0;
	size_t n = run(secret_after(text, skip), ".+/=~");
	struct slice token = slice_make(text.data + skip, n);

	if (skip == 0 || n < 16 || !secret_has_digit(token))
		return false;
	*out = (struct secret_found){skip, n, "token"};
	return true;
}

/* https://user:password@host */
bool
secret_in_address(struct slice text, struct secret_found *out)
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
	*out = (struct secret_found){colon, at - colon, "password"};
	return true;
}
