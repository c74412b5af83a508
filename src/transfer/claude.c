/*
 * Claude's conversations.json: an array of conversations, each with its
 * "chat_messages" in order.
 *
 * A message names its parent in newer exports ("parent_message_uuid", zeros
 * for the first); in older ones it follows the one before.  The branch that is
 * shown ends in "current_leaf_message_uuid" or in the last message.  Words
 * stand in "content", a list of blocks, and in older exports in "text"; what
 * was attached is there as text.
 */
#include <stdlib.h>

#include "inner.h"
#include "mneme/base64.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/map.h"

static const char root_id[] = "00000000-0000-4000-8000-000000000000";

struct turn {
	const char *id, *parent; /* parent NULL: the first of a tree */
	const json_t *json;
	struct turn *up;
	struct turn *above; /* the nearest one that became a line */
	bool shown, written;
};

struct talk {
	struct map by_id;
	struct turn *turns;
	size_t count;
};

/* A parent stands before its answers; a name of one that does not is nothing:
 * so no ring can be made. */
static void
read_turns(const json_t *conversation, struct talk *t)
{
	const json_t *list = json_object_get(conversation, "chat_messages");
	const char *leaf =
		foreign_text(conversation, "current_leaf_message_uuid");
	struct turn *last = NULL;
	json_t *one;
	size_t i;

	t->turns = xcalloc(json_array_size(list) + 1, sizeof(*t->turns));
	json_array_foreach(list, i, one)
	{
		struct turn *turn = &t->turns[t->count];
		const char *parent = foreign_text(one, "parent_message_uuid");

		turn->id = foreign_text(one, "uuid");
		turn->json = one;
		if (!turn->id || map_get(&t->by_id, slice_of(turn->id)))
			continue;
		turn->up = parent ? map_get(&t->by_id, slice_of(parent)) : last;
		if (parent && !turn->up && strcmp(parent, root_id) != 0)
			turn->up = last;
		map_put(&t->by_id, slice_of(turn->id), turn);
		t->count++;
		last = turn;
	}
	if (leaf && map_get(&t->by_id, slice_of(leaf)))
		last = map_get(&t->by_id, slice_of(leaf));
	for (; last; last = last->up)
		last->shown = true;
}

/* Not thoughts, nor calls of tools and what they gave. */
static void
turn_text(const json_t *turn, struct buf *out)
{
	json_t *block;
	size_t i;

	json_array_foreach(json_object_get(turn, "content"), i, block)
	{
		const char *type = foreign_text(block, "type");

		if (!type || strcmp(type, "text") == 0)
			foreign_add_part(out, foreign_text(block, "text"));
	}
	if (out->len == 0)
		foreign_add_part(out, foreign_text(turn, "text"));
}

static void
add_attachment(json_t *list, const json_t *one)
{
	const char *text = foreign_text(one, "extracted_content");
	const char *name = foreign_text(one, "file_name");
	SCOPED(buf_clear) struct buf data;
	json_t *out;

	buf_init(&data, (size_t)RECORD_ATTACHMENT_MAX * 2);
	if (!text || strlen(text) > RECORD_ATTACHMENT_MAX)
		return;
	base64_write(slice_of(text), &data);
	out = json_object();
	line_text(out, "name",
		  slice_of(name && *name ? name : "attachment.txt"));
	line_text(out, "media_type", slice_of("text/plain"));
	line_text(out, "data", data.len ? buf_slice(&data) : slice_make("", 0));
	json_array_append_new(list, out);
}

static void
add_attachments(json_t *line, const json_t *turn)
{
	json_t *list = json_array(), *one;
	size_t i;

	json_array_foreach(json_object_get(turn, "attachments"), i, one)
		add_attachment(list, one);
	if (json_array_size(list))
		json_object_set(line, "attachments", list);
	json_decref(list);
}

static json_t *
turn_line(const struct turn *turn, const char *conversation, bool human,
	  struct slice content)
{
	json_t *line = json_object();
	int64_t at;

	line_text(line, "type", slice_of("message"));
	line_text(line, "conversation", slice_of(conversation));
	line_text(line, "id", slice_of(turn->id));
	line_text(line, "role", slice_of(human ? "user" : "assistant"));
	line_text(line, "content", content);
	if (clock_parse(slice_of(foreign_text(turn->json, "created_at")), &at))
		line_time(line, "created_at", at);
	if (turn->above)
		line_text(line, "parent", slice_of(turn->above->id));
	else
		json_object_set_new(line, "parent", json_null());
	if (!turn->shown)
		json_object_set_new(line, "aside", json_true());
	add_attachments(line, turn->json);
	return line;
}

static void
add_turn(json_t *lines, struct turn *turn, const char *conversation,
	 struct buf *text)
{
	const char *sender = foreign_text(turn->json, "sender");
	bool human = sender && strcmp(sender, "human") == 0;

	if (turn->up)
		turn->above = turn->up->written ? turn->up : turn->up->above;
	if (!human && (!sender || strcmp(sender, "assistant") != 0))
		return;
	buf_reset(text);
	turn_text(turn->json, text);
	/* A file sent without a word is said by its name. */
	if (text->len == 0)
		foreign_add_part(
			text,
			foreign_text(
				json_array_get(json_object_get(turn->json,
							       "attachments"),
					       0),
				"file_name"));
	if (text->len == 0)
		return;
	turn->written = true;
	json_array_append_new(
		lines, turn_line(turn, conversation, human, buf_slice(text)));
}

json_t *
claude_lines(const json_t *conversation, struct error *err)
{
	struct talk t = {0};
	SCOPED(buf_clear) struct buf text;
	const char *id = foreign_text(conversation, "uuid");
	json_t *lines, *head;
	int64_t at;

	buf_init(&text, RECORD_CONTENT_MAX);
	if (!id) {
		error_set(err, ERROR_INVALID, "the conversation has no uuid");
		return NULL;
	}
	read_turns(conversation, &t);
	lines = json_array();
	head = json_object();
	line_text(head, "type", slice_of("conversation"));
	line_text(head, "id", slice_of(id));
	line_text(head, "title", slice_of(foreign_text(conversation, "name")));
	if (clock_parse(slice_of(foreign_text(conversation, "created_at")),
			&at))
		line_time(head, "created_at", at);
	json_array_append_new(lines, head);
	for (size_t i = 0; i < t.count; i++)
		add_turn(lines, &t.turns[i], id, &text);
	map_clear(&t.by_id, NULL);
	free(t.turns);
	return lines;
}
