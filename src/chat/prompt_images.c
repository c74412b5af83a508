/*
 * prompt_images.c - which images go with a request.
 *
 * A model keeps nothing, so what it is to see again is sent again: the images
 * of every message that stands in the prompt, from the newest back, until they
 * pass ATTACH_BYTES_MAX together.  In the place of older ones stands a word.
 */
#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/error.h"
#include "prompt.h"

static bool
is_image(const struct message_attachment *a)
{
	return slice_starts(a->media_type, "image/");
}

size_t
prompt_image_count(const struct message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->attachment_count; i++)
		n += is_image(&m->attachments[i]);
	return n;
}

static bool
read_images(struct store_txn *txn, const struct message *m, size_t *room,
	    struct arena *arena, struct prompt_images *out, struct error *err)
{
	struct llm_image *list =
		arena_alloc(arena, m->attachment_count, sizeof(*list));

	out->list = list;
	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct message_attachment *a = &m->attachments[i];
		struct llm_image *image = &list[out->count];
		bool found;

		if (!is_image(a))
			continue;
		if (a->size > *room) {
			*room = 0; /* older ones are not sent, either */
			out->left_out++;
			continue;
		}
		if (!record_attachment_get(txn, m->profile, m->conversation,
					   a->sha256, arena, &image->bytes,
					   &found, err))
			return false;
		image->media_type = attach_image_type(image->bytes);
		if (!found || !image->media_type) {
			out->left_out++;
			continue;
		}
		*room -= a->size;
		out->count++;
	}
	return true;
}

bool
prompt_images(struct store_txn *txn, const struct message *path, size_t count,
	      size_t first, size_t *room, struct arena *arena,
	      struct prompt_images **out, struct error *err)
{
	*out = arena_alloc(arena, count + 1, sizeof(**out));
	for (size_t i = count; i-- > first;)
		if (path[i].attachment_count &&
		    !read_images(txn, &path[i], room, arena, &(*out)[i], err))
			return false;
	return true;
}

struct llm_message
prompt_message(enum llm_role role, struct slice content,
	       const struct prompt_images *images, struct arena *arena)
{
	struct llm_message m = {.role = role,
				.content = content,
				.images = images->list,
				.image_count = images->count};

	if (images->left_out)
		m.content = slice_of(arena_printf(
			arena, "%.*s\n[%zu %s not sent again]",
			SLICE_ARG(content), images->left_out,
			plural(images->left_out, "image", "images")));
	return m;
}
