/*
 * The indexes and the model of an engine, opened when first needed, and what
 * keeps them up with the store.
 */
#include "engine.h"

#include <ctype.h>
#include <stdlib.h>

#include "feed.h"
#include "meaning.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/store.h"

enum {
	FLUSH_AFTER = 256, /* changes that may stay in memory ... */
	FLUSH_VECTORS = 64 /* ... and vectors */
};

struct memory_engine *
memory_open(struct store *store, const struct memory_settings *settings,
	    struct error *err)
{
	struct memory_engine *engine = xcalloc(1, sizeof(*engine));
	const char *language = settings->language;
	const char *model = settings->model;

	(void)err;
	engine->store = store;
	engine->language =
		xstrdup(language && *language ? language : "english");
	engine->same_language = settings->same_language;
	engine->model = model && *model ? xstrdup(model) : NULL;
	return engine;
}

/* Take it out of the list. */
static void
person_drop(struct person **at)
{
	struct person *person = *at;

	*at = person->next;
	index_close(&person->index);
	free(person->language);
	free(person);
}

void
memory_close(struct memory_engine **engine)
{
	if (!*engine)
		return;
	while ((*engine)->people)
		person_drop(&(*engine)->people);
	meaning_close(&(*engine)->meaning);
	free((*engine)->language);
	free((*engine)->model);
	free(*engine);
	*engine = NULL;
}

unsigned
speaker_hash(struct slice name)
{
	uint32_t h = 2166136261u;

	if (name.len == 0)
		return 0;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)tolower((unsigned char)name.data[i])) *
		    16777619u;
	return (h ^ h >> 16) % (SPEAKERS - 1) + 1;
}

struct id
document_id(const uint8_t key[INDEX_KEY])
{
	struct id id;

	memcpy(id.bytes, key + 1, ID_BYTES);
	return id;
}

/* ---- opening ---- */

static char *
index_folder(const struct memory_engine *engine)
{
	return xasprintf("%s/index", store_dir(engine->store));
}

/* Where the store may only be read an index is kept in memory. */
static bool
make_folder(const struct memory_engine *engine, const char *path,
	    struct error *err)
{
	return store_read_only(engine->store) || file_make_dir(path, 0700, err);
}

/* A model that was not there may have come since; one that is broken stays
 * so. */
struct meaning *
engine_meaning(struct memory_engine *engine)
{
	if (engine->meaning || !engine->model)
		return engine->meaning;
	if (engine->no_meaning.code != ERROR_NONE &&
	    engine->no_meaning.code != ERROR_NOT_FOUND)
		return NULL;
	SCOPED(free_pointer) char *cache = index_folder(engine);
	if (!make_folder(engine, cache, &engine->no_meaning))
		return NULL;
	engine->meaning =
		meaning_open(engine->model, cache, &engine->no_meaning);
	return engine->meaning;
}

/* The profile's own language, or the engine's; that outranks it where it is
 * the environment's. */
static char *
language_of(struct memory_engine *engine, struct id profile, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(engine->store, err);
	SCOPED(arena_clear) struct arena arena = {0};
	struct slice own;
	bool found;

	if (!txn ||
	    !record_setting_get(txn, profile, slice_of("MNEME_LANGUAGE"),
				&arena, &own, &found, err))
		return NULL;
	return found && !engine->same_language && own.len &&
			       own.len <= INDEX_LANGUAGE_MAX
		       ? slice_dup(own)
		       : xstrdup(engine->language);
}

static struct person *
person_open(struct memory_engine *engine, struct id profile, char *language,
	    struct error *err)
{
	char id[ID_TEXT + 1];
	SCOPED(free_pointer) char *dir = index_folder(engine);
	SCOPED(free_pointer)
	char *path = path_join(dir, id_format(profile, id));

	if (!make_folder(engine, path, err))
		return NULL;
	struct index *index = index_open(path, language, err);
	if (!index)
		return NULL;
	struct person *person = xcalloc(1, sizeof(*person));
	person->profile = profile;
	person->index = index;
	person->language = xstrdup(language);
	return person;
}

struct person *
engine_person(struct memory_engine *engine, struct id profile,
	      struct error *err)
{
	SCOPED(free_pointer)
	char *language = language_of(engine, profile, err);

	if (!language)
		return NULL;
	for (struct person **at = &engine->people; *at; at = &(*at)->next) {
		if (!id_equal((*at)->profile, profile))
			continue;
		if (strcmp((*at)->language, language) == 0)
			return *at;
		person_drop(at);
		break;
	}
	struct person *person = person_open(engine, profile, language, err);
	if (!person)
		return NULL;
	person->next = engine->people;
	engine->people = person;
	return person;
}

struct index *
engine_index(struct memory_engine *engine, struct id profile, struct error *err)
{
	struct person *person = engine_person(engine, profile, err);

	return person ? person->index : NULL;
}

bool
memory_hits(struct memory_engine *engine, struct id profile, struct slice query,
	    struct slice text, memory_hit_fn *each, void *arg,
	    struct error *err)
{
	struct index *index = engine_index(engine, profile, err);

	return index && index_highlight(index, query, text, each, arg, err);
}

/* ---- keeping up ---- */

static bool
use_model(struct memory_engine *engine, struct person *person,
	  struct error *err)
{
	struct meaning *meaning = engine_meaning(engine);

	return !meaning ||
	       index_use_model(person->index, meaning_model(meaning), err);
}

/* Another process's files may be taken instead of ours, and be behind: then
 * the rest is fed again. */
static bool
flush(struct memory_engine *engine, struct person *person, struct error *err)
{
	size_t fed = 0;

	person->unflushed = 0;
	if (store_read_only(engine->store))
		return true;
	return index_flush(person->index, INDEX_FLUSH, err) &&
	       feed_index(engine->store, person->index, person->profile, &fed,
			  err);
}

static bool
catch_up(struct memory_engine *engine, struct person *person, struct error *err)
{
	size_t fed = 0;
	bool changed;

	return index_refresh(person->index, &changed, err) &&
	       use_model(engine, person, err) &&
	       feed_index(engine->store, person->index, person->profile, &fed,
			  err) &&
	       (fed < FLUSH_AFTER || flush(engine, person, err));
}

bool
memory_catch_up(struct memory_engine *engine, struct id profile,
		struct error *err)
{
	struct person *person = engine_person(engine, profile, err);

	return person && catch_up(engine, person, err);
}

bool
memory_flush(struct memory_engine *engine, struct id profile, struct error *err)
{
	struct person *person = engine_person(engine, profile, err);

	return person && flush(engine, person, err);
}

bool
memory_embed(struct memory_engine *engine, struct id profile, size_t most,
	     size_t *left, struct error *err)
{
	struct person *person = engine_person(engine, profile, err);

	return person && catch_up(engine, person, err) &&
	       engine_fill(engine, person, most, left, err) &&
	       (person->unflushed == 0 || flush(engine, person, err));
}

bool
memory_prepare_model(const char *folder, const char *data, struct error *err)
{
	SCOPED(free_pointer) char *cache = path_join(data, "index");
	SCOPED(meaning_close)
	struct meaning *meaning = file_make_dir(cache, 0700, err)
					  ? meaning_open(folder, cache, err)
					  : NULL;

	return meaning != NULL;
}

bool
memory_by_meaning(struct memory_engine *engine, struct error *why)
{
	if (engine_meaning(engine))
		return true;
	if (!engine->model)
		return error_set(why, ERROR_NOT_FOUND, "no model is set up");
	return error_set(why, engine->no_meaning.code, "%s",
			 engine->no_meaning.text);
}

bool
engine_step(struct memory_engine *engine, struct id profile, bool *more,
	    struct error *err)
{
	enum { STEP = 2 /* texts: a recall may be waiting */ };
	struct person *person = engine_person(engine, profile, err);
	size_t left = 0;

	*more = false;
	if (!person || !catch_up(engine, person, err) ||
	    !engine_fill(engine, person, STEP, &left, err))
		return false;
	*more = left > 0;
	return person->unflushed == 0 ||
	       (*more && person->unflushed < FLUSH_VECTORS) ||
	       flush(engine, person, err);
}
