/*
 * once.c - Idempotency-Key: a request that is sent again is not done again.
 *
 * The change that makes something also notes, under the person and the key,
 * what it made; a later request with the key is answered from that.  While
 * the first one is being answered another is refused.  Notes live for a day.
 */
#include "api/private.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/store.h"

enum { KEY_MAX = 255, ID_AND_HASH = ID_BYTES + RECORD_HASH };

static struct slice
running_key(const struct call *call, char out[ID_AND_HASH])
{
	memcpy(out, call->caller.profile.bytes, ID_BYTES);
	memcpy(out + ID_BYTES, call->once_key, RECORD_HASH);
	return slice_make(out, ID_AND_HASH);
}

struct once_text
once_text(const struct call *call)
{
	struct slice key = {0};

	if (call->route->flags & ROUTE_ONCE)
		key = http_field(call->x, "idempotency-key");
	return (struct once_text){key, call->x->method_text, call->x->target,
				  call->x->body};
}

bool
once_hash(struct call *call, const struct once_text *text, struct error *err)
{
	SCOPED(buf_clear) struct buf all;

	buf_init(&all, 2 * HTTP_LINE_MAX + text->body.len);
	if (!text->key.data)
		return true;
	buf_addf(&all, "%.*s %.*s\n", SLICE_ARG(text->method),
		 SLICE_ARG(text->target));
	buf_add_slice(&all, text->body);
	return digest_sha256(text->key, call->once_key, err) &&
	       digest_sha256(buf_slice(&all), call->once_request, err);
}

static bool
look_up(struct store_txn *txn, struct call *call, struct error *err)
{
	struct idempotency note;
	bool found;

	if (!record_idempotency_get(txn, call->caller.profile, call->once_key,
				    call->arena, &note, &found, err))
		return false;
	call->flag = found &&
		     memcmp(note.request, call->once_request, RECORD_HASH) != 0;
	call->replay = found && !call->flag;
	if (call->replay)
		call->id = note.ref;
	return true;
}

bool
once_begin(struct call *call)
{
	struct slice key = http_field(call->x, "idempotency-key");
	char bytes[ID_AND_HASH];

	if (!key.data)
		return true;
	if (key.len == 0 || key.len > KEY_MAX) {
		answer_problem(call, 400, "bad_key",
			       "Idempotency-Key has 1 to %d bytes", KEY_MAX);
		return false;
	}
	struct slice running = running_key(call, bytes);
	if (map_get(&call->api->once, running)) {
		answer_problem(call, 409, "in_progress",
			       "the request with this Idempotency-Key is "
			       "still being answered");
		return false;
	}
	if (!call_read(call, look_up))
		return false;
	if (call->flag) {
		answer_problem(call, 422, "key_reused",
			       "this Idempotency-Key was used for another "
			       "request");
		return false;
	}
	call->once = true;
	map_put(&call->api->once, running, call);
	if (call->replay)
		http_add(call->x, "Idempotency-Replayed", slice_of("true"));
	return true;
}

bool
once_put(struct store_txn *txn, struct call *call, struct id made,
	 struct error *err)
{
	struct idempotency note = {.ref = made, .status = call->route->status};

	if (!call->once)
		return true;
	memcpy(note.key, call->once_key, RECORD_HASH);
	memcpy(note.request, call->once_request, RECORD_HASH);
	return record_idempotency_put(txn, call->caller.profile, &note,
				      clock_now() - CLOCK_DAY, err);
}

void
once_end(struct call *call)
{
	char bytes[ID_AND_HASH];

	if (call->once)
		map_drop(&call->api->once, running_key(call, bytes));
	call->once = false;
}
