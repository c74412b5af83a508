/*
 * google.c - Firebase ID tokens: whose they are, and whether to believe it.
 *
 * The account is the pair of issuer and subject, never the e-mail: an address
 * that somebody verified elsewhere may be written into a new account here, but
 * only where nobody has it yet.
 */
#include <stdlib.h>

#include "auth/private.h"
#include "mneme/clock.h"
#include "mneme/json.h"
#include "mneme/loop.h"
#include "mneme/store.h"

#define CERTS \
	"https://www.googleapis.com/robot/v1/metadata/x509/" \
	"securetoken@system.gserviceaccount.com"
#define ISSUER "https://securetoken.google.com/"
#define WRONG "the Google sign-in is not valid, or no longer"

enum { SKEW = 60, SUBJECT_MAX = 128, ANSWER_MAX = 256 << 10 };

struct google *
google_create(struct loop *loop, const struct auth_settings *settings)
{
	struct google *google = xcalloc(1, sizeof(*google));
	const char *certs = settings->firebase_certs;

	google->loop = loop;
	google->fetch = settings->fetch;
	google->project = xstrdup(settings->firebase_project);
	google->certs = xstrdup(certs ? certs : CERTS);
	google->emulator = settings->firebase_emulator;
	list_init(&google->waiting);
	buf_init(&google->answer, ANSWER_MAX);
	return google;
}

void
google_destroy(struct google **google)
{
	if (!*google)
		return;
	google_forget_keys(*google);
	buf_clear(&(*google)->answer);
	free((*google)->project);
	free((*google)->certs);
	free(*google);
	*google = NULL;
}

bool
google_claims(const struct jwt *jwt, const char *project, int64_t now,
	      struct arena *arena, struct google_person *out, struct error *err)
{
	struct slice issuer = json_text(jwt->claims, "iss");
	struct slice subject = json_text(jwt->claims, "sub");
	int64_t expires, issued, signed_in;

	if (!slice_is(json_text(jwt->claims, "aud"), project))
		return error_set(err, ERROR_AUTH,
				 "the token is for another project");
	if (!slice_starts(issuer, ISSUER) ||
	    !slice_is(slice_make(issuer.data + strlen(ISSUER),
				 issuer.len - strlen(ISSUER)),
		      project))
		return error_set(err, ERROR_AUTH,
				 "the token is from another issuer");
	if (!jwt_number(jwt, "exp", &expires) || expires <= now)
		return error_set(err, ERROR_AUTH, "the token has expired");
	if (!jwt_number(jwt, "iat", &issued) || issued > now + SKEW ||
	    !jwt_number(jwt, "auth_time", &signed_in) || signed_in > now + SKEW)
		return error_set(err, ERROR_AUTH,
				 "the token is from the future");
	if (subject.len == 0 || subject.len > SUBJECT_MAX)
		return error_set(err, ERROR_AUTH, "the token names nobody");
	out->issuer = arena_copy(arena, issuer);
	out->subject = arena_copy(arena, subject);
	out->email = arena_copy(arena, json_text(jwt->claims, "email"));
	out->name = arena_copy(arena, json_text(jwt->claims, "name"));
	out->email_verified =
		json_is_true(json_object_get(jwt->claims, "email_verified"));
	if (!auth_email_fits(out->email, NULL))
		out->email = (struct slice){0};
	return true;
}

/* A new account for somebody who was never here. */
static bool
make_account(struct store_txn *txn, struct task *task, struct error *err)
{
	struct profile p = {.id = id_make()}, other;
	struct slice rest = task->email, wish = task->name;
	bool taken = true;

	task->made = true;
	if (wish.len == 0)
		slice_split(&rest, '@', &wish);
	if (!free_name(txn, wish, &task->arena, &p.name, err))
		return false;
	if (task->email.len && task->email_verified &&
	    !record_profile_by_email(txn, task->email, &task->arena, &other,
				     &taken, err))
		return false;
	if (!taken)
		p.email = task->email;
	if (!record_profile_create(txn, &p, err) ||
	    !record_identity_put(txn, p.id, &task->identity, err))
		return false;
	task->refresh.profile = p.id;
	return true;
}

static bool
sign_in(struct store_txn *txn, void *arg, struct error *err)
{
	struct task *task = arg;
	bool found;

	task->good = true;
	task->made = false;
	if (!record_identity_find(txn, task->identity.issuer,
				  task->identity.subject,
				  &task->refresh.profile, &found, err))
		return false;
	return (found || make_account(txn, task, err)) &&
	       session_open(txn, &task->refresh, &task->client, err);
}

/* The signature, which is false with *later when it must wait. */
static bool
signature_good(struct google *google, struct task *task, const struct jwt *jwt,
	       bool *later, struct error *err)
{
	const struct rsa_key *key;

	*later = false;
	if (google->emulator && jwt_check_unsigned(jwt, NULL))
		return true;
	struct slice name = json_text(jwt->header, "kid");
	if (!slice_is(json_text(jwt->header, "alg"), "RS256") ||
	    name.len == 0 || name.len > 256)
		return error_set(err, ERROR_AUTH,
				 "not an RS256 token with a key's name");
	key = google_key(google, task, name, later);
	if (*later)
		return false;
	if (!key && google->expires <= loop_now(google->loop))
		return error_set(err, ERROR_UPSTREAM,
				 "Google's keys cannot be had now");
	if (!key || !rsa_key_current(key))
		return error_set(err, ERROR_AUTH, "the token's key is unknown");
	return jwt_check_rsa(jwt, key, err);
}

void
google_verify(struct google *google, struct task *task)
{
	SCOPED(jwt_clear) struct jwt jwt;
	struct google_person person;
	struct error err = {0};
	bool later = false;

	if (!jwt_read(task->password, &jwt, &err) ||
	    !google_claims(&jwt, google->project, clock_now() / CLOCK_SECOND,
			   &task->arena, &person, &err) ||
	    !signature_good(google, task, &jwt, &later, &err)) {
		if (later)
			return;
		if (err.code == ERROR_AUTH || err.code == ERROR_INVALID)
			task_refuse(task, ERROR_AUTH, WRONG);
		else
			task_fail(task, &err);
		return;
	}
	task->identity = (struct identity){.issuer = person.issuer,
					   .subject = person.subject,
					   .email = person.email};
	task->email = person.email;
	task->name = person.name;
	task->email_verified = person.email_verified;
	if (!task_commit(task, sign_in, &err))
		task_fail(task, &err);
}

bool
auth_google_identity(struct slice id_token, const char *project,
		     struct arena *arena, struct identity *out,
		     struct error *err)
{
	SCOPED(jwt_clear) struct jwt jwt;
	struct google_person person;

	if (!jwt_read(id_token, &jwt, err) ||
	    !google_claims(&jwt, project, clock_now() / CLOCK_SECOND, arena,
			   &person, err))
		return false;
	*out = (struct identity){.issuer = person.issuer,
				 .subject = person.subject,
				 .email = person.email};
	return true;
}

static void
begin(void *arg)
{
	struct task *task = arg;

	if (task->auth->google)
		google_verify(task->auth->google, task);
	else
		task_refuse(task, ERROR_CANCELLED, "the server stops");
}

bool
auth_google(struct auth *auth, struct slice id_token,
	    const struct auth_client *client, auth_done_fn *done, void *arg,
	    struct error *err)
{
	struct task *task;

	if (!auth->google)
		return error_set(err, ERROR_SETUP,
				 "Google sign-in is not set up: set "
				 "FIREBASE_PROJECT_ID");
	if (id_token.len > AUTH_TOKEN_MAX)
		return error_set(err, ERROR_AUTH, WRONG);
	task = task_make(auth, client, done, arg);
	task->password = arena_copy(&task->arena, id_token);
	loop_post(auth->loop, begin, task);
	return true;
}
