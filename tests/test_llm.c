/* What llm.h promises, against the stub provider in its own process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/file.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "support.h"
#include "support_stub.h"

struct rig {
	struct loop *loop;
	struct fetch *fetch;
	struct llm *llm;
	struct stub *stub;
	struct llm_call *call;
	struct buf text;
	struct error err; /* code 0: done */
	int ends;
	int retries;
	int64_t retry_after;
	int status;
	char model[64], finish[64];
	struct llm_usage usage;
	size_t stop_after; /* texts; 0: never */
	size_t texts;
	bool cancel_inside;
};

static bool
take_text(void *arg, struct slice text)
{
	struct rig *r = arg;

	assert_int_equal(r->ends, 0);
	buf_add_slice(&r->text, text);
	if (++r->texts != r->stop_after)
		return true;
	if (!r->cancel_inside)
		return false;
	llm_cancel(r->call);
	assert_int_equal(r->ends, 1);
	return true;
}

static void
take_done(void *arg, const void *result)
{
	struct rig *r = arg;
	const struct llm_result *got = result;

	r->ends++;
	if (got) {
		snprintf(r->model, sizeof(r->model), "%.*s",
			 SLICE_ARG(got->model));
		snprintf(r->finish, sizeof(r->finish), "%.*s",
			 SLICE_ARG(got->finish_reason));
		r->usage = got->usage;
	}
	loop_stop(r->loop);
}

static void
take_failed(void *arg, const struct error *err)
{
	struct rig *r = arg;

	r->ends++;
	r->err = *err;
	r->retry_after = llm_retry_after(r->call);
	r->status = llm_status(r->call);
	loop_stop(r->loop);
}

static void
take_retry(void *arg, const struct error *why, int64_t wait, unsigned attempt)
{
	struct rig *r = arg;

	r->retries++;
	assert_int_equal(attempt, r->retries);
	assert_int_not_equal(why->code, ERROR_NONE);
	assert_true(wait >= 0);
}

static struct rig *
rig_make(const char *options)
{
	static const struct fetch_settings wire = {
		.connect_timeout = 5 * CLOCK_SECOND,
		.idle_timeout = 20 * CLOCK_SECOND,
	};
	struct rig *r = xcalloc(1, sizeof(*r));

	r->loop = loop_create(&r->err);
	assert_non_null(r->loop);
	r->fetch = fetch_create(r->loop, &wire);
	buf_init(&r->text, 16 << 20);
	if (options)
		r->stub = stub_start(options);
	return r;
}

static void
rig_open(struct rig *r, const char *provider, unsigned retries,
	 const char *const *fallbacks)
{
	const struct llm_settings settings = {
		.provider = llm_provider_find(slice_of(provider)),
		.base_url = r->stub->base,
		.key = "sk-secret",
		.model = "first-model",
		.fallbacks = fallbacks,
		.retries = retries,
	};

	r->llm = llm_create(r->loop, r->fetch, &settings, &r->err);
	assert_non_null(r->llm);
}

static void
rig_drop(struct rig **rig)
{
	struct rig *r = *rig;

	llm_destroy(&r->llm);
	fetch_destroy(&r->fetch);
	loop_destroy(&r->loop);
	stub_stop(&r->stub);
	buf_clear(&r->text);
	free(r);
	*rig = NULL;
}

static const struct llm_message hello[] = {
	{LLM_SYSTEM, {"Be brief.", 9}, NULL, 0, {0}},
	{LLM_USER,
	 {"gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80 \"dich\"\n", 19},
	 NULL,
	 0,
	 {0}},
};

static void
begin(struct rig *r, bool stream)
{
	const struct llm_request request = {
		.messages = hello,
		.message_count = COUNT(hello),
		.temperature = -1,
		.stream = stream,
	};
	const struct sink sink = {take_text, take_done, take_failed, r};

	buf_reset(&r->text);
	r->ends = r->retries = 0;
	r->texts = 0;
	r->err = (struct error){0};
	r->call = llm_stream(r->llm, &request, &sink, take_retry, &r->err);
	if (!r->call)
		fail_msg("%s", r->err.text);
}

static void
ask(struct rig *r, bool stream)
{
	begin(r, stream);
	loop_run(r->loop);
	assert_int_equal(r->ends, 1);
}

static const char echo[] =
	"You said: gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80 \"dich\"\n";

/* Every way in which an answer may come, and each in which it may fail. */
static const struct answer_case {
	const char *options;
	bool whole; /* not streamed */
	enum error_code code;
	const char *words; /* in the error's text */
	const char *text;  /* heard; NULL: the echo */
	const char *why;
} cases[] = {
	{"", false, 0, NULL, NULL, "a stream"},
	{"", true, 0, NULL, NULL, "a whole answer"},
	{"--bytes 1", false, 0, NULL, NULL, "byte by byte"},
	{"--bytes 1", true, 0, NULL, NULL, "a whole answer byte by byte"},
	{"--bytes 7 --comments", false, 0, NULL, NULL, "comments between"},
	{"--events 40", false, 0, NULL, NULL, "a character an event"},
	{"--no-done", false, 0, NULL, NULL, "no [DONE]"},
	{"--length --no-done", false, 0, NULL, NULL, "no chunks"},
	{"--close", false, 0, NULL, NULL, "closed after [DONE]"},
	{"--close --no-done", false, 0, NULL, NULL,
	 "closed after the finish reason"},
	{"--usage none", false, 0, NULL, NULL, "no usage"},
	{"--cut 2", false, ERROR_UPSTREAM, "no finish reason",
	 "You said: gr\xC3\xBC", "an end without a finish reason"},
	{"--finish none", false, ERROR_UPSTREAM, "no finish reason", NULL,
	 "[DONE] without a finish reason"},
	{"--finish error", false, ERROR_UPSTREAM, "error", NULL,
	 "a finish reason that is an error"},
	{"--cut 1 --close", false, ERROR_UPSTREAM, "broke off", "You sai",
	 "a broken connection"},
	{"--reply \"\"", false, ERROR_UPSTREAM, "empty answer", "", "no text"},
	{"--reply \"\"", true, ERROR_UPSTREAM, "empty answer", "",
	 "no text in a whole answer"},
	{"--error-after 1 --error \"disk on fire\"", false, ERROR_UPSTREAM,
	 "disk on fire", "You sai", "an error in the stream"},
	{"--error-after 0 --error-code rate_limit_exceeded", false, ERROR_BUSY,
	 "the stub fails", "", "its code as a word"},
	{"--status 401 --error \"no such key: sk-secret\"", false, ERROR_AUTH,
	 "no such key: *********", "", "the key is never shown"},
	{"--status 403", false, ERROR_AUTH, "the stub fails", "", "forbidden"},
	{"--status 402", false, ERROR_UPSTREAM, "402", "", "no credit"},
	{"--status 429", false, ERROR_BUSY, "the stub fails", "", "too many"},
	{"--status 500", true, ERROR_UPSTREAM, "(500): the stub", "", "broken"},
	{"--status 404", false, ERROR_UPSTREAM, "404", "", "no such model"},
	{"--status 400 --error \"maximum context length is 9\"", false,
	 ERROR_LIMIT, "maximum context", "", "too long"},
	{"--status 413", false, ERROR_LIMIT, "413", "", "too large"},
	{"--status 502 --type text/html --raw '<html>'", false, ERROR_UPSTREAM,
	 "answered with status 502", "", "a page of a proxy"},
	{"--raw '{\"error\":\"loading\\tmodel\"}'", false, ERROR_UPSTREAM,
	 "loading", "", "a bare error with status 200"},
	{"--raw '{\\n\"error\":{\\n\"code\":503,\"message\":\"busy\"}}'", false,
	 ERROR_UPSTREAM, "busy", "", "an error over lines between events"},
	{"--type application/json --raw '{\"error\":{\"message\":\"bad\"}}'",
	 false, ERROR_UPSTREAM, "bad", "", "an error instead of a stream"},
	{"--raw 'data:{\"object\":\"error\",\"message\":\"vexed\"}'", false,
	 ERROR_UPSTREAM, "vexed", "", "vLLM's shape of an error"},
	{"--raw 'data:{nonsense\\n\\n'", false, ERROR_UPSTREAM, "not JSON", "",
	 "no JSON"},
	{"--raw 'nonsense'", true, ERROR_UPSTREAM, "not JSON", "",
	 "a whole answer that is no JSON"},
	{"--raw 'data:{\"choices\":null}\\n\\ndata:{\"choices\":[{\"delta\":{"
	 "\"content\":null}}]}\\n\\ndata:{\"choices\":[{\"delta\":{\"content\":"
	 "\"\\\\ud83d\\\\ude00\\\\n\"},\"finish_reason\":\"length\"}]}\\n\\n"
	 "data:[DONE]'",
	 false, 0, NULL, "\xF0\x9F\x98\x80\n", "nulls, escapes, no last line"},
	{"--raw \"\"", false, ERROR_UPSTREAM, "no finish reason", "",
	 "nothing at all"},
};

static void
check(struct rig *r, const struct answer_case *c)
{
	const char *text = c->text ? c->text : echo;

	if (r->err.code != c->code)
		fail_msg("%s: error %d: %s", c->why, (int)r->err.code,
			 r->err.text);
	if (c->words && !strstr(r->err.text, c->words))
		fail_msg("%s: \"%s\"", c->why, r->err.text);
	if (strcmp(buf_text(&r->text), text) != 0)
		fail_msg("%s: heard \"%s\"", c->why, buf_text(&r->text));
}

static void
each_answer_ends_once_and_as_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rig *r = rig_make(cases[i].options);
		rig_open(r, "openai", 0, NULL);
		ask(r, !cases[i].whole);
		check(r, &cases[i]);
		rig_drop(&r);
	}
}

static void
gemini_answers_too(void **state)
{
	static const struct answer_case gemini[] = {
		{"", false, 0, NULL, NULL, "a stream"},
		{"", true, 0, NULL, NULL, "a whole answer"},
		{"--bytes 1", false, 0, NULL, NULL, "byte by byte"},
		{"--finish none", false, ERROR_UPSTREAM, "no finish reason",
		 NULL, "cut"},
		{"--raw "
		 "'data:{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}'",
		 false, ERROR_UPSTREAM, "empty answer (finish reason: SAFETY)",
		 "", "a blocked prompt"},
		{"--status 429 --type application/json --raw '"
		 "[{\"error\":{\"code\":429,\"message\":\"slow\",\"details\":[{"
		 "\"retryDelay\":\"17s\"}]}}]'",
		 false, ERROR_BUSY, "slow", "", "an error in a list"},
		{"--raw '"
		 "data:{\"candidates\":[{\"content\":{\"parts\":[{\"text\""
		 ":\"hm\",\"thought\":true},{\"text\":\"a\"},{\"text\":\"b\"}]}"
		 ","
		 "\"finishReason\":\"STOP\"}]}'",
		 false, 0, NULL, "ab", "thoughts are no text"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(gemini); i++) {
		struct rig *r = rig_make(gemini[i].options);
		rig_open(r, "gemini", 0, NULL);
		ask(r, !gemini[i].whole);
		check(r, &gemini[i]);
		if (gemini[i].code == ERROR_BUSY)
			assert_int_equal(r->retry_after, 17 * CLOCK_SECOND);
		rig_drop(&r);
	}
}

static void
the_result_names_model_reason_and_usage(void **state)
{
	struct rig *r = rig_make("--usage 21,7,4 --finish length --model m-1");

	(void)state;
	rig_open(r, "openai", 0, NULL);
	for (int stream = 0; stream < 2; stream++) {
		ask(r, stream);
		assert_string_equal(r->model, "m-1");
		assert_string_equal(r->finish, "length");
		assert_int_equal(r->usage.prompt_tokens, 21);
		assert_int_equal(r->usage.completion_tokens, 7);
		assert_int_equal(r->usage.cached_tokens, 4);
		assert_true(r->usage.cost < 0);
	}
	rig_drop(&r);
}

static struct rig *
scripted(const char *lines, unsigned retries, const char *const *fallbacks)
{
	SCOPED(folder_drop) char *folder = folder_make();
	SCOPED(free_pointer) char *path = path_join(folder, "script");
	SCOPED(free_pointer)
	char *options = xasprintf("--script %s", path);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(lines, file);
	fclose(file);
	struct rig *r = rig_make(options);
	rig_open(r, "openai", retries, fallbacks);
	return r;
}

static void
a_call_is_tried_again_before_the_first_token(void **state)
{
	static const char lines[] = "--status 429 --retry-after 0\n"
				    "--status 503 --retry-after 0\n"
				    "--error-after 0 --retry-after 0\n"
				    "--reply again\n";
	struct rig *r = scripted(lines, 3, NULL);

	(void)state;
	ask(r, true);
	assert_int_equal(r->err.code, 0);
	assert_int_equal(r->retries, 3);
	assert_string_equal(buf_text(&r->text), "again");
	rig_drop(&r);
}

static void
no_more_often_than_the_settings_say(void **state)
{
	struct rig *r = scripted("--status 503 --retry-after 0\n", 2, NULL);

	(void)state;
	ask(r, true);
	assert_int_equal(r->err.code, ERROR_UPSTREAM);
	assert_int_equal(r->status, 503);
	assert_int_equal(r->retries, 2);
	rig_drop(&r);
}

static void
what_cannot_get_better_is_not_tried_again(void **state)
{
	static const char *const lines[] = {
		"--status 400\n",
		"--status 401\n",
		"--status 403\n",
		"--status 429 --retry-after 3600\n",
		"--error-after 1 --retry-after 0\n",
		"--cut 1 --close\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct rig *r = scripted(lines[i], 3, NULL);
		ask(r, true);
		assert_int_not_equal(r->err.code, 0);
		assert_int_equal(r->retries, 0);
		if (i == 3)
			assert_int_equal(r->retry_after, CLOCK_HOUR);
		rig_drop(&r);
	}
}

static void
another_model_answers_when_the_first_does_not(void **state)
{
	static const char *const others[] = {"second-model", "third", NULL};
	SCOPED(folder_drop) char *folder = folder_make();
	SCOPED(free_pointer) char *log = path_join(folder, "log");
	SCOPED(free_pointer) char *script = path_join(folder, "script");
	SCOPED(free_pointer)
	char *options = xasprintf("--script %s --log %s", script, log);
	SCOPED(buf_clear) struct buf sent;
	struct error err;
	FILE *file = fopen(script, "we");

	(void)state;
	fputs("--status 404\n--status 500\n--reply mine\n", file);
	fclose(file);
	struct rig *r = rig_make(options);
	rig_open(r, "openai", 0, others);
	ask(r, true);
	assert_string_equal(buf_text(&r->text), "mine");
	buf_init(&sent, 1 << 20);
	assert_true(file_read(log, &sent, &err));
	struct slice rest = buf_slice(&sent), line;
	static const char *const begins[] = {
		"{\"model\":\"first-model\",\"messages\":[{",
		"{\"model\":\"second-model\",\"messages\":[{",
		"{\"model\":\"third\",\"messages\":[{"};
	for (size_t i = 0; i < COUNT(begins); i++) {
		assert_true(slice_line(&rest, &line));
		assert_true(slice_starts(line, begins[i]));
	}
	rig_drop(&r);
}

static void
a_server_that_is_not_there_is_named(void **state)
{
	struct rig *r = rig_make("");

	(void)state;
	rig_open(r, "ollama", 1, NULL);
	char host[64];
	snprintf(host, sizeof(host), "127.0.0.1:%d", r->stub->port);
	stub_stop(&r->stub);
	ask(r, true);
	assert_int_equal(r->err.code, ERROR_UPSTREAM);
	assert_int_equal(r->retries, 1);
	assert_non_null(strstr(r->err.text, host));
	assert_non_null(strstr(r->err.text, "refused"));
	rig_drop(&r);
}

static void
silence_is_a_time_out(void **state)
{
	static const char *const options[] = {"--hang -2", "--hang 0",
					      "--hang 1"};
	static const struct fetch_settings hasty = {
		.connect_timeout = CLOCK_SECOND, .idle_timeout = 30000};

	(void)state;
	for (size_t i = 0; i < COUNT(options); i++) {
		struct rig *r = rig_make(options[i]);
		fetch_destroy(&r->fetch);
		r->fetch = fetch_create(r->loop, &hasty);
		rig_open(r, "openai", 0, NULL);
		ask(r, true);
		assert_int_equal(r->err.code, ERROR_UPSTREAM);
		assert_non_null(strstr(r->err.text, "time-out"));
		assert_non_null(strstr(r->err.text, "127.0.0.1"));
		rig_drop(&r);
	}
}

static void
a_sink_that_says_stop_is_told_so(void **state)
{
	(void)state;
	for (int inside = 0; inside < 2; inside++) {
		struct rig *r = rig_make("--hang 3");
		rig_open(r, "openai", 2, NULL);
		r->stop_after = 2;
		r->cancel_inside = inside;
		ask(r, true);
		assert_int_equal(r->err.code, ERROR_CANCELLED);
		assert_int_equal(r->texts, 2);
		rig_drop(&r);
	}
}

static void
cancelling_ends_a_call_at_once(void **state)
{
	struct rig *r = rig_make("--hang -2");

	(void)state;
	rig_open(r, "openai", 2, NULL);
	begin(r, true);
	llm_cancel(r->call); /* before anything was sent */
	assert_int_equal(r->ends, 1);
	assert_int_equal(r->err.code, ERROR_CANCELLED);
	begin(r, true);
	for (int i = 0; i < 3; i++)
		loop_turn(r->loop, true);
	llm_cancel(r->call); /* under way */
	assert_int_equal(r->ends, 1);
	begin(r, true);
	llm_destroy(&r->llm); /* with all its calls */
	assert_int_equal(r->ends, 1);
	assert_int_equal(r->err.code, ERROR_CANCELLED);
	rig_drop(&r);
}

static void
resume(void *arg)
{
	struct rig *r = arg;

	assert_int_equal(r->texts, 0);
	llm_pause(r->call, false);
}

static void
a_paused_call_says_nothing_until_it_goes_on(void **state)
{
	struct rig *r = rig_make("");
	struct loop_timer *timer = loop_timer(r->loop, resume, r);

	(void)state;
	rig_open(r, "openai", 0, NULL);
	begin(r, true);
	llm_pause(r->call, true);
	loop_timer_set(timer, 50000);
	loop_run(r->loop);
	assert_int_equal(r->err.code, 0);
	assert_string_equal(buf_text(&r->text), echo);
	loop_timer_drop(&timer);
	rig_drop(&r);
}

static void
many_calls_run_side_by_side(void **state)
{
	enum { CALLS = 50 };
	struct rig *r = rig_make("--delay 1 --events 20");
	struct rig others[CALLS];

	(void)state;
	rig_open(r, "openai", 0, NULL);
	for (int i = 0; i < CALLS; i++) {
		others[i] = (struct rig){.loop = r->loop, .llm = r->llm};
		buf_init(&others[i].text, 1 << 20);
		begin(&others[i], true);
	}
	for (int done = 0; done < CALLS;) {
		loop_turn(r->loop, true);
		done = 0;
		for (int i = 0; i < CALLS; i++)
			done += others[i].ends;
	}
	for (int i = 0; i < CALLS; i++) {
		assert_int_equal(others[i].err.code, 0);
		assert_string_equal(buf_text(&others[i].text), echo);
		buf_clear(&others[i].text);
	}
	rig_drop(&r);
}

static void
hear_model(void *arg, const struct llm_model_info *model)
{
	struct rig *r = arg;

	buf_addf(&r->text, "%.*s %d;", SLICE_ARG(model->id),
		 (int)model->context_tokens);
}

static void
models_are_listed(void **state)
{
	struct rig *r = rig_make("");
	const struct sink sink = {NULL, take_done, take_failed, r};

	(void)state;
	rig_open(r, "openai", 0, NULL);
	r->call = llm_models(r->llm, hear_model, &sink, &r->err);
	assert_non_null(r->call);
	loop_run(r->loop);
	assert_int_equal(r->err.code, 0);
	assert_string_equal(buf_text(&r->text),
			    "stub-model 8192;stub-small 0;");
	rig_drop(&r);
}

static void
a_request_is_the_json_that_it_should_be(void **state)
{
	static const struct llm_image image = {"image/png",
					       {"\xFF\x00\x01\x02", 4}};
	static const struct llm_message seen[] = {
		{LLM_USER, {"look", 4}, &image, 1, {0}},
		{LLM_ASSISTANT, {"yes", 3}, NULL, 0, {0}},
	};
	const struct llm_request request = {
		.messages = seen,
		.message_count = 2,
		.temperature = 0.5,
		.max_tokens = 9,
		.schema_name = "memories",
		.schema = slice_of("{\"type\":\"object\"}"),
		.extra = slice_of("{\"top_k\":3}"),
	};
	static const char *const expected[] = {
		"{\"model\":\"first-model\",\"messages\":[{\"role\":\"user\","
		"\"content\":[{\"type\":\"text\",\"text\":\"look\"},{\"type\":"
		"\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
		"/wABAg==\"}}]},{\"role\":\"assistant\",\"content\":\"yes\"}],"
		"\"temperature\":0.5,\"max_tokens\":9,\"response_format\":{"
		"\"type\":\"json_schema\",\"json_schema\":{\"name\":"
		"\"memories\",\"strict\":true,\"schema\":{\"type\":\"object\"}}"
		"},\"stream\":false,\"top_k\":3}",
		"{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":"
		"\"look\"},{\"inlineData\":{\"mimeType\":\"image/png\","
		"\"data\":\"/wABAg==\"}}]},{\"role\":\"model\",\"parts\":[{"
		"\"text\":\"yes\"}]}],\"generationConfig\":{\"temperature\":"
		"0.5,\"maxOutputTokens\":9,\"responseMimeType\":"
		"\"application/json\",\"responseJsonSchema\":{\"type\":"
		"\"object\"}},\"top_k\":3}",
	};
	static const char *const providers[] = {"openai", "gemini"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct rig *r = rig_make("");
		rig_open(r, providers[i], 0, NULL);
		assert_true(
			llm_request_json(r->llm, &request, &r->text, &r->err));
		assert_string_equal(buf_text(&r->text), expected[i]);
		rig_drop(&r);
	}
}

static void
a_provider_without_its_key_is_not_set_up(void **state)
{
	struct rig *r = rig_make(NULL);
	const struct llm_settings settings = {
		.provider = llm_provider_find(slice_of("openrouter"))};

	(void)state;
	assert_null(llm_create(r->loop, r->fetch, &settings, &r->err));
	assert_int_equal(r->err.code, ERROR_SETUP);
	assert_non_null(strstr(r->err.text, "OPENROUTER_API_KEY"));
	assert_null(llm_provider_find(slice_of("nobody")));
	rig_drop(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_ends_once_and_as_it_should),
		cmocka_unit_test(gemini_answers_too),
		cmocka_unit_test(the_result_names_model_reason_and_usage),
		cmocka_unit_test(a_call_is_tried_again_before_the_first_token),
		cmocka_unit_test(no_more_often_than_the_settings_say),
		cmocka_unit_test(what_cannot_get_better_is_not_tried_again),
		cmocka_unit_test(another_model_answers_when_the_first_does_not),
		cmocka_unit_test(a_server_that_is_not_there_is_named),
		cmocka_unit_test(silence_is_a_time_out),
		cmocka_unit_test(a_sink_that_says_stop_is_told_so),
		cmocka_unit_test(cancelling_ends_a_call_at_once),
		cmocka_unit_test(a_paused_call_says_nothing_until_it_goes_on),
		cmocka_unit_test(many_calls_run_side_by_side),
		cmocka_unit_test(models_are_listed),
		cmocka_unit_test(a_request_is_the_json_that_it_should_be),
		cmocka_unit_test(a_provider_without_its_key_is_not_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
