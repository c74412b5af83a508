/* history.c - what a person sent before. */
#include "mneme/arena.h"
#include "mneme/chat.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

/* Said by the person, here: not by another in what was imported, and once
 * where a conversation was forked. */
static bool
fits(const struct message *m, const struct chat_sent *wanted)
{
	size_t len;

	return m->role == MESSAGE_USER && m->speaker.len == 0 &&
	       m->copy_of == 0 && m->content.len <= wanted->longest &&
	       (wanted->having.len == 0 || utf8_find(m->content, wanted->having,
						     0, &len) < m->content.len);
}

bool
chat_sent(struct store *store, const struct chat_sent *wanted, char **texts,
	  size_t *n, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	SCOPED(store_end) struct store_txn *txn = store_read(store, err);
	SCOPED(record_scan_drop) struct record_scan *scan = NULL;
	struct message m;

	*n = 0;
	if (!txn)
		return false;
	scan = record_message_scan(txn, wanted->profile, (struct id){{0}}, 0,
				   true, err);
	while (scan && *n < wanted->most &&
	       record_message_next(scan, &arena, &m)) {
		if (fits(&m, wanted))
			texts[(*n)++] = slice_dup(m.content);
		arena_reset(&arena);
	}
	return scan && record_scan_end(&scan, err);
}
