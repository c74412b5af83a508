/*
 * openai_said.c - what of a caller's message is kept.
 *
 * Images that came within the request are kept as any other; of those behind
 * a link only the link is known, and what is no image or too much is passed on
 * to the provider and named.
 */
#include "api/openai.h"

static bool
keep(struct openai_said *out, const struct llm_image *image)
{
	size_t len = image->bytes.len;
	const char *type = attach_image_type(image->bytes);

	if (!type || out->count == ATTACH_MAX || len > RECORD_ATTACHMENT_MAX ||
	    out->bytes + len > ATTACH_BYTES_MAX)
		return false;
	out->bytes += len;
	out->images[out->count++] = (struct attachment){
		slice_of(type + strlen("image/")), image->bytes};
	return true;
}

static void
add_image(struct openai_said *out, const struct openai_image *image,
	  struct buf *text)
{
	if (image->here && keep(out, &image->image))
		return;
	if (text->len)
		buf_addc(text, '\n');
	if (image->link.len)
		buf_addf(text, "[image %.*s]", SLICE_ARG(image->link));
	else
		buf_adds(text, "[an image that was not kept]");
}

static struct slice
name_of(struct arena *arena, size_t i, struct slice kind)
{
	return slice_of(
		arena_printf(arena, "image-%zu.%.*s", i, SLICE_ARG(kind)));
}

void
openai_say(const struct openai_message *m, struct arena *arena,
	   struct openai_said *out)
{
	SCOPED(buf_clear) struct buf text;

	*out = (struct openai_said){0};
	buf_init(&text, RECORD_CONTENT_MAX);
	buf_add_slice(&text, m->words);
	for (size_t i = 0; i < m->image_count; i++)
		add_image(out, &m->images[i], &text);
	for (size_t i = 0; i < out->count; i++)
		out->images[i].name =
			name_of(arena, i + 1, out->images[i].name);
	if (slice_trim(buf_slice(&text)).len == 0) {
		buf_reset(&text);
		buf_adds(&text, out->count > 1 ? "(images)"
				: out->count   ? "(an image)"
					       : "(without words)");
	}
	out->text = arena_copy(arena, buf_slice(&text));
}
