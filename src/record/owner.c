/*
 * owner.c - which process holds something: its number and when it began, so
 * that a number used again is not taken for it.
 */
#include "mneme/record.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Clock ticks from boot to the start of `pid`; 0: no such process. */
static unsigned long long
started(long pid)
{
	char path[64], line[1024];
	unsigned long long ticks = 0;
	const char *at;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	len = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	line[len] = '\0';
	/* The name, in parentheses, may hold anything; 19 fields later. */
	at = strrchr(line, ')');
	for (int i = 0; at && i < 20; i++)
		at = strchr(at + 1, ' ');
	if (at)
		ticks = strtoull(at, NULL, 10);
	return ticks;
}

char *
record_owner_make(char out[64])
{
	long pid = (long)getpid();

	snprintf(out, 64, "%ld:%llu", pid, started(pid));
	return out;
}

bool
record_owner_alive(struct slice owner)
{
	struct slice rest = owner, part;
	int64_t pid, ticks;

	if (!slice_split(&rest, ':', &part) || !slice_number(part, &pid) ||
	    !slice_split(&rest, ':', &part) || !slice_number(part, &ticks) ||
	    pid <= 0)
		return false;
	return ticks > 0 && started((long)pid) == (unsigned long long)ticks;
}
