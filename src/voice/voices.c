/*
 * voices.c - whose voice there is, and who still holds it.
 *
 * With each of a person's turns what they set is read again, which is one short
 * scan, and compared with what their voice was made of.  A voice that is no
 * longer theirs leaves the list at once and lives on until its last holder,
 * a turn perhaps, lets go, and ends on the loop's next round: that holder may
 * have been called by this very model.  The list has the last used first, and
 * an end: then the least used one that nobody holds is made anew when it is
 * needed again.
 */
#include <stdlib.h>

#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/list.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "voice/private.h"

enum { OWN_MAX = 1024, SET_MAX = 1 << 20 };

struct kept {
	struct voice voice;
	struct list link;
	struct voices *voices;
	bool current; /* whoever asks next gets it */
	struct id profile;
	struct buf set; /* names and values, a NUL after each */
	char *system;
	size_t holders;
};

struct voices {
	struct loop *loop;
	struct fetch *fetch;
	struct store *store;
	const struct config *config;
	const char *model;
	struct kept *everybody; /* NULL: not needed yet */
	struct list own;
	size_t count;
	struct list over; /* held by nobody, of no use */
	struct loop_timer *sweep;
};

static void
wipe(struct buf *text)
{
	if (text->data)
		explicit_bzero(text->data, text->len);
	buf_clear(text);
}

static void
free_kept(struct kept *kept)
{
	llm_destroy(&kept->voice.llm);
	wipe(&kept->set);
	free(kept->system);
	free(kept);
}

static void
sweep(void *arg)
{
	struct voices *voices = arg;

	LIST_EACH(&voices->over, at)
	{
		list_unlink(at);
		free_kept(HOLDER(at, struct kept, link));
	}
}

struct voices *
voices_create(struct loop *loop, struct fetch *fetch, struct store *store,
	      const struct config *config, const char *model)
{
	struct voices *voices = xcalloc(1, sizeof(*voices));

	voices->loop = loop;
	voices->fetch = fetch;
	voices->store = store;
	voices->config = config;
	voices->model = model;
	list_init(&voices->own);
	list_init(&voices->over);
	voices->sweep = loop_timer(loop, sweep, voices);
	return voices;
}

static void
put_over(struct kept *kept)
{
	list_insert(&kept->voices->over, &kept->link);
	loop_timer_set(kept->voices->sweep, 0);
}

/* Off the list, and over once nobody holds it. */
static void
let_go(struct kept *kept)
{
	if (kept->voice.own) {
		list_unlink(&kept->link);
		kept->voices->count--;
	}
	kept->current = false;
	if (kept->holders == 0)
		put_over(kept);
}

void
voices_destroy(struct voices **voices)
{
	struct voices *v = *voices;

	if (!v)
		return;
	while (!list_empty(&v->own))
		let_go(HOLDER(v->own.next, struct kept, link));
	if (v->everybody)
		let_go(v->everybody);
	sweep(v);
	loop_timer_drop(&v->sweep);
	free(v);
	*voices = NULL;
}

const struct voice *
voice_hold(const struct voice *voice)
{
	if (voice)
		((struct kept *)voice)->holders++;
	return voice;
}

void
voice_drop(const struct voice **voice)
{
	struct kept *kept = (struct kept *)*voice;

	*voice = NULL;
	if (kept && --kept->holders == 0 && !kept->current)
		put_over(kept);
}

/* ---- what was set */

struct set {
	struct arena arena;
	struct record_setting *list;
	size_t count;
	struct buf text;
	bool known; /* there is such a person */
};

static void
drop_set(struct set *set)
{
	settings_wipe(set->list, set->count);
	wipe(&set->text);
	arena_clear(&set->arena);
}

static bool
read_set(struct voices *voices, struct id profile, struct set *set,
	 struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(voices->store, err);

	buf_init(&set->text, SET_MAX);
	if (!txn || !record_setting_list(txn, profile, &set->arena, &set->list,
					 &set->count, err))
		return false;
	set->count = settings_of_model(set->list, set->count);
	for (size_t i = 0; i < set->count; i++) {
		buf_add_slice(&set->text, set->list[i].name);
		buf_addc(&set->text, '\0');
		buf_add_slice(&set->text, set->list[i].value);
		buf_addc(&set->text, '\0');
	}
	return !set->text.over ||
	       error_set(err, ERROR_LIMIT,
			 "what is set for this profile passes %d bytes",
			 SET_MAX);
}

/* ---- voices */

static struct kept *
make(struct voices *voices, const struct config *config, struct error *err)
{
	static uint64_t made;
	struct kept *kept = xcalloc(1, sizeof(*kept));

	if (!voice_read(&kept->voice, voices->loop, voices->fetch, config,
			voices->model, err)) {
		free_kept(kept);
		return NULL;
	}
	kept->voice.number = ++made;
	kept->system = slice_dup(kept->voice.system);
	kept->voice.system.data = kept->system;
	kept->voices = voices;
	kept->current = true;
	return kept;
}

static struct kept *
everybody(struct voices *voices, struct error *err)
{
	if (!voices->everybody)
		voices->everybody = make(voices, voices->config, err);
	return voices->everybody;
}

static struct kept *
find(struct voices *voices, struct id profile)
{
	LIST_EACH(&voices->own, at)
	{
		struct kept *kept = HOLDER(at, struct kept, link);

		if (id_equal(kept->profile, profile))
			return kept;
	}
	return NULL;
}

/* Room for one more. */
static void
make_room(struct voices *voices)
{
	struct list *at = voices->own.prev;

	while (voices->count >= OWN_MAX && at != &voices->own) {
		struct kept *kept = HOLDER(at, struct kept, link);

		at = at->prev;
		if (kept->holders == 0)
			let_go(kept);
	}
}

static struct kept *
make_own(struct voices *voices, struct id profile, struct set *set,
	 struct error *err)
{
	SCOPED(config_destroy)
	struct config *config =
		settings_config(set->list, set->count, voices->config, err);
	struct kept *kept = config ? make(voices, config, err) : NULL;

	if (!kept)
		return NULL;
	make_room(voices);
	kept->voice.own = true;
	kept->profile = profile;
	kept->set = set->text;
	buf_init(&set->text, SET_MAX);
	voices->count++;
	list_insert(voices->own.next, &kept->link);
	return kept;
}

static struct kept *
find_own(struct voices *voices, struct id profile, struct set *set,
	 struct error *err)
{
	struct kept *kept = find(voices, profile);

	if (kept && slice_equal(buf_slice(&kept->set), buf_slice(&set->text))) {
		list_unlink(&kept->link);
		list_insert(voices->own.next, &kept->link);
		return kept;
	}
	if (kept)
		let_go(kept);
	return set->count ? make_own(voices, profile, set, err)
			  : everybody(voices, err);
}

const struct voice *
voice_of(struct voices *voices, struct id profile, struct error *err)
{
	SCOPED(drop_set) struct set set = {0};
	struct kept *kept;

	if (!voices->store || id_none(profile))
		kept = everybody(voices, err);
	else
		kept = read_set(voices, profile, &set, err)
			       ? find_own(voices, profile, &set, err)
			       : NULL;
	return kept ? voice_hold(&kept->voice) : NULL;
}

void
voices_check(struct voices *voices)
{
	struct list *next;

	for (struct list *at = voices->own.next; at != &voices->own;
	     at = next) {
		SCOPED(drop_set) struct set set = {0};
		struct kept *kept = HOLDER(at, struct kept, link);
		struct error err;

		next = at->next;
		if (!read_set(voices, kept->profile, &set, &err) ||
		    !slice_equal(buf_slice(&kept->set), buf_slice(&set.text)))
			let_go(kept);
	}
}
