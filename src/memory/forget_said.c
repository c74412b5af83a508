/*
 * forget_said.c - which messages say what is to be forgotten.
 *
 * A message says it when a wording stands in it, when it was the source, or
 * when it is tied to a source and shares with it what is said nowhere else:
 * answers repeat things in other words.
 */
#include "forget.h"

#include "mneme/error.h"
#include "mneme/utf8.h"

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
	if (forgetting_has_id(g->rooms, g->room_count, m->conversation))
		return;
	g->rooms = grow(g->rooms, &g->room_cap, g->room_count + 1,
			sizeof(*g->rooms));
	g->rooms[g->room_count++] = m->conversation;
}

static bool
was_told(const struct forgetting *g, const struct message *m)
{
	for (size_t i = 0; i < m->memory_count; i++)
		if (forgetting_goes(g, m->memories[i].id) ||
		    forgetting_has_id(g->sources, g->source_count,
				      m->memories[i].id))
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
	if (forgetting_has_id(g->sources, g->source_count, m->id) ||
	    has_seq(g, m->copy_of)) {
		h->flags |= HEARD_SOURCE;
		note_source(g, m);
	} else if (has_seq(g, m->parent) || was_told(g, m)) {
		h->flags |= HEARD_NEAR;
	} else if (forgetting_has_id(g->rooms, g->room_count,
				     m->conversation)) {
		h->flags |= HEARD_AFTER;
	}
	return true;
}

/* The log's order is the order of time: a source comes before its answers. */
bool
forgetting_hear(struct forgetting *g, struct error *err)
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

bool
forgetting_list_said(struct forgetting *g, struct error *err)
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
