/*
 * load_streams - both ends of a proxy of streams, for benches: a language
 * model's server, and the clients that read its answers through whatever
 * stands between.
 *
 * usage: load_streams [--rate N] [--pace even|random|together]
 *                     [--tls-cert F --tls-key F]
 *
 * Prints the model's port.  A line on stdin, "PORT CONNECTIONS SECONDS FILE",
 * opens so many clients to PORT: client i sends the i-th request of FILE (as
 * it goes over the wire, then a line with a dot; when they are fewer they
 * begin anew) and reads on.  When each has had an event "begun" is printed,
 * after SECONDS "over"; the next line, any, gets the figures as one JSON
 * object and closes the clients.  Ends with stdin.
 *
 * One loop has both ends and never sleeps while it measures: neither waits for
 * the other to be scheduled, and whoever sends to it has nobody to wake.  The
 * text of an event is the monotonic clock in microseconds, 16 digits, and a
 * blank.  All streams have one period; --pace says where in it they lie.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mneme/base.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/http.h"
#include "mneme/list.h"
#include "mneme/loop.h"
#include "times.h"

enum {
	CLIENTS_MAX = 10000,
	SECONDS_MAX = 120,
	SECONDS_TO_BEGIN = 120,
	BEGINNING = 32, /* clients that wait for their first event */
	AT_ONCE = 16,   /* events sent before others are read */
	IN_MAX = 1 << 20,
};

enum pace { EVEN, RANDOM, TOGETHER };

struct stream {
	struct list link;
	struct http_exchange *x;
	int64_t due;
	bool full; /* who reads it is behind */
};

static struct {
	struct loop_timer *timer;
	struct list streams; /* in the order of `due` */
	int64_t epoch, period;
	enum pace pace;
	uint64_t begun;
} model;

struct client {
	struct loop_watch *watch;
	int fd;
	struct buf in;
	bool begun;
	bool answered; /* its status has been looked at */
};

static struct {
	struct client clients[CLIENTS_MAX];
	struct slice requests[CLIENTS_MAX];
	struct buf text; /* of the requests */
	size_t request_count;
	unsigned port;
	size_t wanted, opened, begun;
	int64_t seconds, until;
	bool running, measuring;
	struct times times;
	uint64_t errors, total; /* total: events, also before measuring */
} load;

static struct loop *loop;

static void
die(const char *why)
{
	fprintf(stderr, "load_streams: %s: %s\n", why, strerror(errno));
	exit(2);
}

/* ---- the model */

static void
on_gone(void *arg)
{
	struct stream *stream = arg;

	list_unlink(&stream->link);
	http_stream_end(stream->x);
	free(stream);
}

static void
on_room(void *arg)
{
	struct stream *stream = arg;

	stream->full = false;
}

/* The n-th stream's place in the period, in 32 bits.  Even: each bit of n
 * halves what is left, so that however many there are they lie evenly, and
 * those that begin one after another lie far apart. */
static uint32_t
place(enum pace pace, uint32_t n)
{
	uint32_t turned = 0;

	if (pace == TOGETHER)
		return 0;
	if (pace == RANDOM) {
		n = (n + 1) * 2654435769u;
		n = (n ^ n >> 16) * 2246822507u;
		return n ^ n >> 13;
	}
	for (int bit = 0; bit < 32; bit++, n >>= 1)
		turned = turned << 1 | (n & 1);
	return turned;
}

static void
insert(struct stream *stream)
{
	struct list *before = &model.streams;

	while (before->prev != &model.streams &&
	       HOLDER(before->prev, struct stream, link)->due > stream->due)
		before = before->prev;
	list_insert(before, &stream->link);
}

static void
on_request(void *arg, struct http_exchange *x)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));
	const struct http_stream_events events = {
		.ready = on_room, .gone = on_gone, .arg = stream};
	int64_t now = clock_monotonic();

	(void)arg;
	stream->x = x;
	stream->due =
		model.epoch +
		(now - model.epoch) / model.period * model.period +
		(int64_t)((uint64_t)model.period *
				  place(model.pace, (uint32_t)model.begun++) >>
			  32);
	if (stream->due <= now)
		stream->due += model.period;
	list_init(&stream->link);
	insert(stream);
	http_events(x, &events);
}

static void
send_event(struct stream *stream)
{
	char event[256];

	int len = snprintf(event, sizeof(event),
			   "{\"model\":\"load\",\"choices\":[{\"index\":0,"
			   "\"delta\":{\"content\":\"%016lld \"},"
			   "\"finish_reason\":null}]}",
			   (long long)clock_monotonic());
	if (http_events_send(stream->x, (struct slice){0},
			     slice_make(event, (size_t)len)) == HTTP_FULL)
		stream->full = true;
}

/* What is due, a few at a time.  Returns when the next one is. */
static int64_t
send_due(void)
{
	for (int i = 0; i < AT_ONCE && !list_empty(&model.streams); i++) {
		struct stream *first =
			HOLDER(model.streams.next, struct stream, link);
		if (first->due > clock_monotonic())
			return first->due;
		first->due += model.period;
		list_unlink(&first->link);
		insert(first);
		if (!first->full)
			send_event(first);
	}
	return list_empty(&model.streams) ? INT64_MAX : 0;
}

static void
nothing(void *arg)
{
	(void)arg;
}

/* ---- the clients */

static void
check_answer(struct client *c)
{
	if (c->answered || c->in.len < 12)
		return;
	if (memcmp(c->in.data + 9, "200", 3) != 0) {
		fprintf(stderr, "%.*s\n", SLICE_ARG(buf_slice(&c->in)));
		exit(2);
	}
	c->answered = true;
}

static void
take_events(struct client *c)
{
	static const char mark[] = "\"content\":\"";
	char *at = c->in.data, *found;
	int64_t now = clock_monotonic();

	while ((found = strstr(at, mark))) {
		found += sizeof(mark) - 1;
		if (strlen(found) < 17)
			break;
		at = found + 16;
		int64_t then = strtoll(found, NULL, 10);
		load.begun += !c->begun;
		load.total++;
		c->begun = true;
		if (load.measuring && then)
			times_note(&load.times, now, now - then);
	}
	size_t used = (size_t)(at - c->in.data);
	/* What may be the beginning of one stays. */
	if (c->in.len - used > 64)
		used = c->in.len - 64;
	buf_drop(&c->in, used);
}

static void
on_ready(void *arg, unsigned events)
{
	struct client *c = arg;
	char *room = buf_room(&c->in, 4096);

	(void)events;
	if (!room)
		die("an answer is too long");
	ssize_t n = recv(c->fd, room, 4096, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		load.errors++;
		loop_unwatch(&c->watch);
		return;
	}
	c->in.len += (size_t)n;
	c->in.data[c->in.len] = '\0';
	check_answer(c);
	take_events(c);
}

static void
open_client(struct client *c, struct slice request)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)load.port),
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK)};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const void *)&at, sizeof(at)) != 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	buf_init(&c->in, IN_MAX);
	c->watch = loop_watch(loop, c->fd, LOOP_READ, on_ready, c, NULL);
	if (!c->watch)
		die("cannot watch");
	if (send(c->fd, request.data, request.len, MSG_NOSIGNAL) !=
	    (ssize_t)request.len)
		die("cannot send a request at once");
}

static void
close_clients(void)
{
	for (size_t i = 0; i < load.opened; i++) {
		struct client *c = &load.clients[i];
		loop_unwatch(&c->watch);
		close(c->fd);
		buf_clear(&c->in);
		*c = (struct client){0};
	}
	load.opened = load.begun = 0;
}

static void
say(const char *word)
{
	puts(word);
	fflush(stdout);
}

/* One step of a run, between two turns of the loop. */
static void
step(void)
{
	int64_t now = clock_monotonic();

	if (load.measuring) {
		if (now < load.until)
			return;
		load.measuring = load.running = false;
		say("over");
		return;
	}
	while (load.opened < load.wanted &&
	       load.opened < load.begun + BEGINNING) {
		open_client(&load.clients[load.opened],
			    load.requests[load.opened % load.request_count]);
		load.opened++;
	}
	if (load.begun < load.wanted && now < load.until)
		return;
	if (load.begun < load.wanted)
		fprintf(stderr, "only %zu streams began\n", load.begun);
	say("begun");
	load.until = clock_monotonic() + load.seconds * CLOCK_SECOND;
	load.measuring = true;
}

static void
read_requests(const char *path)
{
	struct error err;
	size_t from = 0;

	buf_clear(&load.text);
	buf_init(&load.text, 256 << 20);
	load.request_count = 0;
	if (!file_read(path, &load.text, &err))
		die(err.text);
	while (from < load.text.len && load.request_count < CLIENTS_MAX) {
		struct slice at =
			slice_make(load.text.data + from, load.text.len - from);
		size_t len = slice_find(at, slice_of("\n.\n"));
		load.requests[load.request_count++] = slice_make(at.data, len);
		from += len + 3;
	}
	if (!load.request_count)
		die("no requests");
}

static void
begin_run(const char *line)
{
	char path[4096];

	if (sscanf(line, "%u %zu %" SCNd64 " %4095s", &load.port, &load.wanted,
		   &load.seconds, path) != 4 ||
	    load.wanted > CLIENTS_MAX || load.seconds > SECONDS_MAX)
		die("what is that line?");
	read_requests(path);
	times_clear(&load.times);
	load.errors = load.total = 0;
	load.until = clock_monotonic() + SECONDS_TO_BEGIN * CLOCK_SECOND;
	load.running = true;
}

static void
end_run(void)
{
	putchar('{');
	times_print(&load.times);
	printf(",\"errors\":%" PRIu64 ",\"total\":%" PRIu64 "}\n", load.errors,
	       load.total);
	fflush(stdout);
	close_clients();
}

static void
on_input(void *arg, unsigned events)
{
	char line[5000];

	(void)arg;
	(void)events;
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);
	if (n <= 0)
		exit(0);
	line[n] = '\0';
	if (load.opened)
		end_run();
	else
		begin_run(line);
}

static void
read_options(int argc, char **argv, const char **certificate, const char **key)
{
	static const char *const paces[] = {"even", "random", "together"};
	double rate = 20;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--rate") == 0)
			rate = strtod(argv[i + 1], NULL);
		else if (strcmp(argv[i], "--tls-cert") == 0)
			*certificate = argv[i + 1];
		else if (strcmp(argv[i], "--tls-key") == 0)
			*key = argv[i + 1];
		else if (strcmp(argv[i], "--pace") != 0)
			die("what is that option?");
		else
			for (size_t p = 0; p < COUNT(paces); p++)
				if (strcmp(argv[i + 1], paces[p]) == 0)
					model.pace = (enum pace)p;
	}
	model.period = (int64_t)(CLOCK_SECOND / rate);
}

int
main(int argc, char **argv)
{
	const struct http_settings settings = {.connection_max = 20000};
	const struct http_handler handler = {.request = on_request};
	const char *certificate = NULL, *key = NULL;
	struct rlimit files = {40000, 40000};
	struct http_tls *tls = NULL;
	struct error err = {0};
	unsigned port;

	if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
		getrlimit(RLIMIT_NOFILE, &files);
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	read_options(argc, argv, &certificate, &key);
	list_init(&model.streams);
	model.epoch = clock_monotonic();
	loop = loop_create(&err);
	if (certificate && !(tls = http_tls_open(certificate, key, &err)))
		die(err.text);
	struct http_server *server =
		http_server_create(loop, &settings, &handler);
	model.timer = loop_timer(loop, nothing, NULL);
	if (!http_listen(server, "127.0.0.1", 0, tls, &port, &err) ||
	    !loop_watch(loop, STDIN_FILENO, LOOP_READ, on_input, NULL, &err))
		die(err.text);
	printf("%u\n", port);
	fflush(stdout);
	for (;;) {
		int64_t next = send_due();
		if (load.running)
			step();
		if (!load.running && next != INT64_MAX)
			/* A tick of a millisecond keeps the cost down. */
			loop_timer_set(model.timer,
				       MAX(next - clock_monotonic(), 1000));
		loop_turn(loop, !load.running);
	}
}
