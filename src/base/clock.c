#include "mneme/clock.h"

#include <stdio.h>
#include <time.h>

#include "mneme/error.h"

static int64_t
read_clock(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
clock_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* The proleptic Gregorian calendar, counted from 1 March of year 0, so that
 * leap days come last: 400 years have 146,097 days, which is a whole number of
 * weeks. */
static struct clock_civil
civil_utc(int64_t at)
{
	int64_t seconds = floor_div(at, CLOCK_SECOND);
	int64_t days = floor_div(seconds, 86400);
	int rest = (int)(seconds - days * 86400);
	int64_t era = floor_div(days + 719468, 146097);
	int day = (int)(days + 719468 - era * 146097);
	int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int of_year = day - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153; /* 0: March */

	return (struct clock_civil){
		.year = (int)(era * 400) + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		.weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7),
	};
}

/* `n` in so many digits, with zeros in front; returns what follows them. */
static char *
put(char *at, unsigned digits, unsigned n)
{
	for (unsigned i = digits; i-- > 0; n /= 10)
		at[i] = (char)('0' + n % 10);
	return at + digits;
}

/* Answers are full of times: no printf. */
char *
clock_format(int64_t at, char out[CLOCK_TEXT])
{
	struct clock_civil t = civil_utc(at);
	int64_t micros = at - floor_div(at, CLOCK_SECOND) * CLOCK_SECOND;
	char *end = put(out, 4, (unsigned)t.year % 10000);

	*end++ = '-';
	end = put(end, 2, (unsigned)t.month);
	*end++ = '-';
	end = put(end, 2, (unsigned)t.day);
	*end++ = 'T';
	end = put(end, 2, (unsigned)t.hour);
	*end++ = ':';
	end = put(end, 2, (unsigned)t.minute);
	*end++ = ':';
	end = put(end, 2, (unsigned)t.second);
	if (micros) {
		*end++ = '.';
		end = put(end, 6, (unsigned)micros);
		while (end[-1] == '0')
			end--;
	}
	end[0] = 'Z';
	end[1] = '\0';
	return out;
}

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

static int64_t
end_of_day(struct tm tm, bool local)
{
	tm.tm_mday++;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (local ? mktime(&tm) : timegm(&tm)) * CLOCK_SECOND - 1;
}

bool
clock_parse_as_of(struct slice text, int64_t now, bool local, int64_t *at,
		  struct error *err)
{
	struct tm tm;
	struct slice rest = text;

	if (clock_parse(text, at))
		return true;
	if (take_date(&rest, &tm) && rest.len == 0) {
		*at = end_of_day(tm, local);
		return true;
	}
	if (slice_is(text, "yesterday")) {
		struct clock_civil day = clock_civil(now, local);
		tm = (struct tm){.tm_year = day.year - 1900,
				 .tm_mon = day.month - 1,
				 .tm_mday = day.day - 1};
		*at = end_of_day(tm, local);
		return true;
	}
	return error_set(err, ERROR_USAGE,
			 "'%.*s' is no time: give 2026-01-31T12:00:00Z, "
			 "2026-01-31 or yesterday",
			 (int)MIN(text.len, (size_t)60),
			 text.data ? text.data : "");
}

struct clock_civil
clock_civil(int64_t at, bool local)
{
	time_t seconds = floor_div(at, CLOCK_SECOND);
	struct tm tm;

	if (!local)
		return civil_utc(at);
	localtime_r(&seconds, &tm);
	return (struct clock_civil){
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min,         tm.tm_sec,     tm.tm_wday};
}
