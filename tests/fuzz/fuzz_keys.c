/* No bytes from a terminal upset the parser or the composer behind it. */
#include <stdlib.h>

#include "mneme/utf8.h"
#include "tui/composer.h"
#include "tui/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct keymap keymap;
static const enum context contexts[] = {CONTEXT_EDIT, CONTEXT_ANYWHERE};

static void
typed(void *arg, const struct key_event *event)
{
	if (event->kind == KEY_TEXT && !utf8_valid(event->text))
		abort();
	enum action action = keymap_find(&keymap, contexts, event);

	if (action == ACTION_NONE)
		composer_key(arg, event);
	else
		composer_act(arg, action);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct composer *composer = composer_create();
	struct composer_layout layout;
	struct keys keys;

	if (keymap.count == 0)
		keymap_init(&keymap, slice_of(""), NULL);
	composer_width(composer, 7, false);
	keys_init(&keys, typed, composer);
	for (size_t at = 0; at < size; at += 5)
		keys_feed(&keys, slice_make(data + at, MIN(size - at, 5)));
	keys_timeout(&keys);
	if (!utf8_valid(composer_text(composer)))
		abort();
	if (composer_caret(composer) > composer_text(composer).len)
		abort();
	layout = composer_layout(composer, 7, true);
	if (layout.caret_line >= layout.lines || layout.caret_column > 7)
		abort();
	composer_destroy(&composer);
	return 0;
}
