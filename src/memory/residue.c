/*
 * Is a text left anywhere?
 *
 * Files are searched byte by byte, since what matters is what a reader of the
 * disk finds: rows, freed pages, dictionaries, temporary files.  A match is
 * the text's words in order, as they were given or folded, with anything
 * between them that is no letter.  No word's end is asked for: in a file the
 * next byte may belong to something else.
 *
 * An index keeps stems and not sentences, so it is asked, too: a stem that
 * more documents have than stand was said by one that is removed and not yet
 * written out.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/store.h"

enum {
	WORDS_MAX = 256,
	GAP_MAX = 16,                     /* bytes between two words */
	CHUNK = 4 << 20,                  /* read at once */
	OVERLAP = 3 * MEMORY_RESIDUE_MAX, /* what a match may take */
	DEPTH_MAX = 8
};

struct pattern {
	struct slice words[WORDS_MAX];
	size_t count;
};

struct search {
	struct memory_engine *engine;
	struct pattern patterns[2]; /* as given; folded */
	size_t pattern_count;
	memory_residue_fn *each;
	void *arg;
	uint64_t found;
	char *chunk;
};

static void
split_words(struct slice text, struct pattern *p)
{
	while (p->count < WORDS_MAX &&
	       slice_word(&text, "", &p->words[p->count]))
		p->count++;
}

static bool
same_letters(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)a[i]) !=
		    tolower((unsigned char)b[i]))
			return false;
	return true;
}

/* How many bytes between words stand at `at`; JSON's \n is one of them. */
static size_t
gap(struct slice bytes, size_t at)
{
	size_t n = 0;

	while (n < GAP_MAX && at + n < bytes.len) {
		char c = bytes.data[at + n];

		if (c == '\\' && at + n + 1 < bytes.len &&
		    strchr("ntr\"\\/", bytes.data[at + n + 1]))
			n += 2;
		else if (!is_word_byte(c))
			n++;
		else
			break;
	}
	return n;
}

static bool
stands_at(const struct pattern *p, struct slice bytes, size_t at)
{
	for (size_t i = 0; i < p->count; i++) {
		struct slice word = p->words[i];

		if (i > 0) {
			size_t n = gap(bytes, at);

			if (n == 0)
				return false;
			at += n;
		}
		if (at + word.len > bytes.len ||
		    !same_letters(bytes.data + at, word.data, word.len))
			return false;
		at += word.len;
	}
	return true;
}

/* Matches that begin in the first `limit` bytes. */
static uint64_t
count_in(const struct search *s, struct slice bytes, size_t limit)
{
	uint64_t n = 0;

	for (size_t k = 0; k < s->pattern_count; k++) {
		const struct pattern *p = &s->patterns[k];
		char low = (char)tolower((unsigned char)p->words[0].data[0]);
		char high = (char)toupper((unsigned char)low);

		for (size_t i = 0; i < limit; i++)
			if ((bytes.data[i] == low || bytes.data[i] == high) &&
			    stands_at(p, bytes, i))
				n++;
	}
	return n;
}

static void
tell(struct search *s, const char *where, uint64_t times)
{
	if (times == 0)
		return;
	s->found += times;
	s->each(s->arg, where, times);
}

/* ---- files ---- */

static bool
search_file(struct search *s, const char *path, struct error *err)
{
	SCOPED(close_fd)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint64_t times = 0;
	off_t at = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENXIO ||
		       error_set(err, ERROR_IO, "cannot read %s: %s", path,
				 strerror(errno));
	for (;;) {
		ssize_t n = pread(fd, s->chunk, CHUNK + OVERLAP, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_IO, "cannot read %s: %s",
					 path, strerror(errno));
		times += count_in(s, slice_make(s->chunk, (size_t)n),
				  MIN((size_t)n, (size_t)CHUNK));
		if (n <= CHUNK)
			break;
		at += CHUNK;
	}
	tell(s, path, times);
	return true;
}

static bool
search_folder(struct search *s, const char *path, unsigned depth,
	      struct error *err)
{
	DIR *dir = opendir(path);
	bool good = true;

	if (!dir)
		return errno == ENOENT ||
		       error_set(err, ERROR_IO, "cannot read %s: %s", path,
				 strerror(errno));
	for (struct dirent *e; good && (e = readdir(dir));) {
		SCOPED(free_pointer) char *inner = path_join(path, e->d_name);
		struct stat st;

		/* A name may say it, too. */
		tell(s, inner,
		     count_in(s, slice_of(e->d_name), strlen(e->d_name)));
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    (depth == 0 && strcmp(e->d_name, "models") == 0) ||
		    lstat(inner, &st) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			good = search_file(s, inner, err);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			good = search_folder(s, inner, depth + 1, err);
	}
	closedir(dir);
	return good;
}

/* ---- records ---- */

/* Which record it is: the last 16 bytes of most keys are an id. */
static void
name_row(enum store_table table, struct slice key, char out[128])
{
	char text[ID_TEXT + 1] = "";
	struct id id;

	if (key.len >= ID_BYTES) {
		memcpy(id.bytes, key.data + key.len - ID_BYTES, ID_BYTES);
		id_format(id, text);
	} else if (key.len == 8) {
		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)store_key_read_u64(
				 (const uint8_t *)key.data));
	}
	snprintf(out, 128, "%s %s", store_table_name(table), text);
}

static bool
search_table(struct search *s, struct store_txn *txn, enum store_table table,
	     struct error *err)
{
	SCOPED(store_scan_drop) struct store_cursor *cursor = NULL;
	struct slice none = {0}, key, value;
	char where[128];

	cursor = store_scan(txn, table, none, none, false, err);
	if (!cursor)
		return false;
	while (store_next(cursor, &key, &value)) {
		uint64_t times = count_in(s, key, key.len) +
				 count_in(s, value, value.len);

		if (times == 0)
			continue;
		name_row(table, key, where);
		tell(s, where, times);
	}
	return store_scan_end(&cursor, err);
}

static bool
search_records(struct search *s, struct error *err)
{
	SCOPED(store_end)
	struct store_txn *txn = store_read(s->engine->store, err);

	if (!txn)
		return false;
	for (int t = 0; t < STORE_TABLE_COUNT; t++)
		if (!search_table(s, txn, (enum store_table)t, err))
			return false;
	return true;
}

/* ---- indexes ---- */

struct stems {
	struct slice *stems;
	uint64_t *documents;
	size_t count, cap, documents_cap;
	struct arena arena;
};

static void
note_stem(struct slice stem, uint64_t documents, void *arg)
{
	struct stems *s = arg;

	s->stems = grow(s->stems, &s->cap, s->count + 1, sizeof(*s->stems));
	s->documents = grow(s->documents, &s->documents_cap, s->count + 1,
			    sizeof(*s->documents));
	s->stems[s->count] = arena_copy(&s->arena, stem);
	s->documents[s->count++] = documents;
}

static bool
search_stem(struct search *s, struct index *index, const char *where,
	    struct slice stem, uint64_t documents, struct error *err)
{
	SCOPED(index_scores_clear) struct index_scores scores = {0};
	uint64_t live = 0;

	if (!index_search(index, stem, NULL, &scores, err))
		return false;
	for (size_t i = 0; i < scores.count; i++)
		live += scores.turn[i] > 0;
	if (documents > live && live == 0)
		tell(s, where, documents);
	return true;
}

static bool
search_index(struct search *s, struct id profile, struct slice text,
	     struct error *err)
{
	char id[ID_TEXT + 1];
	struct stems stems = {0};
	struct index *index;

	if (!memory_catch_up(s->engine, profile, err))
		return false;
	index = engine_index(s->engine, profile, err);
	SCOPED(free_pointer)
	char *where = xasprintf("removed words in the index of %s",
				id_format(profile, id));
	bool good = index && index_terms(index, text, note_stem, &stems, err);
	for (size_t i = 0; good && i < stems.count; i++)
		good = search_stem(s, index, where, stems.stems[i],
				   stems.documents[i], err);
	free(stems.stems);
	free(stems.documents);
	arena_clear(&stems.arena);
	return good;
}

static bool
search_indexes(struct search *s, struct slice text, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct profile *people;
	size_t n;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(s->engine->store, err);

		if (!txn || !record_profile_list(txn, &arena, &people, &n, err))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (!search_index(s, people[i].id, text, err))
			return false;
	return true;
}

bool
memory_residue(struct memory_engine *engine, struct slice text,
	       const char *also, memory_residue_fn *each, void *arg,
	       uint64_t *found, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(free_pointer) struct search *s = xcalloc(1, sizeof(*s));
	SCOPED(free_pointer) char *chunk = xcalloc(1, CHUNK + OVERLAP);
	struct slice folded;

	*s = (struct search){
		.engine = engine, .each = each, .arg = arg, .chunk = chunk};
	if (text.len > MEMORY_RESIDUE_MAX)
		return error_set(err, ERROR_LIMIT,
				 "a text of %zu bytes; at most %d fit",
				 text.len, MEMORY_RESIDUE_MAX);
	folded = record_normalise(&arena, text);
	split_words(text, &s->patterns[0]);
	split_words(folded, &s->patterns[1]);
	if (s->patterns[0].count == 0)
		return error_set(err, ERROR_INVALID,
				 "no letter or digit to look for");
	/* Where folding changes more than ASCII's case. */
	s->pattern_count = 1;
	if (s->patterns[1].count != s->patterns[0].count ||
	    !same_letters(text.data, folded.data, MIN(text.len, folded.len)))
		s->pattern_count = 1 + (s->patterns[1].count > 0);
	bool good = search_records(s, err) && search_indexes(s, text, err) &&
		    search_folder(s, store_dir(engine->store), 0, err) &&
		    (!also || search_folder(s, also, 0, err));
	*found = s->found;
	return good;
}
