/*
 * cors.c - pages of other origins: those of CORS_ORIGINS may call us.
 *
 * Origins are compared exactly.  Tokens travel in a header, never in a cookie,
 * so nothing is allowed "with credentials".
 */
#include "api/private.h"
#include "mneme/config.h"

bool
cors_open(struct api *api, struct error *err)
{
	struct slice rest = slice_of(
		config_text(api->settings.config, CONFIG_CORS_ORIGINS));
	struct slice one;

	while (rest.len && config_item(&rest, &one)) {
		if (slice_is(one, "*")) {
			api->any_origin = true;
			continue;
		}
		if (!(slice_starts(one, "http://") ||
		      slice_starts(one, "https://")) ||
		    slice_ends(one, "/"))
			return error_set(err, ERROR_SETUP,
					 "CORS_ORIGINS: %.*s is no origin: "
					 "write scheme://host[:port], without "
					 "a slash at the end",
					 SLICE_ARG(one));
		map_put(&api->origins, one, api);
	}
	return true;
}

void
cors_add(struct api *api, struct http_exchange *x)
{
	struct slice origin;

	if (!api->any_origin && api->origins.count == 0)
		return;
	origin = http_field(x, "origin");
	http_add(x, "Vary", slice_of("Origin"));
	if (origin.len == 0 ||
	    (!api->any_origin && !map_get(&api->origins, origin)))
		return;
	http_add(x, "Access-Control-Allow-Origin",
		 api->any_origin ? slice_of("*") : origin);
	http_add(x, "Access-Control-Expose-Headers",
		 slice_of("Link, Location, Retry-After, RateLimit, "
			  "RateLimit-Policy, X-Request-Id, "
			  "Idempotency-Replayed, X-Mneme-Conversation"));
}

void
add_allow(struct http_exchange *x, unsigned allowed)
{
	SCOPED(buf_clear) struct buf list;

	buf_init(&list, 256);
	if (allowed & 1u << HTTP_GET)
		allowed |= 1u << HTTP_HEAD;
	allowed |= 1u << HTTP_OPTIONS;
	for (unsigned i = 1; i < HTTP_METHOD_COUNT; i++)
		if (allowed & 1u << i)
			buf_addf(&list, "%s%s", list.len ? ", " : "",
				 http_methods[i]);
	http_add(x, "Allow", buf_slice(&list));
}

/* Ours, and whatever else a known page's client sends along (OpenAI's says what
 * it runs on in a dozen): a field that we do not read does nothing. */
static void
allow_fields(struct http_exchange *x)
{
	SCOPED(buf_clear) struct buf list;
	struct slice rest, one;

	buf_init(&list, HTTP_HEAD_MAX + 1024);
	buf_adds(&list, "Authorization, Content-Type, Accept, "
			"Idempotency-Key, Last-Event-ID, X-Request-Id, "
			"X-Mneme-Memory, X-Mneme-Conversation");
	rest = http_field(x, "access-control-request-headers");
	while (rest.len && slice_split(&rest, ',', &one)) {
		one = slice_trim(one);
		if (one.len)
			buf_addf(&list, ", %.*s", SLICE_ARG(one));
	}
	http_add(x, "Access-Control-Allow-Headers", buf_slice(&list));
}

void
cors_preflight(struct api *api, struct http_exchange *x, unsigned allowed)
{
	struct slice origin = http_field(x, "origin");
	struct slice wanted = http_field(x, "access-control-request-method");

	add_allow(x, allowed);
	if (wanted.len && origin.len &&
	    (api->any_origin || map_get(&api->origins, origin))) {
		http_add(x, "Access-Control-Allow-Methods",
			 slice_of("GET, POST, PUT, PATCH, DELETE"));
		allow_fields(x);
		http_add(x, "Access-Control-Max-Age", slice_of("600"));
	}
	http_answer(x, 204, NULL, (struct slice){0});
}
