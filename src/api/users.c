/* users.c - the caller's own account. */
#include "api/turn.h"
#include "mneme/log.h"
#include "mneme/store.h"

static bool
read_me(struct store_txn *txn, struct call *call, struct error *err)
{
	bool found;

	if (!record_profile_get(txn, call->caller.profile, call->arena,
				&call->profile, &found, err))
		return false;
	return found || error_set(err, ERROR_AUTH, "the account is gone");
}

static void
tell(struct call *call)
{
	print_person(answer_begin(call), &call->profile);
	answer_send(call, 200);
}

void
user_get(struct call *call)
{
	auth_me_route(call);
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct slice name = slice_trim(call_text(call->body, "username"));
	struct slice email = call_text(call->body, "email");

	if (!read_me(txn, call, err))
		return false;
	if (name.len)
		call->profile.name = name;
	if (email.data)
		call->profile.email = email;
	return record_profile_update(txn, &call->profile, err);
}

void
user_put(struct call *call)
{
	struct slice name = call_text(call->body, "username");

	if (name.len && memchr(name.data, '@', name.len))
		answer_invalid(call, "username", "a name holds no @");
	else
		call_write(call, change, tell);
}

/* ---- the end of an account */

enum { DELETE_BUDGET = 2000 };

static bool
delete_some(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct id profile = call->caller.profile;

	return record_profile_delete(txn, profile, DELETE_BUDGET, &call->flag,
				     err) &&
	       (!call->flag || memory_purge_later(txn, profile, err));
}

static void
deleted(struct call *call)
{
	if (!call->flag) {
		call_write(call, delete_some, deleted);
		return;
	}
	voices_check(call->api->chat.voices);
	purge_soon(call->api, call->caller.profile);
	answer_empty(call, 204);
}

void
user_delete(struct call *call)
{
	char id[ID_TEXT + 1];

	log_info("api", "account %s is deleted",
		 id_format(call->caller.profile, id));
	turns_cancel_of(call->api->turns, call->caller.profile);
	call_write(call, delete_some, deleted);
}
