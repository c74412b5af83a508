/* The few headers of an answer that callers want. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fetch/fetch_private.h"
#include "mneme/clock.h"

enum { WAIT_MAX = 7 * 24 * 3600 }; /* seconds; more is as good as never */

static int64_t
wait_time(struct slice value)
{
	char text[FETCH_HEADER_TEXT];
	char *end;

	snprintf(text, sizeof(text), "%.*s", SLICE_ARG(value));
	double seconds = strtod(text, &end);
	if (end == text || *end) {
		time_t at = curl.getdate(text, NULL);
		if (at == (time_t)-1)
			return -1;
		seconds = difftime(at, time(NULL));
	}
	if (!(seconds > 0))
		return 0;
	return (int64_t)(MIN(seconds, (double)WAIT_MAX) * CLOCK_SECOND);
}

static void
keep(char text[FETCH_HEADER_TEXT], struct slice value)
{
	snprintf(text, FETCH_HEADER_TEXT, "%.*s", SLICE_ARG(value));
}

static void
take_coding(struct fetch_call *call, struct slice value)
{
	call->chunked =
		value.len == 7 && strncasecmp(value.data, "chunked", 7) == 0;
	if (call->raw && !call->chunked)
		error_set(fetch_own_error(call), ERROR_UPSTREAM,
			  "%s sends its answer as \"%.*s\", which was not "
			  "asked for",
			  call->host, SLICE_ARG(value));
}

static void
keep_header(struct fetch_call *call, struct slice name, struct slice value)
{
	struct fetch_texts *texts = call->texts;
	char key[64];

	snprintf(key, sizeof(key), "%.*s", SLICE_ARG(name));
	if (strcasecmp(key, "content-type") == 0)
		keep(texts->content_type, value);
	else if (strcasecmp(key, "x-request-id") == 0 ||
		 strcasecmp(key, "x-generation-id") == 0)
		keep(texts->request_id, value);
	else if (strcasecmp(key, "cache-control") == 0)
		keep(texts->cache_control, value);
	else if (strcasecmp(key, "location") == 0 &&
		 value.len < FETCH_LOCATION_TEXT)
		snprintf(texts->location, FETCH_LOCATION_TEXT, "%.*s",
			 SLICE_ARG(value));
	else if (strcasecmp(key, "transfer-encoding") == 0)
		take_coding(call, value);
	else if (strcasecmp(key, "retry-after") == 0 && call->retry_after < 0)
		call->retry_after = wait_time(value);
	else if (strcasecmp(key, "retry-after-ms") == 0) {
		int64_t seconds = wait_time(value); /* of thousandths */
		if (seconds >= 0)
			call->retry_after = seconds / 1000;
	}
}

static void
tell_head(struct fetch_call *call)
{
	long status = 0;

	curl.easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return; /* 100 Continue and such: another head follows */
	SCOPED(free_pointer) struct fetch_texts *texts = TAKE(call->texts);
	call->head_told = true;
	struct fetch_head head = {
		.status = (int)status,
		.retry_after = call->retry_after,
		.content_type = slice_of(texts->content_type),
		.request_id = slice_of(texts->request_id),
		.cache_control = slice_of(texts->cache_control),
		.location = slice_of(texts->location),
	};
	if (call->events.head)
		call->events.head(call->events.arg, &head);
}

size_t
fetch_on_header(char *line, size_t size, size_t n, void *arg)
{
	struct fetch_call *call = arg;
	struct slice rest = slice_trim(slice_make(line, size * n));
	struct slice name;

	if (call->state == FETCH_DEAD)
		return 0;
	if (call->head_told)
		return size * n; /* a trailer */
	if (!call->texts)
		call->texts = xcalloc(1, sizeof(*call->texts));
	if (rest.len == 0)
		tell_head(call);
	else if (slice_split(&rest, ':', &name))
		keep_header(call, slice_trim(name), slice_trim(rest));
	return call->state == FETCH_DEAD || call->err ? 0 : size * n;
}
