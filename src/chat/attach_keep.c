/*
 * attach_keep.c - images of a question that is asked in other words.
 */
#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/record.h"
#include "mneme/store.h"

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

bool
attached_keep(const struct attached *old, struct slice was, struct slice now,
	      struct attached *attached, struct error *err)
{
	for (size_t i = 0; i < old->count; i++)
		if (is_meant(was, now, old->at[i].name, attached) &&
		    !attached_add(attached, old->at[i].name, old->at[i].bytes,
				  err))
			return false;
	return true;
}

bool
attached_keep_stored(struct store *store, struct id profile, uint64_t seq,
		     struct slice now, struct attached *attached,
		     struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end)
	struct store_txn *txn = store_read(store, err);
	struct slice bytes;
	struct message m;
	bool found;

	if (!txn ||
	    !record_message_get(txn, profile, seq, &arena, &m, &found, err))
		return false;
	for (size_t i = 0; found && i < m.attachment_count; i++) {
		const struct message_attachment *a = &m.attachments[i];
		bool there;

		if (!slice_starts(a->media_type, "image/") ||
		    !is_meant(m.content, now, a->name, attached))
			continue;
		if (!record_attachment_get(txn, m.profile, m.conversation,
					   a->sha256, &arena, &bytes, &there,
					   err) ||
		    (there && !attached_add(attached, a->name, bytes, err)))
			return false;
	}
	return true;
}
