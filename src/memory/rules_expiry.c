/*
 * rules_expiry.c - for how long something is said: "today", "this week", "for
 * two days", "until Friday".
 */
#include "memory/rules.h"
#include "mneme/clock.h"
#include "mneme/utf8.h"

static int
weekday(const char *word)
{
	static const char *const days[] = {"sunday",    "monday",   "tuesday",
					   "wednesday", "thursday", "friday",
					   "saturday"};

	for (int i = 0; i < 7; i++) {
		if (strcmp(word, days[i]) == 0)
			return i;
	}
	return -1;
}

static int64_t
number_of(const char *word)
{
	static const char *const names[] = {
		"",    "one|a|an", "two|couple", "three|few", "four", "five",
		"six", "seven",    "eight",      "nine",      "ten"};
	int64_t n;

	if (slice_number(slice_of(word), &n))
		return MIN(n, 1000);
	for (size_t i = 1; i < COUNT(names); i++) {
		if (rules_one_of(word, names[i]))
			return (int64_t)i;
	}
	return 0;
}

static int64_t
unit_of(const char *word)
{
	if (rules_one_of(word, "day|days"))
		return CLOCK_DAY;
	if (rules_one_of(word, "week|weeks"))
		return 7 * CLOCK_DAY;
	if (rules_one_of(word, "month|months"))
		return 31 * CLOCK_DAY;
	if (rules_one_of(word, "year|years"))
		return 366 * CLOCK_DAY;
	return rules_one_of(word, "hour|hours") ? CLOCK_HOUR : 0;
}

/* What "this week", "for two days", "until Friday" add, by the token. */
static int64_t
span_at(const struct rule_clause *c, size_t i, int64_t at)
{
	const char *word = c->tokens[i].word;
	const char *next = i + 1 < c->count ? c->tokens[i + 1].word : "";
	const char *third = i + 2 < c->count ? c->tokens[i + 2].word : "";

	if (rules_one_of(word, "today|tonight|heute|hoy|oggi"))
		return CLOCK_DAY;
	if (rules_one_of(word, "lately|recently"))
		return 30 * CLOCK_DAY;
	if (strcmp(word, "this") == 0 && strcmp(next, "weekend") == 0)
		return 4 * CLOCK_DAY;
	if (rules_one_of(word, "this|diese") && unit_of(next))
		return unit_of(next);
	if (rules_one_of(word, "for|in") && number_of(next) && unit_of(third))
		return number_of(next) * unit_of(third);
	if (!rules_one_of(word, "until|till|til|through"))
		return 0;
	if (strcmp(next, "tomorrow") == 0)
		return 2 * CLOCK_DAY;
	if (strcmp(next, "next") == 0 && unit_of(third))
		return 2 * unit_of(third);
	int day = weekday(strcmp(next, "next") == 0 ? third : next);
	if (day < 0)
		return 0;
	int now = clock_civil(at, false).weekday;
	int ahead = (day - now + 7) % 7;
	return (ahead ? ahead + 1 : 8) * CLOCK_DAY;
}

int64_t
rules_expiry(struct slice text, int64_t at, int64_t fallback)
{
	struct rule_clause c;

	clause_read(utf8_cut(text, RULE_CLAUSE), &c);
	for (size_t i = 0; i < c.count; i++) {
		int64_t span = span_at(&c, i, at);

		if (span > 0)
			return at + span;
	}
	return fallback ? at + fallback : 0;
}
