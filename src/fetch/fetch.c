/*
 * libcurl tells which sockets it waits for and when it wants to be called;
 * each socket is a watch on the loop, the time is a timer.  libcurl must not
 * be entered from its own callbacks, so what callers ask for in there (start,
 * cancel, resume) is marked on the call and done by fetch_sweep() afterwards.
 */
#include <assert.h>
#include <stdlib.h>

#include "fetch/fetch_private.h"
#include "mneme/clock.h"
#include "mneme/loop.h"

void
fetch_mark(struct fetch_call *call)
{
	list_unlink(&call->mark);
	list_insert(&call->fetch->marked, &call->mark);
}

struct error *
fetch_own_error(struct fetch_call *call)
{
	if (!call->err)
		call->err = xcalloc(1, sizeof(*call->err));
	return call->err;
}

void
fetch_conclude(struct fetch_call *call, CURLcode code)
{
	struct error err = {0};

	if (call->state == FETCH_DEAD)
		return;
	if (call->err)
		err = *call->err;
	else if (code != CURLE_OK)
		fetch_explain(call, code, &err);
	call->state = FETCH_DEAD;
	fetch_mark(call);
	call->events.end(call->events.arg, err.code ? &err : NULL);
}

static void
read_messages(struct fetch *fetch)
{
	CURLMsg *message;
	int left;

	while ((message = curl.multi_info_read(fetch->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result;
		struct fetch_call *call = NULL;
		curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				  &call);
		fetch_conclude(call, code);
	}
}

static void
act(struct fetch *fetch, curl_socket_t fd, int events)
{
	int running;

	fetch->inside++;
	curl.multi_socket_action(fetch->multi, fd, events, &running);
	read_messages(fetch);
	fetch->inside--;
	fetch_sweep(fetch);
}

static void
on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_later(void *arg)
{
	fetch_sweep(arg);
}

void
fetch_later(struct fetch *fetch)
{
	loop_timer_set(fetch->later, 0);
}

/* A socket of libcurl's. */
struct fetch_wait {
	struct fetch *fetch;
	struct loop_watch *watch;
	curl_socket_t fd;
};

static void
on_ready(void *arg, unsigned events)
{
	struct fetch_wait *wait = arg;
	int seen = 0;

	if (events & LOOP_READ)
		seen |= CURL_CSELECT_IN;
	if (events & LOOP_WRITE)
		seen |= CURL_CSELECT_OUT;
	if (events & LOOP_HUP)
		seen |= CURL_CSELECT_ERR;
	act(wait->fetch, wait->fd, seen);
}

/* What a call waits for, and where. */
static void
note_socket(CURL *easy, struct fetch_wait *wait, curl_socket_t fd, int what)
{
	struct fetch_call *call = NULL;

	curl.easy_getinfo(easy, CURLINFO_PRIVATE, &call);
	/* Two may be tried when it connects. */
	if (!call || (what == CURL_POLL_REMOVE && call->wait != wait))
		return;
	call->wait = what == CURL_POLL_REMOVE ? NULL : wait;
	call->waits = what;
	call->fd = fd;
}

void
fetch_unwatch(struct fetch_call *call)
{
	if (call->wait)
		loop_unwatch(&call->wait->watch);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket)
{
	struct fetch *fetch = arg;
	struct fetch_wait *wait = socket;
	unsigned events = LOOP_LAZY;

	note_socket(easy, wait, fd, what);
	if (what == CURL_POLL_REMOVE) {
		if (wait)
			loop_unwatch(&wait->watch);
		free(wait);
		curl.multi_assign(fetch->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= LOOP_READ;
	if (what & CURL_POLL_OUT)
		events |= LOOP_WRITE;
	if (wait) {
		loop_watch_events(wait->watch, events);
		return 0;
	}
	wait = xcalloc(1, sizeof(*wait));
	*wait = (struct fetch_wait){.fetch = fetch, .fd = fd};
	wait->watch = loop_watch(fetch->loop, fd, events, on_ready, wait, NULL);
	if (!wait->watch) {
		free(wait);
		return -1;
	}
	curl.multi_assign(fetch->multi, fd, wait);
	note_socket(easy, wait, fd, what);
	return 0;
}

static int
on_timeout(CURLM *multi, long milliseconds, void *arg)
{
	struct fetch *fetch = arg;

	(void)multi;
	if (milliseconds < 0)
		loop_timer_stop(fetch->timer);
	else
		loop_timer_set(fetch->timer, (int64_t)milliseconds * 1000);
	return 0;
}

static bool
start_library(struct fetch *fetch, struct error *err)
{
	if (fetch->multi)
		return true;
	if (!curl_load(err))
		return false;
	fetch->multi = curl.multi_init();
	if (!fetch->multi)
		return error_set(err, ERROR_SETUP, "libcurl does not start");
	curl.multi_setopt(fetch->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl.multi_setopt(fetch->multi, CURLMOPT_SOCKETDATA, fetch);
	curl.multi_setopt(fetch->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl.multi_setopt(fetch->multi, CURLMOPT_TIMERDATA, fetch);
	curl.multi_setopt(fetch->multi, CURLMOPT_MAXCONNECTS,
			  (long)FETCH_CONNECTIONS);
	return true;
}

struct fetch *
fetch_create(struct loop *loop, const struct fetch_settings *settings)
{
	struct fetch *fetch = xcalloc(1, sizeof(*fetch));

	fetch->loop = loop;
	fetch->connect_timeout = settings->connect_timeout;
	fetch->idle_timeout = settings->idle_timeout;
	if (settings->ca_file)
		fetch->ca_file = xstrdup(settings->ca_file);
	fetch->timer = loop_timer(loop, on_timer, fetch);
	fetch->later = loop_timer(loop, on_later, fetch);
	list_init(&fetch->calls);
	list_init(&fetch->marked);
	return fetch;
}

void
fetch_destroy(struct fetch **fetch)
{
	struct fetch *f = *fetch;

	if (!f)
		return;
	assert(!f->inside);
	LIST_EACH(&f->calls, at)
	{
		struct fetch_call *call = HOLDER(at, struct fetch_call, link);
		call->state = FETCH_DEAD;
		fetch_mark(call);
	}
	fetch_sweep(f);
	for (size_t i = 0; i < f->spare_count; i++)
		curl.easy_cleanup(f->spare[i]);
	if (f->multi)
		curl.multi_cleanup(f->multi);
	loop_timer_drop(&f->timer);
	loop_timer_drop(&f->later);
	free(f->ca_file);
	free(f);
	*fetch = NULL;
}

/* Nobody spoke for too long?  Connecting has its own time-out. */
static void
on_idle(void *arg)
{
	struct fetch_call *call = arg;
	struct fetch *fetch = call->fetch;
	int64_t now = loop_now(fetch->loop);
	curl_off_t connected = 0, sent = 0;

	if (!call->own) {
		curl.easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME_T,
				  &connected);
		curl.easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
	}
	if (call->paused || (!call->own && (!connected || sent != call->sent)))
		call->heard = now;
	else
		call->heard = MAX(call->heard, call->started + connected);
	call->sent = sent;

	int64_t left = call->heard + fetch->idle_timeout - now;
	if (left > 0) {
		loop_timer_set(call->idle, left);
		return;
	}
	call->timed_out = true;
	error_set(fetch_own_error(call), ERROR_UPSTREAM,
		  "time-out: nothing came from %s for %g s", call->host,
		  (double)fetch->idle_timeout / CLOCK_SECOND);
	fetch_conclude(call, CURLE_OPERATION_TIMEDOUT);
	fetch_sweep(fetch);
}

struct fetch_call *
fetch_start(struct fetch *fetch, const struct fetch_request *request,
	    const struct fetch_events *events, struct error *err)
{
	if (!start_library(fetch, err))
		return NULL;

	struct fetch_call *call = xcalloc(1, sizeof(*call));
	call->fetch = fetch;
	call->events = *events;
	call->body_max = request->body_max;
	call->retry_after = -1;
	call->fd = -1;
	list_init(&call->link);
	list_init(&call->mark);
	if (!fetch_prepare(call, request, err)) {
		fetch_call_drop(call);
		return NULL;
	}
	curl.easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, fetch_on_body);
	curl.easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	call->idle = loop_timer(fetch->loop, on_idle, call);
	call->started = call->heard = loop_now(fetch->loop);
	list_insert(&fetch->calls, &call->link);
	fetch_mark(call);
	if (fetch->inside)
		fetch_later(fetch);
	else
		fetch_sweep(fetch);
	return call;
}

void
fetch_cancel(struct fetch_call **call)
{
	struct fetch_call *c = *call;

	*call = NULL;
	if (!c || c->state == FETCH_DEAD)
		return;
	c->state = FETCH_DEAD;
	fetch_mark(c);
	if (c->fetch->inside)
		fetch_later(c->fetch);
	else
		fetch_sweep(c->fetch);
}

void
fetch_pause(struct fetch_call *call, bool paused)
{
	call->paused = paused;
	call->heard = loop_now(call->fetch->loop);
	if (call->own || (!paused && call->held)) {
		fetch_mark(call);
		fetch_later(call->fetch);
	}
}

bool
fetch_transient(const struct fetch_call *call)
{
	return call->transient;
}

bool
fetch_timed_out(const struct fetch_call *call)
{
	return call->timed_out;
}

/* Do for one call what had to wait; it may be gone afterwards. */
static void
settle(struct fetch_call *call)
{
	struct fetch *fetch = call->fetch;

	if (call->state == FETCH_DEAD) {
		fetch_call_drop(call);
		return;
	}
	if (call->state == FETCH_WAITING) {
		call->state = FETCH_RUNNING;
		if (fetch->idle_timeout > 0)
			loop_timer_set(call->idle, fetch->idle_timeout);
		curl.multi_add_handle(fetch->multi, call->easy);
	}
	if (call->held && !call->paused) {
		call->held = false;
		CURLcode code = curl.easy_pause(call->easy, CURLPAUSE_CONT);
		if (code != CURLE_OK)
			fetch_conclude(call, code);
		if (call->state == FETCH_DEAD)
			fetch_later(fetch);
	}
	if (call->own)
		fetch_read_on(call, !call->paused);
	else if (call->state == FETCH_RUNNING)
		fetch_take_over(call);
}

/* Callbacks in here may mark further calls: those wait for the next time. */
void
fetch_sweep(struct fetch *fetch)
{
	struct list now;

	if (fetch->inside || list_empty(&fetch->marked))
		return;
	list_init(&now);
	while (!list_empty(&fetch->marked)) {
		struct list *first = fetch->marked.next;
		list_unlink(first);
		list_insert(&now, first);
	}
	fetch->inside++;
	while (!list_empty(&now)) {
		struct list *first = now.next;
		list_unlink(first);
		settle(HOLDER(first, struct fetch_call, mark));
	}
	fetch->inside--;
	if (!list_empty(&fetch->marked))
		fetch_later(fetch);
}
