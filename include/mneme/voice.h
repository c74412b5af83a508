/*
 * voice.h - the model that answers a person, and how it is told to.
 *
 * What somebody set for themselves (record_setting_put(), under the names of
 * the configuration) stands over what files say and under the environment and
 * the command line.  Each person who set something has a voice of their own,
 * made when first needed and kept until what they set is something else; all
 * others share one.  On the loop's thread.
 *
 * A provider, its address, its key and its models belong together: where a
 * person named a provider or an address, the files' key, address and models are
 * no part of it, so that nobody's key is sent to somebody else.
 */
#ifndef MNEME_VOICE_H
#define MNEME_VOICE_H

#include "mneme/base.h"
#include "mneme/config.h"
#include "mneme/id.h"

struct error;
struct fetch;
struct llm;
struct loop;
struct store;
struct store_txn;
struct voices;

struct voice {
	struct llm *llm;       /* NULL: recall mode */
	struct slice system;   /* the standing instruction */
	double temperature;    /* < 0: the provider's */
	int64_t max_tokens;    /* 0: the provider's */
	size_t memory_tokens;  /* the memory block's budget */
	size_t context_tokens; /* the model's window */
	bool context_known;    /* that was set, not reckoned */
	bool own;              /* one person's */
	uint64_t number;       /* no other voice of the process has it */
};

/* Settings for everybody; all borrowed.  `model`: MODEL or PROVIDER:MODEL from
 * the command line, or NULL.  `store` NULL: nobody set anything. */
struct voices *voices_create(struct loop *loop, struct fetch *fetch,
			     struct store *store, const struct config *config,
			     const char *model);
/* Nobody holds a voice any more. */
void voices_destroy(struct voices **voices);

/* A person's, or everybody's (no profile); held until voice_drop().  NULL with
 * ERROR_SETUP, or ERROR_USAGE for a setting that does not do: what, and why. */
const struct voice *voice_of(struct voices *voices, struct id profile,
			     struct error *err);
const struct voice *voice_hold(const struct voice *voice);
void voice_drop(const struct voice **voice);

/* Something may have been set anew: let go of what nobody set any longer, and
 * of those who are gone, so that no key outlives that. */
void voices_check(struct voices *voices);

/* ---- what a person set */

/* May this be set for a person, and does the value do (NULL: it is only taken
 * out)?  ERROR_USAGE with "KEY: value: why". */
bool voice_setting_check(struct slice key, const struct slice *value,
			 enum config_option *option, struct error *err);

/* Did a person set anything that concerns their model? */
bool voice_is_own(struct store *store, struct id profile, bool *own,
		  struct error *err);

/* A copy of the settings with a person's among them; NULL on failure. */
struct config *voice_config(struct store_txn *txn, struct id profile,
			    const struct config *config, struct error *err);

#endif
