/*
 * From a file's bytes to records.
 *
 * Lines are committed some hundred at a time; when such a batch fails, each of
 * its lines is tried alone, so that good files are quick and of bad ones the
 * good lines are kept.  What refers to something that may stand further on is
 * read once more at the end.  Other programs' exports become the same lines,
 * a conversation at a time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inner.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/store.h"

enum { BATCH_LINES = 500, WHERE_MAX = 160 };

struct line {
	struct slice text;   /* or ... */
	const json_t *given; /* ... already read */
	size_t number;
	bool later; /* it refers to what may stand further on */
};

struct import {
	struct store *store;
	struct id profile;
	unsigned flags;
	transfer_bad_fn *bad;
	void *arg;
	struct transfer_counts *counts;
	struct lessons lessons;

	struct line *lines; /* of the batch */
	size_t count, cap;
	size_t first, end;          /* which of them the change is about */
	struct transfer_counts now; /* of the change */
	bool references;            /* the change is about those */
	size_t conversation;   /* of another program's export; 0: our lines */
	struct line *deferred; /* read again at the end */
	size_t deferred_count, deferred_cap;
};

/* ---- a batch ---- */

static bool
store_line(struct store_txn *txn, struct import *i, struct line *line,
	   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(json_drop) json_t *own = NULL;
	struct reading r = {.txn = txn,
			    .profile = i->profile,
			    .flags = i->flags,
			    .foreign = i->conversation != 0,
			    .line = line->given,
			    .arena = &arena,
			    .lessons = &i->lessons};

	if (!r.line)
		r.line = own = json_read(line->text, err);
	if (!r.line)
		return false;
	if (i->references)
		return read_references(&r, err);
	if (!read_line(&r, err))
		return false;
	line->later = r.later;
	struct slice type = json_text(r.line, "type");
	bool added = r.outcome == LINE_ADDED;
	i->now.added += added;
	i->now.known += r.outcome == LINE_KNOWN;
	i->now.messages += added && slice_is(type, "message");
	i->now.memories += added && slice_is(type, "memory");
	return true;
}

static bool
store_lines(struct store_txn *txn, void *arg, struct error *err)
{
	struct import *i = arg;

	i->now = (struct transfer_counts){0};
	for (size_t n = i->first; n < i->end; n++)
		if (!store_line(txn, i, &i->lines[n], err))
			return false;
	return true;
}

static void
defer(struct import *i, const struct line *line)
{
	if (!line->later || i->references || line->given)
		return;
	i->deferred = grow(i->deferred, &i->deferred_cap, i->deferred_count + 1,
			   sizeof(*i->deferred));
	i->deferred[i->deferred_count++] = *line;
}

static bool
store_range(struct import *i, size_t first, size_t end, struct error *err)
{
	i->first = first;
	i->end = end;
	if (!store_write(i->store, store_lines, i, err))
		return false;
	if (!i->references) {
		i->counts->added += i->now.added;
		i->counts->known += i->now.known;
		i->counts->messages += i->now.messages;
		i->counts->memories += i->now.memories;
	}
	for (size_t n = first; n < end; n++)
		defer(i, &i->lines[n]);
	return true;
}

static void
tell_bad(struct import *i, const struct line *line, const struct error *why)
{
	char where[WHERE_MAX];

	if (i->conversation)
		snprintf(
			where, sizeof(where), "conversation %zu, %s %.80s",
			i->conversation,
			json_string_value(json_object_get(line->given, "type")),
			json_string_value(json_object_get(line->given, "id")));
	else
		snprintf(where, sizeof(where), "%zu", line->number);
	i->counts->bad++;
	i->bad(i->arg, where, why);
}

/* A bad line is the person's, a failing store ends the import. */
static bool
store_batch(struct import *i, struct error *err)
{
	struct error why = {0};
	size_t n = i->count;

	i->count = 0;
	if (n == 0 || store_range(i, 0, n, &why))
		return true;
	for (size_t k = 0; k < n; k++) {
		why = (struct error){0};
		if (store_range(i, k, k + 1, &why))
			continue;
		if (why.code == ERROR_IO || why.code == ERROR_SETUP ||
		    why.code == ERROR_BUSY)
			return error_set(err, why.code, "%s", why.text);
		tell_bad(i, &i->lines[k], &why);
	}
	return true;
}

static bool
add_line(struct import *i, const struct line *line, struct error *err)
{
	if (i->count == BATCH_LINES && !store_batch(i, err))
		return false;
	i->lines = grow(i->lines, &i->cap, i->count + 1, sizeof(*i->lines));
	i->lines[i->count++] = *line;
	return true;
}

/* ---- our lines ---- */

static bool
import_lines(struct import *i, struct slice all, struct error *err)
{
	struct slice text;

	for (size_t n = 1; slice_line(&all, &text); n++) {
		const struct line line = {.text = text, .number = n};

		if (slice_trim(text).len > 0 && !add_line(i, &line, err))
			return false;
	}
	if (!store_batch(i, err))
		return false;
	i->references = true;
	for (size_t n = 0; n < i->deferred_count; n++)
		if (!add_line(i, &i->deferred[n], err))
			return false;
	return store_batch(i, err);
}

/* ---- other programs' ---- */

/* Whose it is, by a member that only they have. */
static foreign_fn *
whose(const json_t *conversation)
{
	if (json_is_object(json_object_get(conversation, "mapping")))
		return chatgpt_lines;
	if (json_is_array(json_object_get(conversation, "chat_messages")))
		return claude_lines;
	return NULL;
}

static bool
import_conversation(struct import *i, struct slice text, struct error *err)
{
	SCOPED(json_drop) json_t *json = NULL, *lines = NULL;
	struct error why = {0};
	char where[WHERE_MAX];

	json = json_read(text, &why);
	foreign_fn *read = whose(json);
	if (json && !read)
		error_set(&why, ERROR_INVALID,
			  "neither a conversation of ChatGPT (\"mapping\") nor "
			  "of Claude (\"chat_messages\")");
	if (read)
		lines = read(json, &why);
	if (!lines) {
		snprintf(where, sizeof(where), "conversation %zu",
			 i->conversation);
		i->counts->bad++;
		i->bad(i->arg, where, &why);
		return true;
	}
	for (size_t n = 0; n < json_array_size(lines); n++) {
		const struct line line = {.given = json_array_get(lines, n)};

		if (!add_line(i, &line, err))
			return false;
	}
	/* Before `lines` goes. */
	return store_batch(i, err);
}

static bool
import_array(struct import *i, struct slice all, struct error *err)
{
	struct slice element;
	bool whole = true;

	while (array_next(&all, &element, &whole)) {
		i->conversation++;
		if (!import_conversation(i, element, err))
			return false;
	}
	return whole || error_set(err, ERROR_INVALID,
				  "the JSON ends, or is damaged, after "
				  "conversation %zu",
				  i->conversation);
}

static bool
import_zipped(void *arg, const char *name, struct slice bytes,
	      struct error *err)
{
	struct import *i = arg;
	struct slice text = slice_trim(bytes);
	struct error why = {0};

	if (!slice_starts(text, "["))
		return error_set(err, ERROR_INVALID, "%s is no JSON array",
				 name);
	return import_array(i, text, &why) ||
	       error_set(err, why.code, "%s: %s", name, why.text);
}

static bool
import_any(struct import *i, struct slice bytes, struct error *err)
{
	struct slice text = bytes;

	if (slice_starts(bytes, "PK\003\004") || slice_starts(bytes, "PK\005"))
		return zip_each(bytes, import_zipped, i, err);
	if (slice_starts(text, "\xEF\xBB\xBF"))
		text = slice_make(text.data + 3, text.len - 3);
	if (slice_starts(slice_trim(text), "["))
		return import_array(i, slice_trim(text), err);
	return import_lines(i, text, err);
}

bool
transfer_import(struct store *store, struct id profile, struct slice bytes,
		unsigned flags, transfer_bad_fn *bad, void *arg,
		struct transfer_counts *out, struct error *err)
{
	struct import i = {.store = store,
			   .profile = profile,
			   .flags = flags,
			   .bad = bad,
			   .arg = arg,
			   .counts = out};

	*out = (struct transfer_counts){0};
	if (bytes.len > TRANSFER_IMPORT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu bytes to import; at most %d fit",
				 bytes.len, TRANSFER_IMPORT_MAX);
	bool good = import_any(&i, bytes, err);
	map_clear(&i.lessons.messages, NULL);
	free(i.lines);
	free(i.deferred);
	return good;
}
