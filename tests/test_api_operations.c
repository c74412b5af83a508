/* Rates and counters, by themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/metrics.h"
#include "api/rate.h"
#include "mneme/buf.h"
#include "mneme/clock.h"

static const struct slice ada = {"ada", 3}, bob = {"bob", 3};

static void
a_burst_fits_and_then_the_rate(void **state)
{
	struct rates *rates = rates_create();
	int64_t now = 1000 * CLOCK_SECOND;
	struct rate rate;

	(void)state;
	for (int i = 0; i < 60; i++) {
		assert_true(rate_take(rates, "chat", ada, 60, now, &rate));
		assert_int_equal(rate.remaining, 59 - i);
		assert_int_equal(rate.quota, 60);
	}
	assert_false(rate_take(rates, "chat", ada, 60, now, &rate));
	assert_int_equal(rate.retry, 1);
	assert_int_equal(rate.remaining, 0);
	assert_int_equal(rate.reset, 60);
	/* A refused one costs nothing; a second later one fits again. */
	now += CLOCK_SECOND;
	assert_true(rate_take(rates, "chat", ada, 60, now, &rate));
	assert_false(rate_take(rates, "chat", ada, 60, now, &rate));
	rates_drop(&rates);
}

static void
budgets_are_apart_by_class_and_name(void **state)
{
	struct rates *rates = rates_create();
	struct rate rate;

	(void)state;
	assert_true(rate_take(rates, "login", ada, 1, 5, &rate));
	assert_false(rate_take(rates, "login", ada, 1, 5, &rate));
	assert_int_equal(rate.retry, 60);
	assert_true(rate_take(rates, "login", bob, 1, 5, &rate));
	assert_true(rate_take(rates, "chat", ada, 1, 5, &rate));
	assert_true(rate_take(rates, "login", ada, 1, 5 + CLOCK_MINUTE, &rate));
	rates_drop(&rates);
}

static void
no_quota_is_no_limit(void **state)
{
	struct rates *rates = rates_create();
	struct rate rate;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(rate_take(rates, "chat", ada, 0, 5, &rate));
	assert_int_equal(rate.quota, 0);
	assert_int_equal(rates_count(rates), 0);
	rates_drop(&rates);
}

static void
a_flood_of_names_is_bounded(void **state)
{
	struct rates *rates = rates_create();
	struct rate rate;
	size_t refused = 0;
	char name[32];

	(void)state;
	for (int i = 0; i < 70000; i++) {
		snprintf(name, sizeof(name), "10.%d", i);
		refused += !rate_take(rates, "login", slice_of(name), 10, 5,
				      &rate);
		assert_true(rates_count(rates) <= 1 << 16);
	}
	/* Those without a place share one budget. */
	assert_int_equal(refused, 70000 - (1 << 16) - 10);
	/* A minute on, the old ones make room. */
	assert_true(
		rate_take(rates, "login", bob, 10, 10 + CLOCK_MINUTE, &rate));
	assert_int_equal(rates_count(rates), 1);
	rates_drop(&rates);
}

static void
addresses_of_one_network_are_one(void **state)
{
	char one[64], two[64];

	(void)state;
	assert_true(slice_is(rate_address("192.0.2.7", one), "192.0.2.7"));
	assert_true(slice_equal(rate_address("2001:db8::1", one),
				rate_address("2001:db8:0:0:9::2", two)));
	assert_false(slice_equal(rate_address("2001:db8:1::1", one),
				 rate_address("2001:db8:2::1", two)));
}

static void
label(size_t route, const char **method, const char **path)
{
	*method = route ? "POST" : "GET";
	*path = "/a/{id}";
}

static void
requests_are_counted_by_route_status_and_time(void **state)
{
	struct metrics *m = metrics_create(2);
	SCOPED(buf_clear) struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	metrics_request(m, 0, 200, 300);
	metrics_request(m, 0, 200, 700);
	metrics_request(m, 0, 404, 700);
	metrics_request(m, SIZE_MAX, 400, 70000000);
	metrics_tokens(m, 10, 5, -1);
	metrics_limited(m, 2);
	metrics_print(m, label, &out);
	metrics_process(&out);
	static const char *const wanted[] = {
		"mneme_http_requests_total{method=\"GET\",route=\"/a/{id}\","
		"status=\"200\"} 2\n",
		"route=\"/a/{id}\",status=\"404\"} 1\n",
		"route=\"unmatched\",status=\"400\"} 1\n",
		"route=\"/a/{id}\",le=\"0.0005\"} 1\n",
		"route=\"/a/{id}\",le=\"0.001\"} 3\n",
		"route=\"/a/{id}\"} 0.001700\n",
		"route=\"unmatched\",le=\"60\"} 0\n",
		"route=\"unmatched\",le=\"+Inf\"} 1\n",
		"mneme_tokens_total{kind=\"prompt\"} 10\n",
		"mneme_tokens_total{kind=\"cached\"} 0\n",
		"mneme_rate_limited_total{limit=\"chat\"} 1\n",
		"mneme_memory_resident_bytes ",
	};
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!strstr(out.data, wanted[i]))
			fail_msg("no %s in\n%s", wanted[i], out.data);
	metrics_drop(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_fits_and_then_the_rate),
		cmocka_unit_test(budgets_are_apart_by_class_and_name),
		cmocka_unit_test(no_quota_is_no_limit),
		cmocka_unit_test(a_flood_of_names_is_bounded),
		cmocka_unit_test(addresses_of_one_network_are_one),
		cmocka_unit_test(requests_are_counted_by_route_status_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
