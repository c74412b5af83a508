/*
 * openai_chat.c - POST /v1/chat/completions: a request of OpenAI's as a turn.
 *
 * The caller sends the history along, so the stored one is not read; only the
 * last message of the user's and its answer are stored.  A request that comes
 * again, or goes on after a tool, finds its question as the conversation's
 * newest message and does not store it twice.
 */
#include "api/openai.h"
#include "mneme/clock.h"
#include "mneme/digest.h"
#include "mneme/store.h"

enum { CONVERSATION_MAX = RECORD_EXTERNAL_MAX };

struct asking {
	const struct openai_asked *sent;
	struct slice name; /* of the conversation */
	struct slice title;
	bool named, again;
	uint64_t parent, skip_from;
};

/* ---- the request */

bool
openai_same(const struct llm *llm)
{
	const struct llm_provider *openai =
		llm_provider_find(slice_of("openai"));

	return llm && llm_provider(llm)->format == openai->format;
}

static bool
tools_fit(struct call *call, const struct openai_asked *sent)
{
	const struct voice *voice;
	bool good;

	if (!sent->tools)
		return true;
	voice = call_voice(call);
	if (!voice)
		return false;
	good = !voice->llm || openai_same(voice->llm);
	if (!good)
		answer_problem(call, 400, "unsupported",
			       "tools cannot be passed on to %s",
			       llm_provider(voice->llm)->title);
	voice_drop(&voice);
	return good;
}

/* ---- its conversation */

static void
name_conversation(struct call *call, struct asking *a)
{
	struct slice given = http_field(call->x, "x-mneme-conversation");
	char id[ID_TEXT + 1];

	a->named = given.len > 0;
	if (a->named)
		a->name = given;
	else if (id_none(call->caller.key))
		a->name = slice_of("v1");
	else
		a->name = slice_of(arena_printf(
			call->arena, "v1:%s", id_format(call->caller.key, id)));
	a->title = a->named ? (struct slice){0} : slice_of("API");
}

static bool
find_conversation(struct store_txn *txn, struct call *call, struct error *err)
{
	struct asking *a = call->data;
	struct id profile = call->caller.profile, id;
	bool found = false;

	if (a->named && id_parse(a->name, &id) &&
	    !record_conversation_get(txn, profile, id, call->arena,
				     &call->conversation, &found, err))
		return false;
	if (!found &&
	    !record_conversation_by_external(txn, profile, a->name, call->arena,
					     &call->conversation, &found, err))
		return false;
	call->flag = found;
	return true;
}

static bool
make_conversation(struct store_txn *txn, void *arg, struct error *err)
{
	struct call *call = arg;
	struct asking *a = call->data;
	struct conversation c = {.profile = call->caller.profile,
				 .external_id = a->name,
				 .title = a->title};

	if (!find_conversation(txn, call, err))
		return false;
	if (call->flag)
		return true;
	if (!record_conversation_create(txn, &c, err))
		return false;
	call->conversation = c;
	return true;
}

/* ---- what of it the caller has sent along */

static bool
same_message(const struct message *m, const struct openai_message *sent)
{
	return slice_is(sent->role, message_role_names[m->role]) &&
	       slice_equal(sent->text, m->content);
}

/* The words are the same, and the images. */
static bool
same_question(const struct asking *a, const struct message *m)
{
	const struct openai_said *said = &a->sent->said;

	if (m->role != MESSAGE_USER || !slice_equal(m->content, said->text) ||
	    m->attachment_count != said->count)
		return false;
	for (size_t i = 0; i < said->count; i++) {
		uint8_t sum[DIGEST_BYTES];

		if (!digest_sha256(said->images[i].bytes, sum, NULL) ||
		    memcmp(sum, m->attachments[i].sha256, sizeof(sum)) != 0)
			return false;
	}
	return true;
}

/* The newest stored messages that stand, in this order, at the end of what
 * was sent: they need not be recalled. */
static bool
compare_history(struct store_txn *txn, struct call *call, struct error *err)
{
	struct asking *a = call->data;
	size_t sent = a->sent->count, n = 0;
	struct message *path;

	if (call->conversation.head == 0)
		return true;
	const struct message_path newest = {.profile = call->caller.profile,
					    .conversation =
						    call->conversation.id,
					    .limit = sent + 1};
	if (!record_message_path(txn, &newest, call->arena, &path, &n, err))
		return false;
	/* The newest one is this very question: it was asked before. */
	if (n && same_question(a, &path[n - 1])) {
		a->again = true;
		a->parent = path[n - 1].seq;
	}
	while (n > 0 && sent > 0) {
		if (same_message(&path[n - 1], &a->sent->messages[sent - 1]))
			a->skip_from = path[--n].seq;
		sent--;
	}
	return true;
}

static bool
memory_off(const struct call *call)
{
	struct slice header = http_field(call->x, "x-mneme-memory");

	return !call_bool(call->body, "memory", true) ||
	       (header.len == 3 && strncasecmp(header.data, "off", 3) == 0);
}

/* The model asked for; NULL: the one that is set. */
static const char *
model_of(const struct call *call)
{
	struct slice model = call_text(call->body, "model");

	if (model.len == 0 || slice_is(model, "default") ||
	    slice_is(model, "mneme"))
		return NULL;
	return arena_text(call->arena, model);
}

static struct chat_request
request_of(const struct call *call)
{
	const struct asking *a = call->data;
	const json_t *body = call->body;
	const struct openai_said *said = &a->sent->said;
	int64_t most = call_int(body, "max_tokens", 0);

	return (struct chat_request){
		.profile = call->caller.profile,
		.conversation = call->conversation.id,
		.content = said->text,
		.attachments = said->images,
		.attachment_count = said->count,
		.model = model_of(call),
		.temperature = call_real(body, "temperature", -1),
		.max_tokens = call_int(body, "max_completion_tokens", most),
		.no_memory = memory_off(call),
		.stream = call_bool(body, "stream", false),
		.answer_id = id_make(),
		.parent = a->parent,
		.regenerate = a->again,
		.prompt = openai_prompt,
		.skip_from = a->skip_from,
	};
}

static void
start(struct call *call)
{
	struct asking *a = call->data;
	const json_t *body = call->body;
	const struct voice *voice;
	char id[ID_TEXT + 1];

	if (!call_read(call, compare_history))
		return;
	voice = call_voice(call);
	if (!voice)
		return;
	http_add(call->x, "X-Mneme-Conversation",
		 slice_of(id_format(call->conversation.id, id)));
	struct turn_start begin = {
		.request = request_of(call),
		.voice = voice,
		.kind = call_bool(body, "stream", false)
				? &watcher_openai
				: &watcher_openai_whole,
		.shared = true,
		.body = json_incref(call->body),
		.asked = a->sent,
		.keep = arena_take(&call->keep),
		.data = arena_alloc(call->arena, 1,
				    sizeof(struct openai_extra)),
		.usage = call_bool(json_object_get(body, "stream_options"),
				   "include_usage", false),
	};

	/* Every member that we do not read goes on to the provider. */
	if (openai_same(voice->llm)) {
		begin.request.extra = a->sent->extra;
		begin.events = a->sent->extra.len > 0;
	}
	turn_begin(call, &begin);
}

void
openai_chat(struct call *call)
{
	struct asking *a = arena_alloc(call->arena, 1, sizeof(*a));

	call->data = a;
	a->sent = call->unpacked;
	if (!tools_fit(call, a->sent))
		return;
	name_conversation(call, a);
	if (a->name.len > CONVERSATION_MAX) {
		answer_problem(call, 400, "invalid_request",
			       "X-Mneme-Conversation has at most %d bytes",
			       CONVERSATION_MAX);
		return;
	}
	if (!call_read(call, find_conversation))
		return;
	if (call->flag)
		start(call);
	else
		call_write(call, make_conversation, start);
}
