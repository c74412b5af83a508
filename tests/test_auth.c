/* Who may come in, and every way of faking it that we know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "auth/private.h"
#include "mneme/base64.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/file.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "support_store.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define EMAIL "ada@example.org"
#define PASSWORD "correct horse"
/* bcrypt, cost 4, of the same. */
#define BCRYPT "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"

static void
base64_has_one_text_for_each_reading(void **state)
{
	static const struct {
		const char *bytes, *text, *url;
	} cases[] = {
		{"", "", ""},
		{"f", "Zg==", "Zg"},
		{"fo", "Zm8=", "Zm8"},
		{"foo", "Zm9v", "Zm9v"},
		{"foob", "Zm9vYg==", "Zm9vYg"},
		{"\xfb\xff\xfe", "+//+", "-__-"},
	};
	static const char *const bad[] = {
		"Zg=",   "Zg",     "Z===", "Zh==",     "Zm9=",
		"Zm 8=", "Zm8=\n", "====", "Zg==Zg==", "-__-",
	};
	static const char *const bad_url[] = {"Zg==", "Zh",   "Zm9",
					      "Z",    "+//+", "Zm8 "};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, 64);
		assert_true(base64_write(slice_of(cases[i].bytes), &out));
		assert_string_equal(buf_text(&out), cases[i].text);
		buf_reset(&out);
		assert_true(base64url_write(slice_of(cases[i].bytes), &out));
		assert_string_equal(buf_text(&out), cases[i].url);
		buf_reset(&out);
		assert_true(base64_read(slice_of(cases[i].text), &out));
		assert_string_equal(buf_text(&out), cases[i].bytes);
		buf_reset(&out);
		assert_true(base64url_read(slice_of(cases[i].url), &out));
		assert_string_equal(buf_text(&out), cases[i].bytes);
		buf_clear(&out);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct buf out;

		buf_init(&out, 64);
		if (base64_read(slice_of(bad[i]), &out) || out.len)
			fail_msg("%s was read", bad[i]);
		buf_clear(&out);
	}
	for (size_t i = 0; i < COUNT(bad_url); i++) {
		struct buf out;

		buf_init(&out, 64);
		if (base64url_read(slice_of(bad_url[i]), &out) || out.len)
			fail_msg("%s was read", bad_url[i]);
		buf_clear(&out);
	}
}

/* ---- passwords */

static void
a_password_is_hashed_and_checked_whole(void **state)
{
	char long_one[AUTH_PASSWORD_MAX + 1];
	struct buf hash;
	bool good, old;

	(void)state;
	memset(long_one, 'x', sizeof(long_one));
	buf_init(&hash, RECORD_PASSWORD_MAX);
	assert_true(auth_password_hash(slice_make(long_one, AUTH_PASSWORD_MAX),
				       &hash, NULL));
	assert_true(slice_starts(buf_slice(&hash),
				 "$argon2id$v=19$m=19456,t=2,p=1$"));
	assert_true(auth_password_check(slice_make(long_one, AUTH_PASSWORD_MAX),
					buf_slice(&hash), &good, &old, NULL));
	assert_true(good);
	assert_false(old);
	assert_true(
		auth_password_check(slice_make(long_one, AUTH_PASSWORD_MAX - 1),
				    buf_slice(&hash), &good, &old, NULL));
	assert_false(good);
	assert_false(auth_password_fits(slice_make(long_one, sizeof(long_one)),
					NULL));
	assert_false(auth_password_fits(slice_of("seven77"), NULL));
	assert_false(auth_password_fits(slice_make("12345678\0", 9), NULL));
	buf_clear(&hash);
}

static void
bcrypt_is_checked_and_never_cut(void **state)
{
	static const char hash[] = BCRYPT;
	struct error err = {0};
	bool good, old;

	(void)state;
	assert_true(auth_password_hash_fits(slice_of(hash), &err));
	assert_true(auth_password_check(slice_of(PASSWORD), slice_of(hash),
					&good, &old, &err));
	assert_true(good);
	assert_true(old);
	char too_long[80];
	memset(too_long, 'a', sizeof(too_long));
	/* Of 72 letters a: libcrypt would take 73 of them too. */
	static const char letters[] =
		"$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
	assert_true(auth_password_check(slice_make(too_long, 72),
					slice_of(letters), &good, &old, &err));
	assert_true(good);
	assert_true(auth_password_check(slice_make(too_long, 73),
					slice_of(letters), &good, &old, &err));
	assert_false(good);
}

static void
only_hashes_of_known_kinds_are_taken(void **state)
{
	static const char *const bad[] = {
		"",
		"plain",
		"$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE",
		"$2x$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABCDE",
		"$2b$10$abc",
		"$2b$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzABC:E",
		"$1$salt$hash",
		"$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
		"$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (auth_password_hash_fits(slice_of(bad[i]), NULL))
			fail_msg("%s was taken", bad[i]);
}

static void
only_addresses_are_addresses(void **state)
{
	static const char *const good[] = {"a@b", "ada+x@example.org",
					   "ünï@exämple.org"};
	static const char *const bad[] = {"",      "a",      "@b",    "a@",
					  "a@b@c", "a b@c",  "a@b\n", "<a@b>",
					  "a,b@c", "a\x7f@b"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(auth_email_fits(slice_of(good[i]), NULL));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (auth_email_fits(slice_of(bad[i]), NULL))
			fail_msg("%s was taken", bad[i]);
}

/* ---- a server's auth */

struct desk {
	struct scratch *scratch;
	struct loop *loop;
	struct auth *auth;
	struct arena arena;
	/* What the last `done` said. */
	bool told, granted, made;
	enum error_code code;
	struct slice access, refresh, name, email;
	struct id profile;
};

static int
desk_make(void **state)
{
	struct desk *desk = xcalloc(1, sizeof(*desk));
	struct auth_settings settings = {
		.secret = slice_of(SECRET),
		.access_life = 30 * CLOCK_MINUTE,
		.firebase_project = "demo",
		.firebase_emulator = true,
	};
	void *scratch;

	scratch_make(&scratch);
	desk->scratch = scratch;
	desk->loop = loop_create(NULL);
	desk->auth =
		auth_create(desk->loop, desk->scratch->store, &settings, NULL);
	*state = desk;
	return desk->auth ? 0 : -1;
}

static int
desk_drop(void **state)
{
	struct desk *desk = *state;
	void *scratch = desk->scratch;

	auth_destroy(&desk->auth);
	scratch_drop(&scratch);
	loop_destroy(&desk->loop);
	arena_clear(&desk->arena);
	free(desk);
	return 0;
}

static void
on_done(void *arg, const struct auth_grant *grant, const struct error *err)
{
	struct desk *desk = arg;

	assert_false(desk->told);
	desk->told = true;
	desk->granted = grant != NULL;
	desk->code = err ? err->code : ERROR_NONE;
	if (!grant)
		return;
	desk->made = grant->made;
	desk->access = arena_copy(&desk->arena, grant->access);
	desk->refresh = arena_copy(&desk->arena, grant->refresh);
	desk->name = arena_copy(&desk->arena, grant->profile.name);
	desk->email = arena_copy(&desk->arena, grant->profile.email);
	desk->profile = grant->profile.id;
}

/* What began (or failed at once) to its end. */
static enum error_code
end(struct desk *desk, bool began, const struct error *err)
{
	if (!began)
		return err->code;
	while (!desk->told)
		loop_turn(desk->loop, true);
	desk->told = false;
	return desk->code;
}

static const struct auth_client client = {{"test", 4}, {"127.0.0.1", 9}};

static enum error_code
enrol(struct desk *desk, const char *email, const char *name)
{
	struct auth_account account = {slice_of(email), slice_of(name),
				       slice_of(PASSWORD)};
	struct error err = {0};

	return end(desk,
		   auth_register(desk->auth, &account, &client, on_done, desk,
				 &err),
		   &err);
}

static enum error_code
login(struct desk *desk, const char *who, const char *password)
{
	struct error err = {0};

	return end(desk,
		   auth_login(desk->auth, slice_of(who), slice_of(password),
			      &client, on_done, desk, &err),
		   &err);
}

static enum error_code
renew(struct desk *desk, struct slice token)
{
	struct error err = {0};

	return end(desk, auth_refresh(desk->auth, token, on_done, desk, &err),
		   &err);
}

static bool
check_bearer(struct desk *desk, struct slice bearer, struct auth_caller *caller,
	     struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(desk->scratch->store, err);

	return auth_check(desk->auth, txn, bearer, caller, err);
}

static bool
is_good(struct desk *desk, struct slice bearer)
{
	struct auth_caller caller;

	return check_bearer(desk, bearer, &caller, NULL);
}

static void
an_account_is_made_once_and_signs_in(void **state)
{
	struct desk *desk = *state;
	struct auth_caller caller;

	assert_int_equal(enrol(desk, EMAIL, "ada"), ERROR_NONE);
	assert_true(desk->made);
	assert_true(check_bearer(desk, desk->access, &caller, NULL));
	assert_true(id_equal(caller.profile, desk->profile));
	assert_true(caller.may_write);
	assert_int_equal(enrol(desk, EMAIL, "other"), ERROR_CONFLICT);
	assert_int_equal(enrol(desk, "ADA@example.org", "x"), ERROR_CONFLICT);
	assert_int_equal(enrol(desk, "b@example.org", "Ada"), ERROR_CONFLICT);
	assert_int_equal(enrol(desk, "b@example.org", "a@b"), ERROR_INVALID);
	assert_int_equal(enrol(desk, "ada@example.net", ""), ERROR_NONE);
	assert_true(slice_is(desk->name, "ada-2"));

	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_NONE);
	assert_int_equal(login(desk, "ada", PASSWORD), ERROR_NONE);
	assert_int_equal(login(desk, EMAIL, "wrong"), ERROR_AUTH);
	assert_int_equal(login(desk, "nobody@example.org", PASSWORD),
			 ERROR_AUTH);
	assert_int_equal(login(desk, "", ""), ERROR_AUTH);
}

static void
a_refresh_token_used_twice_ends_the_session(void **state)
{
	struct desk *desk = *state;

	enrol(desk, EMAIL, "ada");
	struct slice first = desk->refresh, access = desk->access;
	login(desk, EMAIL, PASSWORD);
	struct slice other = desk->access;

	assert_int_equal(renew(desk, first), ERROR_NONE);
	struct slice second = desk->refresh;
	assert_false(slice_equal(first, second));
	assert_true(is_good(desk, access));
	assert_int_equal(renew(desk, second), ERROR_NONE);
	struct slice third = desk->refresh;

	assert_int_equal(renew(desk, first), ERROR_AUTH);
	assert_int_equal(renew(desk, third), ERROR_AUTH);
	assert_false(is_good(desk, access));
	assert_true(is_good(desk, other));
}

static void
a_made_up_refresh_token_ends_nothing(void **state)
{
	struct desk *desk = *state;
	struct refresh r;
	struct buf text;

	enrol(desk, EMAIL, "ada");
	struct slice good = desk->refresh;
	buf_init(&text, REFRESH_TEXT_MAX);
	assert_true(refresh_read(good, &r));
	r.secret[0] ^= 1;
	refresh_write(&r, &text);
	assert_int_equal(renew(desk, buf_slice(&text)), ERROR_AUTH);
	assert_int_equal(renew(desk, slice_of("mr_")), ERROR_AUTH);
	assert_int_equal(renew(desk, slice_of("")), ERROR_AUTH);
	assert_int_equal(renew(desk, desk->access), ERROR_AUTH);
	assert_int_equal(renew(desk, good), ERROR_NONE);
	buf_clear(&text);
}

static void
logout_ends_the_access_token_too(void **state)
{
	struct desk *desk = *state;
	struct auth_caller caller;
	struct error err = {0};

	enrol(desk, EMAIL, "ada");
	assert_true(check_bearer(desk, desk->access, &caller, NULL));
	assert_int_equal(
		end(desk,
		    auth_logout(desk->auth, caller.profile, caller.session,
				desk->refresh, on_done, desk, &err),
		    &err),
		ERROR_NONE);
	assert_false(is_good(desk, desk->access));
	assert_int_equal(renew(desk, desk->refresh), ERROR_AUTH);
}

static void
nobody_ends_the_session_of_another(void **state)
{
	struct desk *desk = *state;
	struct auth_caller caller;
	struct error err = {0};

	enrol(desk, EMAIL, "ada");
	struct slice refresh = desk->refresh, access = desk->access;
	enrol(desk, "bob@example.org", "bob");
	assert_true(check_bearer(desk, desk->access, &caller, NULL));
	assert_int_equal(
		end(desk,
		    auth_logout(desk->auth, caller.profile, caller.session,
				refresh, on_done, desk, &err),
		    &err),
		ERROR_NONE);
	assert_true(is_good(desk, access));
	assert_int_equal(renew(desk, refresh), ERROR_NONE);
}

static enum error_code
change(struct desk *desk, struct id profile, const char *old, const char *fresh)
{
	struct error err = {0};

	return end(desk,
		   auth_change_password(desk->auth, profile, slice_of(old),
					slice_of(fresh), on_done, desk, &err),
		   &err);
}

static void
a_new_password_ends_every_session(void **state)
{
	struct desk *desk = *state;

	enrol(desk, EMAIL, "ada");
	struct slice access = desk->access, refresh = desk->refresh;
	struct id profile = desk->profile;

	assert_int_equal(change(desk, profile, "wrong one", "another one"),
			 ERROR_AUTH);
	assert_int_equal(change(desk, profile, PASSWORD, "short"),
			 ERROR_INVALID);
	assert_true(is_good(desk, access));
	assert_int_equal(change(desk, profile, PASSWORD, "another one"),
			 ERROR_NONE);
	assert_false(is_good(desk, access));
	assert_int_equal(renew(desk, refresh), ERROR_AUTH);
	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_AUTH);
	assert_int_equal(login(desk, EMAIL, "another one"), ERROR_NONE);
}

static bool
put_bcrypt(struct store_txn *txn, void *arg, struct error *err)
{
	return record_password_put(txn, *(struct id *)arg, slice_of(BCRYPT),
				   err);
}

static void
an_old_hash_is_replaced_at_sign_in(void **state)
{
	struct desk *desk = *state;
	struct slice hash;
	bool found;

	enrol(desk, EMAIL, "ada");
	assert_true(store_write(desk->scratch->store, put_bcrypt,
				&desk->profile, NULL));
	assert_int_equal(login(desk, EMAIL, "wrong one"), ERROR_AUTH);
	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_NONE);
	struct store_txn *txn = store_read(desk->scratch->store, NULL);
	assert_true(record_password_get(txn, desk->profile, &desk->arena, &hash,
					&found, NULL));
	store_end(&txn);
	assert_true(slice_starts(hash, "$argon2id$"));
	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_NONE);
}

/* What one sign-in computes. */
static void
work_of(struct desk *desk, const char *who, const char *password,
	unsigned long work[2])
{
	unsigned long argon = auth_password_work.argon;
	unsigned long rounds = auth_password_work.rounds;

	assert_int_equal(login(desk, who, password), ERROR_AUTH);
	work[0] = auth_password_work.argon - argon;
	work[1] = auth_password_work.rounds - rounds;
}

static bool
put_slower(struct store_txn *txn, void *arg, struct error *err)
{
	/* Cost 7; the rest does not matter. */
	return record_password_put(
		txn, *(struct id *)arg,
		slice_of("$2b$07$abcdefghijklmnopqrstuujydOTSfIH/"
			 "d5oUHpsygqV5X9xJLQc6e"),
		err);
}

static void
a_sign_in_takes_the_same_work_whoever_there_is(void **state)
{
	static const char *const passwords[] = {
		"wrong one",
		"",
		"a wrong one that has more bytes than bcrypt looks at, which "
		"are seventy-two",
	};
	struct desk *desk = *state;

	enrol(desk, "bob@example.org", "bob"); /* Argon2id */
	enrol(desk, "eve@example.org", "eve"); /* bcrypt, cost 7 */
	assert_true(store_write(desk->scratch->store, put_slower,
				&desk->profile, NULL));
	enrol(desk, EMAIL, "ada"); /* bcrypt, cost 4 */
	assert_true(store_write(desk->scratch->store, put_bcrypt,
				&desk->profile, NULL));
	for (size_t i = 0; i < COUNT(passwords); i++) {
		static const char *const people[] = {"nobody@example.org",
						     "bob@example.org",
						     "eve@example.org", EMAIL};

		for (size_t j = 0; j < COUNT(people); j++) {
			unsigned long work[2];

			work_of(desk, people[j], passwords[i], work);
			assert_int_equal(work[0], 1);
			assert_int_equal(work[1], 1 << 7);
		}
	}
}

/* ---- API keys */

struct key_change {
	struct id profile;
	char text[AUTH_KEY_TEXT + 1];
	enum api_scope scope;
	struct api_key key;
	bool was;
};

static bool
make_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct key_change *c = arg;

	return auth_key_make(txn, c->profile, slice_of("laptop"), c->scope,
			     c->text, &c->key, err);
}

static bool
drop_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct key_change *c = arg;

	return record_api_key_delete(txn, c->profile, c->key.id, &c->was, err);
}

static bool
delete_profile(struct store_txn *txn, void *arg, struct error *err)
{
	struct key_change *c = arg;

	return record_profile_delete(txn, c->profile, 1000, &c->was, err);
}

static void
a_key_lets_in_until_it_is_revoked(void **state)
{
	struct desk *desk = *state;
	struct key_change c = {.scope = API_READ};
	struct auth_caller caller;

	enrol(desk, EMAIL, "ada");
	c.profile = desk->profile;
	auth_key_text(c.text);
	assert_int_equal(strlen(c.text), AUTH_KEY_TEXT);
	assert_true(store_write(desk->scratch->store, make_key, &c, NULL));
	assert_true(check_bearer(desk, slice_of(c.text), &caller, NULL));
	assert_true(id_equal(caller.profile, c.profile));
	assert_true(id_equal(caller.key, c.key.id));
	assert_false(caller.may_write);
	c.text[10] ^= 1;
	assert_false(is_good(desk, slice_of(c.text)));
	c.text[10] ^= 1;
	assert_true(store_write(desk->scratch->store, drop_key, &c, NULL));
	assert_true(c.was);
	assert_false(is_good(desk, slice_of(c.text)));
}

static void
nothing_lets_in_to_an_account_that_is_gone(void **state)
{
	struct desk *desk = *state;
	struct key_change c = {.scope = API_WRITE};

	enrol(desk, EMAIL, "ada");
	struct slice access = desk->access, refresh = desk->refresh;
	c.profile = desk->profile;
	auth_key_text(c.text);
	assert_true(store_write(desk->scratch->store, make_key, &c, NULL));
	assert_true(
		store_write(desk->scratch->store, delete_profile, &c, NULL));
	assert_false(is_good(desk, slice_of(c.text)));
	assert_false(is_good(desk, access));
	assert_int_equal(renew(desk, refresh), ERROR_AUTH);
	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_AUTH);
	assert_int_equal(enrol(desk, EMAIL, "ada"), ERROR_NONE);
	assert_false(is_good(desk, slice_of(c.text)));
}

/* ---- forged tokens */

static void
forge(const char *header, const char *claims, const char *key, struct buf *out)
{
	uint8_t mac[DIGEST_BYTES];

	buf_reset(out);
	base64url_write(slice_of(header), out);
	buf_addc(out, '.');
	base64url_write(slice_of(claims), out);
	if (key)
		digest_hmac(slice_of(key), buf_slice(out), mac, NULL);
	buf_addc(out, '.');
	if (key)
		base64url_write(slice_make(mac, sizeof(mac)), out);
}

#define HS256 "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static void
forged_tokens_do_not_let_in(void **state)
{
	static const struct {
		const char *header, *key, *change, *to;
		bool good;
		const char *why;
	} cases[] = {
		{HS256, SECRET, "", "", true, "our own"},
		{"{\"alg\":\"HS256\"}", SECRET, "", "", true,
		 "typ is optional"},
		{"{\"alg\":\"none\",\"typ\":\"JWT\"}", NULL, "", "", false,
		 "no signature"},
		{"{\"alg\":\"None\",\"typ\":\"JWT\"}", NULL, "", "", false,
		 "no signature, in other letters"},
		{"{\"alg\":\"none\"}", SECRET, "", "", false,
		 "none, but signed"},
		{HS256, NULL, "", "", false, "an empty signature"},
		{HS256, "another key of thirty-two bytes.", "", "", false,
		 "another key"},
		{HS256, "", "", "", false, "an empty key"},
		{"{\"alg\":\"HS512\"}", SECRET, "", "", false,
		 "another algorithm"},
		{"{\"alg\":\"RS256\"}", SECRET, "", "", false,
		 "a key of another kind"},
		{"{\"alg\":[\"HS256\"]}", SECRET, "", "", false,
		 "a list of algorithms"},
		{"{}", SECRET, "", "", false, "no algorithm"},
		{"{\"alg\":\"HS256\",\"alg\":\"none\"}", SECRET, "", "", false,
		 "two algorithms"},
		{"{\"alg\":\"HS256\",\"crit\":[\"b64\"]}", SECRET, "", "",
		 false, "an extension"},
		{"{\"alg\":\"HS256\",\"typ\":\"JWE\"}", SECRET, "", "", false,
		 "another type"},
		{HS256, SECRET, "\"use\":\"access\"", "\"use\":\"refresh\"",
		 false, "for another use"},
		{HS256, SECRET, "\"use\":\"access\",", "", false, "for no use"},
		{HS256, SECRET, "\"aud\":\"mneme\"", "\"aud\":\"other\"", false,
		 "another audience"},
		{HS256, SECRET, "\"aud\":\"mneme\"", "\"aud\":[\"mneme\"]",
		 false, "a list of audiences"},
		{HS256, SECRET, "\"iss\":\"mneme\"", "\"iss\":\"other\"", false,
		 "another issuer"},
		{HS256, SECRET, "\"exp\":", "\"exp\":1,\"x\":", false,
		 "expired"},
		{HS256, SECRET, "\"exp\":", "\"exq\":", false, "for ever"},
		{HS256, SECRET, "\"exp\":", "\"exp\":1e15,\"x\":", false,
		 "a time that is no whole number"},
		{HS256, SECRET, "\"iat\":", "\"iat\":99999999999,\"x\":", false,
		 "from the future"},
		{HS256, SECRET, "\"iat\":", "\"nbf\":99999999999,\"iat\":",
		 false, "not good yet"},
		{HS256, SECRET, "\"sid\":\"0", "\"sid\":\"1", false,
		 "another session"},
		{HS256, SECRET, "\"sub\":\"0", "\"sub\":\"1", false,
		 "another person"},
		{HS256, SECRET, "\"sub\":", "\"sub\":7,\"x\":", false,
		 "a number for a person"},
	};
	struct desk *desk = *state;
	struct jwt jwt;
	struct buf token;

	enrol(desk, EMAIL, "ada");
	assert_true(jwt_read(desk->access, &jwt, NULL));
	char *claims = json_dumps(jwt.claims, JSON_COMPACT);
	jwt_clear(&jwt);
	buf_init(&token, AUTH_TOKEN_MAX);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t at =
			slice_find(slice_of(claims), slice_of(cases[i].change));
		char *changed =
			xasprintf("%.*s%s%s", (int)at, claims, cases[i].to,
				  claims + at + strlen(cases[i].change));

		assert_true(at < strlen(claims) || !*cases[i].change);
		forge(cases[i].header, changed, cases[i].key, &token);
		if (is_good(desk, buf_slice(&token)) != cases[i].good)
			fail_msg("%s: %s", cases[i].why, changed);
		free(changed);
	}
	buf_clear(&token);
	free(claims);
}

static void
every_changed_letter_of_a_token_is_noticed(void **state)
{
	struct desk *desk = *state;

	enrol(desk, EMAIL, "ada");
	char *token = slice_dup(desk->access);
	size_t len = strlen(token);
	for (size_t i = 0; i < len; i++) {
		char was = token[i];

		token[i] = was == 'A' ? 'B' : 'A';
		assert_false(is_good(desk, slice_of(token)));
		token[i] = was;
		assert_false(is_good(desk, slice_make(token, i)));
	}
	assert_true(is_good(desk, slice_of(token)));
	char *more = xasprintf("%s.", token);
	assert_false(is_good(desk, slice_of(more)));
	free(more);
	free(token);
}

/* ---- Google, by the emulator's unsigned tokens */

static enum error_code
google(struct desk *desk, const char *change, const char *to)
{
	static const char form[] =
		"{\"iss\":\"https://securetoken.google.com/demo\","
		"\"aud\":\"demo\",\"iat\":%ld,\"auth_time\":%ld,\"exp\":%ld,"
		"\"sub\":\"g1\",\"email\":\"ada@example.org\","
		"\"email_verified\":true,\"name\":\"Ada L\"}";
	long now = (long)(clock_now() / CLOCK_SECOND);
	char *claims = xasprintf(form, now, now, now + 3600);
	size_t at = slice_find(slice_of(claims), slice_of(change));
	assert_true(at < strlen(claims) || !*change);
	char *changed = xasprintf("%.*s%s%s", (int)at, claims, to,
				  claims + at + strlen(change));
	struct error err = {0};
	struct buf token;

	buf_init(&token, AUTH_TOKEN_MAX);
	forge("{\"alg\":\"none\",\"typ\":\"JWT\"}", changed, NULL, &token);
	enum error_code code = end(desk,
				   auth_google(desk->auth, buf_slice(&token),
					       &client, on_done, desk, &err),
				   &err);
	buf_clear(&token);
	free(claims);
	free(changed);
	return code;
}

static void
google_accounts_go_by_their_subject(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(google(desk, "", ""), ERROR_NONE);
	assert_true(desk->made);
	assert_true(slice_is(desk->name, "Ada L"));
	assert_true(slice_is(desk->email, EMAIL));
	struct id first = desk->profile;

	assert_int_equal(google(desk, "ada@example.org", "new@example.org"),
			 ERROR_NONE);
	assert_false(desk->made);
	assert_true(id_equal(desk->profile, first));
	assert_int_equal(google(desk, "\"g1\"", "\"g2\""), ERROR_NONE);
	assert_true(desk->made);
	assert_false(id_equal(desk->profile, first));
	assert_true(slice_is(desk->name, "Ada L-2"));
	assert_true(slice_is(desk->email, EMAIL));
}

static void
an_email_does_not_lead_into_an_account(void **state)
{
	struct desk *desk = *state;

	enrol(desk, EMAIL, "ada");
	struct id first = desk->profile;
	assert_int_equal(google(desk, "", ""), ERROR_NONE);
	assert_false(id_equal(desk->profile, first));
	assert_int_equal(login(desk, EMAIL, PASSWORD), ERROR_NONE);
	assert_true(id_equal(desk->profile, first));
}

static void
an_email_that_nobody_verified_is_not_taken(void **state)
{
	struct desk *desk = *state;

	assert_int_equal(google(desk, "\"email_verified\":true",
				"\"email_verified\":false"),
			 ERROR_NONE);
	assert_int_equal(enrol(desk, EMAIL, "ada"), ERROR_NONE);
}

static void
google_tokens_are_checked_claim_by_claim(void **state)
{
	static const struct {
		const char *change, *to;
	} cases[] = {
		{"\"aud\":\"demo\"", "\"aud\":\"other\""},
		{"\"aud\":\"demo\",", ""},
		{"google.com/demo", "google.com/other"},
		{"google.com/demo", "google.com/demo/"},
		{"https://securetoken", "http://securetoken"},
		{"\"exp\":", "\"exp\":5,\"x\":"},
		{"\"exp\":", "\"exp\":\"9999999999\",\"x\":"},
		{"\"iat\":", "\"iat\":9999999999,\"x\":"},
		{"\"auth_time\":", "\"auth_time\":9999999999,\"x\":"},
		{"\"auth_time\":", "\"x\":"},
		{"\"sub\":\"g1\"", "\"sub\":\"\""},
		{"\"sub\":\"g1\"", "\"sub\":7"},
	};
	struct desk *desk = *state;

	for (size_t i = 0; i < COUNT(cases); i++)
		if (google(desk, cases[i].change, cases[i].to) != ERROR_AUTH)
			fail_msg("%s was taken", cases[i].to);
}

/* ---- the secret */

static void
the_secret_is_made_once_and_closed(void **state)
{
	struct scratch *s = *state;
	struct buf first, second;
	struct stat st;
	char *path = path_join(s->folder, "secret");

	buf_init(&first, 4096);
	buf_init(&second, 4096);
	assert_true(auth_secret(s->folder, &first, NULL));
	assert_true(first.len >= AUTH_SECRET_MIN);
	assert_true(auth_secret(s->folder, &second, NULL));
	assert_string_equal(buf_text(&first), buf_text(&second));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_reset(&second);
	assert_true(file_write(path, slice_of("short\n"), 0600, NULL));
	assert_false(auth_secret(s->folder, &second, NULL));
	free(path);
	buf_clear(&first);
	buf_clear(&second);
}

#define WITH_DESK(test) \
	cmocka_unit_test_setup_teardown(test, desk_make, desk_drop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_has_one_text_for_each_reading),
		cmocka_unit_test(a_password_is_hashed_and_checked_whole),
		cmocka_unit_test(bcrypt_is_checked_and_never_cut),
		cmocka_unit_test(only_hashes_of_known_kinds_are_taken),
		cmocka_unit_test(only_addresses_are_addresses),
		WITH_DESK(an_account_is_made_once_and_signs_in),
		WITH_DESK(a_refresh_token_used_twice_ends_the_session),
		WITH_DESK(a_made_up_refresh_token_ends_nothing),
		WITH_DESK(logout_ends_the_access_token_too),
		WITH_DESK(nobody_ends_the_session_of_another),
		WITH_DESK(a_new_password_ends_every_session),
		WITH_DESK(an_old_hash_is_replaced_at_sign_in),
		WITH_DESK(a_sign_in_takes_the_same_work_whoever_there_is),
		WITH_DESK(a_key_lets_in_until_it_is_revoked),
		WITH_DESK(nothing_lets_in_to_an_account_that_is_gone),
		WITH_DESK(forged_tokens_do_not_let_in),
		WITH_DESK(every_changed_letter_of_a_token_is_noticed),
		WITH_DESK(google_accounts_go_by_their_subject),
		WITH_DESK(an_email_does_not_lead_into_an_account),
		WITH_DESK(an_email_that_nobody_verified_is_not_taken),
		WITH_DESK(google_tokens_are_checked_claim_by_claim),
		cmocka_unit_test_setup_teardown(
			the_secret_is_made_once_and_closed, scratch_make_closed,
			scratch_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
