/*
 * A provider's refusal in its own words: which of ours it is, whether to try
 * again and when.  Every provider has another shape for it; the key never
 * comes out, nor does a control character.
 */
#include <math.h>
#include <stdlib.h>

#include "llm/call.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/id.h"
#include "mneme/json.h"
#include "mneme/llm.h"
#include "mneme/utf8.h"

enum { WORDS_MAX = 600, RAW_MAX = 300 };

bool
llm_status_again(int status)
{
	return status == 408 || status == 429 || status >= 500;
}

const char *
llm_finish_note(struct slice reason)
{
	static const struct {
		const char *reason, *note;
	} notes[] = {
		{"length", "the answer was cut at its token limit"},
		{"content_filter", "the provider's filter ended the answer"},
		{"SAFETY", "the provider's filter ended the answer"},
		{"RECITATION", "the provider ended the answer: it recited"},
	};
	static const char *const plain[] = {"",    "stop",     "recall",
					    "eos", "end_turn", "tool_calls"};

	for (size_t i = 0; i < COUNT(plain); i++)
		if (slice_is(reason, plain[i]))
			return NULL;
	for (size_t i = 0; i < COUNT(notes); i++)
		if (slice_is(reason, notes[i].reason))
			return notes[i].note;
	return "the provider ended the answer early";
}

int64_t
llm_backoff(unsigned n)
{
	double seconds = ldexp(0.5, (int)MIN(n, 5u) - 1);
	uint32_t random;

	random_bytes(&random, sizeof(random));
	seconds *= 0.75 + 0.5 * (double)random / UINT32_MAX;
	return (int64_t)(MIN(seconds, 8.0) * CLOCK_SECOND);
}

static bool
contains(struct slice text, const char *const *needles)
{
	for (; *needles; needles++) {
		size_t n = strlen(*needles);
		for (size_t i = 0; i + n <= text.len; i++) {
			if (strncasecmp(text.data + i, *needles, n) == 0)
				return true;
		}
	}
	return false;
}

static enum error_code
code_of(int status, struct slice body)
{
	static const char *const lengths[] = {
		"context_length",
		"context length",
		"context window",
		"maximum context",
		"too many tokens",
		"prompt is too long",
		"exceeds the maximum number of tokens",
		"exceed_context_size",
		NULL};

	if (status == 401 || status == 403)
		return ERROR_AUTH;
	if (status == 429)
		return ERROR_BUSY;
	if (status == 413)
		return ERROR_LIMIT;
	if ((status == 400 || status == 422 || status == 500 ||
	     status == 200) &&
	    contains(body, lengths))
		return ERROR_LIMIT;
	return ERROR_UPSTREAM;
}

/* Words of another's, fit to be shown. */
static void
add_words(struct buf *out, struct slice words, size_t max)
{
	words = utf8_cut(slice_trim(words), max);
	for (size_t i = 0; i < words.len; i++) {
		unsigned char c = (unsigned char)words.data[i];
		buf_addc(out, c < 0x20 || c == 0x7F ? ' ' : words.data[i]);
	}
}

/* Never show the key, even when the provider does. */
static void
hide_key(struct buf *text, const char *key)
{
	size_t len = key ? strlen(key) : 0;

	if (len < 4)
		return;
	for (;;) {
		size_t at = slice_find(buf_slice(text), slice_of(key));
		if (at == text->len)
			return;
		memset(text->data + at, '*', len);
	}
}

/* What "retryDelay":"17s" asks for. */
static int64_t
delay_of(const json_t *error)
{
	const json_t *details = json_object_get(error, "details");
	size_t i;
	json_t *detail;

	json_array_foreach(details, i, detail)
	{
		struct slice text = json_text(detail, "retryDelay");
		if (!text.data)
			continue;
		double seconds = strtod(text.data, NULL);
		if (seconds >= 0 && seconds < 1e6)
			return (int64_t)(seconds * CLOCK_SECOND);
	}
	return -1;
}

static int
status_of(const json_t *error)
{
	static const struct {
		const char *word;
		int status;
	} words[] = {
		{"rate_limit_exceeded", 429},
		{"insufficient_quota", 402},
		{"invalid_api_key", 401},
		{"server_error", 500},
		{"internal_error", 500},
		{"overloaded_error", 503},
		{"timeout", 408},
	};
	const json_t *code = json_object_get(error, "code");
	struct slice word = json_text(error, "code");
	int64_t number = json_is_integer(code) ? json_integer_value(code) : 0;

	if (word.data)
		slice_number(word, &number);
	for (size_t i = 0; word.data && i < COUNT(words); i++) {
		if (slice_is(word, words[i].word))
			number = words[i].status;
	}
	return number >= 400 && number < 600 ? (int)number : 0;
}

static void
add_metadata(struct buf *out, const json_t *error)
{
	const json_t *metadata = json_object_get(error, "metadata");
	struct slice name = json_text(metadata, "provider_name");
	struct slice raw = json_text(metadata, "raw");

	if (!name.len && !raw.len)
		return;
	buf_adds(out, " (");
	add_words(out, name, WORDS_MAX);
	if (name.len && raw.len)
		buf_adds(out, ": ");
	add_words(out, raw, RAW_MAX);
	buf_addc(out, ')');
}

/* The error's words out of its JSON; other members as they are found. */
static void
read_error(const json_t *json, struct buf *out, struct llm_failure *failure)
{
	const json_t *top =
		json_is_array(json) ? json_array_get(json, 0) : json;
	const json_t *error = json_object_get(top, "error");

	if (!error)
		error = top;
	if (json_is_string(error)) {
		add_words(out, slice_of(json_string_value(error)), WORDS_MAX);
		return;
	}
	int status = status_of(error);
	if (status && failure->status / 100 == 2)
		failure->status = status;
	failure->retry_after = delay_of(error);
	struct slice words = json_text(error, "message");
	if (!words.data)
		words = json_text(error, "detail");
	if (!words.data)
		words = json_text(error, "error");
	add_words(out, words, WORDS_MAX);
	add_metadata(out, error);
}

/* An error alone may be a bare string, which json_read() does not take. */
static json_t *
read_any(struct slice body)
{
	SCOPED(buf_clear) struct buf list;

	buf_init(&list, LLM_ANSWER_MAX);
	buf_addc(&list, '[');
	buf_add_slice(&list, body);
	buf_addc(&list, ']');
	json_t *json = list.over ? NULL : json_read(buf_slice(&list), NULL);
	if (json_array_size(json) != 1) {
		json_drop(&json);
		return NULL;
	}
	json_t *inner = json_incref(json_array_get(json, 0));
	json_drop(&json);
	return inner;
}

void
llm_explain(const struct llm *llm, int status, struct slice body,
	    struct llm_failure *failure)
{
	SCOPED(json_drop) json_t *json = read_any(body);
	SCOPED(buf_clear) struct buf words;
	const char *title = llm->title;

	*failure = (struct llm_failure){.status = status, .retry_after = -1};
	buf_init(&words, 4096);
	if (json)
		read_error(json, &words, failure);
	else if (body.len && body.data[0] != '<')
		add_words(&words, body, RAW_MAX);
	hide_key(&words, llm->key);
	enum error_code code = code_of(failure->status, body);
	if (words.len == 0)
		error_set(&failure->err, code, "%s answered with status %d",
			  title, failure->status);
	else if (failure->status / 100 == 2)
		error_set(&failure->err, code, "%s: %s", title,
			  buf_text(&words));
	else
		error_set(&failure->err, code, "%s (%d): %s", title,
			  failure->status, buf_text(&words));
}
