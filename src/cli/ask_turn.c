/*
 * ask_turn.c - a turn.  The answer goes to stdout as it comes, through the
 * escape filter; everything else goes to stderr.
 */
#include "ask.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "mneme/chat.h"
#include "mneme/clock.h"
#include "mneme/file.h"
#include "mneme/filter.h"
#include "mneme/loop.h"
#include "mneme/store.h"
#include "mneme/utf8.h"

struct asking {
	struct cli *cli;
	struct ask *ask;
	struct engine own; /* where none stays open */
	struct engine *engine;
	struct chat_turn *turn;
	struct chat_learner *learner;
	int64_t asked_at;
	bool images;           /* some go with the question */
	bool asks;             /* it is a question */
	enum memory_mode mode; /* of the conversation */
	struct filter filter;
	struct buf shown;
	bool any_text; /* something went to stdout */
	bool ends_line;
	bool over;
	bool interrupted;
	struct error failure;
	struct error output; /* stdout failed */
};

/* ---- the answer ---- */

static bool
write_out(struct asking *a, struct slice text)
{
	if (text.len == 0)
		return true;
	a->any_text = true;
	a->ends_line = text.data[text.len - 1] == '\n';
	return file_write_all(STDOUT_FILENO, text, &a->output);
}

static bool
on_text(void *arg, struct slice text)
{
	struct asking *a = arg;

	if (a->interrupted)
		return false;
	/* Without a model it comes whole, and a word goes before it. */
	if (a->cli->options.json || a->cli->options.code ||
	    !a->engine->chat.llm)
		return true;
	if (a->cli->options.raw)
		return write_out(a, text);
	buf_reset(&a->shown);
	filter_feed(&a->filter, text, &a->shown);
	return write_out(a, buf_slice(&a->shown));
}

static void
print_tokens(struct printer *p, const char *key, int64_t tokens)
{
	printer_key(p, key);
	if (tokens < 0)
		printer_null(p);
	else
		printer_int(p, tokens);
}

static void
print_usage(struct printer *p, const struct llm_usage *u)
{
	printer_map(p);
	print_tokens(p, "prompt_tokens", u->prompt_tokens);
	print_tokens(p, "completion_tokens", u->completion_tokens);
	if (u->cached_tokens >= 0)
		printer_add_int(p, "cached_tokens", u->cached_tokens);
	if (u->cost >= 0)
		printer_add_real(p, "cost", u->cost);
	printer_end(p);
}

/* What the answer says to rest on, in words. */
static void
tell_inference(const struct memory_inference *inference)
{
	SCOPED(buf_clear) struct buf shown;

	buf_init(&shown, RECORD_CONTENT_MAX);
	fprintf(stderr, "mneme: inferred, confidence %.2f, from:\n",
		inference->confidence);
	for (size_t i = 0; i < inference->count; i++) {
		const struct memory_result *r = inference->rests_on[i];

		buf_reset(&shown);
		filter_text(utf8_cut(r->text, 200), &shown);
		fprintf(stderr, "  - %s\n", buf_text(&shown));
	}
}

static void
print_json(struct asking *a, const struct chat_result *r)
{
	struct printer *p = &a->cli->printer;

	printer_map(p);
	printer_add_string(p, "content", r->content);
	printer_add_id(p, "conversation_id", r->conversation);
	printer_add_id(p, "message_id", r->answer);
	printer_add_string_or_null(p, "model", r->model);
	printer_key(p, "usage");
	print_usage(p, &r->usage);
	printer_key(p, "memories");
	printer_list(p);
	for (size_t i = 0; i < r->memory_count; i++)
		memory_print_result(p, &r->memories[i]);
	printer_end(p);
	printer_add_string(p, "finish_reason", r->finish_reason);
	if (r->inference) {
		printer_key(p, "inference");
		chat_print_inference(p, r->inference);
	}
	printer_add_string_if(p, "remembered", r->remembered);
	printer_end(p);
}

/* The inside of a fenced block, the first of which is 0. */
bool
ask_code(struct slice text, size_t which, struct slice *code)
{
	struct slice rest = text, line;

	while (slice_line(&rest, &line)) {
		if (!slice_starts(slice_trim(line), "```"))
			continue;
		const char *from = rest.data;
		const char *to = text.data + text.len;
		while (slice_line(&rest, &line)) {
			if (!slice_starts(slice_trim(line), "```"))
				continue;
			to = line.data;
			break;
		}
		if (which-- > 0)
			continue;
		*code = from ? slice_make(from, (size_t)(to - from))
			     : (struct slice){0};
		return true;
	}
	return false;
}

/* The whole text when there is no block. */
static struct slice
first_code(struct slice text)
{
	struct slice code;

	return ask_code(text, 0, &code) ? code : text;
}

/* Without a model: what became of the words, where they say it not. */
static void
tell_without_model(const struct asking *a, const struct chat_result *r)
{
	if (a->engine->chat.llm)
		return;
	if (a->images)
		fprintf(stderr, "mneme: no model is set up to look at the "
				"image\n");
	if (r->memory_count || (!r->learned_count && a->asks))
		fprintf(stderr, "mneme: no model is set up; this is what "
				"memory holds\n");
	else if (!r->learned_count)
		fprintf(stderr, "mneme: no model is set up\n");
	/* An answer of nothing else says it itself. */
	if (r->learned_count || a->asks || !r->memory_count)
		return;
	if (a->cli->options.incognito)
		fprintf(stderr, "mneme: nothing is learned with "
				"--incognito\n");
	else if (a->mode != MEMORY_FULL)
		fprintf(stderr,
			"mneme: nothing is learned in this conversation; its "
			"memory is %s\n",
			memory_mode_names[a->mode]);
}

/* What on_text() did not write. */
static void
write_rest(struct asking *a, const struct chat_result *r)
{
	bool whole = !a->engine->chat.llm;

	if (a->cli->options.raw) {
		if (whole)
			write_out(a, r->content);
		return;
	}
	buf_reset(&a->shown);
	if (whole)
		filter_feed(&a->filter, r->content, &a->shown);
	filter_finish(&a->filter, &a->shown);
	write_out(a, buf_slice(&a->shown));
}

static void
on_done(void *arg, const void *result)
{
	struct asking *a = arg;
	const struct chat_result *r = result;

	a->over = true;
	a->cli->asked_in = r->conversation;
	if (!a->cli->options.json)
		tell_without_model(a, r);
	if (a->cli->options.json) {
		print_json(a, r);
	} else if (a->cli->options.code) {
		buf_reset(&a->shown);
		filter_text(first_code(r->content), &a->shown);
		write_out(a, buf_slice(&a->shown));
	} else {
		write_rest(a, r);
	}
	if (a->any_text && !a->ends_line && !a->cli->options.raw)
		write_out(a, slice_of("\n"));
	const char *note = llm_finish_note(r->finish_reason);
	if (note)
		fprintf(stderr, "mneme: %s (%.*s)\n", note,
			SLICE_ARG(r->finish_reason));
	if (r->remembered.len && r->model.len && !a->ask->engine)
		fprintf(stderr, "mneme: remembered\n");
	if (r->inference && !a->cli->options.json)
		tell_inference(r->inference);
	if (r->secret)
		fprintf(stderr,
			"mneme: the message holds what looks like a secret "
			"(%s); it is not learned\n",
			r->secret);
	if (a->ask->answered)
		a->ask->answered(a->ask->arg, r);
	loop_stop(a->engine->loop);
}

static void
on_failed(void *arg, const struct error *err)
{
	struct asking *a = arg;

	a->over = true;
	a->failure = *err;
	if (a->turn)
		a->cli->asked_in = chat_conversation(a->turn);
	if (a->any_text && !a->ends_line)
		write_out(a, slice_of("\n"));
	if (a->ask->failed)
		a->ask->failed(a->ask->arg, a->turn ? chat_text(a->turn)
						    : (struct slice){0});
	if (a->cli->options.json && a->turn) {
		struct printer *p = &a->cli->printer;
		printer_map(p);
		cli_print_error(p, err);
		printer_add_string(p, "content", chat_text(a->turn));
		printer_end(p);
	}
	loop_stop(a->engine->loop);
}

static void
on_signal(void *arg, int signo)
{
	struct asking *a = arg;

	a->ask->signal = signo;
	a->interrupted = true;
	if (a->turn)
		chat_cancel(a->turn);
}

static void
on_retry(void *arg, const struct error *why, int64_t wait, unsigned attempt)
{
	(void)arg;
	fprintf(stderr, "mneme: %s; try %u in %.1f s\n", why->text, attempt + 1,
		(double)wait / 1e6);
}

/* ---- the turn ---- */

static bool
fill_request(struct cli *cli, struct chat_request *q, enum memory_mode *mode,
	     struct error *err)
{
	const struct cli_options *o = &cli->options;
	struct conversation c;

	q->profile = cli->profile.id;
	q->system = slice_of(o->system);
	q->temperature = -1;
	q->no_memory = o->no_memory;
	q->incognito = o->incognito;
	q->stream = true;
	q->retry = on_retry;
	if (o->conversation && o->incognito)
		return error_set(err, ERROR_USAGE,
				 "--incognito keeps nothing, so it cannot go "
				 "on with a conversation");
	if (o->raw && isatty(STDOUT_FILENO))
		return error_set(err, ERROR_USAGE,
				 "--raw may carry escape sequences: not to a "
				 "terminal");
	if (o->temperature && !cli_real("temperature", o->temperature, 0, 2,
					&q->temperature, err))
		return false;
	if (o->max_tokens && !cli_number("max-tokens", o->max_tokens, 1,
					 1 << 24, &q->max_tokens, err))
		return false;
	if (!o->conversation || strcmp(o->conversation, "new") == 0)
		return true;
	if (!cli_find_conversation(cli, o->conversation, &c, err))
		return false;
	q->conversation = c.id;
	*mode = c.memory_mode;
	return true;
}

/* ---- learning ---- */

/* While the provider answers, what was said in earlier turns is learned; this
 * turn is left to a later one. */
static void
start_learning(struct asking *a)
{
	const struct chat_learner_events events = {.earlier = true};

	a->asked_at = clock_monotonic();
	if (a->ask->engine)
		return; /* it has a learner of its own */
	if (!a->engine->chat.llm || a->cli->options.incognito)
		return;
	a->learner = chat_learner_start(&a->engine->chat, a->cli->profile.id,
					&events);
}

static void
grace_over(void *arg)
{
	bool *over = arg;

	*over = true;
}

/* The learner gets as long again as the answer took, a second at most.
 * Without a model there is nothing to wait for: the rules run at once. */
static void
end_learning(struct asking *a)
{
	int64_t took = clock_monotonic() - a->asked_at;
	struct error err = {0};
	size_t count;
	bool over = false;

	if (!a->learner) {
		if (a->ask->engine || a->engine->chat.llm ||
		    a->cli->options.incognito || a->failure.code != ERROR_NONE)
			return;
		if (!chat_learn_now(a->cli->store, a->cli->profile.id, &count,
				    &err))
			fprintf(stderr, "mneme: nothing was learned: %s\n",
				err.text);
		else if (count && !a->cli->options.json)
			fprintf(stderr,
				"mneme: learned %zu; mneme memory list "
				"shows them\n",
				count);
		return;
	}
	struct loop_timer *timer =
		loop_timer(a->engine->loop, grace_over, &over);
	loop_timer_set(timer, MIN(took, CLOCK_SECOND));
	while (!over && !a->interrupted && !chat_learner_idle(a->learner))
		loop_turn(a->engine->loop, true);
	loop_timer_drop(&timer);
	chat_learner_stop(&a->learner);
}

/* What is open already, or an engine for this turn. */
static bool
open_engine(struct asking *a, struct error *err)
{
	struct cli *cli = a->cli;

	a->engine = a->ask->engine ? a->ask->engine : &a->own;
	if (a->ask->engine)
		return true;
	if (!engine_open(&a->own, cli, cli->profile.id, cli->options.model,
			 err))
		return false;
	a->own.chat.one_turn = true;
	return true;
}

static bool
has_answer(const struct asking *a, const struct chat_request *q,
	   struct error *err)
{
	if (a->engine->chat.llm)
		return true;
	if (q->begun.len)
		return error_set(err, ERROR_SETUP,
				 "no model is set up to go on with it");
	if (!q->no_memory)
		return true;
	return error_set(err, ERROR_SETUP,
			 "no model is set up, and --no-memory leaves nothing "
			 "to answer from: set LLM_PROVIDER and its key (mneme "
			 "config set)");
}

/* The turn, from its question to its end. */
static bool
run(struct asking *a, const struct chat_request *q, struct error *err)
{
	const struct sink sink = {on_text, on_done, on_failed, a};
	struct loop *loop = a->engine->loop;
	struct loop_signal *interrupt =
				   loop_signal(loop, SIGINT, on_signal, a, err),
			   *terminate = NULL;
	bool good =
		interrupt &&
		(terminate = loop_signal(loop, SIGTERM, on_signal, a, err)) &&
		chat_start(&a->engine->chat, q, &sink, &a->turn, err);

	if (good) {
		start_learning(a);
		while (!a->over)
			loop_turn(loop, true);
		end_learning(a);
		if (a->output.code && a->output.code != ERROR_NONE)
			a->failure = a->output;
		if (a->interrupted)
			error_set(&a->failure, ERROR_CANCELLED,
				  "interrupted; what had come is kept");
		if (a->failure.code)
			good = error_set(err, a->failure.code, "%s",
					 a->failure.text);
	}
	loop_signal_drop(&interrupt);
	loop_signal_drop(&terminate);
	return good;
}

static bool
prompt(void *arg, struct slice block, struct arena *arena,
       const struct llm_message **messages, size_t *n, struct error *err)
{
	const struct asking *a = arg;

	(void)err;
	*n = a->ask->tell(a->ask->arg, &a->engine->chat, block, arena,
			  messages);
	return true;
}

static void
on_stored(void *arg, const struct message *question)
{
	struct asking *a = arg;

	(void)question;
	a->ask->kept = true;
}

bool
ask_turn(struct cli *cli, struct ask *ask, struct error *err)
{
	const struct attached nothing = {0}, *attached = ask->attached;
	struct asking a = {.cli = cli, .ask = ask};
	struct chat_request q = {.content = ask->content};
	bool good;

	if (!attached)
		attached = &nothing;
	q.attachments = attached->at;
	q.attachment_count = attached->count;
	a.images = attached->count > 0;
	a.asks = memory_asks(ask->content);
	cli->asked_in = (struct id){{0}};
	if (!fill_request(cli, &q, &a.mode, err) || !open_engine(&a, err))
		return false;
	if (id_none(q.conversation))
		a.mode = q.memory_mode = ask->mode;
	q.parent = ask->parent;
	q.regenerate = ask->regenerate;
	q.begun = ask->begun;
	q.prompt = ask->tell ? prompt : NULL;
	q.stored = on_stored;
	filter_init(&a.filter);
	buf_init(&a.shown, RECORD_CONTENT_MAX);
	good = has_answer(&a, &q, err) && run(&a, &q, err);
	buf_clear(&a.shown);
	if (a.engine == &a.own)
		engine_close(&a.own);
	return good;
}
