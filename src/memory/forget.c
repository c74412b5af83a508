/*
 * Forgetting, in one change.
 *
 * First what goes is found and its wordings are gathered (values and quotes of
 * every version); then one walk over the person's messages finds those that
 * say it; then rows are redacted and the memories deleted.  A message says it
 * when a wording stands in it, when it was the source, or when it is tied to a
 * source and shares with it what is said nowhere else: answers repeat things
 * in other words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "memory/line.h"
#include "mneme/arena.h"
#include "mneme/error.h"
#include "mneme/memory.h"
#include "mneme/utf8.h"
#include "says.h"

enum heard_flag {
	HEARD_SOURCE = 1, /* it was learned from this, or from a copy */
	HEARD_NEAR = 2,   /* answers a source, or was told the memory */
	HEARD_AFTER = 4,  /* later in a source's conversation */
	HEARD_SAYS = 8    /* a wording stands in it */
};

/* What one message has to do with it. */
struct heard {
	uint64_t seq;
	uint64_t words; /* says_which() */
	unsigned flags;
};

struct forgetting {
	struct store_txn *txn;
	struct memory_forgetting *f;
	struct says *says;
	struct memory *gone;
	size_t gone_count, gone_cap;
	struct id *sources; /* messages */
	size_t source_count, source_cap;
	uint64_t *source_seqs;
	size_t seq_count, seq_cap;
	struct id *rooms; /* conversations that hold a source, so far */
	size_t room_count, room_cap;
	struct heard *heard;
	size_t heard_count, heard_cap;
	struct arena scratch;
};

static void
forgetting_clear(struct forgetting *g)
{
	says_destroy(&g->says);
	arena_clear(&g->scratch);
	free(g->gone);
	free(g->sources);
	free(g->source_seqs);
	free(g->rooms);
	free(g->heard);
}

static bool
has_id(const struct id *list, size_t n, struct id id)
{
	for (size_t i = 0; i < n; i++)
		if (id_equal(list[i], id))
			return true;
	return false;
}

/* ---- what goes ---- */

static bool
goes(const struct forgetting *g, struct id id)
{
	for (size_t i = 0; i < g->gone_count; i++)
		if (id_equal(g->gone[i].id, id))
			return true;
	return false;
}

static void
let_go(struct forgetting *g, const struct memory *m)
{
	if (goes(g, m->id))
		return;
	g->gone = grow(g->gone, &g->gone_cap, g->gone_count + 1,
		       sizeof(*g->gone));
	g->gone[g->gone_count++] = *m;
}

static bool
find_named(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->f->count; i++) {
		struct memory m;
		bool found;

		if (!record_memory_get(g->txn, g->f->profile, g->f->ids[i],
				       g->f->arena, &m, &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_NOT_FOUND,
					 "no such memory");
		let_go(g, &m);
	}
	return true;
}

static bool
says_the_same(struct forgetting *g, const struct memory *m)
{
	struct slice plain = record_normalise(&g->scratch, m->value);

	for (size_t i = 0; i < g->gone_count; i++) {
		if (m->state == MEMORY_MERGED &&
		    id_equal(m->superseded_by, g->gone[i].id))
			return true;
		if (slice_equal(plain, record_normalise(&g->scratch,
							g->gone[i].value)))
			return true;
	}
	return false;
}

/* Until no more are found: a merged one may have had others merged into it. */
static bool
find_alike(struct forgetting *g, struct error *err)
{
	size_t before;

	do {
		struct record_scan *scan = record_memory_scan(
			g->txn, g->f->profile, MEMORY_TYPE_COUNT, false, err);
		struct memory m;

		before = g->gone_count;
		while (scan && record_memory_next(scan, g->f->arena, &m)) {
			arena_reset(&g->scratch);
			if (!goes(g, m.id) && says_the_same(g, &m))
				let_go(g, &m);
		}
		if (!record_scan_end(&scan, err))
			return false;
	} while (g->gone_count > before);
	return true;
}

static void
add_source(struct forgetting *g, const struct memory_source *s)
{
	says_add(g->says, s->quote, false);
	if (id_none(s->message) ||
	    has_id(g->sources, g->source_count, s->message))
		return;
	g->sources = grow(g->sources, &g->source_cap, g->source_count + 1,
			  sizeof(*g->sources));
	g->sources[g->source_count++] = s->message;
}

static bool
gather_wordings(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->gone_count; i++) {
		struct memory *versions;
		size_t n;

		if (!record_memory_versions(g->txn, g->f->profile,
					    g->gone[i].id, g->f->arena,
					    &versions, &n, err))
			return false;
		for (size_t v = 0; v < n; v++) {
			says_add(g->says, versions[v].value, true);
			for (size_t k = 0; k < versions[v].source_count; k++)
				add_source(g, &versions[v].sources[k]);
		}
	}
	return true;
}

/* Messages that are to go by themselves: what they say is a wording, too. */
static bool
gather_said(struct forgetting *g, struct error *err)
{
	for (size_t i = 0; i < g->f->said_given; i++) {
		struct memory_source source = {.message = g->f->said[i]};
		struct message m;
		bool found;

		if (!record_message_by_id(g->txn, g->f->profile, g->f->said[i],
					  g->f->arena, &m, &found, err))
			return false;
		if (!found)
			return error_set(err, ERROR_NOT_FOUND,
					 "no such message");
		source.quote = m.content;
		add_source(g, &source);
	}
	return true;
}

/* ---- who says it ---- */

static bool
has_seq(const struct forgetting *g, uint64_t seq)
{
	for (size_t i = 0; seq && i < g->seq_count; i++)
		if (g->source_seqs[i] == seq)
			return true;
	return false;
}

static void
note_source(struct forgetting *g, const struct message *m)
{
	g->source_seqs = grow(g->source_seqs, &g->seq_cap, g->seq_count + 1,
			      sizeof(*g->source_seqs));
	g->source_seqs[g->seq_count++] = m->seq;
	if (has_id(g->rooms, g->room_count, m->conversation))
		return;
	g->rooms = grow(g->rooms, &g->room_cap, g->room_count + 1,
			sizeof(*g->rooms));
	g->rooms[g->room_count++] = m->conversation;
}

static bool
was_told(const struct forgetting *g, const struct message *m)
{
	for (size_t i = 0; i < m->memory_count; i++)
		if (goes(g, m->memories[i].id) ||
		    has_id(g->sources, g->source_count, m->memories[i].id))
			return true;
	return false;
}

/* What can be read in bytes that are no text, such as an image's title: runs
 * that are too long to be there by chance. */
static struct slice
readable(struct slice bytes, struct arena *arena)
{
	enum { RUN_MIN = 8 };
	char *out = arena_alloc(arena, bytes.len + 1, 1);
	size_t n = 0, run = 0;

	for (size_t i = 0; i <= bytes.len; i++) {
		if (i < bytes.len && bytes.data[i] >= ' ' &&
		    bytes.data[i] < 0x7F) {
			run++;
			continue;
		}
		if (run >= RUN_MIN) {
			memcpy(out + n, bytes.data + i - run, run);
			n += run;
			out[n++] = '\n';
		}
		run = 0;
	}
	return slice_make(out, n);
}

static bool
attached(struct forgetting *g, const struct message *m, bool *says,
	 struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};

	for (size_t i = 0; i < m->attachment_count && !*says; i++) {
		struct slice bytes;
		bool found;

		if (!record_attachment_get(g->txn, m->profile, m->conversation,
					   m->attachments[i].sha256, &arena,
					   &bytes, &found, err))
			return false;
		*says = says_it(g->says, m->attachments[i].name) ||
			(found &&
			 says_it(g->says, utf8_valid(bytes)
						  ? bytes
						  : readable(bytes, &arena)));
	}
	return true;
}

static bool
hear(struct forgetting *g, const struct message *m, struct heard *h,
     struct error *err)
{
	bool says = says_it(g->says, m->content);

	*h = (struct heard){.seq = m->seq};
	if (!says && !attached(g, m, &says, err))
		return false;
	if (says)
		h->flags |= HEARD_SAYS;
	h->words = says_which(g->says, m->content);
	if (has_id(g->sources, g->source_count, m->id) ||
	    has_seq(g, m->copy_of)) {
		h->flags |= HEARD_SOURCE;
		note_source(g, m);
	} else if (has_seq(g, m->parent) || was_told(g, m)) {
		h->flags |= HEARD_NEAR;
	} else if (has_id(g->rooms, g->room_count, m->conversation)) {
		h->flags |= HEARD_AFTER;
	}
	return true;
}

/* The log's order is the order of time: a source comes before its answers. */
static bool
hear_all(struct forgetting *g, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct id everywhere = {{0}};
	struct record_scan *scan = record_message_scan(
		g->txn, g->f->profile, everywhere, 0, false, err);
	struct message m;
	bool good = true;

	while (scan && good && record_message_next(scan, &arena, &m)) {
		g->heard = grow(g->heard, &g->heard_cap, g->heard_count + 1,
				sizeof(*g->heard));
		good = hear(g, &m, &g->heard[g->heard_count++], err);
		arena_reset(&arena);
	}
	if (!good) {
		record_scan_drop(&scan);
		return false;
	}
	return record_scan_end(&scan, err);
}

static unsigned
count_bits(uint64_t bits)
{
	return (unsigned)__builtin_popcountll(bits);
}

/* `common`: words that are also said by messages with nothing to do with it. */
static bool
repeats(const struct forgetting *g, const struct heard *h, uint64_t common)
{
	unsigned all = says_words(g->says);
	uint64_t own = h->words & ~common;

	if (h->flags & (HEARD_SOURCE | HEARD_SAYS))
		return true;
	if (!(h->flags & (HEARD_NEAR | HEARD_AFTER)) || all == 0)
		return false;
	if (count_bits(h->words) * 2 >= all)
		return true;
	return h->flags & HEARD_NEAR ? own != 0
				     : (own & says_telling(g->says)) != 0;
}

static bool
list_said(struct forgetting *g, struct error *err)
{
	struct memory_forgetting *f = g->f;
	uint64_t common = 0;
	size_t n = 0;

	for (size_t i = 0; i < g->heard_count; i++)
		if (g->heard[i].flags == 0)
			common |= g->heard[i].words;
	for (size_t i = 0; i < g->heard_count; i++)
		if (repeats(g, &g->heard[i], common))
			g->heard[n++] = g->heard[i];
	g->heard_count = n;
	f->said_in = arena_alloc(f->arena, n + 1, sizeof(*f->said_in));
	f->said_count = 0;
	for (size_t i = 0; i < n; i++) {
		bool found;

		if (!record_message_get(g->txn, f->profile, g->heard[i].seq,
					f->arena, &f->said_in[i], &found, err))
			return false;
		f->said_count += found;
	}
	return true;
}

/* ---- what stays loses it ---- */

static bool
title_tells(const struct forgetting *g, const struct conversation *c)
{
	struct slice title = c->title;

	if (slice_ends(title, "..."))
		title.len -= 3;
	for (size_t i = 0; title.len && i < g->f->said_count; i++) {
		const struct message *m = &g->f->said_in[i];
		struct slice content = slice_trim(m->content);

		if (!id_equal(m->conversation, c->id))
			continue;
		if (content.len >= title.len &&
		    memcmp(content.data, title.data, title.len) == 0)
			return true;
		if (says_which(g->says, title) != 0)
			return true;
	}
	return false;
}

/* A title is made from the first question, or says what it was about. */
static bool
redact_titles(struct forgetting *g, struct error *err)
{
	struct id done = {{0}};

	for (size_t i = 0; i < g->f->said_count; i++) {
		struct conversation c;
		bool found;

		if (id_equal(done, g->f->said_in[i].conversation))
			continue;
		done = g->f->said_in[i].conversation;
		if (!record_conversation_get(g->txn, g->f->profile, done,
					     g->f->arena, &c, &found, err))
			return false;
		if (!found || !title_tells(g, &c))
			continue;
		c.title = slice_of(RECORD_FORGOTTEN_TEXT);
		if (!record_conversation_update(g->txn, &c, err))
			return false;
	}
	return true;
}

static bool
redact_messages(struct forgetting *g, struct error *err)
{
	if (!g->f->messages)
		return true;
	if (!redact_titles(g, err))
		return false;
	for (size_t i = 0; i < g->f->said_count; i++) {
		const struct message *m = &g->f->said_in[i];

		if (!record_message_redact(g->txn, g->f->profile, m->seq,
					   says_it(g->says, m->prompt), err))
			return false;
	}
	return true;
}

/* Blank the quotes of `m`, and its value where that is all it says. */
static bool
redact_version(struct forgetting *g, struct memory *m, bool old,
	       struct error *err)
{
	struct memory_source *sources =
		arena_alloc(&g->scratch, m->source_count + 1, sizeof(*sources));
	bool changed = false;

	for (size_t i = 0; i < m->source_count; i++) {
		sources[i] = m->sources[i];
		if (!says_it(g->says, sources[i].quote))
			continue;
		sources[i].quote = (struct slice){0};
		changed = true;
	}
	if (old && says_it(g->says, m->value)) {
		m->value = slice_of(RECORD_FORGOTTEN_TEXT);
		changed = true;
	}
	m->sources = sources;
	return !changed || record_memory_rewrite(g->txn, m, err);
}

static bool
redact_memory(struct forgetting *g, const struct memory *m, struct error *err)
{
	struct memory *versions;
	size_t n;

	arena_reset(&g->scratch);
	if (!record_memory_versions(g->txn, m->profile, m->id, &g->scratch,
				    &versions, &n, err))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!redact_version(g, &versions[i], i + 1 < n, err))
			return false;
	return true;
}

static bool
redact_memories(struct forgetting *g, struct error *err)
{
	struct memory_forgetting *f = g->f;
	struct memory *list = NULL;
	size_t n = 0;
	const struct memory_filter all = {.profile = f->profile,
					  .type = MEMORY_TYPE_COUNT,
					  .state = MEMORY_STATE_COUNT};

	if (!memory_list(g->txn, &all, NULL, SIZE_MAX, f->arena, &list, &n,
			 err))
		return false;
	f->also = arena_alloc(f->arena, n + 1, sizeof(*f->also));
	for (size_t i = 0; i < n; i++) {
		if (goes(g, list[i].id))
			continue;
		if (!redact_memory(g, &list[i], err))
			return false;
		if (says_it(g->says, list[i].value))
			f->also[f->also_count++] = list[i];
	}
	return true;
}

/* ---- and does not come back ---- */

static struct slice
source_mark(struct id message, char out[ID_TEXT + 16])
{
	char id[ID_TEXT + 1];

	snprintf(out, ID_TEXT + 16, "message %s", id_format(message, id));
	return slice_of(out);
}

static bool
leave_prints(struct forgetting *g, const struct memory *m, struct error *err)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (!record_forget_text(g->txn, m->profile, m->sources[i].quote,
					err))
			return false;
	return record_memory_forget(g->txn, m->profile, m->id, err);
}

static bool
leave_marks(struct forgetting *g, struct error *err)
{
	char mark[ID_TEXT + 16];

	for (size_t i = 0; i < g->source_count; i++) {
		struct message m;
		bool found;

		arena_reset(&g->scratch);
		if (!record_forget_text(g->txn, g->f->profile,
					source_mark(g->sources[i], mark),
					err) ||
		    !record_message_by_id(g->txn, g->f->profile, g->sources[i],
					  &g->scratch, &m, &found, err) ||
		    (found && !record_forget_text(g->txn, g->f->profile,
						  m.content, err)))
			return false;
	}
	return true;
}

bool
memory_source_forgotten(struct store_txn *txn, const struct message *m,
			bool *forgotten, struct error *err)
{
	char mark[ID_TEXT + 16];

	if (!record_forgotten(txn, m->profile, source_mark(m->id, mark),
			      forgotten, err))
		return false;
	return *forgotten ||
	       record_forgotten(txn, m->profile, m->content, forgotten, err);
}

bool
memory_purge_later(struct store_txn *txn, struct id profile, struct error *err)
{
	struct job job = {.id = profile,
			  .kind = slice_of("purge"),
			  .profile = profile,
			  .due = 1};

	return record_job_add(txn, &job, err);
}

static bool
forget(struct forgetting *g, struct error *err)
{
	struct memory_forgetting *f = g->f;

	if (!find_named(g, err) || !find_alike(g, err) ||
	    !gather_wordings(g, err) || !gather_said(g, err) ||
	    !hear_all(g, err) || !list_said(g, err) || !leave_marks(g, err) ||
	    !redact_messages(g, err) || !redact_memories(g, err) ||
	    !line_leave(g->txn, f->profile, g->gone, g->gone_count, f->arena,
			&f->again, &f->again_count, err) ||
	    !record_redact(g->txn, f->profile, says_it, g->says, err))
		return false;
	for (size_t i = 0; i < g->gone_count; i++)
		if (!leave_prints(g, &g->gone[i], err))
			return false;
	f->gone = g->gone_count;
	return memory_purge_later(g->txn, f->profile, err);
}

bool
memory_forget_all(struct store_txn *txn, struct memory_forgetting *f,
		  struct error *err)
{
	struct forgetting g = {.txn = txn, .f = f, .says = says_create()};

	f->said_count = f->also_count = f->again_count = f->gone = 0;
	bool good = forget(&g, err);
	forgetting_clear(&g);
	return good;
}

/* ---- a conversation ---- */

/* Whether anything but the conversation says so. */
static bool
supported(const struct memory *m, struct id conversation)
{
	for (size_t i = 0; i < m->source_count; i++)
		if (!id_equal(m->sources[i].conversation, conversation))
			return true;
	return false;
}

static bool
drop_sources(struct store_txn *txn, struct id profile, struct id id,
	     struct id conversation, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct memory *versions;
	size_t n;

	if (!record_memory_versions(txn, profile, id, &arena, &versions, &n,
				    err))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct memory *m = &versions[i];
		struct memory_source *kept =
			arena_alloc(&arena, m->source_count + 1, sizeof(*kept));
		size_t count = 0;

		for (size_t k = 0; k < m->source_count; k++)
			if (!id_equal(m->sources[k].conversation, conversation))
				kept[count++] = m->sources[k];
		if (count == m->source_count)
			continue;
		m->sources = kept;
		m->source_count = count;
		if (!record_memory_rewrite(txn, m, err))
			return false;
	}
	return true;
}

bool
memory_forget_conversation(struct store_txn *txn, struct id profile,
			   struct id conversation, size_t *gone,
			   struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	const struct memory_filter from = {.profile = profile,
					   .type = MEMORY_TYPE_COUNT,
					   .state = MEMORY_STATE_COUNT,
					   .conversation = conversation};
	struct memory *list;
	size_t n;

	*gone = 0;
	if (id_none(conversation))
		return error_set(err, ERROR_INVALID, "no conversation");
	if (!memory_list(txn, &from, NULL, SIZE_MAX, &arena, &list, &n, err))
		return false;
	struct memory *alone = arena_alloc(&arena, n + 1, sizeof(*alone));
	struct memory *again;
	size_t again_count;

	for (size_t i = 0; i < n; i++) {
		if (!supported(&list[i], conversation))
			alone[(*gone)++] = list[i];
		else if (!drop_sources(txn, profile, list[i].id, conversation,
				       err))
			return false;
	}
	if (!line_leave(txn, profile, alone, *gone, &arena, &again,
			&again_count, err))
		return false;
	for (size_t i = 0; i < *gone; i++) {
		if (!record_memory_delete(txn, profile, alone[i].id, err))
			return false;
	}
	return memory_purge_later(txn, profile, err);
}

bool
memory_forget(struct store_txn *txn, struct id profile, struct id id,
	      struct arena *arena, struct message **said_in, size_t *n,
	      struct error *err)
{
	struct memory_forgetting f = {
		.profile = profile, .ids = &id, .count = 1, .arena = arena};

	if (!memory_forget_all(txn, &f, err))
		return false;
	*said_in = f.said_in;
	*n = f.said_count;
	return true;
}
