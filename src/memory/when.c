#include "when.h"

#include <ctype.h>
#include <strings.h>

#include "mneme/clock.h"

enum { WORDS_MAX = 256 };

static const char *const months[] = {
	"january", "february", "march",     "april",   "may",      "june",
	"july",    "august",   "september", "october", "november", "december"};
static const char *const weekdays[] = {"sunday",    "monday",   "tuesday",
				       "wednesday", "thursday", "friday",
				       "saturday"};

static bool
is_word(struct slice word, const char *text)
{
	return word.len == strlen(text) &&
	       strncasecmp(word.data, text, word.len) == 0;
}

static bool
one_of(struct slice word, const char *const *list, size_t n, size_t *which)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_word(word, list[i]))
			continue;
		*which = i;
		return true;
	}
	return false;
}

struct reading {
	struct slice words[WORDS_MAX];
	size_t count;
	int64_t today; /* days since 1970 */
	struct clock_civil now;
	struct when *out;
};

static struct slice
word_at(const struct reading *r, size_t i)
{
	return i < r->count ? r->words[i] : (struct slice){"", 0};
}

/* ---- calendar ---- */

/* Days since 1970 of a date whose month may be out of range. */
static int64_t
day_number(int64_t year, int64_t month, int64_t day)
{
	year += (month - 1 - ((month - 1) % 12 + 12) % 12) / 12;
	month = ((month - 1) % 12 + 12) % 12 + 1;
	/* A year begins in March here, so that leap days come last. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year =
		(153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static void
set_days(struct when *out, int64_t from, int64_t to)
{
	out->from = from;
	out->to = to;
}

/* ---- dates by name ---- */

static bool
month_can_stand(struct slice before, struct slice after)
{
	static const char *const words[] = {"in",     "on",    "of",  "since",
					    "during", "until", "by",  "last",
					    "this",   "next",  "from"};
	size_t i;

	return one_of(before, words, COUNT(words), &i) ||
	       (before.len && isdigit((unsigned char)before.data[0])) ||
	       (after.len && isdigit((unsigned char)after.data[0]));
}

/* "8", "8th", "1st" */
static bool
day_of_month(struct slice word, int *day)
{
	int64_t n;
	struct slice digits = word;

	while (digits.len &&
	       !isdigit((unsigned char)digits.data[digits.len - 1]))
		digits.len--;
	if (word.len - digits.len > 2 || !slice_number(digits, &n) || n < 1 ||
	    n > 31)
		return false;
	*day = (int)n;
	return true;
}

static void
read_month(struct reading *r, size_t i)
{
	struct slice word = r->words[i];
	struct slice before = i ? r->words[i - 1] : (struct slice){"", 0};
	struct slice after = word_at(r, i + 1);
	size_t month;

	if (!one_of(word, months, COUNT(months), &month) ||
	    is_word(before, "last") || is_word(before, "past"))
		return;
	/* "may" and "march" are months only where one can stand. */
	if ((month == 4 || month == 2) &&
	    !isupper((unsigned char)word.data[0]) &&
	    !month_can_stand(before, after))
		return;
	if (month == 4 && !month_can_stand(before, after))
		return;
	r->out->month = (int)month + 1;
	if (!day_of_month(after, &r->out->day))
		day_of_month(before, &r->out->day);
}

static void
read_year(struct reading *r, size_t i)
{
	int64_t n, month, day;

	if (r->words[i].len != 4 || !slice_number(r->words[i], &n) ||
	    n < 1970 || n > 2099)
		return;
	r->out->year = (int)n;
	/* 2023-05-08 */
	const char *after = r->words[i].data + 4;
	if (i + 2 >= r->count || after[0] != '-' ||
	    word_at(r, i + 1).data != after + 1 ||
	    !slice_number(word_at(r, i + 1), &month) ||
	    !slice_number(word_at(r, i + 2), &day) || month < 1 || month > 12 ||
	    day < 1 || day > 31)
		return;
	r->out->month = (int)month;
	r->out->day = (int)day;
}

/* ---- days counted from now ---- */

static bool
number_word(struct slice word, int64_t *n)
{
	static const char *const names[] = {
		"zero",  "one",   "two",  "three", "four",   "five",  "six",
		"seven", "eight", "nine", "ten",   "eleven", "twelve"};
	size_t i;

	if (slice_number(word, n))
		return *n >= 1 && *n <= 10000;
	if (is_word(word, "a") || is_word(word, "an"))
		return *n = 1, true;
	if (is_word(word, "few"))
		return *n = 3, true;
	if (!one_of(word, names, COUNT(names), &i) || i == 0)
		return false;
	*n = (int64_t)i;
	return true;
}

enum unit { UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR, UNIT_NONE };

static enum unit
unit_of(struct slice word)
{
	static const char *const names[] = {"day",  "week",  "month",  "year",
					    "days", "weeks", "months", "years"};
	size_t i;

	return one_of(word, names, COUNT(names), &i) ? (enum unit)(i % 4)
						     : UNIT_NONE;
}

/* The calendar's week (from Monday), month or year, `back` of them ago. */
static void
calendar(struct reading *r, enum unit unit, int64_t back)
{
	const struct clock_civil *c = &r->now;
	int64_t monday = r->today - (c->weekday + 6) % 7;

	if (unit == UNIT_DAY)
		set_days(r->out, r->today - back, r->today - back + 1);
	else if (unit == UNIT_WEEK)
		set_days(r->out, monday - 7 * back, monday - 7 * back + 7);
	else if (unit == UNIT_MONTH)
		set_days(r->out, day_number(c->year, c->month - back, 1),
			 day_number(c->year, c->month - back + 1, 1));
	else
		set_days(r->out, day_number(c->year - back, 1, 1),
			 day_number(c->year - back + 1, 1, 1));
}

/* "two weeks ago": about that long ago, the vaguer the longer. */
static bool
read_ago(struct reading *r, size_t i)
{
	static const int64_t days[] = {1, 7, 30, 365};
	int64_t n;
	enum unit unit = unit_of(word_at(r, i + 1));

	if (unit == UNIT_NONE || !number_word(r->words[i], &n) ||
	    !is_word(word_at(r, i + 2), "ago") || n > 36500 / days[unit])
		return false;
	int64_t middle = r->today - n * days[unit];
	int64_t slack = days[unit] / 2 + n * days[unit] / 10;
	set_days(r->out, middle - slack, middle + slack + 1);
	return true;
}

/* "last week", "the last three days", "last Friday", "last May" */
static bool
read_last(struct reading *r, size_t i)
{
	struct slice next = word_at(r, i + 1);
	int64_t n = 1;
	size_t at;
	enum unit unit = unit_of(next);

	if (unit != UNIT_NONE) {
		calendar(r, unit, 1);
	} else if (number_word(next, &n) &&
		   (unit = unit_of(word_at(r, i + 2))) != UNIT_NONE) {
		static const int64_t days[] = {1, 7, 31, 366};
		set_days(r->out, r->today - MIN(n * days[unit], 36500),
			 r->today + 1);
	} else if (one_of(next, weekdays, 7, &at)) {
		int64_t back = (r->now.weekday - (int)at + 6) % 7 + 1;
		set_days(r->out, r->today - back, r->today - back + 1);
	} else if (one_of(next, months, 12, &at)) {
		int64_t year = r->now.year - ((int)at + 1 >= r->now.month);
		set_days(r->out, day_number(year, (int64_t)at + 1, 1),
			 day_number(year, (int64_t)at + 2, 1));
	} else if (is_word(next, "weekend")) {
		int64_t sunday = r->today - (r->now.weekday + 6) % 7 - 1;
		set_days(r->out, sunday - 1, sunday + 1);
	} else if (is_word(next, "night") || is_word(next, "evening")) {
		set_days(r->out, r->today - 1, r->today);
	} else {
		return false;
	}
	return true;
}

static bool
read_this(struct reading *r, size_t i)
{
	struct slice next = word_at(r, i + 1);
	enum unit unit = unit_of(next);

	if (unit != UNIT_NONE)
		calendar(r, unit, 0);
	else if (is_word(next, "morning") || is_word(next, "afternoon") ||
		 is_word(next, "evening"))
		set_days(r->out, r->today, r->today + 1);
	else
		return false;
	return true;
}

static bool
read_relative(struct reading *r, size_t i)
{
	struct slice word = r->words[i];

	if (is_word(word, "yesterday")) {
		bool before = i >= 2 && is_word(r->words[i - 1], "before") &&
			      is_word(r->words[i - 2], "day");
		calendar(r, UNIT_DAY, before ? 2 : 1);
		return true;
	}
	if (is_word(word, "today") || is_word(word, "tonight"))
		return calendar(r, UNIT_DAY, 0), true;
	if (is_word(word, "last") || is_word(word, "past"))
		return read_last(r, i);
	if (is_word(word, "this"))
		return read_this(r, i);
	return read_ago(r, i);
}

void
when_read(struct slice question, int64_t now, struct when *out)
{
	struct reading r = {.out = out};
	struct slice rest = question;
	bool relative = false;

	*out = (struct when){0};
	r.now = clock_civil(now, false);
	r.today = day_number(r.now.year, r.now.month, r.now.day);
	while (r.count < WORDS_MAX && slice_word(&rest, "", &r.words[r.count]))
		r.count++;
	for (size_t i = 0; i < r.count; i++) {
		read_month(&r, i);
		read_year(&r, i);
		relative = relative || read_relative(&r, i);
	}
	if (relative && out->from < 0)
		out->from = 0;
}

/* ---- how well a day suits ---- */

static double
fits_range(const struct when *w, int64_t day)
{
	int64_t length = w->to - w->from;

	if (day >= w->from && day < w->to)
		return 1;
	/* Told a little later. */
	if (day >= w->to && day < w->to + MIN(length, 31))
		return .4;
	return 0;
}

static double
fits_date(const struct when *w, int64_t day)
{
	struct clock_civil d = clock_civil(day * CLOCK_DAY, false);
	double fit = 0;

	if (w->year)
		fit += d.year == w->year ? .5 : -.5;
	if (!w->month)
		return fit;
	if (d.month == w->month)
		fit += 1;
	else if (d.month == w->month % 12 + 1)
		fit += .4;
	else
		fit -= .5;
	int late = d.day - w->day;
	if (w->day && d.month == w->month)
		fit += late == 0 ? 1 : late > 0 && late <= 4 ? .3 : 0;
	return fit;
}

double
when_fits(const struct when *w, unsigned day)
{
	double fit = 0;

	if (w->to > w->from)
		fit += fits_range(w, day);
	if (w->year || w->month)
		fit += fits_date(w, day);
	return MIN(fit, 2);
}

/* ---- asking for a time, telling one ---- */

bool
when_asked(struct slice question)
{
	static const char *const units[] = {"date",  "day",  "year",
					    "month", "time", "week"};
	struct slice rest = question, word, next;
	size_t i;

	while (slice_word(&rest, "", &word)) {
		struct slice after = rest;
		if (is_word(word, "when"))
			return true;
		if (!slice_word(&after, "", &next))
			next = (struct slice){"", 0};
		if (is_word(word, "how") && is_word(next, "long"))
			return true;
		if ((is_word(word, "what") || is_word(word, "which")) &&
		    one_of(next, units, COUNT(units), &i))
			return true;
	}
	return false;
}

bool
when_told(struct slice text)
{
	static const char *const words[] = {
		"yesterday", "today",   "tonight", "tomorrow", "ago",
		"last",      "next",    "week",    "weeks",    "weekend",
		"month",     "months",  "year",    "years",    "day",
		"days",      "morning", "since",   "recently", "soon"};
	struct slice rest = text, word;
	size_t i;
	int64_t n;

	while (slice_word(&rest, "", &word)) {
		if (one_of(word, words, COUNT(words), &i) ||
		    one_of(word, weekdays, COUNT(weekdays), &i))
			return true;
		if (one_of(word, months, COUNT(months), &i) && i != 4 && i != 2)
			return true;
		if (word.len == 4 && slice_number(word, &n) && n >= 1900 &&
		    n <= 2099)
			return true;
	}
	return false;
}
