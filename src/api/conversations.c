/* conversations.c - the list of conversations, and each of them. */
#include "api/turn.h"
#include "mneme/clock.h"
#include "mneme/store.h"

/* ---- the list */

/* What a page goes on after. */
struct place {
	struct id id;
	int64_t updated_at;
};

static bool
read_place(struct call *call, struct conversation *after)
{
	struct slice cursor = call_text(call->query, "cursor");
	char bytes[ID_BYTES + 8] = {0};
	uint64_t at;

	if (!cursor.data)
		return false;
	cursor_read(cursor, bytes, sizeof(bytes));
	memcpy(after->id.bytes, bytes, ID_BYTES);
	memcpy(&at, bytes + ID_BYTES, 8);
	after->updated_at = (int64_t)at;
	return true;
}

static void
link_place(struct call *call, const struct conversation *last)
{
	char bytes[ID_BYTES + 8];

	memcpy(bytes, last->id.bytes, ID_BYTES);
	memcpy(bytes + ID_BYTES, &last->updated_at, 8);
	cursor_link(call, bytes, sizeof(bytes));
}

static enum record_filter
wanted(const struct call *call)
{
	struct slice text = call_text(call->query, "archived");

	if (slice_is(text, "true"))
		return RECORD_ARCHIVED;
	return slice_is(text, "all") ? RECORD_ALL : RECORD_CURRENT;
}

static bool
print_list(struct store_txn *txn, struct call *call, struct error *err)
{
	size_t limit = (size_t)call_int(call->query, "limit", 50);
	struct conversation after = {0}, *list;
	struct printer *p;
	bool given = read_place(call, &after);
	size_t n;

	const struct conversation_page page = {.profile = call->caller.profile,
					       .filter = wanted(call),
					       .after = given ? &after : NULL,
					       .limit = limit + 1};
	if (!record_conversation_list(txn, &page, call->arena, &list, &n, err))
		return false;
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < MIN(n, limit); i++)
		print_conversation(p, &list[i]);
	printer_end(p);
	if (n > limit)
		link_place(call, &list[limit - 1]);
	return true;
}

void
conversation_list(struct call *call)
{
	if (call_read(call, print_list))
		answer_send(call, 200);
}

/* ---- one */

static bool
find(struct store_txn *txn, struct call *call, struct error *err)
{
	bool found;

	if (!record_conversation_get(txn, call->caller.profile, call->id,
				     call->arena, &call->conversation, &found,
				     err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "there is no such conversation");
}

static void
tell(struct call *call)
{
	print_conversation(answer_begin(call), &call->conversation);
	answer_send(call, call->route->status);
}

void
conversation_get(struct call *call)
{
	if (call_id(call, 0, &call->id) && call_read(call, find))
		tell(call);
}

static enum memory_mode
mode_of(struct slice name, enum memory_mode otherwise)
{
	for (int i = 0; i < MEMORY_MODE_COUNT; i++)
		if (slice_is(name, memory_mode_names[i]))
			return (enum memory_mode)i;
	return otherwise;
}

static bool
make(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct conversation c = {
		.id = call->id,
		.profile = call->caller.profile,
		.title = slice_trim(call_text(call->body, "title")),
		.memory_mode = mode_of(call_text(call->body, "memory_mode"),
				       MEMORY_FULL),
	};

	if (!record_conversation_create(txn, &c, err))
		return false;
	call->conversation = c;
	return once_put(txn, call, c.id, err);
}

/* What the key's first request made. */
static void
tell_made(struct call *call)
{
	if (call_read(call, find))
		tell(call);
}

void
conversation_make(struct call *call)
{
	if (call->replay) {
		tell_made(call);
		return;
	}
	call->id = id_make();
	call_write(call, make, tell);
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct slice title = call_text(call->body, "title");
	struct conversation *c = &call->conversation;

	if (!find(txn, call, err))
		return false;
	if (title.data)
		c->title = slice_trim(title);
	c->memory_mode =
		mode_of(call_text(call->body, "memory_mode"), c->memory_mode);
	c->archived = call_bool(call->body, "archived", c->archived);
	c->pinned = call_bool(call->body, "pinned", c->pinned);
	return record_conversation_update(txn, c, err);
}

void
conversation_patch(struct call *call)
{
	if (call_id(call, 0, &call->id))
		call_write(call, change, tell);
}

/* ---- fork */

static bool
fork_it(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct slice text = call_text(call->body, "message_id");
	struct conversation made = {.id = call->id,
				    .profile = call->caller.profile};
	struct id from = {{0}}, message;
	struct message at = {0};
	struct conversation c;
	bool found = id_parse(call->params[0], &from);

	if (found && !record_conversation_get(txn, made.profile, from,
					      call->arena, &c, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "there is no such conversation");
	at.seq = c.head;
	if (text.data) {
		found = id_parse(text, &message);
		if (found &&
		    !record_message_by_id(txn, made.profile, message,
					  call->arena, &at, &found, err))
			return false;
		if (!found || !id_equal(at.conversation, from))
			return error_set(err, ERROR_CONFLICT,
					 "message_id: there is no such message "
					 "in the conversation");
	}
	if (at.seq == 0)
		return error_set(err, ERROR_CONFLICT,
				 "the conversation is empty");
	if (!record_conversation_fork(txn, made.profile, from, at.seq, &made,
				      err))
		return false;
	call->id = made.id;
	return find(txn, call, err) && once_put(txn, call, made.id, err);
}

void
conversation_fork(struct call *call)
{
	if (call->replay) {
		tell_made(call);
		return;
	}
	call->id = (struct id){{0}};
	call_write(call, fork_it, tell);
}

/* ---- delete: some rows at a time, so that others are served between */

enum { DELETE_BUDGET = 2000 };

static bool
delete_some(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct id profile = call->caller.profile;
	size_t gone;

	if (!call->count &&
	    !memory_forget_conversation(txn, profile, call->id, &gone, err))
		return false;
	return record_conversation_delete(txn, profile, call->id, DELETE_BUDGET,
					  &call->flag, err);
}

static void
deleted(struct call *call)
{
	struct printer *p;

	call->count++;
	if (!call->flag) {
		call_write(call, delete_some, deleted);
		return;
	}
	purge_soon(call->api, call->caller.profile);
	p = answer_begin(call);
	printer_map(p);
	printer_add_bool(p, "success", true);
	printer_end(p);
	answer_send(call, 200);
}

void
conversation_delete(struct call *call)
{
	struct turn *turn;

	if (!call_id(call, 0, &call->id) || !call_read(call, find))
		return;
	turn = turn_in(call->api->turns, call->caller.profile, call->id);
	if (turn)
		turn_cancel(turn);
	call_write(call, delete_some, deleted);
}
