/*
 * export.c - Markdown and plain text are cleaned of what a terminal would
 * obey, since people look at them there; JSON has everything verbatim.
 */
#include "tui/export.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/filter.h"
#include "mneme/printer.h"
#include "mneme/store.h"
#include "mneme/utf8.h"
#include "tui/app.h"
#include "tui/ask_view.h"
#include "tui/chat_view.h"
#include "tui/deliver.h"
#include "tui/talk.h"

enum { EXPORT_MAX = 256 << 20, NAME_MAX_BYTES = 48 };

enum export_format { EXPORT_MARKDOWN, EXPORT_JSON, EXPORT_TEXT };

struct export
{
	struct store_txn *txn;
	struct conversation c;
	struct message *path;
	size_t n;
	struct arena arena;
	enum export_format format;
	struct buf *out;
};

static struct slice
who(const struct message *m)
{
	if (m->speaker.len)
		return m->speaker;
	if (m->role == MESSAGE_USER)
		return slice_of("You");
	if (m->role == MESSAGE_SYSTEM)
		return slice_of("System");
	return m->model.len ? m->model : slice_of("mneme");
}

static void
add_date(struct buf *out, int64_t at)
{
	struct clock_civil d = clock_civil(at, true);

	buf_addf(out, "%04d-%02d-%02d %02d:%02d", d.year, d.month, d.day,
		 d.hour, d.minute);
}

static void
add_head(struct export *e, const char *before, struct slice text, int64_t at)
{
	buf_adds(e->out, before);
	filter_line(text, e->out);
	buf_adds(e->out, e->format == EXPORT_MARKDOWN ? " · " : "  ");
	add_date(e->out, at);
	buf_adds(e->out, "\n\n");
}

static void
add_files(struct export *e, const struct message *m)
{
	bool markdown = e->format == EXPORT_MARKDOWN;

	for (size_t i = 0; i < m->attachment_count; i++) {
		const struct message_attachment *a = &m->attachments[i];
		SCOPED(buf_clear) struct buf line = {.max = 4096};

		attach_describe(a->name, a->media_type, a->size, &line);
		if (i == 0 && markdown)
			buf_addc(e->out, '\n');
		buf_adds(e->out, markdown ? "- " : "[");
		filter_line(buf_slice(&line), e->out);
		buf_adds(e->out, markdown ? "\n" : "]\n");
	}
}

static void
add_message(struct export *e, const struct message *m, struct slice text)
{
	add_head(e, e->format == EXPORT_MARKDOWN ? "## " : "", who(m),
		 m->created_at);
	filter_text(text, e->out);
	if (e->out->len && e->out->data[e->out->len - 1] != '\n')
		buf_addc(e->out, '\n');
	add_files(e, m);
	if (m->partial)
		buf_adds(e->out, e->format == EXPORT_MARKDOWN
					 ? "\n*broken off*\n"
					 : "\n(broken off)\n");
	buf_addc(e->out, '\n');
}

static bool
add_all(struct export *e, struct error *err)
{
	struct printer p;

	printer_init(&p, PRINTER_JSON, e->out);
	if (e->format == EXPORT_JSON) {
		printer_map(&p);
		printer_key(&p, "conversation");
		chat_print_conversation(&p, &e->c);
		printer_key(&p, "messages");
		printer_list(&p);
	} else {
		add_head(e, e->format == EXPORT_MARKDOWN ? "# " : "",
			 e->c.title, e->c.created_at);
	}
	for (size_t i = 0; i < e->n; i++) {
		struct slice text;

		if (!chat_message_text(e->txn, &e->path[i], &e->arena, &text,
				       err))
			return false;
		if (e->format == EXPORT_JSON)
			chat_print_message(&p, &e->path[i], text);
		else
			add_message(e, &e->path[i], text);
	}
	if (e->format == EXPORT_JSON) {
		printer_end(&p);
		printer_end(&p);
		buf_addc(e->out, '\n');
	}
	return true;
}

/* The path that is shown, oldest first, added to `out`. */
static bool
add_conversation(struct store *store, struct id profile, struct id id,
		 enum export_format format, struct buf *out, struct error *err)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	struct export e = {.txn = txn, .format = format, .out = out};
	const struct message_path all = {.profile = profile,
					 .conversation = id};
	bool found = false, good;

	good = txn &&
	       record_conversation_get(txn, profile, id, &e.arena, &e.c, &found,
				       err) &&
	       (found ||
		error_set(err, ERROR_NOT_FOUND, "the conversation is gone")) &&
	       record_message_path(txn, &all, &e.arena, &e.path, &e.n, err) &&
	       add_all(&e, err);
	arena_clear(&e.arena);
	if (good && out->over)
		return error_set(err, ERROR_LIMIT,
				 "the conversation is longer than %zu bytes",
				 out->max);
	return good;
}

/* ---- from the screen ---- */

static bool
format_of(struct slice path, enum export_format *format)
{
	static const struct {
		const char *ending;
		enum export_format format;
	} endings[] = {
		{".md", EXPORT_MARKDOWN},       {".json", EXPORT_JSON},
		{".markdown", EXPORT_MARKDOWN}, {".txt", EXPORT_TEXT},
		{".text", EXPORT_TEXT},
	};

	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t len = strlen(endings[i].ending);

		if (path.len <= len || strncasecmp(path.data + path.len - len,
						   endings[i].ending, len) != 0)
			continue;
		*format = endings[i].format;
		return true;
	}
	return false;
}

static void
export_to(struct app *app, struct slice path)
{
	SCOPED(buf_clear) struct buf out = {.max = EXPORT_MAX};
	struct id id = chat_view_talk(app->stack[0])->conversation.id;
	enum export_format format;
	struct error err = {0};

	path = slice_trim(path);
	if (path.len == 0)
		return;
	if (!format_of(path, &format))
		app_say(app, "the file's name ends in .md, .json or .txt");
	else if (!add_conversation(app->store, app->profile.id, id, format,
				   &out, &err))
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
