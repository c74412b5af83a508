/* One request as options of an easy handle. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "fetch/fetch_private.h"
#include "mneme/clock.h"
#include "mneme/loop.h"

static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

static const char *
ca_file(const struct fetch *fetch)
{
	const char *named = getenv("SSL_CERT_FILE");

	if (fetch->ca_file)
		return fetch->ca_file;
	return named && *named ? named : system_ca;
}

static bool
check_ca(const struct fetch_call *call, const char *url, struct error *err)
{
	const char *path = ca_file(call->fetch);

	if (strncasecmp(url, "https:", 6) != 0 || access(path, R_OK) == 0)
		return true;
	return error_set(err, ERROR_SETUP,
			 "cannot read the certificates in %s: %s", path,
			 strerror(errno));
}

static bool
add_header(struct fetch_call *call, const struct fetch_header *header,
	   struct error *err)
{
	/* libcurl drops "Name:"; an empty value is written "Name;". */
	bool empty = *header->value == '\0';
	SCOPED(free_pointer)
	char *line = empty ? xasprintf("%s;", header->name)
			   : xasprintf("%s: %s", header->name, header->value);

	for (const char *at = line; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7F)
			return error_set(err, ERROR_INVALID,
					 "the value of header %s has a control "
					 "character",
					 header->name);
	}
	call->headers = curl.slist_append(call->headers, line);
	return true;
}

static bool
add_headers(struct fetch_call *call, const struct fetch_request *request,
	    struct error *err)
{
	/* No round trip before a large body. */
	call->headers = curl.slist_append(call->headers, "Expect:");
	for (size_t i = 0; i < request->header_count; i++) {
		if (!add_header(call, &request->headers[i], err))
			return false;
	}
	curl.easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
	return true;
}

/* A proxy cannot reach our own machine's servers. */
static bool
is_loopback(const char *host)
{
	static const char *const names[] = {"localhost", "127.", "[::1]"};

	for (size_t i = 0; i < COUNT(names); i++) {
		size_t n = strlen(names[i]);
		char next = strncasecmp(host, names[i], n) == 0 ? host[n] : 'x';
		if (next == '\0' || next == ':' ||
		    (next != 'x' && names[i][n - 1] == '.'))
			return true;
	}
	return false;
}

static void
set_connection(struct fetch_call *call, bool loopback)
{
	struct fetch *fetch = call->fetch;
	CURL *easy = call->easy;

	curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl.easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	/* With a CA path libcurl would read the bundle for every connection
	 * instead of keeping it. */
	curl.easy_setopt(easy, CURLOPT_CAPATH, (char *)NULL);
	curl.easy_setopt(easy, CURLOPT_CAINFO, ca_file(fetch));
	curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 MAX(1L, (long)(fetch->connect_timeout / 1000)));
	curl.easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
	curl.easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl.easy_setopt(
		easy, CURLOPT_BUFFERSIZE,
		(long)(call->body_max ? FETCH_BUFFER : FETCH_BUFFER_STREAM));
	curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (call->raw)
		curl.easy_setopt(easy, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
	if (loopback)
		curl.easy_setopt(easy, CURLOPT_NOPROXY, "*");
}

static void
set_request(struct fetch_call *call, const struct fetch_request *request)
{
	CURL *easy = call->easy;

	curl.easy_setopt(easy, CURLOPT_URL, request->url);
	curl.easy_setopt(easy, CURLOPT_USERAGENT, "mneme/" MNEME_VERSION);
	if (request->body.len || strcmp(request->method, "POST") == 0) {
		curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->body.len);
		curl.easy_setopt(easy, CURLOPT_COPYPOSTFIELDS,
				 request->body.data ? request->body.data : "");
	}
	if (request->body.len || strcmp(request->method, "GET") != 0)
		curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

bool
fetch_prepare(struct fetch_call *call, const struct fetch_request *request,
	      struct error *err)
{
	struct fetch *fetch = call->fetch;

	if (!fetch_host(request->url, call->host))
		return error_set(err, ERROR_INVALID,
				 "the address of a server begins with https:// "
				 "or http:// and has a host");
	if (!check_ca(call, request->url, err))
		return false;
	call->easy = fetch->spare_count ? fetch->spare[--fetch->spare_count]
					: curl.easy_init();
	if (!call->easy)
		return error_set(err, ERROR_SETUP, "libcurl does not start");
	if (!add_headers(call, request, err))
		return false;
	bool loopback = is_loopback(call->host);
	call->raw = fetch_may_read(request, loopback);
	set_connection(call, loopback);
	set_request(call, request);
	curl.easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->reason);
	curl.easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	curl.easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, fetch_on_header);
	curl.easy_setopt(call->easy, CURLOPT_HEADERDATA, call);
	return true;
}

void
fetch_drop_handle(struct fetch_call *call)
{
	struct fetch *fetch = call->fetch;

	if (call->easy) {
		/* Does nothing when it was never added. */
		curl.multi_remove_handle(fetch->multi, call->easy);
		curl.easy_reset(call->easy);
		if (fetch->spare_count < FETCH_SPARE)
			fetch->spare[fetch->spare_count++] = call->easy;
		else
			curl.easy_cleanup(call->easy);
		call->easy = NULL;
	}
	curl.slist_free_all(call->headers);
	call->headers = NULL;
}

void
fetch_call_drop(struct fetch_call *call)
{
	list_unlink(&call->link);
	list_unlink(&call->mark);
	loop_timer_drop(&call->idle);
	fetch_close(call);
	fetch_drop_handle(call);
	free(call->texts);
	free(call->err);
	free(call);
}
