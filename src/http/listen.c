/*
 * Where a server listens: addresses of a name, or a socket file.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/inner.h"
#include "mneme/error.h"
#include "mneme/loop.h"

enum {
	BACKLOG = 1024,
	ACCEPTS = 64,           /* a turn */
	SEND_BUFFER = 128 << 10 /* bytes, which Linux doubles */
};

static void
on_connection(void *arg, unsigned events)
{
	struct listener *listener = arg;
	int one = 1;

	const int send_buffer = SEND_BUFFER;

	(void)events;
	for (int i = 0; i < ACCEPTS; i++) {
		struct sockaddr_storage from = {0};
		socklen_t len = sizeof(from);
		int fd = accept4(listener->fd, (struct sockaddr *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOBUFS || errno == ENOMEM)) {
			/* Until a connection closes. */
			listener->asleep = true;
			loop_watch_events(listener->watch, 0);
		}
		if (fd < 0)
			return;
		/* No network lies between: a congestion control that paces
		 * would only set timers, a tenth of a stream's cost. */
		if (server_is_loopback(&from))
			setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
		if (from.ss_family != AF_UNIX)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				   sizeof(one));
		/* Else the kernel takes megabytes for a client that does not
		 * read, and what they are made of is ours to keep. */
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer,
			   sizeof(send_buffer));
		server_admit(listener, fd, &from);
	}
}

static bool
add_listener(struct http_server *server, int fd, struct http_tls *tls,
	     const char *path, struct error *err)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));

	*listener = (struct listener){.server = server, .fd = fd, .tls = tls};
	listener->watch = loop_watch(server->loop, fd, LOOP_READ, on_connection,
				     listener, err);
	if (!listener->watch) {
		free(listener);
		return false;
	}
	listener->path = path ? xstrdup(path) : NULL;
	list_insert(&server->listeners, &listener->link);
	return true;
}

static int
open_socket(const struct addrinfo *at)
{
	int one = 1;
	int fd = socket(at->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static unsigned
port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} at = {0};
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len) != 0)
		return 0;
	return at.any.sa_family == AF_INET6 ? ntohs(at.six.sin6_port)
					    : ntohs(at.four.sin_port);
}

static void
drop_addresses(struct addrinfo **list)
{
	if (*list)
		freeaddrinfo(*list);
}

static bool
resolve(const char *host, unsigned port, struct addrinfo **list,
	struct error *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				       .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	char service[16];

	snprintf(service, sizeof(service), "%u", port);
	struct addrinfo *found = NULL;
	int why = getaddrinfo(host, service, &hints, &found);
	*list = why == 0 ? found : NULL;
	return why == 0 ||
	       error_set(err, ERROR_SETUP, "cannot listen on '%s': %s", host,
			 gai_strerror(why));
}

bool
http_listen(struct http_server *server, const char *host, unsigned port,
	    struct http_tls *tls, unsigned *bound, struct error *err)
{
	SCOPED(drop_addresses) struct addrinfo *list = NULL;
	size_t count = 0;

	if (!resolve(host, port, &list, err))
		return false;
	for (struct addrinfo *at = list; at; at = at->ai_next) {
		/* With any port, one address is as good as two. */
		if (count && port == 0)
			break;
		int fd = open_socket(at);
		if (fd < 0 && count && errno == EADDRNOTAVAIL)
			continue;
		if (fd < 0)
			return error_set(err, ERROR_SETUP,
					 "cannot listen on %s port %u: %s",
					 host, port, strerror(errno));
		if (!add_listener(server, fd, tls, NULL, err)) {
			close(fd);
			return false;
		}
		count++;
		if (bound)
			*bound = port_of(fd);
	}
	return true;
}

/* ---- a socket file */

/* Is somebody there? */
static bool
answers(const struct sockaddr_un *at)
{
	SCOPED(close_fd)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 &&
	       (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
		errno == EAGAIN);
}

static bool
path_fits(const char *path, struct error *err)
{
	const struct sockaddr_un at;
	struct stat st;

	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(err, ERROR_SETUP,
				 "the socket's path is over %zu bytes: %s",
				 sizeof(at.sun_path) - 1, path);
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return error_set(err, ERROR_CONFLICT,
				 "%s is there and is no socket", path);
	return true;
}

bool
http_unix_fits(const char *path, struct error *err)
{
	SCOPED(free_pointer) char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (!path_fits(path, err))
		return false;
	if (slash)
		slash[slash == folder] = '\0';
	return access(slash ? folder : ".", W_OK | X_OK) == 0 ||
	       error_set(err, ERROR_SETUP, "cannot listen on %s: %s", path,
			 strerror(errno));
}

static bool
clear_the_way(const struct sockaddr_un *at, struct error *err)
{
	if (access(at->sun_path, F_OK) != 0)
		return true;
	if (answers(at))
		return error_set(err, ERROR_CONFLICT,
				 "another server listens on %s", at->sun_path);
	if (unlink(at->sun_path) != 0)
		return error_set(err, ERROR_IO,
				 "cannot remove the old socket %s: %s",
				 at->sun_path, strerror(errno));
	return true;
}

bool
http_listen_unix(struct http_server *server, const char *path,
		 struct error *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (!path_fits(path, err))
		return false;
	memcpy(at.sun_path, path, strlen(path));
	if (!clear_the_way(&at, err))
		return false;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* Born closed to others: there is no moment to slip in. */
	mode_t mask = umask(0177);
	bool bound =
		fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
	int why = errno;
	umask(mask);
	if (!bound || listen(fd, BACKLOG) != 0 ||
	    !add_listener(server, fd, NULL, path, err)) {
		close_fd(&fd);
		return error_set(err, ERROR_SETUP, "cannot listen on %s: %s",
				 path, strerror(bound ? errno : why));
	}
	return true;
}

bool
http_host_is_local(const char *host)
{
	SCOPED(drop_addresses) struct addrinfo *list = NULL;

	if (!resolve(host, 0, &list, NULL) || !list)
		return false;
	for (struct addrinfo *at = list; at; at = at->ai_next) {
		const struct sockaddr_in6 *six = (const void *)at->ai_addr;
		const struct sockaddr_in *four = (const void *)at->ai_addr;
		if (at->ai_family == AF_INET
			    ? ntohl(four->sin_addr.s_addr) >> 24 != 127
			    : !IN6_IS_ADDR_LOOPBACK(&six->sin6_addr))
			return false;
	}
	return true;
}
