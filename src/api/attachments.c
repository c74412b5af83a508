/*
 * attachments.c - images in what clients send, and back to them.
 *
 * A client says a name and the bytes; what kind of image it is the bytes say.
 */
#include "api/attachments.h"

#include "api/private.h"
#include "mneme/base64.h"
#include "mneme/digest.h"

/* ---- in */

struct unpacked {
	const struct attachment *list;
	size_t count;
};

static bool
decode(struct reading *r, const json_t *one, size_t i, struct attachment *out)
{
	SCOPED(buf_clear) struct buf bytes;
	struct slice name = call_text(one, "name");
	char field[64];

	snprintf(field, sizeof(field), "attachments[%zu].data", i);
	buf_init(&bytes, RECORD_ATTACHMENT_MAX);
	if (!base64_read(call_text(one, "data"), &bytes))
		return reading_invalid(r, field,
				       "is no base 64 of at most %d bytes",
				       RECORD_ATTACHMENT_MAX);
	if (!attach_image_type(buf_slice(&bytes)))
		return reading_invalid(r, field,
				       "is no image (PNG, JPEG, GIF or WebP)");
	*out = (struct attachment){name,
				   arena_copy(r->arena, buf_slice(&bytes))};
	return true;
}

bool
attachments_unpack(struct reading *r)
{
	const json_t *list = json_object_get(r->object, "attachments");
	size_t n = json_array_size(list);
	struct attachment *out = arena_alloc(r->arena, n + 1, sizeof(*out));
	struct unpacked *u = arena_alloc(r->arena, 1, sizeof(*u));

	for (size_t i = 0; i < n; i++)
		if (!decode(r, json_array_get(list, i), i, &out[i]))
			return false;
	*u = (struct unpacked){out, n};
	r->unpacked = u;
	return true;
}

void
attachments_add(const struct call *call, struct chat_request *request)
{
	const struct unpacked *u = call->unpacked;

	request->attachments = u->list;
	request->attachment_count = u->count;
}

/* ---- out */

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
read_sum(struct slice hex, uint8_t out[DIGEST_BYTES])
{
	if (hex.len != DIGEST_HEX)
		return false;
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		int high = digit(hex.data[2 * i]);
		int low = digit(hex.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool
find_bytes(struct store_txn *txn, struct call *call, struct error *err)
{
	uint8_t sum[DIGEST_BYTES];
	struct slice *bytes = call->data;
	struct id profile = call->caller.profile;
	bool found = false;

	if (!record_conversation_get(txn, profile, call->id, call->arena,
				     &call->conversation, &found, err))
		return false;
	if (found && read_sum(call->params[1], sum) &&
	    !record_attachment_get(txn, profile, call->id, sum, call->arena,
				   bytes, &found, err))
		return false;
	return (found && bytes->data) ||
	       error_set(err, ERROR_NOT_FOUND, "there is no such attachment");
}

/* Only images are said to be something: nothing else runs in a browser. */
void
attachment_get(struct call *call)
{
	struct slice bytes = {0};

	call->data = &bytes;
	if (!call_id(call, 0, &call->id) || !call_read(call, find_bytes))
		return;
	call->data = NULL;
	const char *type = attach_image_type(bytes);
	http_add(call->x, "Content-Disposition",
		 slice_of(type ? "inline" : "attachment"));
	answer_bytes(call, 200, type ? type : "application/octet-stream",
		     bytes);
}
