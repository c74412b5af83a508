/*
 * purge.c - after a deletion the files are written anew, so that no byte of
 * it stays.  The answer does not wait for that: a job stands for it, and what
 * is deleted within a moment is purged together.
 */
#include <stdlib.h>

#include "api/private.h"
#include "mneme/clock.h"
#include "mneme/log.h"
#include "mneme/loop.h"

#define SOON (CLOCK_SECOND / 2)
#define AGAIN (30 * CLOCK_SECOND)

struct purges {
	struct api *api;
	struct loop_timer *timer;
	struct map due; /* profiles */
	struct id now;  /* the one that is being purged */
	bool running, ending;
};

static void next(void *arg);

struct purges *
purges_create(struct api *api)
{
	struct purges *purges = xcalloc(1, sizeof(*purges));

	purges->api = api;
	purges->timer = loop_timer(api->loop, next, purges);
	return purges;
}

static void
purged(void *arg, const struct error *err)
{
	struct purges *purges = arg;

	purges->running = false;
	purges->api->running--;
	if (err) {
		log_warn("api", "deleted bytes are still in the files: %s",
			 err->text);
		map_put(&purges->due, id_slice(&purges->now), purges);
	}
	if (purges->due.count && !purges->ending)
		loop_timer_set(purges->timer, err ? AGAIN : SOON);
}

static void
next(void *arg)
{
	struct purges *purges = arg;
	struct slice key;
	struct error err = {0};
	size_t at = 0;
	void *value;

	if (purges->running || !map_next(&purges->due, &at, &key, &value))
		return;
	memcpy(purges->now.bytes, key.data, ID_BYTES);
	map_drop(&purges->due, id_slice(&purges->now));
	purges->running = true;
	purges->api->running++;
	if (!memory_service_purge(purges->api->chat.memory, purges->now, purged,
				  purges, &err))
		purged(purges, &err);
}

void
purge_soon(struct api *api, struct id profile)
{
	struct purges *purges = api->purges;

	map_put(&purges->due, id_slice(&profile), purges);
	if (!purges->running && !loop_timer_pending(purges->timer))
		loop_timer_set(purges->timer, SOON);
}

/* What is left is a job in the store. */
void
purges_destroy(struct purges **purges)
{
	struct purges *p = *purges;

	if (!p)
		return;
	p->ending = true;
	while (p->running)
		loop_turn(p->api->loop, true);
	loop_timer_drop(&p->timer);
	map_clear(&p->due, NULL);
	free(p);
	*purges = NULL;
}
