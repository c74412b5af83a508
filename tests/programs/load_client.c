/*
 * load_client - requests to a server on loopback, for benches.
 *
 * usage: load_client PORT CONNECTIONS SECONDS FILE [RATE]
 *
 * FILE has the requests as they go over the wire, each followed by a line with
 * a dot; connection i sends the i-th, again and again when they are fewer than
 * the connections.  Without RATE each connection sends the next request when
 * the last is answered; with it, so many a second are sent by all together,
 * whether or not answers come, and times count from when a request was due; it
 * never sleeps meanwhile, so that its own lateness is not measured.
 * Ten '@' in a request become a number, another one each time that it is sent.
 *
 * Prints one JSON object.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mneme/base.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "times.h"

enum {
	CONNECTIONS_MAX = 10000,
	SECONDS_MAX = 120,
	IN_MAX = 1 << 20,
};

struct client {
	int fd;
	struct slice request;
	char *number; /* where one is written into it, or NULL */
	int64_t sent; /* when it was due, or 0: nothing is asked */
	struct buf in;
};

static struct client clients[CONNECTIONS_MAX];
static size_t client_count;
static struct times times;
static uint64_t errors;
static uint64_t late; /* nobody was free to ask */
static int epoll_fd;

static void
die(const char *why)
{
	fprintf(stderr, "load_client: %s: %s\n", why, strerror(errno));
	exit(2);
}

/* Write the next number where the mark stood. */
static void
number(struct client *c)
{
	static unsigned long count;
	char digits[11];

	if (!c->number)
		return;
	snprintf(digits, sizeof(digits), "%010lu", count++ % 10000000000ul);
	memcpy(c->number, digits, 10);
}

static void
ask(struct client *c, int64_t due)
{
	c->sent = due;
	number(c);
	if (send(c->fd, c->request.data, c->request.len, MSG_NOSIGNAL) !=
	    (ssize_t)c->request.len)
		die("cannot send a request at once");
}

/* The length of the first answer in `in`, or 0 when it is not whole. */
static size_t
whole(const struct buf *in)
{
	struct slice all = buf_slice(in);
	size_t head = slice_find(all, slice_of("\r\n\r\n"));

	if (head == all.len)
		return 0;
	char *length = strcasestr(in->data, "content-length: ");
	size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
	return all.len >= head + 4 + body ? head + 4 + body : 0;
}

static void
take_answers(struct client *c, int64_t now)
{
	size_t len = whole(&c->in);

	if (!len)
		return;
	if (c->in.data[9] != '2')
		errors++;
	times_note(&times, now, now - c->sent);
	buf_drop(&c->in, len);
	c->sent = 0;
}

static void
on_ready(struct client *c)
{
	char *room = buf_room(&c->in, 65536);

	if (!room)
		die("an answer is too long");
	ssize_t n = recv(c->fd, room, 65536, 0);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		errors++;
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
		return;
	}
	c->in.len += (size_t)n;
	c->in.data[c->in.len] = '\0';
	take_answers(c, clock_monotonic());
}

static void
open_client(struct client *c, unsigned port)
{
	const struct sockaddr_in at = {.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const void *)&at, sizeof(at)) != 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	buf_init(&c->in, IN_MAX);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0)
		die("cannot watch");
}

static void
turn(int timeout)
{
	struct epoll_event events[256];
	int n = epoll_wait(epoll_fd, events, COUNT(events), timeout);

	for (int i = 0; i < n; i++)
		on_ready(events[i].data.ptr);
}

/* Each asks again once it is answered. */
static void
run_closed(int64_t until)
{
	while (clock_monotonic() < until) {
		turn(100);
		for (size_t i = 0; i < client_count; i++)
			if (!clients[i].sent)
				ask(&clients[i], clock_monotonic());
	}
}

/* So many a second, from whoever is free. */
static void
run_offered(int64_t until, double rate)
{
	int64_t began = clock_monotonic(), now;
	uint64_t asked = 0;
	size_t next = 0;

	while ((now = clock_monotonic()) < until) {
		uint64_t due = (uint64_t)((double)(now - began) * rate / 1e6);
		for (size_t tried = 0; asked < due && tried < client_count;
		     next = (next + 1) % client_count, tried++) {
			if (clients[next].sent)
				continue;
			ask(&clients[next],
			    began + (int64_t)((double)asked / rate * 1e6));
			asked++;
		}
		late += asked < due;
		turn(0); /* the next is due before a sleep would end */
	}
}

static void
read_requests(const char *path)
{
	static struct buf text;
	struct error err;
	struct slice rest;
	size_t n = 0, from = 0;

	buf_init(&text, 256 << 20);
	if (!file_read(path, &text, &err)) {
		fprintf(stderr, "load_client: %s\n", err.text);
		exit(2);
	}
	rest = buf_slice(&text);
	while (from < rest.len && n < client_count) {
		struct slice at = slice_make(rest.data + from, rest.len - from);
		size_t len = slice_find(at, slice_of("\n.\n"));
		size_t mark = slice_find(slice_make(at.data, len),
					 slice_of("@@@@@@@@@@"));
		clients[n].number = mark < len ? text.data + from + mark : NULL;
		clients[n++].request = slice_make(at.data, len);
		from += len + 3;
	}
	if (!n)
		die("no requests");
	for (size_t i = n; i < client_count; i++) {
		clients[i].request = clients[i % n].request;
		clients[i].number = clients[i % n].number;
	}
}

int
main(int argc, char **argv)
{
	struct rlimit files = {20000, 20000};

	if (argc < 5)
		die("usage: load_client PORT CONNECTIONS SECONDS FILE [RATE]");
	setrlimit(RLIMIT_NOFILE, &files);
	unsigned port = (unsigned)strtoul(argv[1], NULL, 10);
	client_count = MIN(strtoul(argv[2], NULL, 10), CONNECTIONS_MAX);
	int64_t seconds = MIN(strtol(argv[3], NULL, 10), SECONDS_MAX);
	read_requests(argv[4]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < client_count; i++)
		open_client(&clients[i], port);
	int64_t began = clock_monotonic();
	if (argc > 5)
		run_offered(began + seconds * CLOCK_SECOND,
			    strtod(argv[5], NULL));
	else
		run_closed(began + seconds * CLOCK_SECOND);
	double seconds_run = (double)(clock_monotonic() - began) / 1e6;
	putchar('{');
	times_print(&times);
	printf(",\"seconds\":%.3f,\"errors\":%" PRIu64 ",\"late\":%" PRIu64
	       "}\n",
	       seconds_run, errors, late);
	return 0;
}
