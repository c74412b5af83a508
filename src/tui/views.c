/* views.c - the table of them. */
#include "tui/views.h"

#include "tui/app.h"
#include "tui/conversation_view.h"
#include "tui/copy_view.h"
#include "tui/export.h"
#include "tui/find_bar.h"
#include "tui/find_view.h"
#include "tui/memory_view.h"

static void
open_conversations(struct app *app, struct slice operand)
{
	(void)operand;
	conversations_open(app);
}

static const struct {
	enum action action;
	void (*open)(struct app *app, struct slice operand);
} rows[] = {
	{ACTION_CONVERSATIONS, open_conversations},
	{ACTION_SEARCH, find_open},
	{ACTION_FIND, find_bar_open},
	{ACTION_COPY, copy_open},
	{ACTION_EXPORT, export_open},
	{ACTION_MEMORIES, memories_open},
};

bool
views_open(struct app *app, enum action action, struct slice operand)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].action != action)
			continue;
		if (app->depth == APP_DEPTH_MAX)
			app_say(app, "too much is open: Esc leaves");
		else
			rows[i].open(app, operand);
		return true;
	}
	return false;
}
