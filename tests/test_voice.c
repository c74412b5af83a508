/* What voice.h promises: whose settings count, and how long a voice lives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/schemas.h"
#include "mneme/arena.h"
#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/fetch.h"
#include "mneme/file.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "mneme/record.h"
#include "mneme/store.h"
#include "mneme/voice.h"
#include "support.h"
#include "support_store.h"

static const char everybodys[] = "LLM_PROVIDER=openai\nLLM_MODEL=plain\n"
				 "LLM_BASE_URL=http://one.example/v1\n"
				 "OPENAI_API_KEY=sk-all\nLLM_API_KEY=sk-any\n"
				 "GEMINI_API_KEY=sk-gemini\n"
				 "MNEME_FALLBACK_MODELS=second\n"
				 "LLM_CONTEXT_TOKENS=9000\n";

struct rig {
	struct scratch *scratch;
	struct id ada, bob;
	struct config *config;
	struct loop *loop;
	struct fetch *fetch;
	struct voices *voices;
	struct error err;
};

static struct config *
read_config(struct rig *r, const char *text)
{
	SCOPED(free_pointer)
	char *path = path_join(r->scratch->folder, "config");
	const struct config_sources sources = {.file = path};

	assert_true(file_write(path, slice_of(text), 0600, &r->err));
	return config_load(&sources, &r->err);
}

static int
make(void **state)
{
	const struct fetch_settings wire = {.connect_timeout = 1000000,
					    .idle_timeout = 1000000};
	struct rig *r = calloc(1, sizeof(*r));
	void *scratch;

	assert_int_equal(scratch_make(&scratch), 0);
	r->scratch = scratch;
	r->ada = scratch_person(r->scratch);
	r->config = read_config(r, everybodys);
	assert_non_null(r->config);
	r->loop = loop_create(&r->err);
	r->fetch = fetch_create(r->loop, &wire);
	r->voices = voices_create(r->loop, r->fetch, r->scratch->store,
				  r->config, NULL);
	*state = r;
	return 0;
}

static int
drop(void **state)
{
	struct rig *r = *state;
	void *scratch = r->scratch;

	voices_destroy(&r->voices);
	fetch_destroy(&r->fetch);
	loop_destroy(&r->loop);
	config_destroy(&r->config);
	scratch_drop(&scratch);
	free(r);
	return 0;
}

struct setting {
	struct id profile;
	const char *key, *value;
};

static bool
put(struct store_txn *txn, void *arg, struct error *err)
{
	const struct setting *s = arg;

	return record_setting_put(txn, s->profile, slice_of(s->key),
				  slice_of(s->value), err);
}

static void
set(struct rig *r, struct id who, const char *key, const char *value)
{
	struct setting s = {who, key, value};

	if (!store_write(r->scratch->store, put, &s, &r->err))
		fail_msg("%s", r->err.text);
}

static const struct voice *
voice(struct rig *r, struct id who)
{
	const struct voice *v = voice_of(r->voices, who, &r->err);

	if (!v)
		fail_msg("%s", r->err.text);
	return v;
}

static const struct id nobody;

static void
those_who_set_nothing_share_one(void **state)
{
	struct rig *r = *state;
	const struct voice *all = voice(r, nobody), *adas = voice(r, r->ada);

	assert_ptr_equal(all, adas);
	assert_false(all->own);
	assert_string_equal(llm_model(all->llm), "plain");
	assert_int_equal(all->context_tokens, 9000);
	voice_drop(&adas);
	set(r, r->ada, "MNEME_LANGUAGE", "german"); /* is no voice's matter */
	adas = voice(r, r->ada);
	assert_ptr_equal(all, adas);
	voice_drop(&adas);
	voice_drop(&all);
	assert_null(all);
}

static void
a_voice_is_kept_until_something_else_is_set(void **state)
{
	struct rig *r = *state;
	const struct voice *first, *second;

	set(r, r->ada, "LLM_MODEL", "adas");
	first = voice(r, r->ada);
	assert_true(first->own);
	assert_string_equal(llm_model(first->llm), "adas");
	second = voice(r, r->ada);
	assert_ptr_equal(first, second);
	voice_drop(&second);
	set(r, r->ada, "LLM_MODEL", "another");
	second = voice(r, r->ada);
	assert_true(second->number != first->number);
	assert_string_equal(llm_model(second->llm), "another");
	/* Who holds the first goes on with it, past a turn of the loop. */
	loop_turn(r->loop, false);
	assert_string_equal(llm_model(first->llm), "adas");
	voice_drop(&first);
	set(r, r->ada, "LLM_MODEL", "");
	voices_check(r->voices);
	assert_string_equal(llm_model(second->llm), "another");
	voice_drop(&second);
	first = voice(r, r->ada);
	assert_false(first->own);
	voice_drop(&first);
}

/* What is set, and what then is asked; NULL for `base`: it fails, and `title`
 * is in the reason. */
static const struct {
	const char *settings[3][2];
	const char *base, *title, *model;
	size_t context;
	const char *why;
} rules[] = {
	{{{"LLM_MODEL", "m"}},
	 "http://one.example/v1",
	 "one.example",
	 "m",
	 9000,
	 "a model alone is asked for where everybody's is"},
	{{{"LLM_PROVIDER", "openai"}},
	 NULL,
	 "set OPENAI_API_KEY",
	 "",
	 0,
	 "everybody's key is for the server at everybody's address"},
	{{{"LLM_PROVIDER", "openai"}, {"OPENAI_API_KEY", "k"}},
	 "https://api.openai.com/v1",
	 "OpenAI",
	 "gpt-4o-mini",
	 128000,
	 "neither everybody's address nor their model"},
	{{{"LLM_PROVIDER", "gemini"}},
	 "https://generativelanguage.googleapis.com/v1beta",
	 "Gemini",
	 "gemini-2.5-flash",
	 1048576,
	 "the key that bears the provider's name is for that"},
	{{{"LLM_PROVIDER", "openrouter"}},
	 NULL,
	 "OpenRouter wants a key",
	 "",
	 0,
	 "a key for any provider was for another one"},
	{{{"LLM_BASE_URL", "http://two.example/v1"}},
	 "http://two.example/v1",
	 "two.example",
	 "gpt-4o-mini",
	 8192,
	 "everybody's model and window are not of this server"},
	{{{"LLM_PROVIDER", "gemini"},
	  {"GEMINI_BASE_URL", "http://g.example"},
	  {"LLM_MODEL", "m"}},
	 "http://g.example",
	 "g.example",
	 "m",
	 8192,
	 "Gemini's address is its own"},
	{{{"LLM_PROVIDER", "nobody"}},
	 NULL,
	 "LLM_PROVIDER 'nobody': not one",
	 "",
	 0,
	 "what an older program let through"},
	{{{"PORT", "1"}},
	 NULL,
	 "PORT: cannot be set for a profile",
	 "",
	 0,
	 "what is not a person's"},
	{{{"OPENAI_API_KEY_CMD", "id"}},
	 NULL,
	 "a profile holds the secret",
	 "",
	 0,
	 "a command is never run for a profile"},
};

static void
what_goes_together_is_taken_together(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < COUNT(rules); i++) {
		SCOPED(buf_clear) struct buf base = {.max = 4096};

		for (size_t k = 0; k < 3 && rules[i].settings[k][0]; k++)
			set(r, r->ada, rules[i].settings[k][0],
			    rules[i].settings[k][1]);
		const struct voice *v = voice_of(r->voices, r->ada, &r->err);
		if (!rules[i].base) {
			if (v || !strstr(r->err.text, rules[i].title) ||
			    r->err.code != ERROR_SETUP)
				fail_msg("%s: %s", rules[i].why, r->err.text);
		} else {
			if (!v)
				fail_msg("%s: %s", rules[i].why, r->err.text);
			llm_base(v->llm, &base);
			if (strcmp(buf_text(&base), rules[i].base) != 0 ||
			    strcmp(llm_title(v->llm), rules[i].title) != 0 ||
			    strcmp(llm_model(v->llm), rules[i].model) != 0 ||
			    v->context_tokens != rules[i].context)
				fail_msg("%s: %s, %s, %s, %zu", rules[i].why,
					 buf_text(&base), llm_title(v->llm),
					 llm_model(v->llm), v->context_tokens);
			voice_drop(&v);
		}
		for (size_t k = 0; k < 3 && rules[i].settings[k][0]; k++)
			set(r, r->ada, rules[i].settings[k][0], "");
	}
}

struct crowd {
	struct id first;
	size_t count;
};

static bool
add_people(struct store_txn *txn, void *arg, struct error *err)
{
	struct crowd *crowd = arg;

	for (size_t i = 0; i < crowd->count; i++) {
		char name[32];
		struct profile p = {0};

		snprintf(name, sizeof(name), "p%zu", i);
		p.name = slice_of(name);
		if (!record_profile_create(txn, &p, err) ||
		    !record_setting_put(txn, p.id, slice_of("LLM_MODEL"),
					p.name, err))
			return false;
		if (i == 0)
			crowd->first = p.id;
	}
	return true;
}

static void
a_crowd_has_voices_and_none_is_held_in_vain(void **state)
{
	struct rig *r = *state;
	struct crowd crowd = {.count = 1100};
	SCOPED(arena_clear) struct arena arena = {0};
	const struct voice *held, *v;
	struct profile *people;
	uint64_t last = 0;
	size_t n;

	assert_true(
		store_write(r->scratch->store, add_people, &crowd, &r->err));
	held = voice(r, crowd.first);
	{
		SCOPED(store_end)
		struct store_txn *txn = store_read(r->scratch->store, &r->err);
		assert_true(
			record_profile_list(txn, &arena, &people, &n, &r->err));
	}
	for (size_t i = 0; i < n; i++) {
		if (id_equal(people[i].id, r->ada))
			continue;
		v = voice(r, people[i].id);
		assert_memory_equal(llm_model(v->llm), people[i].name.data,
				    people[i].name.len);
		last = v->number;
		voice_drop(&v);
	}
	v = voice(r, crowd.first); /* one that is held stays */
	assert_ptr_equal(v, held);
	voice_drop(&v);
	voice_drop(&held);
	v = voice(r, people[n - 1].id); /* and one that was used last */
	assert_int_equal(v->number, last);
	voice_drop(&v);
}

static void
the_api_offers_what_the_tables_have(void **state)
{
	const struct schema_field *provider =
		schema_field(&schema_settings_change, slice_of("provider"));
	const struct schema_field *language =
		schema_field(&schema_settings_change, slice_of("language"));
	SCOPED(buf_clear) struct buf names = {.max = 1024};

	(void)state;
	for (size_t i = 0; i < llm_provider_count; i++)
		if (llm_providers[i].key_setting)
			buf_addf(&names, "%s%s", names.len ? " " : "",
				 llm_providers[i].name);
	assert_string_equal(provider->choices, buf_text(&names));
	assert_string_equal(language->choices,
			    config_rows[CONFIG_LANGUAGE].choices);
}

int
main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, make, drop)
	const struct CMUnitTest tests[] = {
		WITH_RIG(those_who_set_nothing_share_one),
		WITH_RIG(a_voice_is_kept_until_something_else_is_set),
		WITH_RIG(what_goes_together_is_taken_together),
		WITH_RIG(a_crowd_has_voices_and_none_is_held_in_vain),
		cmocka_unit_test(the_api_offers_what_the_tables_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
