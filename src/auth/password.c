/*
 * password.c - Argon2id for new hashes (19 MiB, two passes, one lane), bcrypt
 * for those that came from elsewhere.
 *
 * bcrypt reads 72 bytes and silently leaves out the rest, so a longer password
 * never fits such a hash; it stops at a NUL, so none may hold one.  Both
 * libraries are loaded when first used.
 */
#include <argon2.h>
#include <crypt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/private.h"
#include "mneme/buf.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/plugin.h"

enum {
	PASSES = 2,
	MEMORY_KIB = 19 * 1024,
	LANES = 1,
	SALT_BYTES = 16,
	HASH_BYTES = 32,
	ENCODED_MAX = 256,
	BCRYPT_TEXT = 60,
	BCRYPT_PASSWORD_MAX = 72,
	BCRYPT_COST_MAX = 15 /* seconds already; no more from a stranger */
};

static struct {
	int (*hash)(uint32_t, uint32_t, uint32_t, const void *, size_t,
		    const void *, size_t, size_t, char *, size_t);
	int (*verify)(const char *, const void *, size_t);
	const char *(*explain)(int);
} argon;

static char *(*bcrypt)(const char *, const char *, struct crypt_data *);

struct auth_password_work auth_password_work;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static struct error load_error;

static void
load(void)
{
	const struct plugin_symbol argon_symbols[] = {
		{"argon2id_hash_encoded", (void **)&argon.hash},
		{"argon2id_verify", (void **)&argon.verify},
		{"argon2_error_message", (void **)&argon.explain},
	};
	const struct plugin_symbol crypt_symbols[] = {
		{"crypt_r", (void **)&bcrypt},
	};

	loaded = plugin_library("libargon2.so.1", argon_symbols,
				COUNT(argon_symbols), &load_error) &&
		 plugin_library("libcrypt.so.1", crypt_symbols,
				COUNT(crypt_symbols), &load_error);
}

static bool
ready(struct error *err)
{
	pthread_once(&once, load);
	return loaded || error_set(err, load_error.code, "%s", load_error.text);
}

bool
auth_password_fits(struct slice password, struct error *err)
{
	if (password.len < AUTH_PASSWORD_MIN ||
	    password.len > AUTH_PASSWORD_MAX)
		return error_set(err, ERROR_INVALID,
				 "a password has %d to %d bytes, not %zu",
				 AUTH_PASSWORD_MIN, AUTH_PASSWORD_MAX,
				 password.len);
	if (memchr(password.data, '\0', password.len))
		return error_set(err, ERROR_INVALID, "a password holds no NUL");
	return true;
}

static int
run_argon(struct slice password, const uint8_t salt[SALT_BYTES],
	  char text[ENCODED_MAX])
{
	auth_password_work.argon++;
	return argon.hash(PASSES, MEMORY_KIB, LANES,
			  password.data ? password.data : "", password.len,
			  salt, SALT_BYTES, HASH_BYTES, text, ENCODED_MAX);
}

bool
auth_password_hash(struct slice password, struct buf *out, struct error *err)
{
	uint8_t salt[SALT_BYTES];
	char text[ENCODED_MAX];
	int result;

	if (!auth_password_fits(password, err) || !ready(err))
		return false;
	random_bytes(salt, sizeof(salt));
	result = run_argon(password, salt, text);
	if (result != ARGON2_OK)
		return error_set(err, ERROR_IO, "Argon2 failed: %s",
				 argon.explain(result));
	return buf_adds(out, text) ||
	       error_set(err, ERROR_LIMIT, "no room for a hash");
}

static bool
is_bcrypt(struct slice hash)
{
	return slice_starts(hash, "$2a$") || slice_starts(hash, "$2b$") ||
	       slice_starts(hash, "$2y$");
}

static bool
is_argon(struct slice hash)
{
	return slice_starts(hash, "$argon2id$v=19$m=");
}

static bool
bcrypt_fits(struct slice hash)
{
	int64_t cost;

	if (hash.len != BCRYPT_TEXT || hash.data[6] != '$' ||
	    !slice_number(slice_make(hash.data + 4, 2), &cost) || cost < 4 ||
	    cost > BCRYPT_COST_MAX)
		return false;
	for (size_t i = 7; i < hash.len; i++) {
		char c = hash.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      (c >= '.' && c <= '9')))
			return false;
	}
	return true;
}

/* The three numbers of "m=19456,t=2,p=1$"; bounded, as a verification costs
 * what they say. */
static bool
argon_cost(struct slice hash, int64_t cost[3])
{
	static const char *const names[] = {"m=", "t=", "p="};
	struct slice rest = hash, part, all;

	for (int i = 0; i < 4; i++)
		if (!slice_split(&rest, '$', &all))
			return false;
	for (int i = 0; i < 3; i++) {
		if (!slice_split(&all, ',', &part) ||
		    !slice_starts(part, names[i]) ||
		    !slice_number(slice_make(part.data + 2, part.len - 2),
				  &cost[i]))
			return false;
	}
	return cost[0] <= 1 << 20 && cost[1] <= 16 && cost[2] <= 16;
}

bool
auth_password_hash_fits(struct slice hash, struct error *err)
{
	int64_t cost[3];

	if (is_bcrypt(hash) && bcrypt_fits(hash))
		return true;
	if (is_argon(hash) && hash.len < ENCODED_MAX && argon_cost(hash, cost))
		return true;
	return error_set(err, ERROR_INVALID,
			 "not a password hash of a kind that is known: "
			 "bcrypt ($2b$, cost 4 to %d) or $argon2id$",
			 BCRYPT_COST_MAX);
}

static bool
check_bcrypt(const char *password, size_t len, const char *hash, bool *good,
	     struct error *err)
{
	struct crypt_data *data;
	const char *text;

	if (len > BCRYPT_PASSWORD_MAX)
		return true; /* never: it would be cut */
	data = xcalloc(1, sizeof(*data));
	auth_password_work.rounds += 1ul
				     << ((hash[4] - '0') * 10 + hash[5] - '0');
	text = bcrypt(password, hash, data);
	if (text && *text != '*')
		*good = strlen(text) == BCRYPT_TEXT &&
			digest_same(text, hash, BCRYPT_TEXT);
	else
		error_set(err, ERROR_IO, "bcrypt failed");
	bool worked = text && *text != '*';
	explicit_bzero(data, sizeof(*data));
	free(data);
	return worked;
}

static bool
check_argon(const char *password, size_t len, const char *hash, bool *good,
	    bool *old, struct error *err)
{
	int64_t cost[3] = {0};

	auth_password_work.argon++;
	int result = argon.verify(hash, password, len);
	if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH)
		return error_set(err, ERROR_IO, "Argon2 failed: %s",
				 argon.explain(result));
	*good = result == ARGON2_OK;
	*old = !argon_cost(slice_of(hash), cost) || cost[0] < MEMORY_KIB ||
	       cost[1] < PASSES;
	return true;
}

bool
auth_password_check(struct slice password, struct slice hash, bool *good,
		    bool *old, struct error *err)
{
	*good = *old = false;
	if (!auth_password_hash_fits(hash, NULL))
		return error_set(err, ERROR_IO,
				 "a stored password cannot be read");
	if (password.len > AUTH_PASSWORD_MAX ||
	    memchr(password.len ? password.data : "", '\0', password.len))
		return true;
	if (!ready(err))
		return false;
	char *text = slice_dup(password);
	char *stored = slice_dup(hash);
	bool worked;
	if (is_bcrypt(hash)) {
		*old = true;
		worked = check_bcrypt(text, password.len, stored, good, err);
	} else {
		worked =
			check_argon(text, password.len, stored, good, old, err);
	}
	explicit_bzero(text, password.len);
	free(text);
	free(stored);
	return worked;
}

/* ---- signing in ---- */

static void
waste_argon(struct slice password)
{
	static const uint8_t salt[SALT_BYTES] = "nobody has this";
	char text[ENCODED_MAX];

	password.len = MIN(password.len, (size_t)AUTH_PASSWORD_MAX);
	run_argon(password, salt, text);
}

/* As much as a hash of cost `to` takes, or what is left of that after one of
 * cost `from`: each cost takes as long as two of the one before. */
static bool
waste_bcrypt(struct slice password, unsigned from, unsigned to,
	     struct error *err)
{
	char text[BCRYPT_PASSWORD_MAX + 1], setting[BCRYPT_TEXT + 1] = "";
	unsigned cost = from ? from : to, last = from ? to - 1 : to;
	size_t len = MIN(password.len, (size_t)BCRYPT_PASSWORD_MAX);
	bool good, worked = true;

	if (len)
		memcpy(text, password.data, len);
	text[len] = '\0';
	for (; worked && cost <= last; cost++) {
		snprintf(setting, sizeof(setting), "$2b$%02u$%s", cost,
			 "nobodyhasthissaltever.");
		worked = check_bcrypt(text, len, setting, &good, err);
	}
	explicit_bzero(text, sizeof(text));
	return worked;
}

unsigned
auth_password_cost(struct slice hash)
{
	int64_t cost = 0;

	if (is_bcrypt(hash) && bcrypt_fits(hash))
		slice_number(slice_make(hash.data + 4, 2), &cost);
	return (unsigned)cost;
}

bool
auth_password_sign_in(struct slice password, struct slice hash,
		      unsigned slowest, bool *good, struct buf *fresh,
		      struct error *err)
{
	unsigned cost = auth_password_cost(hash);
	size_t max = cost ? BCRYPT_PASSWORD_MAX : AUTH_PASSWORD_MAX;
	/* Not what no account can have as its password. */
	bool looks = hash.len && password.len <= max &&
		     !(password.len && memchr(password.data, 0, password.len));
	bool old = false;

	*good = false;
	if (!ready(err) ||
	    (looks && !auth_password_check(password, hash, good, &old, err)))
		return false;
	cost = looks ? cost : 0;
	if (slowest > cost && !waste_bcrypt(password, cost, slowest, err))
		return false;
	/* An old hash is replaced now that the password is known, unless that
	 * is one that we would not take. */
	bool replaced =
		*good && old && auth_password_hash(password, fresh, NULL);
	if ((!looks || cost) && !replaced)
		waste_argon(password);
	return true;
}
