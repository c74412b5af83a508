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
	const json_t *messages;
	struct openai_said said; /* the question */
	struct slice name;       /* of the conversation */
	struct slice title;
	struct slice extra;
	bool named, again;
	uint64_t parent, skip_from;
};

/* ---- the request */

/* The last of the user's, or the last one at all. */
static bool
find_question(struct call *call, struct asking *a)
{
	const json_t *m, *last = NULL;
	size_t i;

	a->messages = json_object_get(call->body, "messages");
	json_array_foreach((json_t *)a->messages, i, m)
	{
		if (!last || slice_is(json_text(m, "role"), "user") ||
		    !slice_is(json_text(last, "role"), "user"))
			last = m;
	}
	openai_said(last, call->arena, &a->said);
	if (a->said.text.len <= CHAT_MESSAGE_MAX)
		return true;
	answer_problem(call, 413, "too_large",
		       "the user's last message has %zu bytes; at most %d fit",
		       a->said.text.len, CHAT_MESSAGE_MAX);
	return false;
}

static bool
is_openai(const struct llm *llm)
{
	const struct llm_provider *openai =
		llm_provider_find(slice_of("openai"));

	return llm && llm_provider(llm)->format == openai->format;
}

static bool
tools_fit(struct call *call)
{
	const struct voice *voice;
	bool good;

	if (!json_object_get(call->body, "tools"))
		return true;
	voice = call_voice(call);
	if (!voice)
		return false;
	good = !voice->llm || is_openai(voice->llm);
	if (!good)
		answer_problem(call, 400, "unsupported",
			       "tools cannot be passed on to %s",
			       llm_provider(voice->llm)->title);
	voice_drop(&voice);
	return good;
}

/* Every member that we do not read goes on to the provider. */
static void
collect_extra(struct call *call, struct asking *a, const struct llm *llm)
{
	static const char *const ours[] = {
		"model",
		"messages",
		"stream",
		"stream_options",
		"temperature",
		"max_tokens",
		"max_completion_tokens",
		"memory",
		"n",
	};
	json_t *rest;
	char *text;

	if (!is_openai(llm))
		return;
	rest = json_copy(call->body);
	for (size_t i = 0; i < COUNT(ours); i++)
		json_object_del(rest, ours[i]);
	if (json_object_size(rest)) {
		text = json_dumps(rest, JSON_COMPACT);
		a->extra = arena_copy(call->arena, slice_of(text));
		free_pointer(&text);
	}
	json_decref(rest);
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
same_message(const struct message *m, const json_t *sent, struct arena *arena)
{
	struct slice role = json_text(sent, "role");
	struct openai_said said;

	if (!slice_is(role, message_role_names[m->role]))
		return false;
	if (m->role != MESSAGE_USER)
		return slice_equal(openai_text(sent, arena), m->content);
	openai_said(sent, arena, &said);
	return slice_equal(said.text, m->content);
}

/* The words are the same, and the images. */
static bool
same_question(const struct asking *a, const struct message *m)
{
	if (m->role != MESSAGE_USER || !slice_equal(m->content, a->said.text) ||
	    m->attachment_count != a->said.count)
		return false;
	for (size_t i = 0; i < a->said.count; i++) {
		uint8_t sum[DIGEST_BYTES];

		if (!digest_sha256(a->said.images[i].bytes, sum, NULL) ||
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
	size_t sent = json_array_size(a->messages), n = 0;
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
		const json_t *one = json_array_get(a->messages, sent - 1);

		if (same_message(&path[n - 1], one, call->arena))
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
	int64_t most = call_int(body, "max_tokens", 0);

	return (struct chat_request){
		.profile = call->caller.profile,
		.conversation = call->conversation.id,
		.content = a->said.text,
		.attachments = a->said.images,
		.attachment_count = a->said.count,
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
		.extra = a->extra,
	};
}

static void
start(struct call *call)
{
	struct asking *a = call->data;
	const json_t *body = call->body;
	char id[ID_TEXT + 1];

	const struct voice *voice;

	if (!call_read(call, compare_history))
		return;
	voice = call_voice(call);
	if (!voice)
		return;
	collect_extra(call, a, voice->llm);
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
		.messages = a->messages,
		.data = arena_alloc(call->arena, 1,
				    sizeof(struct openai_extra)),
		.usage = call_bool(json_object_get(body, "stream_options"),
				   "include_usage", false),
		.events = a->extra.len > 0,
	};
	turn_begin(call, &begin);
}

void
openai_chat(struct call *call)
{
	struct asking *a = arena_alloc(call->arena, 1, sizeof(*a));

	call->data = a;
	if (!find_question(call, a) || !tools_fit(call))
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
