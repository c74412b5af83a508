/*
 * keymap.c - which key is which action.
 *
 * The defaults are read from the table at each start: a few microseconds.  A
 * change of a name replaces all keys of it, and takes its new keys away from
 * whatever would be found before it.
 */
#include <stdlib.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "tui/action.h"
#include "tui/keys.h"

static void
add(struct keymap *map, const struct binding *b)
{
	map->at = grow(map->at, &map->cap, map->count + 1, sizeof(*map->at));
	map->at[map->count++] = *b;
}

/* "KEY", or "browse:KEY" for a key that an action of the chat has only while a
 * message is chosen. */
static bool
parse(struct slice name, enum action action, struct binding *b)
{
	static const char browse[] = "browse:";

	*b = (struct binding){.context = action_rows[action].context,
			      .action = action};
	if (slice_starts(name, browse)) {
		b->context = CONTEXT_BROWSE;
		name = slice_make(name.data + sizeof(browse) - 1,
				  name.len - (sizeof(browse) - 1));
	}
	return key_parse(name, &b->key, &b->modifiers);
}

static void
remove_at(struct keymap *map, size_t i)
{
	map->count--;
	memmove(map->at + i, map->at + i + 1,
		(map->count - i) * sizeof(*map->at));
}

static void
unbind_action(struct keymap *map, enum action action)
{
	for (size_t i = map->count; i-- > 0;)
		if (map->at[i].action == action)
			remove_at(map, i);
}

/* Would a key of `inner` be found before one of `outer`? */
static bool
hides(enum context inner, enum context outer)
{
	if (inner == outer || outer == CONTEXT_ANYWHERE)
		return true;
	return outer == CONTEXT_CHAT &&
	       (inner == CONTEXT_EDIT || inner == CONTEXT_BROWSE);
}

static void
unbind_key(struct keymap *map, uint32_t key, unsigned modifiers,
	   enum context context)
{
	for (size_t i = map->count; i-- > 0;)
		if (map->at[i].key == key &&
		    map->at[i].modifiers == modifiers &&
		    hides(map->at[i].context, context))
			remove_at(map, i);
}

/* The next word of a list by blanks. */
static bool
word(struct slice *rest, struct slice *out)
{
	*rest = slice_trim(*rest);
	if (rest->len == 0)
		return false;
	slice_split(rest, ' ', out);
	return true;
}

static void
bind_defaults(struct keymap *map, enum action action)
{
	struct slice rest = slice_of(action_rows[action].keys), name;
	struct binding b;

	while (word(&rest, &name))
		if (parse(name, action, &b))
			add(map, &b);
}

static bool
change(struct keymap *map, struct slice text, struct error *err)
{
	struct slice rest = text, name, key_name;
	enum action action;
	struct binding b;

	slice_split(&rest, '=', &name);
	name = slice_trim(name);
	if (!action_find(name, &action))
		return error_set(err, ERROR_USAGE,
				 "MNEME_KEYS: %.*s: there is no such action",
				 SLICE_ARG(name));
	unbind_action(map, action);
	rest = slice_trim(rest);
	if (rest.len == 0)
		return error_set(err, ERROR_USAGE,
				 "MNEME_KEYS: %.*s: say NAME=KEY or NAME=none",
				 SLICE_ARG(name));
	if (slice_is(rest, "none"))
		return true;
	while (word(&rest, &key_name)) {
		if (!parse(key_name, action, &b))
			return error_set(err, ERROR_USAGE,
					 "MNEME_KEYS: %.*s: %.*s is no key",
					 SLICE_ARG(name), SLICE_ARG(key_name));
		unbind_key(map, b.key, b.modifiers, b.context);
		add(map, &b);
	}
	return true;
}

bool
keymap_init(struct keymap *map, struct slice changes, struct error *err)
{
	struct slice one;

	*map = (struct keymap){0};
	for (size_t i = 1; i < ACTION_COUNT; i++)
		bind_defaults(map, (enum action)i);
	while (changes.len > 0 && slice_split(&changes, ',', &one)) {
		if (slice_trim(one).len > 0 && !change(map, one, err)) {
			keymap_drop(map);
			return false;
		}
	}
	return true;
}

void
keymap_drop(struct keymap *map)
{
	free(map->at);
	*map = (struct keymap){0};
}

/* A typed character may be a key too: "?" or "n". */
static bool
key_of(const struct key_event *event, uint32_t *key)
{
	if (event->kind == KEY_PRESS)
		*key = event->key;
	else if (event->kind == KEY_TEXT && event->text.len == 1)
		*key = (uint8_t)*event->text.data;
	else
		return false;
	return true;
}

enum action
keymap_find(const struct keymap *map, const enum context *contexts,
	    const struct key_event *event)
{
	uint32_t key;

	if (!key_of(event, &key))
		return ACTION_NONE;
	for (;; contexts++) {
		for (size_t i = 0; i < map->count; i++) {
			const struct binding *b = &map->at[i];

			if (b->context == *contexts && b->key == key &&
			    b->modifiers == event->modifiers)
				return b->action;
		}
		if (*contexts == CONTEXT_ANYWHERE)
			return ACTION_NONE;
	}
}

void
keymap_spell(const struct keymap *map, enum action action, struct buf *out)
{
	char name[KEY_NAME_MAX];
	bool first = true;

	for (size_t i = 0; i < map->count; i++) {
		if (map->at[i].action != action)
			continue;
		if (!first)
			buf_addc(out, ' ');
		buf_adds(out,
			 key_spell(map->at[i].key, map->at[i].modifiers, name));
		first = false;
	}
}

void
keymap_spell_first(const struct keymap *map, enum action action,
		   struct buf *out)
{
	char name[KEY_NAME_MAX];

	for (size_t i = 0; i < map->count; i++) {
		if (map->at[i].action != action)
			continue;
		buf_adds(out,
			 key_spell(map->at[i].key, map->at[i].modifiers, name));
		return;
	}
}

void
keymap_spell_in(const struct keymap *map, enum action action,
		enum context context, struct buf *out)
{
	char name[KEY_NAME_MAX];

	for (size_t i = 0; i < map->count; i++) {
		const struct binding *b = &map->at[i];

		if (b->action != action || b->context != context)
			continue;
		buf_adds(out, key_spell(b->key, b->modifiers, name));
		return;
	}
}
