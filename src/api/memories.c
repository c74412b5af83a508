/* memories.c - what is known of the caller: found, listed, corrected. */
#include "api/private.h"
#include "mneme/clock.h"
#include "mneme/memory.h"
#include "mneme/store.h"

/* ---- search */

struct search {
	struct arena arena; /* the recall's; the exchange's is not its own */
	struct slice text;
};

static void
search_over(void *arg, const struct memory_results *results,
	    const struct error *err)
{
	struct call *call = arg;
	struct search *search = call->data;

	if (err) {
		answer_error(call, err);
	} else {
		memory_print_results(answer_begin(call), search->text, results);
		answer_send(call, 200);
	}
	arena_clear(&search->arena);
	free_pointer(&search);
}

static bool
read_as_of(struct call *call, int64_t *at, struct error *err)
{
	struct slice text = call_text(call->query, "as_of");

	*at = 0;
	return text.len == 0 || clock_parse_as_of(text, clock_now(), at, err);
}

static void
search(struct call *call, struct slice text)
{
	struct search *search = xcalloc(1, sizeof(*search));
	struct memory_query query = {
		.profile = call->caller.profile,
		.text = text,
		.k = (size_t)call_int(call->query, "limit", 20),
	};
	struct slice conversation = call_text(call->query, "conversation");
	struct error err = {0};

	search->text = text;
	call->data = search;
	if (!read_as_of(call, &query.as_of, &err)) {
		answer_invalid(call, "as_of", "%s", err.text);
	} else if (conversation.len &&
		   !id_parse(conversation, &query.conversation)) {
		answer_not_found(call, "there is no such conversation");
	} else if (!memory_service_recall(call->api->chat.memory, &query,
					  &search->arena, search_over, call,
					  &err)) {
		answer_error(call, &err);
	} else {
		return;
	}
	arena_clear(&search->arena);
	free_pointer(&search);
}

/* ---- the list */

struct place {
	char bytes[ID_BYTES + 8];
};

static bool
read_filter(struct call *call, struct memory_filter *filter, struct error *err)
{
	struct slice type = call_text(call->query, "type");

	if (type.len == 0)
		type = call_text(call->query, "memory_type");
	*filter = (struct memory_filter){
		.profile = call->caller.profile,
		.type = MEMORY_TYPE_COUNT,
		.state = MEMORY_ACTIVE,
	};
	if (type.len && !record_memory_type_find(type, &filter->type))
		return error_set(err, ERROR_INVALID, "type: no such type");
	return true;
}

static bool
print_list(struct store_txn *txn, struct call *call, struct error *err)
{
	size_t limit = (size_t)call_int(call->query, "limit", 50);
	struct slice cursor = call_text(call->query, "cursor");
	struct memory after = {0}, *list;
	struct memory_filter filter;
	struct place place = {0};
	struct printer *p;
	size_t n;

	if (!read_filter(call, &filter, err))
		return false;
	if (cursor.data) {
		cursor_read(cursor, place.bytes, sizeof(place.bytes));
		memcpy(after.id.bytes, place.bytes, ID_BYTES);
		memcpy(&after.created_at, place.bytes + ID_BYTES, 8);
	}
	if (!memory_list(txn, &filter, cursor.data ? &after : NULL, limit + 1,
			 call->arena, &list, &n, err))
		return false;
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < MIN(n, limit); i++)
		memory_print(p, &list[i]);
	printer_end(p);
	if (n > limit) {
		memcpy(place.bytes, list[limit - 1].id.bytes, ID_BYTES);
		memcpy(place.bytes + ID_BYTES, &list[limit - 1].created_at, 8);
		cursor_link(call, place.bytes, sizeof(place.bytes));
	}
	return true;
}

void
memories_list(struct call *call)
{
	struct slice text = call_text(call->query, "q");

	if (text.data)
		search(call, text);
	else if (call_read(call, print_list))
		answer_send(call, 200);
}

/* ---- one */

static bool
find(struct store_txn *txn, struct call *call, struct error *err)
{
	bool found;

	if (!record_memory_get(txn, call->caller.profile, call->id, call->arena,
			       &call->memory, &found, err))
		return false;
	return found ||
	       error_set(err, ERROR_NOT_FOUND, "there is no such memory");
}

static void
tell(struct call *call)
{
	memory_print(answer_begin(call), &call->memory);
	answer_send(call, call->route->status);
}

void
memories_get(struct call *call)
{
	if (call_id(call, 0, &call->id) && call_read(call, find))
		tell(call);
}

static bool
make(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	const json_t *body = call->body;
	struct slice type = call_text(body, "type");
	struct memory m = {
		.profile = call->caller.profile,
		.type = MEMORY_FACT,
		.key = call_text(body, "key"),
		.confidence = call_real(body, "confidence", 1),
		.importance = call_real(body, "importance", .8),
		.pinned = call_bool(body, "pinned", false),
	};

	if (type.len)
		record_memory_type_find(type, &m.type);
	if (!memory_from_text(call_text(body, "value"), call->arena, &m, err) ||
	    !memory_save(txn, &m, err))
		return false;
	call->id = m.id;
	return find(txn, call, err) && once_put(txn, call, m.id, err);
}

static void
made(struct call *call)
{
	memory_service_follow(call->api->chat.memory, call->caller.profile);
	tell(call);
}

void
memories_make(struct call *call)
{
	if (!call->replay)
		call_write(call, make, made);
	else if (call_read(call, find))
		tell(call);
}

static bool
change(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	const json_t *body = call->body;
	const json_t *pinned = json_object_get(body, "pinned");
	struct slice name = call_text(body, "type");
	struct memory_edit edit = memory_edit_nothing;
	enum memory_type type;

	if (!find(txn, call, err))
		return false;
	edit.value = call_text(body, "value");
	edit.key = call_text(body, "key");
	edit.importance = call_real(body, "importance", edit.importance);
	if (name.data && record_memory_type_find(name, &type))
		edit.type = (int)type;
	if (json_is_boolean(pinned))
		edit.pinned = json_is_true(pinned);
	return memory_edit(txn, call->caller.profile, call->id, &edit,
			   call->arena, &call->memory, err);
}

void
memories_patch(struct call *call)
{
	if (call_id(call, 0, &call->id))
		call_write(call, change, made);
}

/* ---- forget */

static bool
forget(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct message *said_in;

	if (!find(txn, call, err) ||
	    !memory_forget(txn, call->caller.profile, call->id, call->arena,
			   &said_in, &call->count, err))
		return false;
	call->data = said_in;
	return true;
}

static bool
print_said(struct store_txn *txn, struct call *call, struct error *err)
{
	const struct message *list = call->data;
	struct printer *p = answer_begin(call);

	printer_map(p);
	printer_add_bool(p, "success", true);
	printer_key(p, "said_in");
	printer_list(p);
	for (size_t i = 0; i < call->count; i++)
		if (!show_message(p, txn, &list[i], call->arena, err))
			return false;
	printer_end(p);
	printer_end(p);
	return true;
}

static void
forgotten(struct call *call)
{
	purge_soon(call->api, call->caller.profile);
	if (call_read(call, print_said))
		answer_send(call, 200);
}

void
memories_delete(struct call *call)
{
	if (call_id(call, 0, &call->id))
		call_write(call, forget, forgotten);
}

/* ---- history, statistics */

static bool
print_history(struct store_txn *txn, struct call *call, struct error *err)
{
	struct memory *list;
	struct printer *p;
	size_t n;

	if (!find(txn, call, err) ||
	    !memory_history(txn, call->caller.profile, call->id, call->arena,
			    &list, &n, err))
		return false;
	p = answer_begin(call);
	printer_list(p);
	for (size_t i = 0; i < n; i++)
		memory_print_version(p, i ? &list[i - 1] : NULL, &list[i]);
	printer_end(p);
	return true;
}

void
memories_history(struct call *call)
{
	if (call_id(call, 0, &call->id) && call_read(call, print_history))
		answer_send(call, 200);
}

static bool
print_stats(struct store_txn *txn, struct call *call, struct error *err)
{
	struct memory_stats stats;

	if (!memory_stats(txn, call->caller.profile, &stats, err))
		return false;
	memory_print_stats(answer_begin(call), &stats);
	return true;
}

void
memories_stats(struct call *call)
{
	if (call_read(call, print_stats))
		answer_send(call, 200);
}
