/* call.h - a client and its calls, for the files of this module. */
#ifndef LLM_CALL_H
#define LLM_CALL_H

#include "llm/format.h"
#include "llm/sse.h"
#include "mneme/list.h"

enum {
	LLM_REQUEST_MAX = 64 << 20,
	LLM_ANSWER_MAX = 16 << 20,
	LLM_WORD_MAX = 128, /* of a model's name, a finish reason */
};

struct llm {
	struct loop *loop;
	struct fetch *fetch;
	const struct llm_provider *provider;
	char *base;
	char *title; /* who answers, as people are told */
	char *key;
	char **models; /* the one to use, then the fallbacks, then NULL */
	unsigned retries;
	struct list calls;
};

struct llm_call {
	struct list link;
	struct llm *llm;
	struct sink sink;
	llm_retry_fn *retry;
	void (*each)(void *arg, const struct llm_model_info *model);
	void (*event)(void *arg, struct slice json);
	bool stream;

	struct buf request; /* its JSON, for models[model_at] ... */
	size_t same;        /* ... and for every other, from here on */
	char *model;
	size_t model_at;
	unsigned attempt;
	struct loop_timer *timer;

	struct fetch_call *fetch;
	bool paused;
	bool busy; /* the stream's bytes are being read */
	bool told; /* the sink has heard of the end */

	/* Of this attempt. */
	int status;
	int64_t retry_after;
	bool events; /* the answer comes as events */
	struct sse sse;
	struct buf body; /* what is no event */
	size_t text_len;
	bool words; /* not only white space came */
	char finish[LLM_WORD_MAX];
	char answered[LLM_WORD_MAX];
	struct llm_usage usage;
	struct error err; /* found in the stream */
	bool other;       /* it called tools */
	bool again;       /* it may be tried again */
};

/* What a provider's error body says. */
struct llm_failure {
	struct error err;
	int status;          /* what the body says, or the head's */
	int64_t retry_after; /* -1: not told */
};
void llm_explain(const struct llm *llm, int status, struct slice body,
		 struct llm_failure *failure);

/* May the same request work later? */
bool llm_status_again(int status);

/* How long before the n-th retry, n from 1: longer each time, and never the
 * same for all who wait. */
int64_t llm_backoff(unsigned n);

/* models.c: every model in a list of them. */
bool llm_read_models(struct llm_call *call, struct slice body,
		     struct error *err);

/* attempt.c: send the request as it stands. */
bool llm_attempt(struct llm_call *call, struct error *err);

/* call.c: how an attempt ended. */
void llm_fail(struct llm_call *call, const struct error *err, bool again);
void llm_done(struct llm_call *call);

/* Unlink and free, the request on the wire with it. */
void llm_drop(struct llm_call *call);

#endif
