/*
 * Files arrive one after the other in a folder beside the model's,
 * ".NAME.pull", each as "FILE.part" until its digest is right.  Whatever ends
 * this, a later pull goes on from there: it asks for the rest of the part.  A
 * lock on
 * ".NAME.lock" keeps other processes off.  The finished folder is renamed into
 * place; one that stood there is moved away first, its files stay mapped by
 * whoever uses them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/embed.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/file.h"
#include "mneme/loop.h"

enum {
	HOPS_MAX = 5,  /* redirects one behind the other */
	TRIES_MAX = 5, /* without a byte */
	ANSWER_MAX = 1 << 16
};

struct embed_pull {
	struct loop *loop;
	struct fetch *fetch;
	const struct embed_published *what;
	struct embed_pull_events events;
	char *base, *folder, *final; /* folder: what arrives */
	struct loop_timer *next;     /* the next step, outside of callbacks */
	struct fetch_call *call;
	int lock;
	size_t file;     /* the one that arrives */
	uint64_t before; /* bytes of those before it */
	int fd;
	uint64_t have; /* bytes of it */
	char *url;
	unsigned hops, tries;
	int status;
	int64_t retry_after;
	char *location;
	struct error err; /* found in a callback */
	bool over;
};

static void
finish(struct embed_pull *p, const struct error *err)
{
	if (p->over)
		return;
	p->over = true;
	close_fd(&p->fd);
	p->fd = -1;
	p->events.end(p->events.arg, err);
}

static const struct embed_file *
current(const struct embed_pull *p)
{
	return &p->what->files[p->file];
}

static char *
place(const struct embed_pull *p, const char *suffix)
{
	return xasprintf("%s/%s%s", p->folder, current(p)->name, suffix);
}

static void
tell(const struct embed_pull *p)
{
	if (p->events.progress)
		p->events.progress(p->events.arg, p->before + p->have,
				   p->what->bytes);
}

/* ---- one file ---- */

static bool
is_right(const char *path, const struct embed_file *file, bool *right,
	 char hex[DIGEST_HEX + 1], struct error *err)
{
	uint8_t digest[DIGEST_BYTES];
	struct stat st;

	*right = false;
	if (stat(path, &st) != 0 || (uint64_t)st.st_size != file->bytes)
		return true;
	if (!digest_file(path, digest, err))
		return false;
	digest_hex(digest, hex);
	*right = strcmp(hex, file->sha256) == 0;
	return true;
}

static bool
open_part(struct embed_pull *p, struct error *err)
{
	SCOPED(free_pointer) char *path = place(p, ".part");
	SCOPED(free_pointer) char *dir = xstrdup(path);
	struct stat st;

	*strrchr(dir, '/') = '\0';
	if (!file_make_dir(dir, 0700, err))
		return false;
	p->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (p->fd < 0 || fstat(p->fd, &st) != 0)
		return error_set(err, ERROR_IO, "cannot write %s: %s", path,
				 strerror(errno));
	p->have = (uint64_t)st.st_size;
	if (p->have > current(p)->bytes) {
		p->have = 0;
		if (ftruncate(p->fd, 0) != 0)
			return error_set(err, ERROR_IO, "cannot cut %s: %s",
					 path, strerror(errno));
	}
	return true;
}

/* The part is whole: is it what was published? */
static bool
settle(struct embed_pull *p, struct error *err)
{
	SCOPED(free_pointer) char *part = place(p, ".part");
	SCOPED(free_pointer) char *path = place(p, "");
	char hex[DIGEST_HEX + 1];
	bool right;

	if (fsync(p->fd) != 0)
		return error_set(err, ERROR_IO, "cannot write %s: %s", part,
				 strerror(errno));
	close_fd(&p->fd);
	p->fd = -1;
	if (!is_right(part, current(p), &right, hex, err))
		return false;
	if (!right) {
		unlink(part);
		return error_set(err, ERROR_UPSTREAM,
				 "%s of %s is not what was published: its "
				 "sha256 is %s, not %s",
				 current(p)->name, p->what->name, hex,
				 current(p)->sha256);
	}
	if (rename(part, path) != 0)
		return error_set(err, ERROR_IO, "cannot rename %s: %s", part,
				 strerror(errno));
	p->before += current(p)->bytes;
	p->have = 0;
	p->file++;
	free_pointer(&p->url);
	p->url = NULL;
	return true;
}

/* ---- the folder ---- */

static void
remove_tree(const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *e; dir && (e = readdir(dir));) {
		SCOPED(free_pointer) char *inner = path_join(path, e->d_name);
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlink(inner) != 0)
			remove_tree(inner);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static bool
move_into_place(struct embed_pull *p, struct error *err)
{
	SCOPED(free_pointer) char *old = xasprintf("%s.old", p->folder);

	remove_tree(old);
	if (rename(p->final, old) != 0 && errno != ENOENT)
		return error_set(err, ERROR_IO, "cannot rename %s: %s",
				 p->final, strerror(errno));
	if (rename(p->folder, p->final) != 0)
		return error_set(err, ERROR_IO, "cannot rename %s: %s",
				 p->folder, strerror(errno));
	remove_tree(old);
	return true;
}

static bool
complete(struct embed_pull *p, struct error *err)
{
	SCOPED(embed_close)
	struct embed_model *model = embed_open(p->folder, err);

	return model && move_into_place(p, err);
}

/* ---- requests ---- */

static void start_request(struct embed_pull *p);

static void
go_on(struct embed_pull *p, int64_t wait)
{
	loop_timer_set(p->next, wait);
}

/* Once more, later each time, unless bytes had come. */
static void
retry(struct embed_pull *p, const struct error *err)
{
	if (p->tries++ >= TRIES_MAX) {
		finish(p, err);
		return;
	}
	free(p->url); /* where it led to may be of short life */
	p->url = NULL;
	go_on(p, p->retry_after > 0
			 ? MIN(p->retry_after, CLOCK_MINUTE)
			 : (p->tries > 1 ? CLOCK_SECOND << (p->tries - 2) : 0));
}

/* A redirect's address may leave out what is as before. */
static bool
follow(struct embed_pull *p, struct error *err)
{
	const char *to = p->location;
	const char *host = strstr(p->url, "://") + 3;
	char *url;

	if (p->hops++ >= HOPS_MAX || !to || !*to)
		return error_set(err, ERROR_UPSTREAM,
				 "%.200s redirects too often, or to nowhere",
				 p->url);
	if (to[0] == '/' && to[1] != '/')
		url = xasprintf(
			"%.*s%s",
			(int)(host - p->url + (ptrdiff_t)strcspn(host, "/")),
			p->url, to);
	else
		url = xstrdup(to);
	bool safe = strncmp(url, "https://", 8) == 0 ||
		    (strncmp(url, "http://", 7) == 0 &&
		     strncmp(p->base, "http://", 7) == 0);
	if (!safe) {
		error_set(err, ERROR_UPSTREAM,
			  "%.200s redirects to %.200s, which is not safe",
			  p->url, url);
		free(url);
		return false;
	}
	free(p->url);
	p->url = url;
	return true;
}

static void
on_head(void *arg, const struct fetch_head *head)
{
	struct embed_pull *p = arg;

	p->status = head->status;
	p->retry_after = head->retry_after;
	free(p->location);
	p->location = slice_dup(head->location);
	/* All of it again: what was there is dropped. */
	if (head->status == 200 && p->have) {
		p->have = 0;
		if (ftruncate(p->fd, 0) != 0)
			error_set(&p->err, ERROR_IO, "cannot cut %s: %s",
				  current(p)->name, strerror(errno));
	}
}

static bool
on_body(void *arg, struct slice bytes)
{
	struct embed_pull *p = arg;

	if (p->err.code)
		return false;
	if (p->status != 200 && p->status != 206)
		return true;
	if (bytes.len > current(p)->bytes - p->have)
		return error_set(&p->err, ERROR_UPSTREAM,
				 "%s of %s is longer than the %llu bytes that "
				 "were published",
				 current(p)->name, p->what->name,
				 (unsigned long long)current(p)->bytes);
	if (!file_write_all(p->fd, bytes, &p->err))
		return false;
	p->have += bytes.len;
	p->tries = 0;
	tell(p);
	return true;
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

/* An answer came whole, whatever it was. */
static void
on_answer(struct embed_pull *p)
{
	struct error err = {0};

	if (is_redirect(p->status)) {
		if (follow(p, &err))
			go_on(p, 0);
		else
			finish(p, &err);
		return;
	}
	if (p->status == 416) {
		p->have = 0;
		if (ftruncate(p->fd, 0) != 0)
			p->tries = TRIES_MAX;
	}
	if (p->status != 200 && p->status != 206) {
		bool again = p->status == 429 || p->status == 416 ||
			     p->status >= 500;
		error_set(&err, ERROR_UPSTREAM, "%.400s: HTTP status %d",
			  p->url, p->status);
		if (again)
			retry(p, &err);
		else
			finish(p, &err);
		return;
	}
	if (p->have < current(p)->bytes) {
		error_set(&err, ERROR_UPSTREAM,
			  "%s of %s broke off after %llu of %llu bytes; what "
			  "arrived is kept",
			  current(p)->name, p->what->name,
			  (unsigned long long)p->have,
			  (unsigned long long)current(p)->bytes);
		retry(p, &err);
		return;
	}
	if (settle(p, &err))
		go_on(p, 0);
	else
		finish(p, &err);
}

static void
on_end(void *arg, const struct error *err)
{
	struct embed_pull *p = arg;
	bool transient = fetch_transient(p->call);

	p->call = NULL;
	if (p->err.code)
		finish(p, &p->err);
	else if (err && transient)
		retry(p, err);
	else if (err)
		finish(p, err);
	else
		on_answer(p);
}

static void
start_request(struct embed_pull *p)
{
	char range[64];
	const struct fetch_header headers[] = {{"Range", range}};
	struct fetch_request request = {
		.method = "GET",
		.headers = headers,
		.header_count = p->have ? 1 : 0,
		/* At most what is lacking, or a short answer of another kind.
		 */
		.body_max = (size_t)(current(p)->bytes + ANSWER_MAX),
	};
	struct fetch_events events = {on_head, on_body, on_end, p};
	struct error err = {0};

	if (!p->url) {
		p->url = xasprintf("%s/%s/resolve/main/%s", p->base,
				   p->what->path, current(p)->name);
		p->hops = 0;
	}
	request.url = p->url;
	snprintf(range, sizeof(range), "bytes=%llu-",
		 (unsigned long long)p->have);
	p->status = 0;
	p->retry_after = -1;
	p->call = fetch_start(p->fetch, &request, &events, &err);
	if (!p->call)
		finish(p, &err);
}

/* From here all goes on: the next file, the next request, the end. */
static void
step(void *arg)
{
	struct embed_pull *p = arg;
	struct error err = {0};
	char hex[DIGEST_HEX + 1];
	bool right = false;

	while (p->fd < 0 && p->file < p->what->file_count) {
		SCOPED(free_pointer) char *path = place(p, "");
		if (!is_right(path, current(p), &right, hex, &err)) {
			finish(p, &err);
			return;
		}
		if (!right)
			break;
		p->before += current(p)->bytes;
		p->file++;
	}
	tell(p);
	if (p->file == p->what->file_count) {
		finish(p, complete(p, &err) ? NULL : &err);
		return;
	}
	if (p->fd < 0 && !open_part(p, &err)) {
		finish(p, &err);
		return;
	}
	if (p->have < current(p)->bytes)
		start_request(p);
	else if (settle(p, &err))
		go_on(p, 0);
	else
		finish(p, &err);
}

static bool
take_lock(struct embed_pull *p, const char *models, struct error *err)
{
	SCOPED(free_pointer)
	char *path = xasprintf("%s/.%s.lock", models, p->what->name);

	p->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (p->lock < 0)
		return error_set(err, ERROR_IO, "cannot open %s: %s", path,
				 strerror(errno));
	if (flock(p->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	return error_set(err, ERROR_BUSY, "another process fetches %s",
			 p->what->name);
}

struct embed_pull *
embed_pull_start(struct loop *loop, struct fetch *fetch,
		 const struct embed_published *what, const char *base,
		 const char *models, const struct embed_pull_events *events,
		 struct error *err)
{
	SCOPED(embed_pull_drop) struct embed_pull *p = xcalloc(1, sizeof(*p));
	size_t n = strlen(base);

	*p = (struct embed_pull){.loop = loop,
				 .fetch = fetch,
				 .what = what,
				 .events = *events,
				 .lock = -1,
				 .fd = -1};
	while (n && base[n - 1] == '/')
		n--;
	p->base = slice_dup(slice_make(base, n));
	p->folder = xasprintf("%s/.%s.pull", models, what->name);
	p->final = path_join(models, what->name);
	if (!file_make_dir(models, 0700, err) || !take_lock(p, models, err))
		return NULL;
	p->next = loop_timer(loop, step, p);
	go_on(p, 0);
	return TAKE(p);
}

void
embed_pull_drop(struct embed_pull **pull)
{
	struct embed_pull *p = *pull;

	if (!p)
		return;
	fetch_cancel(&p->call);
	loop_timer_drop(&p->next);
	close_fd(&p->fd);
	close_fd(&p->lock);
	free(p->base);
	free(p->folder);
	free(p->final);
	free(p->url);
	free(p->location);
	free(p);
	*pull = NULL;
}
