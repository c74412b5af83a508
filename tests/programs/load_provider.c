/*
 * load_provider - a language model's server for benches: any number of streams,
 * each with so many events a second, on loopback.
 *
 * usage: load_provider [--rate N] [--events N] [--tls-cert F --tls-key F]
 *
 * Prints its port, then serves until stdin ends.  An event's text is the
 * monotonic clock in microseconds, 16 digits, and a blank: whoever reads it at
 * the other end knows how long it took.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/http.h"
#include "mneme/list.h"
#include "mneme/loop.h"

struct stream {
	struct list link;
	struct provider *provider;
	struct http_exchange *x;
	int64_t due;
	long left; /* events */
};

struct provider {
	struct loop *loop;
	struct loop_timer *timer;
	struct list streams; /* in the order of `due`: all have one period */
	int64_t period;
	long events;
};

static void
stream_end(struct stream *stream)
{
	list_unlink(&stream->link);
	http_stream_end(stream->x);
	free(stream);
}

static void
on_gone(void *arg)
{
	stream_end(arg);
}

static void
finish(struct stream *stream)
{
	http_events_send(
		stream->x, (struct slice){0},
		slice_of("{\"model\":\"load\",\"choices\":[{\"index\":0,"
			 "\"delta\":{},\"finish_reason\":\"stop\"}],"
			 "\"usage\":{\"prompt_tokens\":10,"
			 "\"completion_tokens\":10}}"));
	http_events_send(stream->x, (struct slice){0}, slice_of("[DONE]"));
	stream_end(stream);
}

/* One event; false when the stream is over. */
static bool
step(struct stream *stream)
{
	char event[256];

	if (stream->left-- == 0) {
		finish(stream);
		return false;
	}
	int len = snprintf(event, sizeof(event),
			   "{\"model\":\"load\",\"choices\":[{\"index\":0,"
			   "\"delta\":{\"content\":\"%016lld \"},"
			   "\"finish_reason\":null}]}",
			   (long long)clock_monotonic());
	http_events_send(stream->x, (struct slice){0},
			 slice_make(event, (size_t)len));
	return true;
}

static void
on_timer(void *arg)
{
	struct provider *p = arg;
	int64_t now = clock_monotonic();

	while (!list_empty(&p->streams)) {
		struct stream *first =
			HOLDER(p->streams.next, struct stream, link);
		if (first->due > now) {
			/* A tick of a millisecond keeps the cost down. */
			loop_timer_set(p->timer, MAX(first->due - now, 1000));
			return;
		}
		if (!step(first))
			continue;
		first->due += p->period;
		list_unlink(&first->link);
		list_insert(&p->streams, &first->link);
	}
}

static void
on_request(void *arg, struct http_exchange *x)
{
	struct provider *p = arg;
	struct stream *stream = xcalloc(1, sizeof(*stream));
	const struct http_stream_events events = {.gone = on_gone,
						  .arg = stream};

	stream->provider = p;
	stream->x = x;
	stream->left = p->events;
	stream->due = clock_monotonic() + p->period;
	list_init(&stream->link);
	list_insert(&p->streams, &stream->link);
	http_events(x, &events);
	if (!loop_timer_pending(p->timer))
		loop_timer_set(p->timer, p->period);
}

static void
on_input(void *arg, unsigned events)
{
	char bytes[256];

	(void)events;
	if (read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
		exit(0);
	(void)arg;
}

static void
die(const char *why)
{
	fprintf(stderr, "load_provider: %s\n", why);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct provider p = {.period = CLOCK_SECOND / 20, .events = 1 << 30};
	const char *certificate = NULL, *key = NULL;
	const struct http_settings settings = {.connection_max = 20000};
	const struct http_handler handler = {.request = on_request, .arg = &p};
	struct http_tls *tls = NULL;
	struct error err = {0};
	unsigned port;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--rate") == 0)
			p.period = CLOCK_SECOND / strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--events") == 0)
			p.events = strtol(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--tls-cert") == 0)
			certificate = argv[i + 1];
		else if (strcmp(argv[i], "--tls-key") == 0)
			key = argv[i + 1];
		else
			die("what is that option?");
	}
	list_init(&p.streams);
	p.loop = loop_create(&err);
	if (certificate && !(tls = http_tls_open(certificate, key, &err)))
		die(err.text);
	struct http_server *server =
		http_server_create(p.loop, &settings, &handler);
	p.timer = loop_timer(p.loop, on_timer, &p);
	if (!http_listen(server, "127.0.0.1", 0, tls, &port, &err) ||
	    !loop_watch(p.loop, STDIN_FILENO, LOOP_READ, on_input, NULL, &err))
		die(err.text);
	printf("%u\n", port);
	fflush(stdout);
	loop_run(p.loop);
	return 0;
}
