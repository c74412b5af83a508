/*
 * Everything of a person, in an order from which it can be made again: the
 * conversations by age, the messages of each as they were appended, then the
 * memories by age, then what must stay forgotten.
 *
 * A message names its parent where import would choose another: import's
 * choice is the head, which each message takes but those that are `aside`.
 */
#include <stdlib.h>

#include "inner.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/printer.h"
#include "mneme/store.h"

enum { FLUSH_BYTES = 1 << 20, LINES_MAX = 1 << 30 };

struct exporting {
	struct store_txn *txn;
	struct id profile;
	transfer_write_fn *write;
	void *arg;
	struct arena arena; /* for one line */
	struct arena list;  /* for the conversations */
	struct buf lines;
	struct printer printer;
};

static bool
end_line(struct exporting *x, struct error *err)
{
	buf_addc(&x->lines, '\n');
	printer_init(&x->printer, PRINTER_JSON, &x->lines);
	arena_reset(&x->arena);
	if (x->lines.over)
		return error_set(err, ERROR_LIMIT, "a line of over %d bytes",
				 LINES_MAX);
	if (x->lines.len < FLUSH_BYTES)
		return true;
	bool good = x->write(x->arg, buf_slice(&x->lines), err);
	buf_reset(&x->lines);
	return good;
}

static int
by_age(const void *a, const void *b)
{
	const struct conversation *x = a, *y = b;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return memcmp(x->id.bytes, y->id.bytes, ID_BYTES);
}

static bool
name_conversation(struct exporting *x, struct id id, struct arena *arena,
		  struct slice *name, struct error *err)
{
	char *text = arena_alloc(arena, ID_TEXT + 1, 1);
	struct conversation c;
	bool found;

	if (!record_conversation_get(x->txn, x->profile, id, arena, &c, &found,
				     err))
		return false;
	*name = write_id(found ? c.external_id : (struct slice){0}, id, text);
	return true;
}

static bool
export_conversations(struct exporting *x, struct conversation **list, size_t *n,
		     struct error *err)
{
	const struct conversation_page all = {
		.profile = x->profile, .filter = RECORD_ALL, .limit = SIZE_MAX};

	if (!record_conversation_list(x->txn, &all, &x->list, list, n, err))
		return false;
	if (*n)
		qsort(*list, *n, sizeof(**list), by_age);
	for (size_t i = 0; i < *n; i++) {
		struct slice from = {0};

		if (!id_none((*list)[i].forked_from) &&
		    !name_conversation(x, (*list)[i].forked_from, &x->arena,
				       &from, err))
			return false;
		write_conversation(&x->printer, &(*list)[i], from);
		if (!end_line(x, err))
			return false;
	}
	return true;
}

static bool
name_parent(struct exporting *x, const struct message *m, uint64_t head,
	    struct message_place *place, struct error *err)
{
	char *text = arena_alloc(&x->arena, ID_TEXT + 1, 1);
	struct message above;
	bool found;

	if (m->parent == head)
		return true;
	place->root = m->parent == 0;
	if (place->root)
		return true;
	if (!record_message_get(x->txn, x->profile, m->parent, &x->arena,
				&above, &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_IO,
				 "a message of the store is missing");
	place->parent = write_id(above.external_id, above.id, text);
	return true;
}

/* A copy whose original is gone is an original from then on. */
static bool
name_original(struct exporting *x, const struct message *m,
	      struct message_place *place, struct error *err)
{
	char *text = arena_alloc(&x->arena, ID_TEXT + 1, 1);
	struct message original;
	bool found;

	if (m->copy_of == 0)
		return true;
	if (!record_message_get(x->txn, x->profile, m->copy_of, &x->arena,
				&original, &found, err))
		return false;
	if (!found)
		return true;
	place->copy_message = write_id(original.external_id, original.id, text);
	return name_conversation(x, original.conversation, &x->arena,
				 &place->copy_conversation, err);
}

static bool
export_messages(struct exporting *x, const struct conversation *c,
		struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan =
		record_message_scan(x->txn, x->profile, c->id, 0, false, err);
	struct message m;
	uint64_t head = 0;

	while (scan && record_message_next(scan, &x->arena, &m)) {
		struct message_place place = {
			.conversation = c, .aside = c->head && m.seq > c->head};

		if (!name_parent(x, &m, head, &place, err) ||
		    !name_original(x, &m, &place, err) ||
		    !write_message(&x->printer, x->txn, &m, &place, &x->arena,
				   err))
			return false;
		if (!place.aside)
			head = m.seq;
		if (!end_line(x, err))
			return false;
	}
	return record_scan_end(&scan, err);
}

static bool
export_memories(struct exporting *x, struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_memory_scan(
		x->txn, x->profile, MEMORY_TYPE_COUNT, false, err);
	struct memory m;

	while (scan && record_memory_next(scan, &x->arena, &m))
		if (!write_memory(&x->printer, x->txn, &m, &x->arena, err) ||
		    !end_line(x, err))
			return false;
	return record_scan_end(&scan, err);
}

static bool
export_forgotten(struct exporting *x, struct error *err)
{
	struct record_fingerprint *list;
	size_t n;

	if (!record_forgotten_list(x->txn, x->profile, &x->list, &list, &n,
				   err))
		return false;
	for (size_t i = 0; i < n; i++) {
		write_forgotten(&x->printer, &list[i]);
		if (!end_line(x, err))
			return false;
	}
	return true;
}

static bool
export_all(struct exporting *x, unsigned flags, struct error *err)
{
	struct conversation *list;
	size_t n;

	if (!export_conversations(x, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!export_messages(x, &list[i], err))
			return false;
	if (!export_memories(x, err) ||
	    ((flags & TRANSFER_FORGOTTEN) && !export_forgotten(x, err)))
		return false;
	return x->lines.len == 0 || x->write(x->arg, buf_slice(&x->lines), err);
}

bool
transfer_export(struct store_txn *txn, struct id profile, unsigned flags,
		transfer_write_fn *write, void *arg, struct error *err)
{
	struct exporting x = {
		.txn = txn, .profile = profile, .write = write, .arg = arg};

	buf_init(&x.lines, LINES_MAX);
	printer_init(&x.printer, PRINTER_JSON, &x.lines);
	bool good = export_all(&x, flags, err);
	buf_clear(&x.lines);
	arena_clear(&x.arena);
	arena_clear(&x.list);
	return good;
}
