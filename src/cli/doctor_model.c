/* The doctor's checks of the two models: the one that finds by meaning, and
 * the one that answers. */
#include "doctor.h"
#include "engine.h"
#include "mneme/clock.h"
#include "mneme/embed.h"
#include "mneme/llm.h"
#include "mneme/loop.h"
#include "setup.h"

bool
doctor_embedding(struct doctor *d)
{
	struct cli *cli = d->cli;
	struct error err = {0};
	const char *name = setting_text(cli, "EMBEDDING_MODEL");
	const char *folder = setup_model_folder(cli, &err);

	if (!folder || strcmp(name, "none") == 0) {
		doctor_say(d, DOCTOR_NOTE, "mneme model list",
			   "EMBEDDING_MODEL is none: finding by words only");
		return true;
	}
	SCOPED(embed_close)
	struct embed_model *model = embed_open(folder, &err);
	if (!model) {
		const char *mend = "mneme model list";
		if (embed_published_find(name))
			mend = arena_printf(&cli->arena, "mneme model pull %s",
					    name);
		doctor_say(d, DOCTOR_SETUP, mend, "finding by words only: %s",
			   err.text);
		return true;
	}
	doctor_say(d, DOCTOR_OK, NULL, "%s, %u dimensions, by %s", name,
		   embed_info(model)->dimensions, embed_info(model)->kernel);
	return true;
}

/* ---- the one that answers ---- */

struct trying {
	struct loop *loop;
	struct doctor *doctor;
	int64_t started;
	size_t bytes;
};

static bool
on_text(void *arg, struct slice text)
{
	struct trying *t = arg;

	t->bytes += text.len;
	return true;
}

static void
on_done(void *arg, const void *result)
{
	struct trying *t = arg;
	const struct llm_result *r = result;

	doctor_say(t->doctor, DOCTOR_OK, NULL,
		   "%.*s answered with %zu %s in %.1f s", SLICE_ARG(r->model),
		   t->bytes, plural(t->bytes, "byte", "bytes"),
		   (double)(clock_monotonic() - t->started) / CLOCK_SECOND);
	loop_stop(t->loop);
}

static void
on_failed(void *arg, const struct error *err)
{
	struct trying *t = arg;

	doctor_say_error(t->doctor,
			 err->code == ERROR_AUTH ? "mneme config list" : NULL,
			 err);
	loop_stop(t->loop);
}

/* One word, of one that thinks before it speaks too. */
static void
try_model(struct doctor *d, struct engine *engine)
{
	enum { TOKENS = 64 };
	const struct llm_message question = {.role = LLM_USER,
					     .content = slice_of("Say: ok")};
	const struct llm_request request = {.messages = &question,
					    .message_count = 1,
					    .temperature = -1,
					    .max_tokens = TOKENS,
					    .stream = true};
	struct trying t = {.loop = engine->loop,
			   .doctor = d,
			   .started = clock_monotonic()};
	const struct sink sink = {on_text, on_done, on_failed, &t};
	struct error err = {0};

	if (llm_stream(engine->chat.llm, &request, &sink, NULL, &err))
		loop_run(engine->loop);
	else
		doctor_say_error(d, NULL, &err);
}

static void
say_provider(struct doctor *d, struct engine *engine)
{
	SCOPED(buf_clear) struct buf base;

	buf_init(&base, 8192);
	if (!engine->chat.llm) {
		doctor_say(d, DOCTOR_SETUP,
			   "mneme config set LLM_PROVIDER openrouter && mneme "
			   "config set OPENROUTER_API_KEY",
			   "no provider: answers come from memory only");
		return;
	}
	llm_base(engine->chat.llm, &base);
	doctor_say(d, DOCTOR_OK, NULL, "%s, %s at %s",
		   llm_provider(engine->chat.llm)->title,
		   llm_model(engine->chat.llm), buf_text(&base));
	if (d->cli->options.test)
		try_model(d, engine);
}

bool
doctor_provider(struct doctor *d)
{
	struct engine engine = {0};
	struct error err = {0};

	engine.loop = loop_create(&err);
	if (engine.loop &&
	    engine_model(&engine, d->cli, d->cli->profile.id, NULL, &err))
		say_provider(d, &engine);
	else
		doctor_say_error(d, NULL, &err);
	engine_close(&engine);
	return true;
}
