/*
 * forget_redact.c - what stays loses what is forgotten: messages where that is
 * asked for, titles made of them, quotes and histories of other memories.
 */
#include "forget.h"

#include "mneme/error.h"

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

bool
forgetting_redact_messages(struct forgetting *g, struct error *err)
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

bool
forgetting_redact_memories(struct forgetting *g, struct error *err)
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
		if (forgetting_goes(g, list[i].id))
			continue;
		if (!redact_memory(g, &list[i], err))
			return false;
		if (says_it(g->says, list[i].value))
			f->also[f->also_count++] = list[i];
	}
	return true;
}
