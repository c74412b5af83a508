/*
 * private.h - what the files of auth/ share.
 */
#ifndef AUTH_PRIVATE_H
#define AUTH_PRIVATE_H

#include <jansson.h>
#include <stdatomic.h>

#include "mneme/arena.h"
#include "mneme/auth.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/list.h"
#include "mneme/map.h"
#include "mneme/work.h"

struct fetch_call;
struct google;
struct work;

struct auth {
	struct loop *loop;
	struct store *store;
	struct work *work;
	char *secret;
	size_t secret_len;
	int64_t access_life;
	struct google *google; /* NULL: not set up */
	struct map seen; /* tokens whose words were good -> struct words */
	size_t running;  /* what the pool, the writer, the wire have */
};

/* ---- JSON web tokens (RFC 7519) in their compact form */

struct jwt {
	struct slice body; /* what is signed; borrowed from the token */
	json_t *header, *claims;
	struct buf signature;
};

/* Three parts, two of them JSON objects; nothing is verified yet. */
bool jwt_read(struct slice token, struct jwt *jwt, struct error *err);
void jwt_clear(struct jwt *jwt);

/* The one algorithm that the key is for: any other name in the header, and
 * any extension that must be understood, is refused. */
bool jwt_check_hmac(const struct jwt *jwt, struct slice key, struct error *err);
struct rsa_key;
bool jwt_check_rsa(const struct jwt *jwt, const struct rsa_key *key,
		   struct error *err);
/* The emulator's: algorithm "none", empty signature. */
bool jwt_check_unsigned(const struct jwt *jwt, struct error *err);

bool jwt_write_hmac(struct slice claims, struct slice key, struct buf *out,
		    struct error *err);

/* A claim that is a whole number; false when it is missing or something
 * else. */
bool jwt_number(const struct jwt *jwt, const char *name, int64_t *value);

/* ---- RSA keys in certificates, by OpenSSL loaded when first used */

/* ERROR_INVALID: not a certificate of an RSA key of 2,048 bits or more. */
struct rsa_key *rsa_key_read(struct slice pem, struct error *err);
void rsa_key_drop(struct rsa_key **key);
/* Is now between the certificate's dates? */
bool rsa_key_current(const struct rsa_key *key);
bool rsa_key_verify(const struct rsa_key *key, struct slice text,
		    struct slice signature);

/* ---- sessions (session.c) */

enum { SESSION_SECRET = 32, REFRESH_TEXT_MAX = 128 };

/* A refresh token: where its session is, and 256 random bits. */
struct refresh {
	struct id profile, session;
	uint8_t secret[SESSION_SECRET];
};

bool refresh_read(struct slice text, struct refresh *out);
bool refresh_write(const struct refresh *r, struct buf *out);

/* Store a new session for r->profile; ends those that are over, and the one
 * used longest ago where there are too many. */
bool session_open(struct store_txn *txn, const struct refresh *r,
		  const struct auth_client *client, struct error *err);

/* ---- access tokens (access.c) */

bool access_write(struct auth *auth, struct id profile, struct id session,
		  int64_t now, struct buf *out, struct error *err);

void access_forget(struct auth *auth);

/* ---- tasks (task.c): from a request to its `done` */

struct task {
	struct auth *auth;
	auth_done_fn *done;
	void *arg;
	struct arena arena;
	struct auth_client client;
	struct profile profile;
	struct refresh refresh;
	struct slice email, name, password, old;
	struct slice stored; /* hash of the password as it was read */
	struct buf hash;     /* a new one to store */
	struct identity identity;
	bool email_verified;
	bool good, made, no_grant;
	struct error failure;
	struct list link; /* of those that wait for Google's keys */
};

struct task *task_make(struct auth *auth, const struct auth_client *client,
		       auth_done_fn *done, void *arg);
/* Tell and drop. */
void task_fail(struct task *task, const struct error *err);
void task_refuse(struct task *task, enum error_code code, const char *why);
/* Give a task that never began back. */
bool task_give_up(struct task *task);
/* On the pool, then back on the loop; ERROR_BUSY when too many wait. */
bool task_work(struct task *task, work_run_fn *run, work_done_fn *done,
	       struct error *err);
/* In a change; then the grant, or the failure that stands in the task. */
bool task_commit(struct task *task,
		 bool (*change)(struct store_txn *, void *, struct error *),
		 struct error *err);

/* The cost of a hash by bcrypt, 0 for another. */
unsigned auth_password_cost(struct slice hash);

/* As auth_password_check() for a sign-in, which takes as long for every account
 * and for none: one Argon2id, and bcrypt of cost `slowest`, the highest that
 * anybody's hash has (0: no one's).  `hash` empty: there is no such account.
 * *fresh is a new hash where the stored one is old and the password right. */
bool auth_password_sign_in(struct slice password, struct slice hash,
			   unsigned slowest, bool *good, struct buf *fresh,
			   struct error *err);

/* What was computed, ever: for tests, as time is no measure there. */
struct auth_password_work {
	atomic_ulong argon;
	atomic_ulong rounds; /* of bcrypt: 2 to the cost */
};
extern struct auth_password_work auth_password_work;

/* A name for a new profile that nobody has, beginning with `wish`. */
bool free_name(struct store_txn *txn, struct slice wish, struct arena *arena,
	       struct slice *out, struct error *err);

/* ---- Google (google.c, google_keys.c) */

struct google {
	struct loop *loop;
	struct fetch *fetch;
	char *project;
	char *certs;
	bool emulator;
	struct map keys;     /* name -> struct rsa_key */
	int64_t expires;     /* loop time; 0: never had any */
	int64_t fetched;     /* when it was tried last */
	struct list waiting; /* tasks */
	size_t waiting_count;
	struct fetch_call *call;
	struct buf answer;
	int status;
	int64_t max_age;
};

struct google *google_create(struct loop *loop,
			     const struct auth_settings *settings);
void google_destroy(struct google **google);

/* Go on with a task whose `password` is the token: it is verified now, or
 * when the keys are there. */
void google_verify(struct google *google, struct task *task);

/* The key called `name`; NULL: there is none.  *later: not yet; google_verify
 * will be called when the keys have come. */
const struct rsa_key *google_key(struct google *google, struct task *task,
				 struct slice name, bool *later);
void google_forget_keys(struct google *google);

/* What a Firebase ID token says, all but its signature checked. */
struct google_person {
	struct slice issuer, subject, email, name;
	bool email_verified;
};
bool google_claims(const struct jwt *jwt, const char *project, int64_t now,
		   struct arena *arena, struct google_person *out,
		   struct error *err);

#endif
