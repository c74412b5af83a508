/*
 * Between the router and the world: a request is taken from its budget before
 * it does anything, and counted when its answer is out.
 */
#include "api/operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/metrics.h"
#include "api/rate.h"
#include "mneme/clock.h"
#include "mneme/config.h"
#include "mneme/log.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/work.h"

static const struct {
	const char *name;
	enum config_option quota;
} classes[] = {
	[LIMIT_REQUESTS] = {"requests", CONFIG_RATE_REQUESTS},
	[LIMIT_LOGIN] = {"login", CONFIG_RATE_LOGIN},
	[LIMIT_CHAT] = {"chat", CONFIG_RATE_CHAT},
};

void
operations_open(struct api *api)
{
	api->rates = rates_create();
	api->metrics = metrics_create(route_count);
	api->started = clock_now();
}

void
operations_close(struct api *api)
{
	rates_drop(&api->rates);
	metrics_drop(&api->metrics);
}

bool
operations_admit(struct call *call)
{
	struct api *api = call->api;
	enum api_limit limit = call->route->limit;
	char address[64], person[ID_TEXT + 1];
	struct slice name;
	struct rate rate;

	if (limit == LIMIT_NONE)
		return true;
	if (limit == LIMIT_LOGIN || id_none(call->caller.profile))
		name = rate_address(call->x->address, address);
	else
		name = slice_of(id_format(call->caller.profile, person));
	int64_t quota = config_int(api->settings.config, classes[limit].quota);
	bool fits = rate_take(api->rates, classes[limit].name, name, quota,
			      loop_now(api->loop), &rate);
	rate_add_fields(call->x, classes[limit].name, &rate);
	if (fits)
		return true;
	metrics_limited(api->metrics, limit);
	answer_problem(call, 429, "rate_limited",
		       "that was over %lld a minute; try again in %lld s",
		       (long long)quota, (long long)rate.retry);
	return false;
}

/* ---- the log: no query, no text, no secrets */

static void
log_request(const struct http_exchange *x, int64_t elapsed)
{
	enum log_level level = x->status >= 500 ? LOG_WARN : LOG_INFO;

	if (log_level() < level)
		return;
	SCOPED(buf_clear) struct buf members;
	struct printer p;
	buf_init(&members, 16 << 10);
	printer_init(&p, PRINTER_JSON, &members);
	printer_map(&p);
	printer_add_word(&p, "request_id", x->id);
	printer_add_string(&p, "method", x->method_text);
	printer_add_string(&p, "path", x->path);
	printer_add_int(&p, "status", x->status);
	printer_add_int(&p, "bytes", (int64_t)x->bytes_out);
	printer_add_int(&p, "microseconds", elapsed);
	printer_add_word(&p, "address", x->address);
	if (x->gone)
		printer_add_bool(&p, "gone", true);
	printer_end(&p);
	log_write_with(level, "http", buf_slice(&members),
		       "%.16s %.500s %d %llu bytes %.3f ms %s %s%s",
		       arena_text((struct arena *)&x->arena, x->method_text),
		       arena_text((struct arena *)&x->arena, x->path),
		       x->status, (unsigned long long)x->bytes_out,
		       (double)elapsed / 1e3, x->address, x->id,
		       x->gone ? " gone" : "");
}

void
operations_finished(struct api *api, const struct http_exchange *x)
{
	const struct route *route = x->route;
	size_t n = route ? (size_t)(route - routes) : route_count;
	/* The loop's clock is that of its turn: answers at once take none. */
	int64_t elapsed = x->began ? clock_monotonic() - x->began : 0;

	metrics_request(api->metrics, n, x->status, elapsed);
	log_request(x, elapsed);
}

/* ---- /metrics */

static void
route_label(size_t n, const char **method, const char **path)
{
	*method = http_methods[routes[n].method];
	*path = routes[n].path;
}

static void
print_http(const struct http_stats *s, struct buf *out)
{
	metrics_gauge(out, "mneme_connections", "Open connections.",
		      (double)s->connections);
	metrics_gauge(out, "mneme_streams", "Streams under way.",
		      (double)s->streams);
	metrics_gauge(out, "mneme_requests_in_flight",
		      "Requests that are not answered yet.",
		      (double)s->exchanges);
	metrics_gauge(out, "mneme_waiting_bytes",
		      "Bytes of answers that wait for their clients.",
		      (double)s->waiting);
	metrics_counter(out, "mneme_connections_accepted_total",
			"Connections that were taken.", (double)s->accepted);
	metrics_counter(out, "mneme_connections_refused_total",
			"Connections that were too many.", (double)s->refused);
	metrics_counter(out, "mneme_bad_requests_total",
			"Requests that could not be framed.",
			(double)s->bad_requests);
	metrics_counter(out, "mneme_timeouts_total",
			"Connections closed for a deadline.",
			(double)s->timeouts);
	metrics_counter(out, "mneme_received_bytes_total", "Bytes received.",
			(double)s->bytes_in);
	metrics_counter(out, "mneme_sent_bytes_total", "Bytes sent.",
			(double)s->bytes_out);
}

static void
print_store(struct api *api, struct buf *out)
{
	struct store_info info;

	if (!store_info(api->store, &info, NULL))
		return;
	metrics_gauge(out, "mneme_store_bytes", "Bytes of the store's file.",
		      (double)info.bytes);
	metrics_gauge(out, "mneme_store_free_bytes",
		      "Bytes in it that are free.", (double)info.bytes_free);
	metrics_gauge(out, "mneme_store_map_bytes",
		      "Bytes of address space that it may fill.",
		      (double)info.map_bytes);
	metrics_gauge(out, "mneme_store_generation",
		      "How often the store was rewritten.",
		      (double)info.generation);
}

void
api_metrics(struct call *call)
{
	struct api *api = call->api;
	SCOPED(buf_clear) struct buf out;

	buf_init(&out, 4 << 20);
	if (!call->x->local && !caller_known(call))
		return;
	metrics_print(api->metrics, route_label, &out);
	if (api->server) {
		struct http_stats stats;
		http_stats(api->server, &stats);
		print_http(&stats, &out);
	}
	metrics_gauge(&out, "mneme_work_queue",
		      "Jobs on the pool, waiting and running.",
		      api->settings.work ? (double)work_load(api->settings.work)
					 : 0);
	metrics_gauge(&out, "mneme_rate_budgets", "Rate budgets that are kept.",
		      (double)rates_count(api->rates));
	print_store(api, &out);
	metrics_process(&out);
	metrics_gauge(&out, "mneme_start_time_seconds",
		      "When the server started, as seconds since 1970.",
		      (double)api->started / 1e6);
	answer_bytes(call, 200, call->route->type, buf_slice(&out));
}

void
api_watch(struct api *api, const struct http_server *server)
{
	api->server = server;
}
