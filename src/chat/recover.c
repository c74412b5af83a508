/* What a process that died had journalled, and how messages are shown. */
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/chat.h"
#include "mneme/error.h"
#include "mneme/store.h"
#include "prompt.h"

static bool
recover_dead(struct store_txn *txn, void *arg, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct journal *open;
	size_t n;

	(void)arg;
	if (!record_journal_list(txn, (struct id){{0}}, &arena, &open, &n, err))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!record_owner_alive(open[i].owner) &&
		    !record_journal_recover(txn, &open[i], err))
			return false;
	}
	return true;
}

/* Most starts find nothing, and then write nothing. */
bool
chat_recover(struct store *store, struct error *err)
{
	SCOPED(arena_clear) struct arena arena = {0};
	struct journal *open = NULL;
	size_t n = 0, dead = 0;
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(store, err);
		if (!txn || !record_journal_list(txn, (struct id){{0}}, &arena,
						 &open, &n, err))
			return false;
		for (size_t i = 0; i < n; i++)
			dead += !record_owner_alive(open[i].owner);
	}
	return dead == 0 || store_write(store, recover_dead, NULL, err);
}

/* An answer that used nothing: it was a statement, perhaps, where nothing is
 * learned. */
static bool
say_nothing(struct store_txn *txn, const struct message *m, struct arena *arena,
	    struct buf *out, struct error *err)
{
	struct message question;
	struct conversation c;
	bool found;

	if (!record_conversation_get(txn, m->profile, m->conversation, arena,
				     &c, &found, err))
		return false;
	if (found && c.memory_mode != MEMORY_FULL &&
	    !record_message_get(txn, m->profile, m->parent, arena, &question,
				&found, err))
		return false;
	if (found && c.memory_mode != MEMORY_FULL &&
	    !memory_asks(question.content))
		return memory_unlearned_text(c.memory_mode, false, out);
	return memory_recall_text(NULL, 0, out);
}

bool
chat_answer_whole(const struct message *answer)
{
	return !answer->partial && answer->finish_reason.len &&
	       !llm_finish_note(answer->finish_reason);
}

bool
chat_message_text(struct store_txn *txn, const struct message *m,
		  struct arena *arena, struct slice *text, struct error *err)
{
	*text = m->content;
	if (m->content.len || m->role != MESSAGE_ASSISTANT)
		return true;

	struct memory_result *items =
		arena_alloc(arena, m->memory_count + 1, sizeof(*items));
	SCOPED(buf_clear) struct buf out;
	size_t n = 0;
	bool kept = false;

	buf_init(&out, RECORD_CONTENT_MAX);
	for (size_t i = 0; i < m->memory_count; i++) {
		bool found;
		if (!memory_resolve(txn, m->profile, &m->memories[i], arena,
				    &items[n], &found, err))
			return false;
		if (!slice_is(m->memories[i].why_json, PROMPT_KEPT)) {
			n += found;
			continue;
		}
		kept = true;
		if (found)
			buf_addf(&out, "Remembered: %.*s\n",
				 SLICE_ARG(items[n].text));
	}
	if (m->memory_count == 0) {
		if (!say_nothing(txn, m, arena, &out, err))
			return false;
	} else if (n == 0 && out.len == 0)
		buf_adds(&out, "[forgotten]\n");
	else if ((n || !kept) && !memory_recall_text(items, n, &out))
		return error_set(err, ERROR_LIMIT, "the answer is too long");
	*text = arena_copy(arena, buf_slice(&out));
	return true;
}
