/*
 * stub_provider - a language model's server for tests, on loopback.
 *
 * Prints its port as the first line of stdout, then serves until SIGTERM (or,
 * with --exit-on-eof, until stdin ends).  It answers
 *
 *   POST .../chat/completions             OpenAI's format
 *   POST .../{model}:generateContent      Gemini's
 *   POST .../{model}:streamGenerateContent
 *   GET  .../models                       two models
 *
 * streaming when the request asks for it.  By default the answer is "You said:
 * " and the last user message, in four events, then a finish reason, usage and
 * [DONE].  An extractor's request (with response_format, or a system text that
 * says so) gets --extract's text instead.  `stub_provider --help` lists the
 * options; --script gives a file with a line of options for each request in
 * turn, the last line for all that follow; --extract-script and --extract-log
 * are the extractor's own, which has no part in the others.  What a script line
 * does not say, the command line says, but that an extractor's answer never
 * hangs unless its own script says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/file.h"
#include "mneme/json.h"
#include "mneme/printer.h"
#include "mneme/utf8.h"
#include "support_stub.h"

enum { REQUEST_MAX = 64 << 20, ANSWER_MAX = 256 << 20 };

/* How one request is answered. */
struct plan {
	const char *reply; /* NULL: echo */
	const char *extract;
	const char *finish; /* "none": no finish reason */
	const char *error;
	const char *error_code; /* as in the error's "code" */
	const char *raw;        /* this body, as it is */
	const char *type;       /* its content type */
	const char *retry_after;
	const char *model;
	const char *usage; /* "PROMPT,COMPLETION[,CACHED]", or "none" */
	long events;
	long repeat;
	long delay;       /* milliseconds before each event */
	long first_delay; /* before the head */
	long status;
	long cut;         /* close after so many events */
	long error_after; /* the error in the stream after so many events */
	long hang;        /* stop after so many events, stay open */
	long bytes;       /* in each write */
	long no_done;
	long close;
	long comments; /* one before each event */
	long length;   /* no chunks */
	long extract_echo;
	long images;
};

static const struct plan plan_default = {
	.extract = "{\"memories\":[]}",
	.finish = "stop",
	.error = "the stub fails as told",
	.type = "text/event-stream",
	.model = "stub-model",
	.usage = "10,5",
	.events = 4,
	.repeat = 1,
	.status = 200,
	.cut = -1,
	.error_after = -1,
	.hang = -1,
};

static const struct plan_option {
	const char *name;
	size_t text;   /* offset of a text, or 0 ... */
	size_t number; /* ... of a number */
	bool flag;
	const char *help;
} plan_options[] = {
#define TEXT(name, field, help) \
	{ \
		name, offsetof(struct plan, field) + 1, 0, false, help \
	}
#define NUMBER(name, field, help) \
	{ \
		name, 0, offsetof(struct plan, field) + 1, false, help \
	}
#define FLAG(name, field, help) \
	{ \
		name, 0, offsetof(struct plan, field) + 1, true, help \
	}
	TEXT("reply", reply, "the answer's text; default: echo"),
	TEXT("extract", extract, "the answer when response_format is asked"),
	TEXT("finish", finish, "finish reason; \"none\": leave it out"),
	TEXT("model", model, "the model that answers"),
	TEXT("usage", usage, "PROMPT,COMPLETION[,CACHED] tokens, or \"none\""),
	FLAG("extract-echo", extract_echo,
	     "extract: each message that is asked about, as a memory"),
	NUMBER("events", events, "pieces that the text comes in (4)"),
	NUMBER("repeat", repeat, "the text so many times"),
	NUMBER("delay", delay, "milliseconds before each event"),
	NUMBER("first-delay", first_delay, "milliseconds before the head"),
	NUMBER("status", status, "HTTP status; not 200: an error body"),
	TEXT("error", error, "the error's message"),
	TEXT("error-code", error_code, "the error's code"),
	TEXT("retry-after", retry_after, "header Retry-After"),
	NUMBER("cut", cut, "end properly after N events, no finish reason"),
	NUMBER("error-after", error_after, "an error event after N events"),
	NUMBER("hang", hang, "nothing after N events; -2: no head either"),
	NUMBER("bytes", bytes, "write N bytes at a time"),
	FLAG("no-done", no_done, "end without [DONE]"),
	FLAG("close", close, "break the connection where the answer ends"),
	FLAG("images", images, "say how many images each question had"),
	FLAG("comments", comments, "a comment before each event"),
	FLAG("length", length,
	     "no chunks: Content-Length, or (stream) the close"),
	TEXT("raw", raw, "this body; \\n, \\r, \\t and \\\\ are read"),
	TEXT("type", type, "content type of --raw"),
};

struct step {
	size_t end;   /* in the answer's bytes */
	int64_t wait; /* microseconds before it */
};

struct connection {
	int fd;
	struct buf in;
	struct buf out;
	size_t written;
	struct step *steps;
	size_t step_count, step_cap, step_at;
	int64_t due; /* when the next step may be written */
	long bytes;
	bool busy;  /* an answer is under way */
	bool close; /* after it */
	bool stuck; /* after it, nothing */
};

static struct plan plan_common;
static struct script {
	struct plan *plans;
	size_t len, cap, at;
} script_chat, script_extract;
static FILE *log_file, *extract_log;
static bool exit_on_eof;
static struct connection *connections;
static size_t connection_count, connection_cap;

static void
die(const char *what)
{
	fprintf(stderr, "stub_provider: %s\n", what);
	exit(2);
}

static void
help(void)
{
	puts("usage: stub_provider [OPTION]...\n"
	     "  --port N            listen there; default: any\n"
	     "  --script FILE       a line of the options below each request\n"
	     "  --extract-script FILE  the same for an extractor's requests\n"
	     "  --log FILE          append each request's body as a line\n"
	     "  --extract-log FILE  the same for an extractor's requests\n"
	     "  --exit-on-eof       end when stdin ends\n"
	     "for each request:");
	for (size_t i = 0; i < COUNT(plan_options); i++)
		printf("  --%-17s %s\n", plan_options[i].name,
		       plan_options[i].help);
	exit(0);
}

static bool
plan_set(struct plan *plan, const struct plan_option *option, const char *value)
{
	char *field = (char *)plan + option->text + option->number - 1;

	if (option->text)
		*(const char **)(void *)field = value;
	else
		*(long *)(void *)field =
			option->flag ? 1 : strtol(value, NULL, 10);
	return true;
}

/* Take "name" or "name=value" or name and the next word; returns words used. */
static int
plan_word(struct plan *plan, char **words, int n)
{
	char *name = words[0];
	char *value = NULL;

	if (strncmp(name, "--", 2) == 0)
		name += 2;
	size_t len = strcspn(name, "=");
	if (name[len] == '=')
		value = name + len + 1;
	for (size_t i = 0; i < COUNT(plan_options); i++) {
		const struct plan_option *option = &plan_options[i];
		if (strlen(option->name) != len ||
		    memcmp(option->name, name, len) != 0)
			continue;
		if (option->flag || value) {
			plan_set(plan, option, value);
			return 1;
		}
		if (n < 2)
			die("an option lacks its value");
		plan_set(plan, option, words[1]);
		return 2;
	}
	return 0;
}

static void
read_script(const char *path, struct script *script)
{
	struct buf text;
	struct error err;
	char *words[64];

	buf_init(&text, 1 << 20);
	if (!file_read(path, &text, &err))
		die(err.text);
	/* Plans point into the text, which is kept. */
	for (char *line = strtok(text.data, "\n"); line;
	     line = strtok(NULL, "\n")) {
		struct plan plan = plan_common;
		int n = stub_words(line, words, 64);
		for (int i = 0; i < n;) {
			int used = plan_word(&plan, words + i, n - i);
			if (!used)
				die("unknown option in the script");
			i += used;
		}
		script->plans = grow(script->plans, &script->cap,
				     script->len + 1, sizeof(plan));
		script->plans[script->len++] = plan;
	}
}

static const struct plan *
next_plan(bool extract)
{
	static struct plan quiet;
	struct script *script = extract ? &script_extract : &script_chat;

	if (script->len == 0) {
		quiet = plan_common;
		if (extract)
			quiet.hang = -1;
		return extract ? &quiet : &plan_common;
	}
	const struct plan *plan = &script->plans[script->at];
	if (script->at + 1 < script->len)
		script->at++;
	return plan;
}

/* --- the answer ------------------------------------------------------- */

static void
add_step(struct connection *c, int64_t wait)
{
	c->steps = grow(c->steps, &c->step_cap, c->step_count + 1,
			sizeof(*c->steps));
	c->steps[c->step_count++] = (struct step){c->out.len, wait};
}

static void
add_piece(struct connection *c, const struct plan *plan, struct slice piece,
	  int64_t wait)
{
	if (!plan->length && piece.len)
		buf_addf(&c->out, "%zx\r\n", piece.len);
	buf_add_slice(&c->out, piece);
	if (!plan->length && piece.len)
		buf_adds(&c->out, "\r\n");
	add_step(c, wait);
}

static void
add_head(struct connection *c, const struct plan *plan, long status,
	 const char *type, size_t length)
{
	buf_addf(&c->out,
		 "HTTP/1.1 %ld Stub\r\nContent-Type: %s\r\n"
		 "X-Request-Id: stub-request\r\n",
		 status, type);
	if (plan->retry_after)
		buf_addf(&c->out, "Retry-After: %s\r\n", plan->retry_after);
	if (plan->length && length == SIZE_MAX)
		buf_adds(&c->out, "Connection: close\r\n\r\n");
	else if (plan->length)
		buf_addf(&c->out, "Content-Length: %zu\r\n\r\n", length);
	else
		buf_adds(&c->out, "Transfer-Encoding: chunked\r\n\r\n");
	add_step(c, plan->first_delay * 1000);
}

/* The end of the body, if the plan lets it come. */
static void
add_end(struct connection *c, const struct plan *plan)
{
	c->close = plan->close || plan->length;
	if (!plan->length && !plan->close) {
		buf_adds(&c->out, "0\r\n\r\n");
		add_step(c, 0);
	}
}

static void
whole_body(struct connection *c, const struct plan *plan, long status,
	   const char *type, struct slice body)
{
	add_head(c, plan, status, type, body.len);
	add_piece(c, plan, body, 0);
	add_end(c, plan);
}

struct exchange {
	const struct plan *plan;
	bool gemini;
	bool stream;
	struct buf text; /* of the whole answer */
};

static void
print_usage(struct printer *p, const struct exchange *x)
{
	long prompt = 0, completion = 0, cached = 0;

	sscanf(x->plan->usage, "%ld,%ld,%ld", &prompt, &completion, &cached);
	printer_key(p, x->gemini ? "usageMetadata" : "usage");
	printer_map(p);
	printer_add_int(p, x->gemini ? "promptTokenCount" : "prompt_tokens",
			prompt);
	printer_key(p,
		    x->gemini ? "candidatesTokenCount" : "completion_tokens");
	printer_int(p, completion);
	printer_add_int(p, x->gemini ? "totalTokenCount" : "total_tokens",
			prompt + completion);
	if (x->gemini) {
		printer_add_int(p, "cachedContentTokenCount", cached);
	} else {
		printer_key(p, "prompt_tokens_details");
		printer_map(p);
		printer_add_int(p, "cached_tokens", cached);
		printer_end(p);
	}
	printer_end(p);
}

static void
print_openai_choice(struct printer *p, const struct exchange *x,
		    struct slice text, const char *finish)
{
	printer_key(p, "choices");
	printer_list(p);
	printer_map(p);
	printer_add_int(p, "index", 0);
	printer_key(p, x->stream ? "delta" : "message");
	printer_map(p);
	printer_add_word(p, "role", "assistant");
	printer_add_string(p, "content", text);
	printer_end(p);
	printer_key(p, "finish_reason");
	if (finish)
		printer_string(p, slice_of(finish));
	else
		printer_null(p);
	printer_end(p);
	printer_end(p);
}

static void
print_gemini_candidate(struct printer *p, struct slice text, const char *finish)
{
	printer_key(p, "candidates");
	printer_list(p);
	printer_map(p);
	printer_key(p, "content");
	printer_map(p);
	printer_key(p, "parts");
	printer_list(p);
	printer_map(p);
	printer_add_string(p, "text", text);
	printer_end(p);
	printer_end(p);
	printer_add_word(p, "role", "model");
	printer_end(p);
	if (finish) {
		bool stop = strcmp(finish, "stop") == 0;
		printer_add_word(p, "finishReason", stop ? "STOP" : finish);
	}
	printer_add_int(p, "index", 0);
	printer_end(p);
	printer_end(p);
}

static void
print_error(struct printer *p, const struct plan *plan)
{
	printer_key(p, "error");
	printer_map(p);
	printer_add_word(p, "message", plan->error);
	printer_key(p, "code");
	if (plan->error_code)
		printer_string(p, slice_of(plan->error_code));
	else
		printer_int(p, plan->status == 200 ? 500 : plan->status);
	printer_end(p);
}

/* One object of the answer: a chunk of a stream, or all of it. */
static void
print_object(struct buf *out, const struct exchange *x, struct slice text,
	     const char *finish, bool usage, bool error)
{
	struct printer p;

	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	printer_add_word(&p, x->gemini ? "modelVersion" : "model",
			 x->plan->model);
	if (error)
		print_error(&p, x->plan);
	else if (x->gemini)
		print_gemini_candidate(&p, text, finish);
	else
		print_openai_choice(&p, x, text, finish);
	if (usage)
		print_usage(&p, x);
	printer_end(&p);
}

static void
add_event(struct connection *c, const struct exchange *x, struct slice text,
	  const char *finish, bool usage, bool error)
{
	struct buf event;

	buf_init(&event, REQUEST_MAX);
	if (x->plan->comments)
		buf_adds(&event, ": STUB PROCESSING\n\n");
	buf_adds(&event, "data: ");
	print_object(&event, x, text, finish, usage, error);
	buf_adds(&event, "\n\n");
	add_piece(c, x->plan, buf_slice(&event), x->plan->delay * 1000);
	buf_clear(&event);
}

/* The i-th of n pieces, cut between characters. */
static struct slice
piece_of(struct slice text, long i, long n)
{
	size_t from = utf8_cut(text, text.len * (size_t)i / (size_t)n).len;
	size_t to = utf8_cut(text, text.len * (size_t)(i + 1) / (size_t)n).len;

	return slice_make(text.data + from, to - from);
}

/* False when the answer ends there, as planned. */
static bool
stream_events(struct connection *c, const struct exchange *x)
{
	const struct plan *plan = x->plan;
	struct slice text = buf_slice(&x->text);
	long n = MAX(plan->events, 1L);

	for (long i = 0; i <= n; i++) {
		if (i == plan->hang) {
			c->stuck = true;
			return false;
		}
		if (i == plan->cut)
			return false;
		if (i == plan->error_after) {
			add_event(c, x, text, NULL, false, true);
			return false;
		}
		if (i < n)
			add_event(c, x, piece_of(text, i, n), NULL, false,
				  false);
	}
	return true;
}

static void
stream_answer(struct connection *c, const struct exchange *x)
{
	const struct plan *plan = x->plan;
	const struct slice none = {"", 0};
	bool finish = strcmp(plan->finish, "none") != 0;
	bool usage = strcmp(plan->usage, "none") != 0;

	add_head(c, plan, 200, "text/event-stream", SIZE_MAX);
	if (plan->hang == -2) {
		c->stuck = true;
		c->out.len = 0;
		c->steps[0].end = 0;
		return;
	}
	bool whole = stream_events(c, x);
	if (whole && (finish || usage))
		add_event(c, x, none, finish ? plan->finish : NULL, usage,
			  false);
	if (whole && !x->gemini && !plan->no_done)
		add_piece(c, plan, slice_of("data: [DONE]\n\n"), 0);
	if (!c->stuck)
		add_end(c, plan);
}

static void
raw_answer(struct connection *c, const struct plan *plan)
{
	struct buf body;

	buf_init(&body, REQUEST_MAX);
	for (const char *at = plan->raw; *at; at++) {
		static const char from[] = "nrt\\", to[] = "\n\r\t\\";
		const char *found =
			*at == '\\' && at[1] ? strchr(from, at[1]) : NULL;
		buf_addc(&body, found ? to[found - from] : *at);
		at += found != NULL;
	}
	whole_body(c, plan, plan->status, plan->type, buf_slice(&body));
	buf_clear(&body);
}

/* --- the question ----------------------------------------------------- */

/* The text of a message: a string, or parts with a "text". */
static void
add_content(const json_t *content, struct buf *out)
{
	size_t i;
	json_t *part;

	if (json_is_string(content)) {
		buf_add(out, json_string_value(content),
			json_string_length(content));
		return;
	}
	json_array_foreach(content, i, part)
		buf_add_slice(out, json_text(part, "text"));
}

static void
last_question(const json_t *request, bool gemini, struct buf *out)
{
	const json_t *list =
		json_object_get(request, gemini ? "contents" : "messages");

	for (size_t i = json_array_size(list); i-- > 0;) {
		const json_t *message = json_array_get(list, i);
		if (!slice_is(json_text(message, "role"), "user"))
			continue;
		add_content(
			json_object_get(message, gemini ? "parts" : "content"),
			out);
		return;
	}
}

static bool
is_extract(const json_t *request)
{
	const json_t *first =
		json_array_get(json_object_get(request, "messages"), 0);

	return json_object_get(request, "response_format") ||
	       slice_starts(json_text(first, "content"), "Extract memories");
}

/* {"memories":[...]}, one for each text between <message> and </message>. */
static void
echo_messages(const json_t *request, struct buf *out)
{
	static const char open[] = "<message>\n", end[] = "\n</message>";
	SCOPED(buf_clear) struct buf asked;
	struct slice rest;
	struct printer p;

	buf_init(&asked, REQUEST_MAX);
	last_question(request, false, &asked);
	rest = buf_slice(&asked);
	printer_init(&p, PRINTER_JSON, out);
	printer_map(&p);
	printer_key(&p, "memories");
	printer_list(&p);
	for (;;) {
		size_t at = slice_find(rest, slice_of(open));
		if (at == rest.len)
			break;
		at += strlen(open);
		rest = slice_make(rest.data + at, rest.len - at);
		struct slice text =
			slice_make(rest.data, slice_find(rest, slice_of(end)));
		printer_map(&p);
		printer_add_word(&p, "type", "preference");
		printer_add_string(&p, "key", text);
		printer_add_string(&p, "value", text);
		printer_add_real(&p, "confidence", .9);
		printer_add_real(&p, "importance", .8);
		printer_add_string(&p, "quote", text);
		printer_end(&p);
	}
	printer_end(&p);
	printer_end(&p);
}

/* " [1 2]": how many images each message of the user's has. */
static void
add_images(const json_t *request, struct buf *out)
{
	const json_t *messages = json_object_get(request, "messages");
	const char *before = " [";
	size_t i, k;
	json_t *m, *part;

	json_array_foreach((json_t *)messages, i, m)
	{
		size_t n = 0;

		if (!slice_is(json_text(m, "role"), "user"))
			continue;
		json_array_foreach(json_object_get(m, "content"), k, part) n +=
			json_object_get(part, "image_url") != NULL;
		buf_addf(out, "%s%zu", before, n);
		before = " ";
	}
	buf_addc(out, ']');
}

static void
compose(struct exchange *x, const json_t *request)
{
	bool extract = is_extract(request);

	buf_init(&x->text, REQUEST_MAX);
	if (extract && x->plan->extract_echo) {
		echo_messages(request, &x->text);
		return;
	}
	for (long i = 0; i < x->plan->repeat; i++) {
		if (extract)
			buf_adds(&x->text, x->plan->extract);
		else if (x->plan->reply)
			buf_adds(&x->text, x->plan->reply);
		else {
			buf_adds(&x->text, "You said: ");
			last_question(request, x->gemini, &x->text);
		}
		if (!extract && x->plan->images)
			add_images(request, &x->text);
	}
}

static void
log_request(struct slice body, bool extract)
{
	FILE *file = extract ? extract_log : log_file;

	if (!file)
		return;
	fwrite(body.data, 1, body.len, file);
	fputc('\n', file);
	fflush(file);
}

static void
answer_chat(struct connection *c, struct slice path, struct slice body)
{
	struct error err;
	SCOPED(json_drop) json_t *request = json_read(body, &err);
	struct exchange x = {.plan = next_plan(is_extract(request))};
	struct buf whole;

	log_request(body, is_extract(request));
	c->bytes = x.plan->bytes;
	x.gemini = slice_find(path, slice_of("enerateContent")) < path.len;
	x.stream = x.gemini ? slice_find(path, slice_of(":stream")) < path.len
			    : json_is_true(json_object_get(request, "stream"));
	buf_init(&whole, REQUEST_MAX);
	compose(&x, request);
	if (x.plan->raw) {
		raw_answer(c, x.plan);
	} else if (x.plan->status != 200) {
		print_object(&whole, &x, body, NULL, false, true);
		whole_body(c, x.plan, x.plan->status, "application/json",
			   buf_slice(&whole));
	} else if (x.stream) {
		stream_answer(c, &x);
	} else {
		bool finish = strcmp(x.plan->finish, "none") != 0;
		print_object(&whole, &x, buf_slice(&x.text),
			     finish ? x.plan->finish : NULL,
			     strcmp(x.plan->usage, "none") != 0, false);
		whole_body(c, x.plan, 200, "application/json",
			   buf_slice(&whole));
		c->stuck = x.plan->hang != -1;
	}
	buf_clear(&x.text);
	buf_clear(&whole);
}

static void
answer_models(struct connection *c, struct slice path)
{
	static const char openai[] =
		"{\"object\":\"list\",\"data\":[{\"id\":\"stub-model\","
		"\"object\":\"model\",\"context_length\":8192},"
		"{\"id\":\"stub-small\",\"object\":\"model\"}]}";
	static const char gemini[] =
		"{\"models\":[{\"name\":\"models/stub-model\","
		"\"inputTokenLimit\":8192},{\"name\":\"models/stub-small\"}]}";
	bool beta = slice_find(path, slice_of("v1beta")) < path.len;
	const struct plan *plan = &plan_common;

	if (plan->status != 200)
		whole_body(c, plan, plan->status, "application/json",
			   slice_of("{\"error\":\"no models today\"}"));
	else
		whole_body(c, plan, 200, "application/json",
			   slice_of(beta ? gemini : openai));
}

static void
answer(struct connection *c, struct slice head, struct slice body)
{
	struct slice line, method, path;

	slice_line(&head, &line);
	if (!slice_split(&line, ' ', &method) ||
	    !slice_split(&line, ' ', &path))
		return;
	c->busy = true;
	c->step_count = c->step_at = c->written = 0;
	buf_reset(&c->out);
	c->bytes = 0;
	if (slice_is(method, "GET") && slice_ends(path, "/models")) {
		answer_models(c, path);
	} else if (slice_is(method, "POST")) {
		answer_chat(c, path, body);
	} else {
		whole_body(c, &plan_default, 404, "application/json",
			   slice_of("{\"error\":\"no such place\"}"));
	}
	c->due = clock_monotonic() + c->steps[0].wait;
}

/* Take a whole request off the input. */
static void
look_for_request(struct connection *c)
{
	struct slice in = buf_slice(&c->in);
	size_t head = slice_find(in, slice_of("\r\n\r\n"));
	int64_t length = 0;

	if (c->busy || head == in.len)
		return;
	struct slice lines = slice_make(in.data, head + 2), line, name;
	while (slice_line(&lines, &line)) {
		if (slice_split(&line, ':', &name) && name.len == 14 &&
		    strncasecmp(name.data, "content-length", 14) == 0)
			slice_number(slice_trim(line), &length);
	}
	if (length < 0 || length > REQUEST_MAX)
		length = 0;
	if (in.len < head + 4 + (size_t)length)
		return;
	answer(c, slice_make(in.data, head),
	       slice_make(in.data + head + 4, (size_t)length));
	buf_drop(&c->in, head + 4 + (size_t)length);
}

/* --- connections ------------------------------------------------------ */

static void
drop_connection(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
	buf_clear(&c->in);
	buf_clear(&c->out);
	free(c->steps);
	c->steps = NULL;
	c->step_count = c->step_cap = 0;
}

static void
read_some(struct connection *c)
{
	char *room = buf_room(&c->in, 65536);
	ssize_t n = room ? read(c->fd, room, 65536) : 0;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		drop_connection(c);
		return;
	}
	c->in.len += (size_t)n;
	look_for_request(c);
}

static void
step_over(struct connection *c)
{
	if (++c->step_at < c->step_count) {
		c->due += c->steps[c->step_at].wait;
		return;
	}
	if (c->stuck)
		return;
	c->busy = false;
	if (c->close)
		drop_connection(c);
	else
		look_for_request(c);
}

/* Write what is due; with a byte count, that many and no more. */
static void
write_some(struct connection *c, int64_t now)
{
	while (c->fd >= 0 && c->busy && c->step_at < c->step_count &&
	       c->due <= now) {
		size_t left = c->steps[c->step_at].end - c->written;
		size_t want = c->bytes ? MIN(left, (size_t)c->bytes) : left;
		ssize_t n = want ? send(c->fd, c->out.data + c->written, want,
					MSG_NOSIGNAL)
				 : 0;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			drop_connection(c);
			return;
		}
		c->written += (size_t)n;
		if ((size_t)n == left)
			step_over(c);
		else if (c->bytes)
			return;
	}
}

static void
accept_some(int listener)
{
	int one = 1;

	for (;;) {
		int fd = accept4(listener, NULL, NULL,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		connections = grow(connections, &connection_cap,
				   connection_count + 1, sizeof(*connections));
		struct connection *c = &connections[connection_count++];
		*c = (struct connection){.fd = fd};
		buf_init(&c->in, REQUEST_MAX + 65536);
		buf_init(&c->out, ANSWER_MAX);
	}
}

static int
listen_on(int port)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(at);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die(strerror(errno));
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

/* Milliseconds until something is due; fills the poll set after the first
 * two. */
static int
fill(struct pollfd *set, int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < connection_count; i++) {
		struct connection *c = &connections[i];
		bool writing = c->busy && c->step_at < c->step_count;
		bool due = writing && c->due <= now;
		set[i + 2] = (struct pollfd){
			c->fd, (short)(POLLIN | (due ? POLLOUT : 0)), 0};
		if (writing && !due)
			next = MIN(next, c->due);
	}
	return next == INT64_MAX ? -1 : (int)((next - now + 999) / 1000);
}

static void
compact(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < connection_count; i++) {
		if (connections[i].fd >= 0)
			connections[kept++] = connections[i];
	}
	connection_count = kept;
}

static void
serve(int listener)
{
	struct pollfd *set = NULL;
	size_t cap = 0;
	char rest[256];

	for (;;) {
		set = grow(set, &cap, connection_count + 2, sizeof(*set));
		set[0] = (struct pollfd){listener, POLLIN, 0};
		set[1] = (struct pollfd){exit_on_eof ? 0 : -1, POLLIN, 0};
		int wait = fill(set, clock_monotonic());
		if (poll(set, connection_count + 2, wait) < 0)
			continue;
		if (set[1].revents && read(0, rest, sizeof(rest)) <= 0)
			exit(0);
		int64_t now = clock_monotonic();
		for (size_t i = 0; i < connection_count; i++) {
			struct connection *c = &connections[i];
			if (set[i + 2].revents & ~POLLOUT)
				read_some(c);
			if (c->fd >= 0)
				write_some(c, now);
		}
		compact();
		if (set[0].revents)
			accept_some(listener);
	}
}

int
main(int argc, char **argv)
{
	const char *script_path = NULL, *log_path = NULL;
	const char *extract_path = NULL, *extract_log_path = NULL;
	int port = 0;

	plan_common = plan_default;
	for (int i = 1; i < argc;) {
		const char *word = argv[i];
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(word, "--help") == 0)
			help();
		if (strcmp(word, "--exit-on-eof") == 0) {
			exit_on_eof = true;
			i++;
			continue;
		}
		int used = plan_word(&plan_common, argv + i, argc - i);
		if (used) {
			i += used;
			continue;
		}
		if (!value)
			die("unknown option; see --help");
		if (strcmp(word, "--port") == 0)
			port = atoi(value);
		else if (strcmp(word, "--script") == 0)
			script_path = value;
		else if (strcmp(word, "--extract-script") == 0)
			extract_path = value;
		else if (strcmp(word, "--extract-log") == 0)
			extract_log_path = value;
		else if (strcmp(word, "--log") == 0)
			log_path = value;
		else
			die("unknown option; see --help");
		i += 2;
	}
	if (script_path)
		read_script(script_path, &script_chat);
	if (extract_path)
		read_script(extract_path, &script_extract);
	if (log_path && !(log_file = fopen(log_path, "ae")))
		die(strerror(errno));
	if (extract_log_path && !(extract_log = fopen(extract_log_path, "ae")))
		die(strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	serve(listen_on(port));
}
