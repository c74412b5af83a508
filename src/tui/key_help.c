/* key_help.c - the table of actions as help prints it. */
#include "mneme/buf.h"
#include "mneme/tui.h"
#include "tui/action.h"

enum { LEFT_MAX = 512 };

static void
add_row(const struct keymap *map, enum action action, struct buf *out)
{
	const struct action_row *row = &action_rows[action];
	SCOPED(buf_clear) struct buf left = {.max = LEFT_MAX};

	keymap_spell(map, action, &left);
	if (!row->quiet)
		buf_addf(&left, "%s/%s%s%s", left.len ? " " : "", row->name,
			 row->operand ? " " : "",
			 row->operand ? row->operand : "");
	buf_addf(out, "  %-30s  %s\n", buf_text(&left), row->help);
}

bool
tui_print_keys(struct buf *out, struct error *err)
{
	struct keymap map;

	if (!keymap_init(&map, (struct slice){0}, err))
		return false;
	buf_adds(out, "C- is Control, M- is Alt, S- is Shift.\n");
	for (size_t context = 0; context < CONTEXT_COUNT; context++) {
		buf_addf(out, "\n%s\n", context_names[context]);
		for (size_t i = 1; i < ACTION_COUNT; i++)
			if (action_rows[i].context == context)
				add_row(&map, (enum action)i, out);
	}
	keymap_drop(&map);
	return true;
}
