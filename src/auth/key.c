/* key.c - API keys: "mk_" and 160 random bits in base 32. */
#include "auth/private.h"
#include "mneme/digest.h"

enum { HINT = 7 }; /* "mk_" and four more: enough to know one's own by */

char *
auth_key_text(char text[AUTH_KEY_TEXT + 1])
{
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t bytes[AUTH_KEY_TEXT - 3];

	random_bytes(bytes, sizeof(bytes));
	memcpy(text, "mk_", 3);
	for (size_t i = 0; i < sizeof(bytes); i++)
		text[3 + i] = letters[bytes[i] & 31];
	text[AUTH_KEY_TEXT] = '\0';
	return text;
}

bool
auth_key_make(struct store_txn *txn, struct id profile, struct slice name,
	      enum api_scope scope, const char text[AUTH_KEY_TEXT + 1],
	      struct api_key *out, struct error *err)
{
	struct api_key key = {
		.profile = profile,
		.name = name,
		.hint = slice_make(text, HINT),
		.scope = scope,
	};

	if (!digest_sha256(slice_of(text), key.hash, err) ||
	    !record_api_key_put(txn, &key, err))
		return false;
	*out = key;
	return true;
}
