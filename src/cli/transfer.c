/* mneme import and export: files around transfer.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"
#include "mneme/file.h"
#include "mneme/filter.h"
#include "mneme/store.h"
#include "mneme/transfer.h"

static void
tell_bad(void *arg, const char *where, const struct error *why)
{
	const char *name = arg;
	SCOPED(buf_clear) struct buf line;

	buf_init(&line, 16384);
	filter_line(slice_of(why->text), &line);
	fprintf(stderr, "mneme: %s:%s: %s\n", name, where, buf_text(&line));
}

static void
print_counts(struct cli *cli, const struct transfer_counts *counts,
	     const struct error *failure)
{
	struct printer *p = &cli->printer;

	if (!cli->options.json) {
		buf_addf(&cli->out, "%zu added, %zu already known, %zu bad\n",
			 counts->added, counts->known, counts->bad);
		/* Messages are found as they are; a new user wonders where
		 * the memories are. */
		if (counts->messages && !counts->memories &&
		    !cli->options.learn)
			fprintf(stderr, "mneme: what was said is found from "
					"now on; memories are made of it "
					"with --learn, also afterwards\n");
		return;
	}
	printer_map(p);
	printer_add_int(p, "added", (int64_t)counts->added);
	printer_add_int(p, "known", (int64_t)counts->known);
	printer_add_int(p, "bad", (int64_t)counts->bad);
	if (failure)
		cli_print_error(p, failure);
	printer_end(p);
}

static bool
read_input(const char *path, struct buf *in, struct error *err)
{
	return strcmp(path, "-") == 0
		       ? file_drain(STDIN_FILENO, "standard input", in, err)
		       : file_read(path, in, err);
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
			fprintf(stderr, "\rembedded %zu of %zu%s", most - left,
				most, left ? "" : "\n");
	}
	return true;
}

bool
cli_import(struct cli *cli, struct error *err)
{
	SCOPED(buf_clear) struct buf in;
	const char *path = cli->words[0];
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct transfer_counts counts;
	struct error why = {0};
	size_t learned = 0;

	buf_init(&in, TRANSFER_IMPORT_MAX);
	if (!read_input(path, &in, err))
		return false;
	bool good = transfer_import(cli->store, cli->profile.id, buf_slice(&in),
				    cli->options.learn ? TRANSFER_LEARN : 0,
				    tell_bad, (void *)(uintptr_t)name, &counts,
				    &why);
	if (!good)
		error_set(err, why.code, "%s: %s", name, why.text);
	else if (counts.bad)
		good = error_set(err, ERROR_INVALID,
				 "%zu %s of %s %s not taken", counts.bad,
				 plural(counts.bad, "record", "records"), name,
				 plural(counts.bad, "was", "were"));
	/* What was taken is found, also where the rest is bad. */
	if (counts.added &&
	    (!cli_memory(cli, &why) ||
	     !memory_catch_up(cli->memory, cli->profile.id, &why) ||
	     !memory_flush(cli->memory, cli->profile.id, &why) ||
	     !embed_all(cli, &why)))
		good = error_set(err, why.code, "%s", why.text);
	print_counts(cli, &counts, good ? NULL : err);
	if (cli->options.learn && !cli_learn(cli, &learned, &why))
		good = error_set(err, why.code, "%s", why.text);
	if (cli->options.learn && !cli->options.json)
		buf_addf(&cli->out, "%zu %s learned\n", learned,
			 plural(learned, "memory", "memories"));
	return good;
}

static bool
write_lines(void *arg, struct slice lines, struct error *err)
{
	return file_write_all(*(int *)arg, lines, err);
}

bool
cli_export(struct cli *cli, struct error *err)
{
	const char *path = cli->word_count ? cli->words[0] : "-";
	bool to_stdout = strcmp(path, "-") == 0;
	SCOPED(store_end) struct store_txn *txn = store_read(cli->store, err);
	SCOPED(close_fd) int fd = -1;

	if (!txn)
		return false;
	fd = to_stdout ? dup(STDOUT_FILENO)
		       : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			      0600);
	if (fd < 0)
		return error_set(err, ERROR_IO, "cannot write %s: %s", path,
				 strerror(errno));
	bool good =
		transfer_export(txn, cli->profile.id,
				cli->options.with_forgotten ? TRANSFER_FORGOTTEN
							    : 0,
				write_lines, &fd, err) &&
		(to_stdout || fsync(fd) == 0 ||
		 error_set(err, ERROR_IO, "cannot write %s: %s", path,
			   strerror(errno)));
	/* Half an export must not be taken for one. */
	if (!good && !to_stdout)
		unlink(path);
	return good;
}
