/*
 * clock_parse.c - times as they are written: RFC 3339, and in commands the
 * days, weeks, months and years that people name.
 *
 * What is named is a span, from its first microsecond to its last; "then" means
 * its last, "since then" its first.
 */
#include "mneme/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "mneme/error.h"

/* Exactly `digits` decimal digits at *s, in [low, high]. */
static bool
take(struct slice *s, size_t digits, int low, int high, int *value)
{
	int64_t n;

	if (s->len < digits || !slice_number(slice_make(s->data, digits), &n))
		return false;
	*s = slice_make(s->data + digits, s->len - digits);
	*value = (int)n;
	return n >= low && n <= high;
}

static bool
take_char(struct slice *s, const char *allowed)
{
	if (s->len == 0 || !s->data[0] || !strchr(allowed, s->data[0]))
		return false;
	*s = slice_make(s->data + 1, s->len - 1);
	return true;
}

static bool
take_date(struct slice *s, struct tm *tm)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (!take(s, 4, 1, 9999, &year) || !take_char(s, "-") ||
	    !take(s, 2, 1, 12, &month) || !take_char(s, "-") ||
	    !take(s, 2, 1, 31, &day))
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	*tm = (struct tm){.tm_year = year - 1900,
			  .tm_mon = month - 1,
			  .tm_mday = day,
			  .tm_isdst = -1};
	return day <= days[month - 1] + (month == 2 && leap);
}

static int64_t
take_fraction(struct slice *s)
{
	int64_t micros = 0, unit = CLOCK_SECOND / 10;

	for (; s->len && s->data[0] >= '0' && s->data[0] <= '9'; unit /= 10) {
		micros += unit * (s->data[0] - '0');
		*s = slice_make(s->data + 1, s->len - 1);
	}
	return micros;
}

/* "Z" or "+hh:mm": seconds east of UTC. */
static bool
take_offset(struct slice *s, int64_t *offset)
{
	int hours, minutes;

	*offset = 0;
	if (take_char(s, "Zz"))
		return true;
	bool west = s->len && s->data[0] == '-';
	if (!take_char(s, "+-") || !take(s, 2, 0, 23, &hours) ||
	    !take_char(s, ":") || !take(s, 2, 0, 59, &minutes))
		return false;
	*offset = (hours * 60 + minutes) * 60;
	if (west)
		*offset = -*offset;
	return true;
}

bool
clock_parse(struct slice text, int64_t *at)
{
	struct tm tm;
	int64_t micros = 0, offset;

	if (!take_date(&text, &tm) || !take_char(&text, "Tt ") ||
	    !take(&text, 2, 0, 23, &tm.tm_hour) || !take_char(&text, ":") ||
	    !take(&text, 2, 0, 59, &tm.tm_min) || !take_char(&text, ":") ||
	    !take(&text, 2, 0, 60, &tm.tm_sec))
		return false;
	if (take_char(&text, ".")) {
		size_t before = text.len;
		micros = take_fraction(&text);
		if (text.len == before)
			return false;
	}
	if (!take_offset(&text, &offset) || text.len)
		return false;
	*at = (timegm(&tm) - offset) * CLOCK_SECOND + micros;
	return true;
}

/* ---- what people name ---- */

enum { WORDS_MAX = 3, WORD_MAX = 20, AGO_MAX = 36500 };

enum unit { MINUTE, HOUR, DAY, WEEK, MONTH, YEAR, UNIT_COUNT };

static const char *const unit_names[] = {
	[MINUTE] = "minute", [HOUR] = "hour",   [DAY] = "day",
	[WEEK] = "week",     [MONTH] = "month", [YEAR] = "year"};

_Static_assert(COUNT(unit_names) == UNIT_COUNT, "a name a unit");

static const char *const weekdays[] = {"sunday",    "monday",   "tuesday",
				       "wednesday", "thursday", "friday",
				       "saturday"};

struct naming {
	char words[WORDS_MAX][WORD_MAX]; /* lower case */
	size_t count;
	struct clock_civil now;
	int64_t at; /* now */
	bool local;
};

static int64_t
moment(struct tm tm, bool local)
{
	tm.tm_isdst = -1;
	return (local ? mktime(&tm) : timegm(&tm)) * CLOCK_SECOND;
}

/* Midnight, or where the clocks were put forward then, what follows it. */
static int64_t
day_begins(struct tm day, bool local)
{
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	int64_t at = moment(day, local);
	return clock_civil(at, local).hour > 12 ? at + CLOCK_HOUR : at;
}

/* The day, week, month or year that `tm` is in. */
static struct clock_span
span_of(struct tm tm, enum unit unit, bool local)
{
	struct tm first = tm, next;

	if (unit == WEEK) {
		timegm(&first); /* for the weekday */
		first.tm_mday -= (first.tm_wday + 6) % 7;
	}
	if (unit >= MONTH)
		first.tm_mday = 1;
	if (unit == YEAR)
		first.tm_mon = 0;
	next = first;
	next.tm_mday += unit == DAY ? 1 : unit == WEEK ? 7 : 0;
	next.tm_mon += unit == MONTH;
	next.tm_year += unit == YEAR;
	return (struct clock_span){day_begins(first, local),
				   day_begins(next, local) - 1};
}

/* Today, so many units earlier; the last of the month where it is shorter. */
static struct tm
earlier(const struct naming *n, enum unit unit, int by)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	int months = n->now.year * 12 + n->now.month - 1;
	struct tm tm = {.tm_mday = n->now.day};

	if (unit == MONTH || unit == YEAR)
		months -= by * (unit == YEAR ? 12 : 1);
	int year = months / 12, month = months % 12;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	tm.tm_year = year - 1900;
	tm.tm_mon = month;
	tm.tm_mday = MIN(tm.tm_mday, days[month] + (month == 1 && leap));
	if (unit == DAY || unit == WEEK)
		tm.tm_mday -= by * (unit == WEEK ? 7 : 1);
	return tm;
}

static bool
read_unit(const char *word, enum unit *unit)
{
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		size_t n = strlen(unit_names[i]);

		if (strncmp(word, unit_names[i], n) != 0 ||
		    (word[n] && strcmp(word + n, "s") != 0))
			continue;
		*unit = (enum unit)i;
		return true;
	}
	return false;
}

/* "monday": the one before today. */
static bool
read_weekday(const struct naming *n, const char *word, struct clock_span *out)
{
	for (int i = 0; i < 7; i++) {
		int back = (n->now.weekday - i + 6) % 7 + 1;

		if (strcmp(word, weekdays[i]) != 0)
			continue;
		*out = span_of(earlier(n, DAY, back), DAY, n->local);
		return true;
	}
	return false;
}

/* "last week", "this month", "last friday" */
static bool
read_near(const struct naming *n, struct clock_span *out)
{
	bool last = strcmp(n->words[0], "last") == 0;
	enum unit unit;

	if (n->count != 2 || (!last && strcmp(n->words[0], "this") != 0))
		return false;
	if (last && read_weekday(n, n->words[1], out))
		return true;
	if (!read_unit(n->words[1], &unit) || unit < WEEK)
		return false;
	struct tm day = earlier(n, unit, last);
	*out = span_of(day, unit, n->local);
	return true;
}

/* "3 days ago" is that day, "3 hours ago" that moment. */
static bool
read_ago(const struct naming *n, struct clock_span *out)
{
	const char *word = n->words[0];
	enum unit unit;
	int64_t by;

	if (n->count != 3 || strcmp(n->words[2], "ago") != 0 ||
	    !read_unit(n->words[1], &unit))
		return false;
	if (strcmp(word, "a") == 0 || strcmp(word, "an") == 0 ||
	    strcmp(word, "one") == 0)
		by = 1;
	else if (!slice_number(slice_of(word), &by) || by < 0 || by > AGO_MAX)
		return false;
	if (unit == YEAR && by >= n->now.year)
		return false;
	if (unit == MONTH && by >= (int64_t)n->now.year * 12)
		return false;
	if (unit < DAY)
		out->first = out->last =
			n->at - by * (unit == HOUR ? CLOCK_HOUR : CLOCK_MINUTE);
	else
		*out = span_of(earlier(n, unit, (int)by), DAY, n->local);
	return true;
}

/* "2024", "2024-05", "2024-05-08", and that with "14:30" or "14:30:05". */
static bool
read_date(struct slice text, bool local, struct clock_span *out)
{
	struct slice rest = text;
	struct tm tm;
	int year, month = 1;

	if (take_date(&rest, &tm)) {
		int64_t unit = CLOCK_MINUTE;

		*out = span_of(tm, DAY, local);
		if (rest.len == 0)
			return true;
		if (!take_char(&rest, "Tt ") ||
		    !take(&rest, 2, 0, 23, &tm.tm_hour) ||
		    !take_char(&rest, ":") ||
		    !take(&rest, 2, 0, 59, &tm.tm_min))
			return false;
		if (take_char(&rest, ":")) {
			unit = CLOCK_SECOND;
			if (!take(&rest, 2, 0, 60, &tm.tm_sec))
				return false;
		}
		out->first = moment(tm, local);
		out->last = out->first + unit - 1;
		return rest.len == 0;
	}
	rest = text;
	if (!take(&rest, 4, 1, 9999, &year))
		return false;
	bool whole = rest.len == 0;
	if (!whole && (!take_char(&rest, "-") ||
		       !take(&rest, 2, 1, 12, &month) || rest.len))
		return false;
	tm = (struct tm){
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = 1};
	*out = span_of(tm, whole ? YEAR : MONTH, local);
	return true;
}

/* False: too many words, or too long ones. */
static bool
read_words(struct slice text, struct naming *n)
{
	struct slice rest = text, word;

	while (rest.len && slice_split(&rest, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (n->count == WORDS_MAX || word.len >= WORD_MAX)
			return false;
		for (size_t i = 0; i < word.len; i++)
			n->words[n->count][i] =
				(char)tolower((unsigned char)word.data[i]);
		n->count++;
	}
	return n->count > 0;
}

static bool
read_named(struct slice text, int64_t now, bool local, struct clock_span *out)
{
	struct naming n = {
		.now = clock_civil(now, local), .at = now, .local = local};

	if (!read_words(text, &n))
		return false;
	if (n.count > 1)
		return read_near(&n, out) || read_ago(&n, out);
	int back = strcmp(n.words[0], "yesterday") == 0;
	if (!back && strcmp(n.words[0], "today") != 0)
		return read_weekday(&n, n.words[0], out);
	*out = span_of(earlier(&n, DAY, back), DAY, local);
	return true;
}

bool
clock_parse_span(struct slice text, int64_t now, struct clock_span *out,
		 struct error *err)
{
	struct slice s = slice_trim(text);

	if (clock_parse(s, &out->first)) {
		out->last = out->first;
		return true;
	}
	return read_date(s, true, out) || read_named(s, now, true, out) ||
	       error_set(err, ERROR_USAGE,
			 "'%.*s' is no time: give 2026-01-31T12:00:00Z, "
			 "2026-01-31, 2026-01, yesterday, last week, last "
			 "month, 3 days ago or the like",
			 (int)MIN(text.len, (size_t)60),
			 text.data ? text.data : "");
}

bool
clock_parse_as_of(struct slice text, int64_t now, int64_t *at,
		  struct error *err)
{
	struct clock_span span;
	struct slice rest = text;
	struct tm tm;

	if (clock_parse(text, at))
		return true;
	if ((take_date(&rest, &tm) && rest.len == 0 &&
	     read_date(text, false, &span)) ||
	    (slice_is(text, "yesterday") &&
	     read_named(text, now, false, &span))) {
		*at = span.last;
		return true;
	}
	return error_set(err, ERROR_USAGE,
			 "'%.*s' is no time: give 2026-01-31T12:00:00Z, "
			 "2026-01-31 or yesterday",
			 (int)MIN(text.len, (size_t)60),
			 text.data ? text.data : "");
}

bool
clock_parse_then(struct slice text, int64_t now, int64_t *at, struct error *err)
{
	struct clock_span span;

	if (!clock_parse_span(text, now, &span, err))
		return false;
	*at = span.last;
	return true;
}
