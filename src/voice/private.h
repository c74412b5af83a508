/* private.h - what the files of voice/ share. */
#ifndef VOICE_PRIVATE_H
#define VOICE_PRIVATE_H

#include "mneme/voice.h"

struct record_setting;

/* The settings with these among them; NULL: one does not do. */
struct config *settings_config(const struct record_setting *list, size_t n,
			       const struct config *config, struct error *err);
/* Of what was read, in an arena, nothing stays. */
void settings_wipe(struct record_setting *list, size_t n);

/* Leaves the language out, for which the index asks itself: returns how many
 * are left. */
size_t settings_of_model(struct record_setting *list, size_t n);

/* What the settings say of the model; `llm` is the caller's to destroy, texts
 * are the config's. */
bool voice_read(struct voice *voice, struct loop *loop, struct fetch *fetch,
		const struct config *config, const char *model,
		struct error *err);

#endif
