/*
 * auth_routes.c - signing in and out, sessions, keys.
 *
 * auth/ tells its end through a `done` with the call as argument; what it has
 * been given was copied.
 */
#include "api/private.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/log.h"
#include "mneme/store.h"

static struct auth_client
client_of(const struct call *call)
{
	return (struct auth_client){
		.label = http_field(call->x, "user-agent"),
		.address = slice_of(call->x->address),
	};
}

static void
print_grant(struct printer *p, const struct auth_grant *grant)
{
	printer_map(p);
	printer_add_string(p, "access_token", grant->access);
	printer_add_word(p, "token_type", "bearer");
	printer_add_int(p, "expires_in", grant->expires_in / CLOCK_SECOND);
	printer_add_string(p, "refresh_token", grant->refresh);
	printer_key(p, "user");
	print_person(p, &grant->profile);
	printer_end(p);
}

static void
on_grant(void *arg, const struct auth_grant *grant, const struct error *err)
{
	struct call *call = arg;
	char id[ID_TEXT + 1];

	if (err) {
		log_info("auth", "%s from %s failed: %s", call->route->path,
			 call->x->address, error_kinds[err->code].slug);
		answer_error(call, err);
		return;
	}
	log_info("auth", "%s from %s: %s", call->route->path, call->x->address,
		 id_format(grant->profile.id, id));
	print_grant(answer_begin(call), grant);
	answer_send(call, call->route->status);
}

/* What failed at once is answered at once. */
static void
began(struct call *call, bool good, const struct error *err)
{
	if (good)
		return;
	if (err->code == ERROR_INVALID)
		answer_invalid(call, "password", "%s", err->text);
	else if (err->code == ERROR_SETUP)
		answer_problem(call, 404, "setup", "%s", err->text);
	else
		answer_error(call, err);
}

void
auth_register_route(struct call *call)
{
	const struct auth_client client = client_of(call);
	const struct auth_account account = {
		.email = call_text(call->body, "email"),
		.name = call_text(call->body, "username"),
		.password = call_text(call->body, "password"),
	};
	struct error err = {0};

	began(call,
	      auth_register(call->api->auth, &account, &client, on_grant, call,
			    &err),
	      &err);
}

void
auth_login_route(struct call *call)
{
	const struct auth_client client = client_of(call);
	struct slice who = call_text(call->body, "email");
	struct error err = {0};

	if (who.len == 0)
		who = call_text(call->body, "username");
	if (who.len == 0) {
		answer_invalid(call, "email", "email or username is missing");
		return;
	}
	began(call,
	      auth_login(call->api->auth, who,
			 call_text(call->body, "password"), &client, on_grant,
			 call, &err),
	      &err);
}

void
auth_google_route(struct call *call)
{
	const struct auth_client client = client_of(call);
	struct error err = {0};

	began(call,
	      auth_google(call->api->auth, call_text(call->body, "id_token"),
			  &client, on_grant, call, &err),
	      &err);
}

void
auth_refresh_route(struct call *call)
{
	struct error err = {0};

	began(call,
	      auth_refresh(call->api->auth,
			   call_text(call->body, "refresh_token"), on_grant,
			   call, &err),
	      &err);
}

static void
on_nothing(void *arg, const struct auth_grant *grant, const struct error *err)
{
	struct call *call = arg;

	(void)grant;
	if (err && err->code == ERROR_AUTH)
		answer_problem(call, 403, "wrong_password", "%s", err->text);
	else if (err)
		answer_error(call, err);
	else
		answer_empty(call, 204);
}

void
auth_logout_route(struct call *call)
{
	struct error err = {0};

	began(call,
	      auth_logout(call->api->auth, call->caller.profile,
			  call->caller.session,
			  call_text(call->body, "refresh_token"), on_nothing,
			  call, &err),
	      &err);
}

void
auth_password_route(struct call *call)
{
	struct error err = {0};

	began(call,
	      auth_change_password(call->api->auth, call->caller.profile,
				   call_text(call->body, "old"),
				   call_text(call->body, "new"), on_nothing,
				   call, &err),
	      &err);
}

/* ---- who am I */

static bool
read_me(struct store_txn *txn, struct call *call, struct error *err)
{
	struct identity *list;
	bool found;
	size_t n;

	if (!record_profile_get(txn, call->caller.profile, call->arena,
				&call->profile, &found, err) ||
	    !record_identity_list(txn, call->caller.profile, call->arena, &list,
				  &n, err))
		return false;
	for (size_t i = 0; i < n && call->profile.email.len == 0; i++)
		call->profile.email = list[i].email;
	return found || error_set(err, ERROR_AUTH, "the account is gone");
}

void
auth_me_route(struct call *call)
{
	if (!call_read(call, read_me))
		return;
	print_person(answer_begin(call), &call->profile);
	answer_send(call, 200);
}

/* ---- sessions */

static bool
print_sessions(struct store_txn *txn, struct call *call, struct error *err)
{
	int64_t now = clock_now();
	struct session *list;
	struct printer *p;
	size_t n;

	if (!record_session_list(txn, call->caller.profile, call->arena, &list,
				 &n, err))
		return false;
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < n; i++) {
		if (list[i].expires_at <= now)
			continue;
		printer_map(p);
		printer_add_id(p, "id", list[i].id);
		printer_add_string(p, "client", list[i].label);
		printer_add_string(p, "address", list[i].address);
		printer_add_time_or_null(p, "created_at", list[i].created_at);
		printer_add_time_or_null(p, "last_used_at", list[i].used_at);
		printer_add_time_or_null(p, "expires_at", list[i].expires_at);
		printer_add_bool(p, "current",
				 id_equal(list[i].id, call->caller.session));
		printer_end(p);
	}
	printer_end(p);
	return true;
}

void
auth_sessions_route(struct call *call)
{
	if (call_read(call, print_sessions))
		answer_send(call, 200);
}

static bool
delete_session(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;

	return record_session_delete(txn, call->caller.profile, call->id,
				     &call->flag, err);
}

static void
deleted(struct call *call)
{
	if (call->flag)
		answer_empty(call, 204);
	else
		answer_not_found(call, "there is nothing with that id");
}

void
auth_session_delete_route(struct call *call)
{
	if (call_id(call, 0, &call->id))
		call_write(call, delete_session, deleted);
}

/* ---- keys */

static void
print_key(struct printer *p, const struct api_key *key, const char *text)
{
	printer_map(p);
	printer_add_id(p, "id", key->id);
	printer_add_string(p, "name", key->name);
	printer_add_word(p, "scope", api_scope_names[key->scope]);
	printer_add_string(p, "hint", key->hint);
	printer_add_time_or_null(p, "created_at", key->created_at);
	printer_add_time_or_null(p, "last_used_at", key->used_at);
	if (text)
		printer_add_word(p, "key", text);
	printer_end(p);
}

static bool
print_keys(struct store_txn *txn, struct call *call, struct error *err)
{
	struct api_key *list;
	struct printer *p;
	size_t n;

	if (!record_api_key_list(txn, call->caller.profile, call->arena, &list,
				 &n, err))
		return false;
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < n; i++)
		print_key(p, &list[i], NULL);
	printer_end(p);
	return true;
}

void
auth_keys_route(struct call *call)
{
	if (call_read(call, print_keys))
		answer_send(call, 200);
}

struct new_key {
	char text[AUTH_KEY_TEXT + 1];
	struct api_key key;
};

static bool
make_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct new_key *made = call->data;
	enum api_scope scope = slice_is(call_text(call->body, "scope"), "read")
				       ? API_READ
				       : API_WRITE;

	return auth_key_make(txn, call->caller.profile,
			     call_text(call->body, "name"), scope, made->text,
			     &made->key, err);
}

static void
key_made(struct call *call)
{
	struct new_key *made = call->data;

	print_key(answer_begin(call), &made->key, made->text);
	answer_send(call, 201);
}

void
auth_key_make_route(struct call *call)
{
	struct new_key *made = arena_alloc(call->arena, 1, sizeof(*made));

	auth_key_text(made->text);
	call->data = made;
	call_write(call, make_key, key_made);
}

static bool
delete_key(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;

	return record_api_key_delete(txn, call->caller.profile, call->id,
				     &call->flag, err);
}

void
auth_key_delete_route(struct call *call)
{
	if (call_id(call, 0, &call->id))
		call_write(call, delete_key, deleted);
}
