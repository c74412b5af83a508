/*
 * jwt.c - signed claims, in few lines.
 *
 * The header is never asked how to verify: the key says that, and a header
 * that names anything else is refused.  So "none", a public key taken for a
 * MAC's, and keys that a token brings along have no way in.
 */
#include "auth/private.h"
#include "mneme/base64.h"
#include "mneme/digest.h"
#include "mneme/json.h"

static bool
read_part(struct slice text, json_t **out, struct error *err)
{
	SCOPED(buf_clear) struct buf bytes;

	buf_init(&bytes, AUTH_TOKEN_MAX);
	if (!base64url_read(text, &bytes))
		return error_set(err, ERROR_AUTH, "the token is not base 64");
	*out = json_read(buf_slice(&bytes), err);
	if (*out && !json_is_object(*out))
		json_drop(out);
	return *out || error_set(err, ERROR_AUTH,
				 "a part of the token is no JSON object");
}

bool
jwt_read(struct slice token, struct jwt *jwt, struct error *err)
{
	struct slice rest = token, part[3];
	size_t n = 0;

	*jwt = (struct jwt){0};
	buf_init(&jwt->signature, 1024);
	if (token.len > AUTH_TOKEN_MAX)
		return error_set(err, ERROR_AUTH, "the token is too long");
	while (n < 3 && slice_split(&rest, '.', &part[n]))
		n++;
	/* "a.b." is two parts for slice_split(), three for RFC 7515. */
	if (n == 2 && token.len && token.data[token.len - 1] == '.')
		part[n++] = slice_make(token.data + token.len, 0);
	if (n != 3 || rest.len != 0 ||
	    part[2].data + part[2].len != token.data + token.len)
		return error_set(err, ERROR_AUTH,
				 "the token has not three parts");
	jwt->body = slice_make(
		token.data, (size_t)(part[1].data + part[1].len - token.data));
	if (!base64url_read(part[2], &jwt->signature))
		return error_set(err, ERROR_AUTH,
				 "the token's signature is not base 64");
	return read_part(part[0], &jwt->header, err) &&
	       read_part(part[1], &jwt->claims, err);
}

void
jwt_clear(struct jwt *jwt)
{
	json_drop(&jwt->header);
	json_drop(&jwt->claims);
	buf_clear(&jwt->signature);
}

static bool
header_is(const struct jwt *jwt, const char *algorithm, struct error *err)
{
	const json_t *type = json_object_get(jwt->header, "typ");

	if (!slice_is(json_text(jwt->header, "alg"), algorithm))
		return error_set(err, ERROR_AUTH,
				 "the token's algorithm is not %s", algorithm);
	if (type && (!json_is_string(type) ||
		     strcasecmp(json_string_value(type), "JWT") != 0))
		return error_set(err, ERROR_AUTH,
				 "the token's type is not "
				 "JWT");
	if (json_object_get(jwt->header, "crit"))
		return error_set(err, ERROR_AUTH, "the token wants extensions");
	return true;
}

bool
jwt_check_hmac(const struct jwt *jwt, struct slice key, struct error *err)
{
	uint8_t mac[DIGEST_BYTES];

	if (!header_is(jwt, "HS256", err) ||
	    !digest_hmac(key, jwt->body, mac, err))
		return false;
	if (jwt->signature.len != sizeof(mac) ||
	    !digest_same(mac, jwt->signature.data, sizeof(mac)))
		return error_set(err, ERROR_AUTH,
				 "the token's signature is wrong");
	return true;
}

bool
jwt_check_rsa(const struct jwt *jwt, const struct rsa_key *key,
	      struct error *err)
{
	if (!header_is(jwt, "RS256", err))
		return false;
	return rsa_key_verify(key, jwt->body, buf_slice(&jwt->signature)) ||
	       error_set(err, ERROR_AUTH, "the token's signature is wrong");
}

bool
jwt_check_unsigned(const struct jwt *jwt, struct error *err)
{
	if (!header_is(jwt, "none", err))
		return false;
	return jwt->signature.len == 0 ||
	       error_set(err, ERROR_AUTH, "an unsigned token has a signature");
}

bool
jwt_write_hmac(struct slice claims, struct slice key, struct buf *out,
	       struct error *err)
{
	size_t from = out->len;
	uint8_t mac[DIGEST_BYTES];

	base64url_write(slice_of("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), out);
	buf_addc(out, '.');
	base64url_write(claims, out);
	if (!digest_hmac(key, slice_make(buf_text(out) + from, out->len - from),
			 mac, err))
		return false;
	buf_addc(out, '.');
	base64url_write(slice_make(mac, sizeof(mac)), out);
	return !out->over || error_set(err, ERROR_LIMIT, "no room for a token");
}

bool
jwt_number(const struct jwt *jwt, const char *name, int64_t *value)
{
	const json_t *claim = json_object_get(jwt->claims, name);

	if (!json_is_integer(claim))
		return false;
	*value = json_integer_value(claim);
	return true;
}
