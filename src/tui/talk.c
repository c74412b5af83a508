/*
 * talk.c - messages as items, loaded from the store and kept in step with it.
 *
 * While a turn of ours runs, its question and answer stand behind what is
 * stored and the store is not looked at; at its end the items are brought up
 * to the store, which has the last word.
 */
#include "tui/talk.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/filter.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/item_draw.h"
#include "tui/talk_private.h"

enum { PAGE = 64 };

struct item *
item_make(struct talk *talk, enum item_state state, enum message_role who)
{
	struct item *item = xcalloc(1, sizeof(*item));

	item->state = state;
	item->who = who;
	buf_init(&item->text, RECORD_CONTENT_MAX);
	buf_init(&item->files, RECORD_CONTENT_MAX);
	lines_init(&item->lines, talk->app->pool, talk->app->grid.wide);
	return item;
}

void
item_destroy(struct item **at)
{
	struct item *item = *at;

	if (!item)
		return;
	buf_clear(&item->text);
	buf_clear(&item->files);
	attached_clear(&item->attached);
	item_forget_lines(item);
	free((char *)(uintptr_t)item->speaker.data);
	free((char *)(uintptr_t)item->model.data);
	free(item);
	*at = NULL;
}

void
item_keep(struct slice *at, struct slice text)
{
	struct buf clean = {.max = RECORD_TITLE_MAX};

	free((char *)(uintptr_t)at->data);
	filter_line(text, &clean);
	*at = (struct slice){0};
	if (clean.len > 0)
		*at = slice_make(slice_dup(buf_slice(&clean)), clean.len);
	buf_clear(&clean);
}

static void
set_text(struct item *item, struct slice text)
{
	struct buf clean;

	buf_init(&clean, RECORD_CONTENT_MAX);
	filter_text(text, &clean);
	if (slice_equal(buf_slice(&clean), buf_slice(&item->text)) &&
	    item->state == ITEM_STORED) {
		buf_clear(&clean);
		return;
	}
	item_forget_lines(item);
	buf_clear(&item->text);
	/* Thousands may be kept: no room to grow in. */
	if (clean.len > 0) {
		clean.cap = clean.len + 1;
		clean.data = xrealloc(clean.data, clean.cap, 1);
	}
	item->text = clean;
	item->width = 0;
}

void
item_add_file(struct item *item, struct slice name, struct slice media_type,
	      uint64_t size)
{
	SCOPED(buf_clear) struct buf line = {.max = RECORD_TITLE_MAX * 2};

	attach_describe(name, media_type, size, &line);
	filter_line(buf_slice(&line), &item->files);
	buf_addc(&item->files, '\n');
}

static void
set_files(struct item *item, const struct message *m)
{
	buf_clear(&item->files);
	for (size_t i = 0; i < m->attachment_count; i++)
		item_add_file(item, m->attachments[i].name,
			      m->attachments[i].media_type,
			      m->attachments[i].size);
}

/* Make the item what the message is. */
static bool
set_message(struct item *item, struct store_txn *txn, const struct message *m,
	    struct arena *arena, struct error *err)
{
	struct slice text;

	if (!chat_message_text(txn, m, arena, &text, err))
		return false;
	set_text(item, text);
	set_files(item, m);
	item->state = ITEM_STORED;
	item->who = m->role;
	item->seq = m->seq;
	item->id = m->id;
	item_keep(&item->speaker, m->speaker);
	item_keep(&item->model, m->model);
	item->created_at = m->created_at;
	item->turn_number = m->turn_number;
	item->parent = m->parent;
	item->branches = 0;
	item->partial = m->partial;
	snprintf(item->finish, sizeof(item->finish), "%.*s",
		 SLICE_ARG(m->finish_reason));
	item->memory_count = m->memory_count;
	return true;
}

void
talk_add(struct talk *talk, struct item *item)
{
	talk->items = grow(talk->items, &talk->cap, talk->count + 1,
			   sizeof(struct item *));
	talk->items[talk->count++] = item;
}

static void
drop_items(struct talk *talk)
{
	for (size_t i = 0; i < talk->count; i++)
		item_destroy(&talk->items[i]);
	talk->count = 0;
}

void
talk_changed(struct talk *talk)
{
	if (!talk->closed && talk->listener.changed)
		talk->listener.changed(talk->listener.arg);
}

/* ---- loading ---- */

static bool
read_path(struct talk *talk, struct store_txn *txn, uint64_t head, size_t limit,
	  struct arena *arena, struct message **path, size_t *n,
	  struct error *err)
{
	if (talk->conversation.head == 0) {
		*n = 0;
		return true;
	}
	const struct message_path to = {.profile = talk->app->profile.id,
					.conversation = talk->conversation.id,
					.head = head,
					.limit = limit};
	return record_message_path(txn, &to, arena, path, n, err);
}

static struct item *
find_item(struct talk *talk, const struct message *m)
{
	for (size_t i = talk->count; i-- > 0;) {
		struct item *item = talk->items[i];

		if (item && ((item->seq && item->seq == m->seq) ||
			     (!id_none(item->id) && id_equal(item->id, m->id))))
			return TAKE(talk->items[i]);
	}
	return NULL;
}

/* The item of ours that this stored message is, though it had no id yet. */
static struct item *
adopt(struct talk *talk, const struct message *m)
{
	for (size_t i = talk->count; i-- > 0;) {
		struct item *item = talk->items[i];

		if (item && item->seq == 0 && item->who == m->role &&
		    (item->state == ITEM_COMING || item->state == ITEM_SENT))
			return TAKE(talk->items[i]);
	}
	return NULL;
}

/* Put each note of what was there behind the item that it stood behind, or the
 * last one before that which is still there. */
static size_t
put_notes(struct item **was, size_t n, struct item **next, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t place = at;

		while (place < count && next[place] != was[i])
			place++;
		if (place < count)
			at = place + 1;
		if (was[i]->state != ITEM_NOTE)
			continue;
		memmove(&next[at + 1], &next[at],
			(count - at) * sizeof(struct item *));
		next[at++] = was[i];
		count++;
	}
	return count;
}

/* Put the path in place of the items; what is on both stays as it is, notes
 * stay behind what they stood behind. */
static bool
replace_items(struct talk *talk, struct store_txn *txn, struct message *path,
	      size_t n, struct arena *arena, struct error *err)
{
	size_t count = 0, cap = n + talk->count + 1;
	struct item **next = xcalloc(cap, sizeof(struct item *));
	struct item **was = xcalloc(talk->count + 1, sizeof(struct item *));
	bool good = true;

	if (talk->count > 0)
		memcpy(was, talk->items, talk->count * sizeof(struct item *));
	for (size_t i = 0; i < n && good; i++) {
		struct item *item = find_item(talk, &path[i]);

		if (!item)
			item = adopt(talk, &path[i]);
		if (!item)
			item = item_make(talk, ITEM_STORED, path[i].role);
		good = set_message(item, txn, &path[i], arena, err);
		next[count++] = item;
	}
	count = put_notes(was, talk->count, next, count);
	for (size_t i = 0; i < talk->count; i++)
		if (talk->items[i] && talk->items[i]->state == ITEM_NOTE)
			talk->items[i] = NULL;
	free(was);
	drop_items(talk);
	free(talk->items);
	talk->items = next;
	talk->cap = cap;
	talk->count = count;
	return good;
}

static void
set_conversation(struct talk *talk, const struct conversation *c)
{
	struct slice title = {0};

	talk->conversation = *c;
	talk->conversation.title = (struct slice){0};
	talk->conversation.external_id = (struct slice){0};
	item_keep(&title, c->title);
	free(talk->title);
	talk->title = (char *)(uintptr_t)title.data;
}

bool
talk_sync(struct talk *talk, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end) struct store_txn *txn = NULL;
	struct conversation c;
	struct message *path = NULL;
	size_t n, stored = 0;
	bool found;

	if (talk->turn || id_none(talk->conversation.id))
		return true;
	txn = store_read(talk->app->store, err);
	if (!txn || !record_conversation_get(txn, talk->app->profile.id,
					     talk->conversation.id, &arena, &c,
					     &found, err))
		return false;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
				 "this conversation was deleted");
	set_conversation(talk, &c);
	for (size_t i = 0; i < talk->count; i++)
		stored += talk->items[i]->state != ITEM_NOTE;
	if (!read_path(talk, txn, 0, MAX(stored + 16, PAGE), &arena, &path, &n,
		       err) ||
	    !replace_items(talk, txn, path, n, &arena, err))
		return false;
	talk->before = n > 0 ? path[0].parent : 0;
	talk->whole = talk->before == 0;
	talk_changed(talk);
	return true;
}

bool
talk_load_before(struct talk *talk, uint64_t seq, size_t *added,
		 struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end) struct store_txn *txn = NULL;
	struct message *path = NULL;
	size_t n = 0;

	*added = 0;
	if (talk->whole || talk->before == 0)
		return true;
	txn = store_read(talk->app->store, err);
	if (!txn || !read_path(talk, txn, talk->before, seq ? 0 : PAGE, &arena,
			       &path, &n, err))
		return false;
	talk->items = grow(talk->items, &talk->cap, talk->count + n,
			   sizeof(struct item *));
	memmove(talk->items + n, talk->items,
		talk->count * sizeof(struct item *));
	for (size_t i = 0; i < n; i++)
		talk->items[i] = item_make(talk, ITEM_STORED, path[i].role);
	talk->count += n;
	*added = n;
	talk->before = n > 0 ? path[0].parent : 0;
	talk->whole = talk->before == 0;
	for (size_t i = 0; i < n; i++)
		if (!set_message(talk->items[i], txn, &path[i], &arena, err))
			return false;
	if (n > PAGE) {
		arena_clear(&arena);
		store_trim(txn);
		malloc_trim(0); /* the whole text stood there twice */
	}
	return true;
}

struct talk *
talk_open(struct app *app, struct id conversation,
	  const struct talk_listener *listener, struct error *err)
{
	static uint64_t number;
	struct talk *talk = xcalloc(1, sizeof(*talk));

	talk->number = ++number;
	talk->app = app;
	talk->listener = *listener;
	talk->conversation.id = conversation;
	talk->whole = talk->begun_here = id_none(conversation);
	talk->cost = -1;
	talk->usage = (struct llm_usage){-1, -1, -1, -1};
	if (!talk_sync(talk, err)) {
		talk_close(&talk);
		return NULL;
	}
	return talk;
}

void
talk_destroy(struct talk *talk)
{
	drop_items(talk);
	free(talk->items);
	free(talk->title);
	free(talk->activity);
	free(talk->unsent);
	free(talk);
}

void
talk_close(struct talk **at)
{
	struct talk *talk = *at;

	*at = NULL;
	if (!talk)
		return;
	talk->closed = true;
	if (!talk->turn)
		talk_destroy(talk);
}

uint64_t
talk_note(struct talk *talk, enum role role, struct slice text)
{
	struct item *item = item_make(talk, ITEM_NOTE, MESSAGE_SYSTEM);

	item->role = role;
	item->number = ++talk->app->notes;
	set_text(item, text);
	talk_add(talk, item);
	talk_changed(talk);
	return talk->app->notes;
}

bool
talk_note_ends(struct talk *talk, uint64_t number, size_t kept,
	       struct slice end)
{
	SCOPED(buf_clear) struct buf text = {.max = RECORD_CONTENT_MAX};

	for (size_t i = 0; i < talk->count; i++) {
		struct item *item = talk->items[i];

		if (item->state != ITEM_NOTE || item->number != number)
			continue;
		if (item->above || item->begun_above)
			return false;
		buf_add(&text, item->text.data, MIN(kept, item->text.len));
		buf_add_slice(&text, end);
		set_text(item, buf_slice(&text));
		talk_changed(talk);
		return true;
	}
	return false;
}

struct slice
talk_title(const struct talk *talk)
{
	return slice_of(talk->title ? talk->title : "");
}
