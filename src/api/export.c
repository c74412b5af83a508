/*
 * export.c - everything of a person as JSON Lines.
 *
 * A pool thread writes it into a file without a name, in one short read of the
 * store; the loop sends that file as the client takes it.  So a slow client
 * holds no old pages of the store, and no memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/private.h"
#include "mneme/file.h"
#include "mneme/store.h"
#include "mneme/transfer.h"
#include "mneme/work.h"

enum { PIECE = 64 << 10 };

struct export
{
	struct call *call;
	struct http_exchange *x;
	struct store *store;
	struct id profile;
	int fd;
	struct error err;
};

static void
export_drop(struct export *e)
{
	close_fd(&e->fd);
	free(e);
}

/* ---- on the pool */

static bool
write_lines(void *arg, struct slice lines, struct error *err)
{
	struct export *e = arg;

	return file_write_all(e->fd, lines, err);
}

static void
run(void *arg)
{
	struct export *e = arg;
	SCOPED(store_end) struct store_txn *txn = NULL;

	e->fd = open(store_dir(e->store), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (e->fd < 0) {
		error_set(&e->err, ERROR_IO, "cannot make a file in %s: %s",
			  store_dir(e->store), strerror(errno));
		return;
	}
	txn = store_read(e->store, &e->err);
	if (!txn ||
	    !transfer_export(txn, e->profile, 0, write_lines, e, &e->err))
		return;
	if (lseek(e->fd, 0, SEEK_SET) < 0)
		error_set(&e->err, ERROR_IO, "%s", strerror(errno));
}

/* ---- on the loop */

static void
send_some(void *arg)
{
	struct export *e = arg;
	char piece[PIECE];
	enum http_room room = HTTP_ROOM;
	ssize_t n;

	while (room == HTTP_ROOM) {
		n = read(e->fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		room = http_stream_write(e->x, slice_make(piece, (size_t)n));
	}
	if (room == HTTP_FULL)
		return;
	if (room == HTTP_ROOM && n == 0)
		http_stream_end(e->x);
	else
		http_stream_cut(e->x);
	export_drop(e);
}

static void
gone(void *arg)
{
	struct export *e = arg;

	http_stream_cut(e->x);
	export_drop(e);
}

static void
done(void *arg, bool cancelled)
{
	struct export *e = arg;
	const struct http_stream_events events = {send_some, gone, gone, e};

	if (cancelled)
		error_set(&e->err, ERROR_CANCELLED, "the server stops");
	if (e->err.code) {
		answer_error(e->call, &e->err);
		export_drop(e);
		return;
	}
	http_add(e->x, "Content-Disposition",
		 slice_of("attachment; filename=\"mneme.jsonl\""));
	http_stream(e->x, 200, "application/x-ndjson", &events);
	send_some(e);
}

void
user_export(struct call *call)
{
	struct export *e = xcalloc(1, sizeof(*e));
	struct error err = {0};

	e->call = call;
	e->x = call->x;
	e->store = call->api->store;
	e->profile = call->caller.profile;
	e->fd = -1;
	if (work_submit(call->api->settings.work, run, done, e, &err))
		return;
	export_drop(e);
	answer_error(call, &err);
}
