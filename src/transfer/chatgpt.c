/*
 * ChatGPT's conversations.json: an array of conversations, each a tree of
 * nodes in "mapping".
 *
 * A node has a parent, children and perhaps a message.  Nodes that say nothing
 * to a person (the empty root, hidden system texts, calls of tools and their
 * answers) are left out and their children hang from the node above.  The
 * branch that ends in "current_node" is the one that is shown; the others are
 * kept beside it.  The walk goes from a node to its parent and never back, so
 * a tree that is a ring ends it by a count.
 */
#include <math.h>
#include <stdlib.h>

#include "inner.h"
#include "mneme/buf.h"
#include "mneme/clock.h"
#include "mneme/error.h"
#include "mneme/map.h"

enum { TEXT_MAX = RECORD_CONTENT_MAX };

struct node {
	const char *id;
	const json_t *json;
	struct node *parent;
	struct node *above;  /* the nearest one that became a line */
	size_t depth, order; /* depth from 1; 0: not known yet */
	int64_t at;
	bool shown;   /* on the path to current_node */
	bool written; /* it became a line */
};

struct tree {
	struct map by_id;
	struct node *nodes;
	size_t count;
};

static int64_t
seconds(const json_t *value)
{
	const double most = 253402300799.0; /* the year 9999 ends */
	double at = json_number_value(value);

	return at > 0 && at < most ? llround(at * 1e6) : 0;
}

static struct node *
find(const struct tree *t, const char *id)
{
	return id ? map_get(&t->by_id, slice_of(id)) : NULL;
}

/* ---- the tree ---- */

/* Each node is walked over twice at most, however deep the tree. */
static bool
find_depth(const struct tree *t, struct node *from, struct error *err)
{
	size_t steps = 0;
	struct node *up = from;

	for (; up && up->depth == 0; up = up->parent)
		if (++steps > t->count)
			return error_set(err, ERROR_INVALID,
					 "the tree of messages is a ring");
	size_t depth = steps + (up ? up->depth : 0);
	for (struct node *n = from; n != up; n = n->parent)
		n->depth = depth--;
	return true;
}

static bool
link_nodes(struct tree *t, struct error *err)
{
	for (size_t i = 0; i < t->count; i++)
		t->nodes[i].parent =
			find(t, foreign_text(t->nodes[i].json, "parent"));
	for (size_t i = 0; i < t->count; i++)
		if (!find_depth(t, &t->nodes[i], err))
			return false;
	return true;
}

static bool
read_tree(const json_t *conversation, struct tree *t, struct error *err)
{
	json_t *mapping = json_object_get(conversation, "mapping"), *value;
	const char *key;

	t->nodes = xcalloc(json_object_size(mapping) + 1, sizeof(*t->nodes));
	json_object_foreach(mapping, key, value)
	{
		struct node *n = &t->nodes[t->count];

		n->id = key;
		n->json = value;
		n->order = t->count++;
		n->at = seconds(json_object_get(
			json_object_get(value, "message"), "create_time"));
		map_put(&t->by_id, slice_of(key), n);
	}
	if (!link_nodes(t, err))
		return false;
	for (struct node *n =
		     find(t, foreign_text(conversation, "current_node"));
	     n; n = n->parent)
		n->shown = true;
	return true;
}

/* Parents before children; beside that by time, then as in the file. */
static int
by_depth(const void *a, const void *b)
{
	const struct node *x = *(struct node *const *)a;
	const struct node *y = *(struct node *const *)b;

	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* ---- a message ---- */

/* The words of a message; nothing for pictures, thoughts and settings. */
static void
message_text(const json_t *message, struct buf *out)
{
	const json_t *content = json_object_get(message, "content"), *part;
	const char *type = foreign_text(content, "content_type");
	size_t i;

	if (type && (strcmp(type, "thoughts") == 0 ||
		     strcmp(type, "reasoning_recap") == 0 ||
		     strcmp(type, "user_editable_context") == 0))
		return;
	foreign_add_part(out, foreign_text(content, "text"));
	json_array_foreach(json_object_get(content, "parts"), i, part)
	{
		if (json_is_string(part))
			foreign_add_part(out, json_string_value(part));
		else
			foreign_add_part(out, foreign_text(part, "text"));
	}
}

static bool
is_hidden(const json_t *message)
{
	const json_t *data = json_object_get(message, "metadata");
	const char *to = foreign_text(message, "recipient");

	return json_is_true(json_object_get(
		       data, "is_visually_hidden_from_conversation")) ||
	       (to && strcmp(to, "all") != 0);
}

static const char *
finish_reason(const json_t *message)
{
	const json_t *details = json_object_get(
		json_object_get(message, "metadata"), "finish_details");
	const char *type = foreign_text(details, "type");

	if (!type)
		return NULL;
	if (strcmp(type, "max_tokens") == 0)
		return "length";
	return strcmp(type, "interrupted") == 0 ? "cancelled" : "stop";
}

static json_t *
message_line(const struct node *n, const char *conversation, const char *role,
	     struct slice content)
{
	const json_t *message = json_object_get(n->json, "message");
	const json_t *data = json_object_get(message, "metadata");
	const char *status = foreign_text(message, "status");
	json_t *line = json_object();

	line_text(line, "type", slice_of("message"));
	line_text(line, "conversation", slice_of(conversation));
	line_text(line, "id", slice_of(n->id));
	line_text(line, "role", slice_of(role));
	line_text(line, "content", content);
	line_time(line, "created_at", n->at);
	if (n->above)
		line_text(line, "parent", slice_of(n->above->id));
	else
		json_object_set_new(line, "parent", json_null());
	if (!n->shown)
		json_object_set_new(line, "aside", json_true());
	if (strcmp(role, "assistant") == 0) {
		line_text(line, "model",
			  slice_of(foreign_text(data, "model_slug")));
		line_text(line, "finish_reason",
			  slice_of(finish_reason(message)));
		if (status && strcmp(status, "finished_successfully") != 0)
			json_object_set_new(line, "partial", json_true());
	}
	return line;
}

static void
add_message(json_t *lines, struct node *n, const char *conversation,
	    struct buf *text)
{
	const json_t *message = json_object_get(n->json, "message");
	const char *role =
		foreign_text(json_object_get(message, "author"), "role");

	/* Parents come first.  Answers without a time come right after what
	 * they answer. */
	if (n->parent)
		n->above = n->parent->written ? n->parent : n->parent->above;
	if (n->parent && n->at == 0)
		n->at = n->parent->at ? n->parent->at + 1 : 0;
	if (!role || is_hidden(message) ||
	    (strcmp(role, "user") != 0 && strcmp(role, "assistant") != 0 &&
	     strcmp(role, "system") != 0))
		return;
	buf_reset(text);
	message_text(message, text);
	if (text->len == 0)
		return;
	n->written = true;
	json_array_append_new(
		lines, message_line(n, conversation, role, buf_slice(text)));
}

json_t *
chatgpt_lines(const json_t *conversation, struct error *err)
{
	struct tree t = {0};
	SCOPED(buf_clear) struct buf text;
	const char *id = foreign_text(conversation, "conversation_id");
	json_t *lines = NULL, *head;

	if (!id)
		id = foreign_text(conversation, "id");
	buf_init(&text, TEXT_MAX);
	if (!id)
		error_set(err, ERROR_INVALID, "the conversation has no id");
	else if (read_tree(conversation, &t, err)) {
		SCOPED(free_pointer)
		struct node **sorted = xcalloc(t.count + 1, sizeof(void *));

		for (size_t i = 0; i < t.count; i++)
			sorted[i] = &t.nodes[i];
		qsort(sorted, t.count, sizeof(void *), by_depth);
		lines = json_array();
		head = json_object();
		line_text(head, "type", slice_of("conversation"));
		line_text(head, "id", slice_of(id));
		line_text(head, "title",
			  slice_of(foreign_text(conversation, "title")));
		line_time(
			head, "created_at",
			seconds(json_object_get(conversation, "create_time")));
		if (json_is_true(json_object_get(conversation, "is_archived")))
			json_object_set_new(head, "archived", json_true());
		json_array_append_new(lines, head);
		for (size_t i = 0; i < t.count; i++)
			add_message(lines, sorted[i], id, &text);
	}
	map_clear(&t.by_id, NULL);
	free(t.nodes);
	return lines;
}
