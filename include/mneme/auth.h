/*
 * auth.h - who is calling: passwords, tokens, keys, and Google's word.
 *
 * A person is a profile.  Signing in makes a session, which has one refresh
 * token at a time (its hash is stored) and short-lived access tokens (HS256)
 * that name it: when the session ends, they do too.  Programs use API keys.
 * Slow work (hashing) goes to a small bounded pool of its own; what does not
 * fit there is ERROR_BUSY.  An e-mail is a name to sign in with and never
 * links two ways of signing in.
 *
 * All calls belong to the loop's thread, but for those of the last sections,
 * which are for commands.
 */
#ifndef MNEME_AUTH_H
#define MNEME_AUTH_H

#include "mneme/base.h"
#include "mneme/id.h"
#include "mneme/record.h"

struct arena;
struct auth;
struct buf;
struct error;
struct fetch;
struct loop;
struct store;
struct store_txn;

enum {
	AUTH_SECRET_MIN = 32,     /* bytes of SECRET_KEY */
	AUTH_PASSWORD_MIN = 8,    /* bytes */
	AUTH_PASSWORD_MAX = 1024, /* none is cut */
	AUTH_EMAIL_MAX = 254,
	AUTH_TOKEN_MAX = 8 << 10,
	AUTH_KEY_TEXT = 35 /* "mk_" and 32 characters */
};

struct auth_settings {
	struct slice secret;          /* SECRET_KEY; copied */
	int64_t access_life;          /* microseconds */
	const char *firebase_project; /* NULL: Google is not set up */
	const char *firebase_certs;   /* where its keys are; NULL: Google's */
	bool firebase_emulator;       /* unsigned tokens are taken */
	struct fetch *fetch;          /* for the keys; may be NULL without */
};

/* Texts are copied; `store`, `loop` and `fetch` are borrowed. */
struct auth *auth_create(struct loop *loop, struct store *store,
			 const struct auth_settings *settings,
			 struct error *err);
/* Waits for what runs; every `done` that is owed comes first. */
void auth_destroy(struct auth **auth);

/* ---- a request's bearer */

struct auth_caller {
	struct id profile;
	struct id session; /* none: an API key */
	struct id key;     /* none: an access token */
	bool may_write;
};

/* An access token or an API key; ERROR_AUTH for anything that is not good
 * now. */
bool auth_check(struct auth *auth, struct store_txn *txn, struct slice bearer,
		struct auth_caller *caller, struct error *err);

/* ---- signing in.  Each returns false at once or calls `done` later, once;
 * slices are copied. */

struct auth_grant {
	struct profile profile; /* its e-mail the identity's, if it has none */
	struct slice access, refresh;
	int64_t expires_in; /* microseconds, of the access token */
	bool made;          /* an account was made */
};

/* `grant` is borrowed for the call, NULL with an error.  ERROR_AUTH says the
 * same for whatever was wrong. */
typedef void auth_done_fn(void *arg, const struct auth_grant *grant,
			  const struct error *err);

/* Where a session comes from, for its owner to know it by. */
struct auth_client {
	struct slice label, address;
};

struct auth_account {
	struct slice email, name, password; /* no name: made from the e-mail */
};

bool auth_register(struct auth *auth, const struct auth_account *account,
		   const struct auth_client *client, auth_done_fn *done,
		   void *arg, struct error *err);
/* `who` is an e-mail or a name. */
bool auth_login(struct auth *auth, struct slice who, struct slice password,
		const struct auth_client *client, auth_done_fn *done, void *arg,
		struct error *err);
/* A new pair for an old one.  One that was used before ends its session. */
bool auth_refresh(struct auth *auth, struct slice token, auth_done_fn *done,
		  void *arg, struct error *err);
/* A Firebase ID token; makes the account at the first time. */
bool auth_google(struct auth *auth, struct slice id_token,
		 const struct auth_client *client, auth_done_fn *done,
		 void *arg, struct error *err);

/* End a session: the caller's, or the one a refresh token names (the caller's
 * own only).  `grant` is NULL in these `done`s. */
bool auth_logout(struct auth *auth, struct id profile, struct id session,
		 struct slice refresh, auth_done_fn *done, void *arg,
		 struct error *err);
/* Ends every session.  `old` is not asked for where there is no password. */
bool auth_change_password(struct auth *auth, struct id profile,
			  struct slice old, struct slice fresh,
			  auth_done_fn *done, void *arg, struct error *err);

/* ---- in a change */

/* Make a key; `text` is shown once and not kept. */
bool auth_key_make(struct store_txn *txn, struct id profile, struct slice name,
		   enum api_scope scope, const char text[AUTH_KEY_TEXT + 1],
		   struct api_key *out, struct error *err);
/* Random; before the change, which may run twice. */
char *auth_key_text(char text[AUTH_KEY_TEXT + 1]);

/* Set a password's hash; sessions end. */
bool auth_password_store(struct store_txn *txn, struct id profile,
			 struct slice hash, struct error *err);

/* ---- passwords.  Any thread; slow. */

/* ERROR_INVALID says what is wrong with it. */
bool auth_password_fits(struct slice password, struct error *err);
/* Add the hash as it is stored: Argon2id (RFC 9106), 19 MiB and 2 passes, as a
 * PHC string. */
bool auth_password_hash(struct slice password, struct buf *out,
			struct error *err);
/* bcrypt's hashes are checked too.  *old: it should be hashed anew.  A hash
 * that cannot be read is ERROR_IO. */
bool auth_password_check(struct slice password, struct slice hash, bool *good,
			 bool *old, struct error *err);
/* Is this text a hash that auth_password_check() takes?  ERROR_INVALID. */
bool auth_password_hash_fits(struct slice hash, struct error *err);

/* ERROR_INVALID says why it is none. */
bool auth_email_fits(struct slice email, struct error *err);

/* ---- Google, for commands */

/* Whom a Firebase ID token names.  Its signature is not looked at: for one
 * that came from Google itself over TLS. */
bool auth_google_identity(struct slice id_token, const char *project,
			  struct arena *arena, struct identity *out,
			  struct error *err);

/* ---- the secret */

/* Add the secret kept in the folder `dir`, made (0600) when missing. */
bool auth_secret(const char *dir, struct buf *out, struct error *err);

#endif
