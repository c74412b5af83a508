/*
 * model_list.h - a provider's models, while they come and to choose from.
 *
 * A zeroed one is empty.
 */
#ifndef TUI_MODEL_LIST_H
#define TUI_MODEL_LIST_H

#include "mneme/base.h"

struct app;
struct llm_model_info;
struct pick_events;

struct model_list {
	char **ids;
	int64_t *windows; /* tokens; 0: not told */
	size_t count, cap, window_cap;
};

/* One more; past a ceiling they are left out. */
void model_list_add(struct model_list *list, const struct llm_model_info *info);
void model_list_clear(struct model_list *list);

/* Ask which; the row chosen is the id's index.  `usual` (may be NULL) is
 * chosen at first. */
void model_list_pick(struct app *app, const char *title,
		     const struct model_list *list, const char *usual,
		     const struct pick_events *events);

#endif
