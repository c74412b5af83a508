/*
 * mneme import and export.
 *
 * Import commits a batch of lines at a time; a bad line is reported with its
 * number and the rest goes on.  Within a batch each line is tried alone again
 * only when the batch failed, so that good files are quick.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "lines.h"
#include "mneme/file.h"
#include "mneme/store.h"

enum { IMPORT_MAX = 1 << 30, BATCH_LINES = 500, FLUSH_BYTES = 1 << 20 };

struct batch {
	struct cli *cli;
	struct {
		struct slice text;
		size_t number;
	} lines[BATCH_LINES];
	size_t count;
	size_t first, end; /* which of them this change stores */
	size_t added, known, bad;
	size_t try_added, try_known;
	const char *name;
};

static bool
store_lines(struct store_txn *txn, void *arg, struct error *err)
{
	struct batch *b = arg;

	b->try_added = b->try_known = 0;
	for (size_t i = b->first; i < b->end; i++) {
		SCOPED(arena_clear) struct arena arena = {0};
		SCOPED(json_drop)
		json_t *json = json_read(b->lines[i].text, err);
		enum line_outcome outcome;

		if (!json || !lines_store(txn, b->cli->profile.id, json, &arena,
					  &outcome, err))
			return false;
		if (outcome == LINE_ADDED)
			b->try_added++;
		else
			b->try_known++;
	}
	return true;
}

static bool
store_range(struct batch *b, size_t first, size_t end, struct error *err)
{
	b->first = first;
	b->end = end;
	if (!store_write(b->cli->store, store_lines, b, err))
		return false;
	b->added += b->try_added;
	b->known += b->try_known;
	return true;
}

/* A bad line is the person's, a failing store ends the import. */
static bool
store_batch(struct batch *b, struct error *err)
{
	struct error why = {0};

	if (b->count == 0 || store_range(b, 0, b->count, &why))
		return true;
	for (size_t i = 0; i < b->count; i++) {
		if (store_range(b, i, i + 1, &why))
			continue;
		if (why.code == ERROR_IO || why.code == ERROR_SETUP)
			return error_set(err, why.code, "%s", why.text);
		fprintf(stderr, "mneme: %s:%zu: %s\n", b->name,
			b->lines[i].number, why.text);
		b->bad++;
	}
	return true;
}

static bool
import_lines(struct batch *b, struct slice all, struct error *err)
{
	struct slice line;

	for (size_t n = 1; slice_line(&all, &line); n++) {
		if (slice_trim(line).len == 0)
			continue;
		b->lines[b->count].text = line;
		b->lines[b->count++].number = n;
		if (b->count < BATCH_LINES)
			continue;
		if (!store_batch(b, err))
			return false;
		b->count = 0;
	}
	return store_batch(b, err);
}

/* What was imported gets its vectors; on a terminal one sees it go. */
static bool
embed_all(struct cli *cli, struct error *err)
{
	enum { STEP = 64 };
	bool terminal = isatty(STDERR_FILENO) && !cli->options.json;
	size_t left = 1, most = 0;

	while (left) {
		if (!memory_embed(cli->memory, cli->profile.id, STEP, &left,
				  err))
			return false;
		most = MAX(most, left + STEP);
		if (terminal && most > STEP)
			fprintf(stderr, "\rembedded %zu of %zu%s",
				most - left, most, left ? "" : "\n");
	}
	return true;
}

bool
cli_import(struct cli *cli, struct error *err)
{
	SCOPED(buf_clear) struct buf in;
	SCOPED(free_pointer) struct batch *b = xcalloc(1, sizeof(*b));
	const char *path = cli->words[0];
	bool from_stdin = strcmp(path, "-") == 0;

	b->cli = cli;
	b->name = from_stdin ? "standard input" : path;
	buf_init(&in, IMPORT_MAX);
	if (from_stdin ? !file_drain(STDIN_FILENO, b->name, &in, err)
		       : !file_read(path, &in, err))
		return false;
	if (!import_lines(b, buf_slice(&in), err) || !cli_memory(cli, err) ||
	    !memory_catch_up(cli->memory, cli->profile.id, err) ||
	    !memory_flush(cli->memory, cli->profile.id, err) ||
	    !embed_all(cli, err))
		return false;
	if (cli->options.json) {
		printer_map(&cli->printer);
		printer_key(&cli->printer, "added");
		printer_int(&cli->printer, (int64_t)b->added);
		printer_key(&cli->printer, "known");
		printer_int(&cli->printer, (int64_t)b->known);
		printer_key(&cli->printer, "bad");
		printer_int(&cli->printer, (int64_t)b->bad);
		printer_end(&cli->printer);
	} else {
		buf_addf(&cli->out, "%zu added, %zu already known, %zu bad\n",
			 b->added, b->known, b->bad);
	}
	return b->bad == 0 ||
	       error_set(err, ERROR_INVALID, "%zu lines of %s were not taken",
			 b->bad, b->name);
}

struct exporting {
	struct cli *cli;
	struct store_txn *txn;
	struct arena arena;
	struct buf lines;
	struct printer printer;
	int fd;
};

static bool
end_line(struct exporting *x, bool last, struct error *err)
{
	buf_addc(&x->lines, '\n');
	printer_init(&x->printer, PRINTER_JSON, &x->lines);
	if (!last && x->lines.len < FLUSH_BYTES)
		return true;
	struct slice all = buf_slice(&x->lines);
	if (!file_write_all(x->fd, all, err))
		return false;
	buf_reset(&x->lines);
	return true;
}

static int
by_age(const void *a, const void *b)
{
	const struct conversation *x = a, *y = b;

	if (x->created_at != y->created_at)
		return x->created_at < y->created_at ? -1 : 1;
	return memcmp(x->id.bytes, y->id.bytes, ID_BYTES);
}

static bool
export_conversations(struct exporting *x, struct conversation **list, size_t *n,
		     struct error *err)
{
	struct cli *cli = x->cli;

	if (!record_conversation_list(x->txn, cli->profile.id, RECORD_ALL, NULL,
				      SIZE_MAX, &cli->arena, list, n, err))
		return false;
	if (*n)
		qsort(*list, *n, sizeof(**list), by_age);
	for (size_t i = 0; i < *n; i++) {
		lines_conversation(&x->printer, &(*list)[i]);
		if (!end_line(x, false, err))
			return false;
	}
	return true;
}

/* Messages of one conversation, with the parent named only where it is not
 * the message before. */
static bool
export_messages(struct exporting *x, const struct conversation *c,
		struct error *err)
{
	struct id profile = x->cli->profile.id;
	SCOPED(record_scan_drop)
	struct record_scan *scan =
		record_message_scan(x->txn, profile, c->id, 0, false, err);
	struct message m;
	uint64_t last = 0;

	while (scan && record_message_next(scan, &x->arena, &m)) {
		struct slice parent = {0};
		struct message above;
		char id[ID_TEXT + 1];
		bool found = false;

		if (m.parent && m.parent != last &&
		    !record_message_get(x->txn, profile, m.parent, &x->arena,
					&above, &found, err))
			return false;
		if (found)
			parent = above.external_id.len
					 ? above.external_id
					 : slice_of(id_format(above.id, id));
		lines_message(&x->printer, c, &m, parent);
		if (!end_line(x, false, err))
			return false;
		last = m.seq;
		arena_reset(&x->arena);
	}
	return record_scan_end(&scan, err);
}

static bool
export_memories(struct exporting *x, struct error *err)
{
	SCOPED(record_scan_drop)
	struct record_scan *scan = record_memory_scan(
		x->txn, x->cli->profile.id, MEMORY_TYPE_COUNT, false, err);
	struct memory m;

	while (scan && record_memory_next(scan, &x->arena, &m)) {
		lines_memory(&x->printer, &m);
		if (!end_line(x, false, err))
			return false;
		arena_reset(&x->arena);
	}
	return record_scan_end(&scan, err);
}

static bool
export_all(struct exporting *x, struct error *err)
{
	struct conversation *list;
	size_t n;

	if (!export_conversations(x, &list, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!export_messages(x, &list[i], err))
			return false;
	}
	if (!export_memories(x, err))
		return false;
	return x->lines.len == 0 ||
	       file_write_all(x->fd, buf_slice(&x->lines), err);
}

bool
cli_export(struct cli *cli, struct error *err)
{
	const char *path = cli->word_count ? cli->words[0] : "-";
	bool to_stdout = strcmp(path, "-") == 0;
	struct exporting x = {.cli = cli};
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	SCOPED(close_fd)
	int fd = to_stdout ? dup(STDOUT_FILENO)
			   : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				  0600);

	if (!txn)
		return false;
	if (fd < 0)
		return error_set(err, ERROR_IO, "cannot write %s: %s", path,
				 strerror(errno));
	x.txn = txn;
	x.fd = fd;
	buf_init(&x.lines, (size_t)RECORD_CONTENT_MAX * 8);
	printer_init(&x.printer, PRINTER_JSON, &x.lines);
	bool good = export_all(&x, err) &&
		    (to_stdout || fsync(fd) == 0 ||
		     error_set(err, ERROR_IO, "cannot write %s: %s", path,
			       strerror(errno)));
	buf_clear(&x.lines);
	arena_clear(&x.arena);
	return good;
}
