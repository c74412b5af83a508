/*
 * A route has a short list of the statuses it gave, and one histogram.  Times
 * of streams are those of the whole stream.
 */
#include "api/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/file.h"

enum { STATUSES = 16 };

/* Upper bounds in microseconds. */
static const int64_t bounds[] = {500,     1000,    2500,     5000,    10000,
				 25000,   50000,   100000,   250000,  500000,
				 1000000, 2500000, 10000000, 60000000};

struct row {
	struct {
		int status;
		uint64_t count;
	} statuses[STATUSES];
	uint64_t buckets[COUNT(bounds) + 1];
	uint64_t count;
	int64_t sum; /* microseconds */
};

struct metrics {
	size_t route_count;
	struct row *rows; /* one more than routes */
	uint64_t prompt_tokens, completion_tokens, cached_tokens;
	uint64_t limited[METRICS_CLASSES];
};

static const char *const classes[METRICS_CLASSES] = {"requests", "login",
						     "chat", "other"};

struct metrics *
metrics_create(size_t routes)
{
	struct metrics *m = xcalloc(1, sizeof(*m));

	m->route_count = routes;
	m->rows = xcalloc(routes + 1, sizeof(*m->rows));
	return m;
}

void
metrics_drop(struct metrics **metrics)
{
	if (!*metrics)
		return;
	free((*metrics)->rows);
	free(*metrics);
	*metrics = NULL;
}

void
metrics_request(struct metrics *m, size_t route, int status,
		int64_t microseconds)
{
	struct row *row = &m->rows[MIN(route, m->route_count)];
	size_t i = 0, bucket = 0;

	/* The last place takes whatever does not fit. */
	while (i < STATUSES - 1 && row->statuses[i].count &&
	       row->statuses[i].status != status)
		i++;
	row->statuses[i].status = i == STATUSES - 1 ? 0 : status;
	row->statuses[i].count++;
	while (bucket < COUNT(bounds) && microseconds > bounds[bucket])
		bucket++;
	row->buckets[bucket]++;
	row->count++;
	row->sum += microseconds;
}

void
metrics_tokens(struct metrics *m, int64_t prompt, int64_t completion,
	       int64_t cached)
{
	m->prompt_tokens += (uint64_t)MAX(prompt, 0);
	m->completion_tokens += (uint64_t)MAX(completion, 0);
	m->cached_tokens += (uint64_t)MAX(cached, 0);
}

void
metrics_limited(struct metrics *m, size_t class)
{
	m->limited[MIN(class, (size_t)METRICS_CLASSES - 1)]++;
}

/* ---- printing */

static void
family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void
metrics_gauge(struct buf *out, const char *name, const char *help, double value)
{
	family(out, name, "gauge", help);
	buf_addf(out, "%s %.17g\n", name, value);
}

void
metrics_counter(struct buf *out, const char *name, const char *help,
		double value)
{
	family(out, name, "counter", help);
	buf_addf(out, "%s %.17g\n", name, value);
}

static void
labels(const struct metrics *m, size_t route, metrics_label_fn *label,
       char out[256])
{
	const char *method = "", *path = "unmatched";

	if (route < m->route_count)
		label(route, &method, &path);
	/* Both are our own words: nothing in them has to be escaped. */
	snprintf(out, 256, "method=\"%s\",route=\"%s\"", method, path);
}

static void
print_requests(const struct metrics *m, metrics_label_fn *label,
	       struct buf *out)
{
	static const char name[] = "mneme_http_requests_total";
	char who[256];

	family(out, name, "counter", "Requests answered, by route and status.");
	for (size_t i = 0; i <= m->route_count; i++) {
		const struct row *row = &m->rows[i];
		labels(m, i, label, who);
		for (size_t j = 0; j < STATUSES && row->statuses[j].count; j++)
			buf_addf(out, "%s{%s,status=\"%d\"} %llu\n", name, who,
				 row->statuses[j].status,
				 (unsigned long long)row->statuses[j].count);
	}
}

static void
print_row(const struct row *row, const char *name, const char *who,
	  struct buf *out)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT(bounds); i++) {
		sum += row->buckets[i];
		buf_addf(out, "%s_bucket{%s,le=\"%g\"} %llu\n", name, who,
			 (double)bounds[i] / 1e6, (unsigned long long)sum);
	}
	buf_addf(out, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, who,
		 (unsigned long long)row->count);
	buf_addf(out, "%s_sum{%s} %.6f\n%s_count{%s} %llu\n", name, who,
		 (double)row->sum / 1e6, name, who,
		 (unsigned long long)row->count);
}

static void
print_times(const struct metrics *m, metrics_label_fn *label, struct buf *out)
{
	static const char name[] = "mneme_http_request_duration_seconds";
	char who[256];

	family(out, name, "histogram",
	       "Time from a request's head to its answer's last byte.");
	for (size_t i = 0; i <= m->route_count; i++) {
		if (!m->rows[i].count)
			continue;
		labels(m, i, label, who);
		print_row(&m->rows[i], name, who, out);
	}
}

static void
print_tokens(const struct metrics *m, struct buf *out)
{
	static const char name[] = "mneme_tokens_total";

	family(out, name, "counter", "Tokens that providers have counted.");
	buf_addf(out,
		 "%s{kind=\"prompt\"} %llu\n%s{kind=\"completion\"} %llu\n"
		 "%s{kind=\"cached\"} %llu\n",
		 name, (unsigned long long)m->prompt_tokens, name,
		 (unsigned long long)m->completion_tokens, name,
		 (unsigned long long)m->cached_tokens);
}

static void
print_limited(const struct metrics *m, struct buf *out)
{
	static const char name[] = "mneme_rate_limited_total";

	family(out, name, "counter", "Requests refused for their rate.");
	for (size_t i = 0; i < METRICS_CLASSES; i++)
		buf_addf(out, "%s{limit=\"%s\"} %llu\n", name, classes[i],
			 (unsigned long long)m->limited[i]);
}

void
metrics_print(const struct metrics *m, metrics_label_fn *label, struct buf *out)
{
	family(out, "mneme_build_info", "gauge", "The version, as a label.");
	buf_adds(out, "mneme_build_info{version=\"" MNEME_VERSION "\"} 1\n");
	print_requests(m, label, out);
	print_times(m, label, out);
	print_tokens(m, out);
	print_limited(m, out);
}

/* ---- the process */

static size_t
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n > 3 ? n - 3 : 0; /* ".", "..", and the folder itself */
}

void
metrics_process(struct buf *out)
{
	SCOPED(buf_clear) struct buf text;
	unsigned long long pages = 0, resident = 0;
	struct rusage use = {0};

	buf_init(&text, 4096);
	if (file_read("/proc/self/statm", &text, NULL))
		sscanf(buf_text(&text), "%llu %llu", &pages, &resident);
	getrusage(RUSAGE_SELF, &use);
	metrics_gauge(out, "mneme_memory_resident_bytes",
		      "Memory of this process that is in RAM.",
		      (double)resident * (double)sysconf(_SC_PAGESIZE));
	metrics_counter(
		out, "mneme_cpu_seconds_total",
		"Processor time, user and system.",
		(double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
			(double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) /
				1e6);
	metrics_gauge(out, "mneme_open_descriptors", "Open file descriptors.",
		      (double)count_descriptors());
}
