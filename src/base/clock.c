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
