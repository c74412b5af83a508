#include "tui/model_list.h"

#include <stdlib.h>

#include "mneme/llm.h"
#include "tui/pick.h"

enum { MODELS_MAX = 2000 };

void
model_list_add(struct model_list *list, const struct llm_model_info *info)
{
	if (list->count == MODELS_MAX || info->id.len == 0)
		return;
	list->ids = grow(list->ids, &list->cap, list->count + 1,
			 sizeof(*list->ids));
	list->windows = grow(list->windows, &list->window_cap, list->count + 1,
			     sizeof(*list->windows));
	list->windows[list->count] = info->context_tokens;
	list->ids[list->count++] = slice_dup(info->id);
}

void
model_list_clear(struct model_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->ids[i]);
	free(list->ids);
	free(list->windows);
	*list = (struct model_list){0};
}

void
model_list_pick(struct app *app, const char *title,
		const struct model_list *list, const char *usual,
		const struct pick_events *events)
{
	struct pick_row *rows = xcalloc(list->count + 1, sizeof(*rows));
	size_t at = 0;

	for (size_t i = 0; i < list->count; i++) {
		rows[i].text = slice_of(list->ids[i]);
		if (usual && strcmp(list->ids[i], usual) == 0)
			at = i;
	}
	pick_open(app, title, rows, list->count, at, events);
	free(rows);
}
