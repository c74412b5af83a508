/* Lists of models, which every provider words a little differently. */
#include "llm/call.h"
#include "mneme/error.h"
#include "mneme/json.h"

static int64_t
context_of(const json_t *model)
{
	static const char *const names[] = {
		"context_length", "max_model_len", "context_window",
		"max_context_length", "inputTokenLimit"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const json_t *n = json_object_get(model, names[i]);
		if (json_is_integer(n) && json_integer_value(n) > 0)
			return json_integer_value(n);
	}
	return 0;
}

static struct slice
id_of(const json_t *model)
{
	struct slice id = json_text(model, "id");

	if (!id.data)
		id = json_text(model, "name");
	if (id.data && slice_starts(id, "models/"))
		id = slice_make(id.data + 7, id.len - 7);
	return id;
}

bool
llm_read_models(struct llm_call *call, struct slice body, struct error *err)
{
	SCOPED(json_drop) json_t *json = json_read(body, err);
	const json_t *list = json_object_get(json, "data");
	size_t i;
	json_t *model;

	if (!list)
		list = json_object_get(json, "models");
	if (!json_is_array(list))
		return error_set(err, ERROR_UPSTREAM,
				 "%s: the answer is no list of models",
				 call->llm->title);
	json_array_foreach(list, i, model)
	{
		struct llm_model_info info = {id_of(model), context_of(model)};
		if (info.id.data)
			call->each(call->sink.arg, &info);
	}
	return true;
}
