/*
 * talk_images.c - images of a question on the screen: shown beside it, kept
 * when the question is changed, sent again where nothing is stored.
 */
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

bool
talk_keep_images(struct talk *talk, size_t i, struct slice text,
		 struct attached *attached, struct error *err)
{
	const struct item *item = talk->items[i];

	if (!talk->incognito)
		return attached_keep_stored(talk->app->store,
					    talk->app->profile.id, item->seq,
					    text, attached, err);
	return attached_keep(&item->attached, buf_slice(&item->text), text,
			     attached, err);
}
