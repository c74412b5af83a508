/*
 * llm.h - remote language models: one call in, a stream of text out.
 *
 * A provider is a row: where it is, which wire format it speaks, which setting
 * holds its key.  The formats turn a request into JSON and the answer's events
 * into text; fetch/ carries the bytes.  Retries happen only before the first
 * token.  An end without a finish reason is an error; so is an empty answer.
 */
#ifndef MNEME_LLM_H
#define MNEME_LLM_H

#include "mneme/base.h"
#include "mneme/error.h"
#include "mneme/sink.h"

struct buf;
struct fetch;
struct llm;
struct llm_call;
struct llm_format;
struct loop;

struct llm_provider {
	const char *name;        /* "openrouter", as LLM_PROVIDER names it */
	const char *title;       /* "OpenRouter" */
	const char *base_url;    /* without a slash at its end */
	const char *key_setting; /* "OPENROUTER_API_KEY"; NULL: no key needed */
	const char *model;       /* used when none is set; NULL: one must be */
	size_t context_tokens;   /* what its models usually hold; 0: unknown */
	const struct llm_format *format;
};

extern const struct llm_provider llm_providers[];
extern const size_t llm_provider_count;
const struct llm_provider *llm_provider_find(struct slice name);
/* Is one called so?  Else `code`, with the names that there are. */
bool llm_provider_known(struct slice name, enum error_code code,
			struct error *err);

/* Write into the configuration file who runs the model. */
struct llm_choice {
	const struct llm_provider *provider;
	bool other;           /* a server that is none of the rows */
	const char *base_url; /* NULL: the provider's */
	const char *key; /* "!COMMAND": one that prints it; NULL, "": none */
};
bool llm_choose(const char *path, const struct llm_choice *choice,
		struct error *err);

struct llm_settings {
	const struct llm_provider *provider;
	const char *base_url; /* NULL: the provider's */
	const char *key;      /* NULL: none */
	const char *model;    /* NULL: the provider's */
	const char *const
		*fallbacks; /* further models, NULL at the end, or NULL */
	unsigned retries;   /* at most, before the first token */
};

enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT };

struct llm_image {
	const char *media_type;
	struct slice bytes;
};

struct llm_message {
	enum llm_role role;
	struct slice content;
	const struct llm_image *images;
	size_t image_count;
	struct slice json; /* the whole message as OpenAI's format has it, sent
			      as it is where the provider speaks that */
};

struct llm_request {
	const struct llm_message *messages;
	size_t message_count;
	const char *model;  /* NULL: the settings' */
	double temperature; /* < 0: the provider's default */
	int64_t max_tokens; /* 0: the provider's default */
	bool stream;
	const char *schema_name; /* NULL, or ask for JSON of this schema ... */
	struct slice schema;     /* ... which is JSON text */
	struct slice
		extra; /* members of a JSON object to send along, or empty */
	/* Gets each event of the answer, or all of it, as it came; an answer
	 * without text is then none to complain of if it calls tools.  `arg`
	 * is the sink's.  May be NULL. */
	void (*event)(void *arg, struct slice json);
};

struct llm_usage {
	int64_t prompt_tokens;     /* -1: not told */
	int64_t completion_tokens; /* -1: not told */
	int64_t cached_tokens;     /* -1: not told */
	double cost;               /* < 0: not told; US dollars */
};

/* What a sink's `done` gets; borrowed for the call. */
struct llm_result {
	struct slice model; /* that answered */
	struct slice asked; /* that the request named: a fallback, perhaps */
	struct slice
		finish_reason; /* "stop", "length", "content_filter", ... */
	struct llm_usage usage;
};

/* A retry is coming; for a countdown on the screen.  `arg` is the sink's. */
typedef void llm_retry_fn(void *arg, const struct error *why,
			  int64_t wait /* microseconds */, unsigned attempt);

/* Settings are copied. */
struct llm *llm_create(struct loop *loop, struct fetch *fetch,
		       const struct llm_settings *settings, struct error *err);
void llm_destroy(struct llm **llm);

/* Who answers, as people are told: "OpenRouter", or the host of LLM_BASE_URL.
 * Lives as long as `llm`. */
const char *llm_title(const struct llm *llm);
const char *llm_model(const struct llm *llm);
const struct llm_provider *llm_provider(const struct llm *llm);

/* Start a call.  The request's bytes are copied before it returns.  `sink`
 * hears of it as sink.h says; its `failed` gets ERROR_UPSTREAM (network, 5xx,
 * broken stream), ERROR_AUTH (401, 403), ERROR_BUSY (429), ERROR_LIMIT (the
 * context is too long), ERROR_CANCELLED, with the provider's own words.  The
 * call is borrowed until `done` or `failed` returns.  A failure to start is
 * told here and not to the sink. */
struct llm_call *llm_stream(struct llm *llm, const struct llm_request *request,
			    const struct sink *sink, llm_retry_fn *retry,
			    struct error *err);

/* Cancel at once: the sink's `failed` has been called with ERROR_CANCELLED
 * when this returns. */
void llm_cancel(struct llm_call *call);
void llm_pause(struct llm_call *call, bool paused);

/* In `failed`: when the provider wants to be asked again, in microseconds, -1
 * when it did not say; and its HTTP status, 0 without an answer, 504 for a
 * time-out. */
int64_t llm_retry_after(const struct llm_call *call);
int llm_status(const struct llm_call *call);

/* What to tell a person of a finish reason: NULL where the answer simply
 * ended. */
const char *llm_finish_note(struct slice reason);

/* The request's JSON exactly as it would be sent. */
bool llm_request_json(struct llm *llm, const struct llm_request *request,
		      struct buf *out, struct error *err);

/* The same for any provider; `request` names its model.  `base_url` NULL: the
 * provider's. */
bool llm_print_request(const struct llm_provider *provider,
		       const char *base_url, const struct llm_request *request,
		       struct buf *out, struct error *err);
/* Where the provider is asked, as it was set, without a password in it; in
 * `out`. */
void llm_base(const struct llm *llm, struct buf *out);

/* The provider's models, one call to `each` a model, then done or failed; the
 * sink's `text` may be NULL. */
struct llm_model_info {
	struct slice id;
	int64_t context_tokens; /* 0: not told */
};
struct llm_call *llm_models(struct llm *llm,
			    void (*each)(void *arg,
					 const struct llm_model_info *model),
			    const struct sink *sink, struct error *err);

#endif
