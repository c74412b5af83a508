/*
 * export.c - Markdown and plain text are cleaned of what a terminal would
 * obey, since people look at them there; JSON has everything verbatim.
 */
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

struct export
{
	struct store_txn *txn;
	struct conversation c;
	struct message *path;
	size_t n;
	struct arena arena;
	enum chat_format format;
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
	buf_adds(e->out, e->format == CHAT_MARKDOWN ? " · " : "  ");
	add_date(e->out, at);
	buf_adds(e->out, "\n\n");
}

static void
add_files(struct export *e, const struct message *m)
{
	bool markdown = e->format == CHAT_MARKDOWN;

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
	add_head(e, e->format == CHAT_MARKDOWN ? "## " : "", who(m),
		 m->created_at);
	filter_text(text, e->out);
	if (e->out->len && e->out->data[e->out->len - 1] != '\n')
		buf_addc(e->out, '\n');
	add_files(e, m);
	if (m->partial)
		buf_adds(e->out, e->format == CHAT_MARKDOWN
					 ? "\n*broken off*\n"
					 : "\n(broken off)\n");
	buf_addc(e->out, '\n');
}

static bool
add_all(struct export *e, struct error *err)
{
	struct printer p;

	printer_init(&p, PRINTER_JSON, e->out);
	if (e->format == CHAT_JSON) {
		printer_map(&p);
		printer_key(&p, "conversation");
		chat_print_conversation(&p, &e->c);
		printer_key(&p, "messages");
		printer_list(&p);
	} else {
		add_head(e, e->format == CHAT_MARKDOWN ? "# " : "", e->c.title,
			 e->c.created_at);
	}
	for (size_t i = 0; i < e->n; i++) {
		struct slice text;

		if (!chat_message_text(e->txn, &e->path[i], &e->arena, &text,
				       err))
			return false;
		if (e->format == CHAT_JSON)
			chat_print_message(&p, &e->path[i], text);
		else
			add_message(e, &e->path[i], text);
	}
	if (e->format == CHAT_JSON) {
		printer_end(&p);
		printer_end(&p);
		buf_addc(e->out, '\n');
	}
	return true;
}

bool
chat_export(struct store *store, struct id profile, struct id id,
	    enum chat_format format, struct buf *out, struct error *err)
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

bool
chat_format_of(struct slice path, enum chat_format *format)
{
	static const struct {
		const char *ending;
		enum chat_format format;
	} endings[] = {
		{".md", CHAT_MARKDOWN},       {".json", CHAT_JSON},
		{".markdown", CHAT_MARKDOWN}, {".txt", CHAT_TEXT},
		{".text", CHAT_TEXT},
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
