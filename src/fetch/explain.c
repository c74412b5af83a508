/* What went wrong, for a person: which host, and why. */
#include <stdio.h>

#include "fetch/fetch_private.h"
#include "mneme/clock.h"

bool
fetch_host(const char *url, char host[FETCH_HOST_TEXT])
{
	const char *at = strstr(url, "://");

	if (!at || (strncasecmp(url, "https:", 6) != 0 &&
		    strncasecmp(url, "http:", 5) != 0))
		return false;
	at += 3;
	size_t len = strcspn(at, "/?#");
	for (const char *sign; (sign = memchr(at, '@', len)); at = sign + 1)
		len -= (size_t)(sign + 1 - at);
	snprintf(host, FETCH_HOST_TEXT, "%.*s", (int)MIN(len, 255), at);
	return len > 0;
}

static const char *
reason(const struct fetch_call *call, CURLcode code)
{
	return *call->reason ? call->reason : curl.easy_strerror(code);
}

/* libcurl names what it tried to reach: a proxy, where it is not the host. */
static bool
is_proxy(const struct fetch_call *call)
{
	static const char tried[] = "Failed to connect to ";
	size_t len = strcspn(call->host, ":");

	return strncmp(call->reason, tried, sizeof(tried) - 1) == 0 &&
	       call->host[0] != '[' &&
	       strncasecmp(call->reason + sizeof(tried) - 1, call->host, len) !=
		       0;
}

static void
explain_connect(struct fetch_call *call, CURLcode code, struct error *err)
{
	long number = 0;

	curl.easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &number);
	call->transient = true;
	if (is_proxy(call))
		error_set(err, ERROR_UPSTREAM,
			  "cannot connect to the proxy for %s: %s", call->host,
			  reason(call, code));
	else if (number == 0)
		error_set(err, ERROR_UPSTREAM, "cannot connect to %s: %s",
			  call->host, reason(call, code));
	else
		error_set(err, ERROR_UPSTREAM, "cannot connect to %s: %s",
			  call->host, strerror((int)number));
}

void
fetch_explain(struct fetch_call *call, CURLcode code, struct error *err)
{
	const char *host = call->host;

	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		error_set(err, ERROR_UPSTREAM, "could not resolve %s", host);
		return;
	case CURLE_COULDNT_RESOLVE_PROXY:
		error_set(err, ERROR_UPSTREAM,
			  "could not resolve the proxy for %s", host);
		return;
	case CURLE_COULDNT_CONNECT:
		explain_connect(call, code, err);
		return;
	case CURLE_OPERATION_TIMEDOUT:
		call->transient = call->timed_out = true;
		error_set(err, ERROR_UPSTREAM,
			  "time-out: no connection to %s within %g s", host,
			  (double)call->fetch->connect_timeout / CLOCK_SECOND);
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_ISSUER_ERROR:
		error_set(err, ERROR_UPSTREAM, "TLS with %s failed: %s", host,
			  reason(call, code));
		return;
	case CURLE_GOT_NOTHING:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE:
		call->transient = true;
		error_set(err, ERROR_UPSTREAM,
			  call->head_told ? "%s broke off its answer (%s)"
					  : "%s closed the connection without "
					    "an answer (%s)",
			  host, reason(call, code));
		return;
	default:
		error_set(err, ERROR_UPSTREAM, "%s: %s", host,
			  reason(call, code));
	}
}
