/*
 * chat_images.c - the images that a text names while it is being written.
 *
 * They are looked for at each change of a text that has an @ in it; of a file
 * only its first bytes are read.
 */
#include <stdlib.h>

#include "mneme/filter.h"
#include "tui/chat_private.h"

enum { LINE_MAX_BYTES = 16 << 10 };

static void
add_line(struct chat_images *images, const char *path)
{
	SCOPED(buf_clear) struct buf text = {.max = LINE_MAX_BYTES};
	const char *name = strrchr(path, '/'), *type;
	uint64_t size;

	type = attach_peek(path, &size);
	if (!type)
		return;
	attach_describe(slice_of(name ? name + 1 : path), slice_of(type), size,
			&text);
	buf_adds(&images->line, images->line.len ? "  [" : "[");
	filter_line(buf_slice(&text), &images->line);
	buf_addc(&images->line, ']');
}

static void
add_word(struct chat_images *images, struct slice text, struct slice word,
	 const char *path)
{
	uint64_t size;

	if (images->count == ATTACH_MAX || !attach_peek(path, &size))
		return;
	images->words[images->count].at = (size_t)(word.data - text.data);
	images->words[images->count++].len = word.len;
}

void
chat_find_images(struct chat_view *v)
{
	struct chat_images *images = &v->images;
	struct slice text = composer_text(v->composer), rest = text, word;
	char *at;

	images->count = 0;
	buf_clear(&images->line);
	buf_init(&images->line, LINE_MAX_BYTES);
	if (text.len == 0 || !memchr(text.data, '@', text.len))
		return;
	while (attach_next(&rest, &word, &at)) {
		SCOPED(free_pointer) char *path = at;

		if (!path)
			continue;
		add_word(images, text, word, path);
		add_line(images, path);
	}
}

bool
chat_next_image(const struct chat_view *v, size_t from, size_t *at, size_t *len)
{
	const struct chat_images *images = &v->images;

	for (size_t i = 0; i < images->count; i++) {
		if (images->words[i].at < from)
			continue;
		*at = images->words[i].at;
		*len = images->words[i].len;
		return *at + *len <= composer_text(v->composer).len;
	}
	return false;
}

void
chat_draw_images(const struct chat_view *v, const struct area *area, int row)
{
	area_text(area, row, 0, buf_slice(&v->images.line),
		  app_style(v->view.app, ROLE_QUIET));
}
