/*
 * talk_images.c - images of a question on the screen: shown beside it, kept
 * when the question is changed, sent again where nothing is stored.
 */
#include "mneme/arena.h"
#include "mneme/store.h"
#include "tui/app.h"
#include "tui/talk_private.h"

void
talk_show_images(struct talk *talk, struct item *item,
		 const struct chat_request *request)
{
	for (size_t i = 0; i < request->attachment_count; i++) {
		const struct attachment *a = &request->attachments[i];

		item_add_file(item, a->name,
			      slice_of(attach_image_type(a->bytes)),
			      a->bytes.len);
		if (talk->incognito)
			attached_add(&item->attached, a->name, a->bytes, NULL);
	}
}

static bool
has(const struct attached *attached, struct slice name)
{
	for (size_t i = 0; i < attached->count; i++)
		if (slice_equal(attached->at[i].name, name))
			return true;
	return false;
}

static bool
says(struct slice text, struct slice name)
{
	return slice_find(text, name) < text.len;
}

/* One that was named and no longer is was taken out; one that is named and
 * was read anew is there already. */
static bool
is_meant(struct slice was, struct slice now, struct slice name,
	 const struct attached *attached)
{
	return !has(attached, name) && (says(now, name) || !says(was, name));
}

static bool
keep_stored(struct talk *talk, uint64_t seq, struct slice text,
	    struct attached *attached, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(talk->app->store, err);
	struct slice bytes;
	struct message m;
	bool found;

	if (!txn || !record_message_get(txn, talk->app->profile.id, seq, &arena,
					&m, &found, err))
		return false;
	for (size_t i = 0; found && i < m.attachment_count; i++) {
		const struct message_attachment *a = &m.attachments[i];
		bool there;

		if (!slice_starts(a->media_type, "image/") ||
		    !is_meant(m.content, text, a->name, attached))
			continue;
		if (!record_attachment_get(txn, m.profile, m.conversation,
					   a->sha256, &arena, &bytes, &there,
					   err) ||
		    (there && !attached_add(attached, a->name, bytes, err)))
			return false;
	}
	return true;
}

bool
talk_keep_images(struct talk *talk, size_t i, struct slice text,
		 struct attached *attached, struct error *err)
{
	const struct item *item = talk->items[i];
	const struct attached *old = &item->attached;
	struct slice was = buf_slice(&item->text);

	if (!talk->incognito)
		return keep_stored(talk, item->seq, text, attached, err);
	for (size_t k = 0; k < old->count; k++)
		if (is_meant(was, text, old->at[k].name, attached) &&
		    !attached_add(attached, old->at[k].name, old->at[k].bytes,
				  err))
			return false;
	return true;
}

void
talk_item_images(const struct item *item, size_t *room, struct arena *arena,
		 struct llm_message *out)
{
	const struct attached *a = &item->attached;
	struct llm_image *list;

	if (a->count == 0 || a->bytes > *room) {
		*room = a->count ? 0 : *room;
		return;
	}
	*room -= a->bytes;
	list = arena_alloc(arena, a->count, sizeof(*list));
	for (size_t i = 0; i < a->count; i++)
		list[i] = (struct llm_image){attach_image_type(a->at[i].bytes),
					     a->at[i].bytes};
	out->images = list;
	out->image_count = a->count;
}
