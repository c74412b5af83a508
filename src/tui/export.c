/*
 * export.c - asked where to, and delivered there.
 */
#include "tui/export.h"

#include <ctype.h>

#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/utf8.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/chat_view.h"
#include "tui/deliver.h"
#include "tui/talk.h"

enum { NAME_MAX_BYTES = 48 };

static void
export_to(struct app *app, struct slice path)
{
	SCOPED(buf_clear) struct buf out = {.max = CHAT_EXPORT_MAX};
	struct id id = chat_view_talk(app->stack[0])->conversation.id;
	enum chat_format format;
	struct error err = {0};

	path = slice_trim(path);
	if (path.len == 0)
		return;
	if (!chat_format_of(path, &format))
		app_say(app, "the file's name ends in .md, .json or .txt");
	else if (!chat_export(app->store, app->profile.id, id, format, &out,
			      &err))
		app_fail(app, &err);
	else
		deliver_to(app, buf_slice(&out), path);
}

static void
path_given(struct app *app, void *arg, struct slice path)
{
	(void)arg;
	export_to(app, path);
}

/* A file's name of the title's words. */
static void
offer(struct slice title, struct buf *out)
{
	bool gap = false;

	title = utf8_cut(title, NAME_MAX_BYTES);
	for (size_t i = 0; i < title.len; i++) {
		uint8_t c = (uint8_t)title.data[i];

		if (!isalnum(c) && c < 0x80) {
			gap = out->len > 0;
			continue;
		}
		if (gap)
			buf_addc(out, '-');
		gap = false;
		buf_addc(out, (char)c);
	}
	buf_adds(out, out->len ? ".md" : "conversation.md");
}

void
export_open(struct app *app, struct slice path)
{
	const struct talk *talk = chat_view_talk(app->stack[0]);
	const struct ask_events events = {path_given, NULL, NULL};
	SCOPED(buf_clear) struct buf clean = {.max = RECORD_TITLE_MAX * 4};
	SCOPED(buf_clear) struct buf name = {.max = RECORD_TITLE_MAX};

	if (id_none(talk->conversation.id)) {
		app_say(app, "nothing of this conversation is stored");
		return;
	}
	if (path.len > 0) {
		export_to(app, path);
		return;
	}
	filter_line(talk_title(talk), &clean);
	offer(buf_slice(&clean), &name);
	ask_open(app, "Export to (.md, .json or .txt)", buf_slice(&name), false,
		 &events);
}
