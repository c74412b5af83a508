/*
 * export.h - a conversation as a file for people, or for programs.
 */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "mneme/base.h"
#include "mneme/id.h"

struct app;
struct buf;
struct error;
struct store;

enum export_format { EXPORT_MARKDOWN, EXPORT_JSON, EXPORT_TEXT };

/* The path that is shown, oldest first, added to `out`. */
bool export_conversation(struct store *store, struct id profile, struct id id,
			 enum export_format format, struct buf *out,
			 struct error *err);

/* The conversation on the screen, to a file whose ending says how; without a
 * path one is asked for. */
void export_open(struct app *app, struct slice path);

#endif
