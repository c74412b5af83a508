/*
 * Few immutable segments and a tail in memory.  The manifest says which
 * segments; a reader that finds one gone was overtaken by a writer and reads
 * the manifest again.
 */
#include "mneme/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/inner.h"
#include "index/words.h"
#include "mneme/error.h"
#include "mneme/file.h"

enum { LOAD_TRIES = 8 };

size_t
index_parts(const struct index *ix)
{
	return ix->count + 1;
}

struct part *
index_part(struct index *ix, size_t i)
{
	return i < ix->count ? &ix->segments[i]->part : &ix->tail.part;
}

static void
clear_parts(struct index *ix)
{
	while (ix->count)
		segment_close(&ix->segments[--ix->count]);
	tail_clear(&ix->tail);
	map_clear(&ix->sessions, NULL);
	vectors_unplace(ix);
	ix->session_count = 0;
	ix->sequence = 0;
	ix->changed = false;
}

void
index_reset(struct index *ix, const char *why)
{
	clear_parts(ix);
	snprintf(ix->trouble, sizeof(ix->trouble), "%s", why);
}

static void
identify(struct identity *id, const struct stat *st)
{
	memset(id, 0, sizeof(*id));
	id->dev = st->st_dev;
	id->ino = st->st_ino;
	id->size = st->st_size;
	id->changed =
		(int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

bool
index_look(const struct index *ix, struct identity *now, struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(ix->dir, "words");
	struct stat st;

	memset(now, 0, sizeof(*now));
	if (stat(path, &st) == 0)
		identify(now, &st);
	else if (errno != ENOENT)
		return error_set(err, ERROR_IO, "cannot look at %s: %s", path,
				 strerror(errno));
	return true;
}

bool
index_read_manifest(struct index *ix, struct manifest *manifest,
		    struct error *err)
{
	SCOPED(free_pointer) char *path = path_join(ix->dir, "words");
	SCOPED(buf_clear) struct buf bytes;
	SCOPED(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	buf_init(&bytes, MANIFEST_MAX);
	memset(&ix->identity, 0, sizeof(ix->identity));
	if (fd < 0 || fstat(fd, &st) != 0)
		return error_set(err,
				 errno == ENOENT ? ERROR_NOT_FOUND : ERROR_IO,
				 "cannot open %s: %s", path, strerror(errno));
	identify(&ix->identity, &st);
	if (!file_drain(fd, path, &bytes, err))
		return false;
	struct error why = {0};
	if (!manifest_read(manifest, buf_slice(&bytes), &why))
		return error_set(err, ERROR_INVALID, "%s: %s", path, why.text);
	return true;
}

static bool
open_segments(struct index *ix, const struct manifest *m, struct error *err)
{
	char name[32];

	for (uint32_t i = 0; i < m->segments; i++) {
		snprintf(name, sizeof(name), "words-%016llx",
			 (unsigned long long)m->stamps[i]);
		SCOPED(free_pointer) char *path = path_join(ix->dir, name);
		struct segment *segment = xcalloc(1, sizeof(*segment));
		ix->segments[ix->count++] = segment;
		if (!segment_map(segment, path, m->stamps[i], err))
			return false;
	}
	for (size_t i = 0; i < m->removed_count; i++) {
		struct manifest_removed r = m->removed[i];
		if (r.segment >= ix->count ||
		    r.document >= ix->segments[r.segment]->part.documents)
			return error_set(err, ERROR_INVALID,
					 "a removal of nothing");
		part_kill(&ix->segments[r.segment]->part, r.document);
	}
	return true;
}

/* Words of another language are made anew; vectors do not mind. */
static bool
open_words(struct index *ix, const struct manifest *m, struct error *err)
{
	if (strcmp(m->language, ix->language) != 0)
		return error_set(err, ERROR_INVALID,
				 "%s: made for the language \"%s\"", ix->dir,
				 m->language);
	return open_segments(ix, m, err);
}

/* Replace what is in memory by what is on disk.  False only when the folder
 * itself cannot be read; unusable files leave an empty index in trouble. */
static bool
load(struct index *ix, struct error *err)
{
	struct error why = {0};

	for (int i = 0; i < LOAD_TRIES; i++) {
		SCOPED(manifest_clear) struct manifest m = {0};
		clear_parts(ix);
		vectors_clear(&ix->vectors);
		ix->trouble[0] = '\0';
		if (!index_read_manifest(ix, &m, &why)) {
			if (why.code == ERROR_NOT_FOUND)
				return true;
			break;
		}
		if (vectors_load(ix, &m, &why) && open_words(ix, &m, &why)) {
			ix->sequence = m.sequence;
			return true;
		}
		if (why.code != ERROR_NOT_FOUND)
			break;
	}
	index_reset(ix, why.text);
	if (why.code == ERROR_IO)
		return error_set(err, ERROR_IO, "%s", why.text);
	return true;
}

struct index *
index_open(const char *dir, const char *language, struct error *err)
{
	SCOPED(index_close) struct index *ix = NULL;

	if (strlen(language) > INDEX_LANGUAGE_MAX) {
		error_set(err, ERROR_LIMIT, "a language of %zu bytes",
			  strlen(language));
		return NULL;
	}
	if (!file_make_dir(dir, 0700, err))
		return NULL;
	ix = xcalloc(1, sizeof(*ix));
	ix->dir = xstrdup(dir);
	memcpy(ix->language, language, strlen(language));
	ix->words = words_open(language);
	if (!load(ix, err))
		return NULL;
	return TAKE(ix);
}

void
index_close(struct index **ix)
{
	if (!*ix)
		return;
	clear_parts(*ix);
	vectors_clear(&(*ix)->vectors);
	index_graph_drop(&(*ix)->vectors.graph);
	words_close(&(*ix)->words);
	free((*ix)->dir);
	free(*ix);
	*ix = NULL;
}

const char *
index_trouble(const struct index *ix)
{
	return ix->trouble[0] ? ix->trouble : NULL;
}

uint64_t
index_sequence(const struct index *ix)
{
	return ix->sequence;
}

void
index_reached(struct index *ix, uint64_t sequence)
{
	if (sequence <= ix->sequence)
		return;
	ix->sequence = sequence;
	ix->changed = true;
}

static bool
remove_words(struct index *ix, const uint8_t *key)
{
	bool was = tail_remove(&ix->tail, key);
	uint32_t document;

	for (size_t i = 0; i < ix->count; i++)
		if (segment_key(ix->segments[i], key, &document))
			was = part_kill(&ix->segments[i]->part, document) ||
			      was;
	ix->changed = ix->changed || was;
	return was;
}

bool
index_add(struct index *ix, const struct index_document *document,
	  struct error *err)
{
	if (document->text.len > INDEX_TEXT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a text of %zu bytes, at most %d are indexed",
				 document->text.len, INDEX_TEXT_MAX);
	if (index_count(ix) >= PART_DOCUMENTS_MAX ||
	    ix->tail.part.documents >= PART_DOCUMENTS_MAX)
		return error_set(err, ERROR_LIMIT,
				 "more than %d documents in the word index",
				 PART_DOCUMENTS_MAX);
	uint64_t mark = part_check(document->text.data, document->text.len);
	remove_words(ix, document->key);
	vectors_remove(ix, document->key, &mark);
	tail_add(&ix->tail, ix->words, document);
	ix->changed = true;
	return true;
}

bool
index_remove(struct index *ix, const uint8_t key[INDEX_KEY])
{
	vectors_remove(ix, key, NULL);
	return remove_words(ix, key);
}

bool
index_refresh(struct index *ix, bool *changed, struct error *err)
{
	struct identity now;

	*changed = false;
	if (!index_look(ix, &now, err))
		return false;
	if (memcmp(&now, &ix->identity, sizeof(now)) == 0)
		return true;
	if (!load(ix, err))
		return false;
	*changed = true;
	return true;
}

bool
index_entry(const struct index *ix, uint32_t ordinal,
	    struct index_document *entry)
{
	for (size_t i = 0; i < index_parts(ix); i++) {
		const struct part *part =
			i < ix->count ? &ix->segments[i]->part : &ix->tail.part;
		if (ordinal >= part->documents) {
			ordinal -= part->documents;
			continue;
		}
		if (part->dead[ordinal])
			return false;
		const struct part_session *s =
			&part->table[part->session[ordinal]];
		*entry = (struct index_document){.seq = part->seq[ordinal],
						 .flags = part->flags[ordinal],
						 .session = s->session,
						 .conversation =
							 s->conversation};
		memcpy(entry->key, part->keys + (size_t)ordinal * INDEX_KEY,
		       INDEX_KEY);
		return true;
	}
	return false;
}

size_t
index_count(const struct index *ix)
{
	size_t n = ix->tail.part.documents - ix->tail.part.dead_count;

	for (size_t i = 0; i < ix->count; i++)
		n += ix->segments[i]->part.documents -
		     ix->segments[i]->part.dead_count;
	return n;
}
