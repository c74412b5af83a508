/*
 * Word from other processes.
 *
 * inotify on the folder tells of three things: the data file was written, the
 * lock file was touched (which follows each commit), `store` was replaced.  A
 * read transaction then says what became of it, and moves this process over
 * when there is another generation, so that the old file is let go of.
 *
 * store->seen is the last commit that needs no word: an own one that directly
 * follows it is passed over by the committing thread.
 */
#include "store/inner.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "mneme/error.h"
#include "mneme/loop.h"

struct store_notice {
	struct store *store;
	struct loop_watch *watch;
	int fd;
	void (*fn)(void *arg);
	void *arg;
};

/* Whether there is something new; what cannot be read is new too. */
static bool
look(struct store *store)
{
	SCOPED(store_end) struct store_txn *txn = store_read(store, NULL);

	if (!txn)
		return true;
	size_t id = mdb_txn_id(txn->mdb);
	pthread_mutex_lock(&store->lock);
	bool news = store->seen < id;
	if (news)
		store->seen = id;
	pthread_mutex_unlock(&store->lock);
	return news;
}

/* Take what waits; true when any of it is about the store. */
static bool
drain(int fd)
{
	_Alignas(struct inotify_event) char bytes[4096 + NAME_MAX];
	bool ours = false;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (char *at = bytes; at < bytes + n;) {
			struct inotify_event *e = (void *)at;
			ours = ours || (e->mask & IN_Q_OVERFLOW) ||
			       (e->len &&
				slice_starts(slice_of(e->name), "store"));
			at += sizeof(*e) + e->len;
		}
	}
	return ours;
}

static void
heard(void *arg, unsigned events)
{
	struct store_notice *notice = arg;

	(void)events;
	if (drain(notice->fd) && look(notice->store))
		notice->fn(notice->arg);
}

struct store_notice *
store_notice(struct store *store, struct loop *loop, void (*fn)(void *arg),
	     void *arg, struct error *err)
{
	SCOPED(store_notice_drop)
	struct store_notice *notice = xcalloc(1, sizeof(*notice));

	notice->store = store;
	notice->fn = fn;
	notice->arg = arg;
	notice->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (notice->fd < 0 ||
	    inotify_add_watch(notice->fd, store->dir,
			      IN_MODIFY | IN_ATTRIB | IN_MOVED_TO) < 0) {
		error_set(err, ERROR_IO, "cannot watch %s: %s", store->dir,
			  strerror(errno));
		return NULL;
	}
	look(store);
	notice->watch =
		loop_watch(loop, notice->fd, LOOP_READ, heard, notice, err);
	return notice->watch ? TAKE(notice) : NULL;
}

void
store_notice_drop(struct store_notice **notice)
{
	if (!*notice)
		return;
	if ((*notice)->watch)
		loop_unwatch(&(*notice)->watch);
	close_fd(&(*notice)->fd);
	free(*notice);
	*notice = NULL;
}
