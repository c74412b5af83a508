/* question.c - what is attached to a question: checked, kept, sent. */
#include "question.h"

#include "mneme/arena.h"
#include "mneme/attach.h"
#include "mneme/digest.h"
#include "mneme/error.h"
#include "mneme/record.h"
#include "mneme/utf8.h"

static bool
check_one(const struct attachment *a, struct error *err)
{
	if (a->name.len > RECORD_TITLE_MAX || !utf8_valid(a->name) ||
	    memchr(a->name.data, '\0', a->name.len))
		return error_set(err, ERROR_INVALID,
				 "an attachment's name is text of at most %d "
				 "bytes",
				 RECORD_TITLE_MAX);
	if (a->bytes.len > RECORD_ATTACHMENT_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%.*s has %zu bytes; an image has at most %d",
				 SLICE_ARG(a->name), a->bytes.len,
				 RECORD_ATTACHMENT_MAX);
	return attach_image_type(a->bytes) ||
	       error_set(err, ERROR_INVALID,
			 "%.*s is no image (PNG, JPEG, GIF or WebP)",
			 SLICE_ARG(a->name));
}

bool
question_check(const struct chat_request *q, struct error *err)
{
	size_t bytes = 0;

	if (q->attachment_count > ATTACH_MAX)
		return error_set(err, ERROR_LIMIT,
				 "%zu images; at most %d go with a question",
				 q->attachment_count, ATTACH_MAX);
	for (size_t i = 0; i < q->attachment_count; i++) {
		if (!check_one(&q->attachments[i], err))
			return false;
		bytes += q->attachments[i].bytes.len;
	}
	return bytes <= ATTACH_BYTES_MAX ||
	       error_set(err, ERROR_LIMIT,
			 "images of %zu bytes; at most %d go with a question",
			 bytes, ATTACH_BYTES_MAX);
}

bool
question_attach(struct message *m, const struct chat_request *q,
		struct arena *arena, struct error *err)
{
	struct message_attachment *list =
		arena_alloc(arena, q->attachment_count + 1, sizeof(*list));

	for (size_t i = 0; i < q->attachment_count; i++) {
		const struct attachment *a = &q->attachments[i];

		list[i] = (struct message_attachment){
			.name = a->name.len ? a->name : slice_of("image"),
			.media_type = slice_of(attach_image_type(a->bytes)),
			.size = a->bytes.len};
		if (!digest_sha256(a->bytes, list[i].sha256, err))
			return false;
	}
	m->attachments = list;
	m->attachment_count = q->attachment_count;
	return true;
}

bool
question_store(struct store_txn *txn, const struct message *m,
	       const struct chat_request *q, struct error *err)
{
	for (size_t i = 0; i < q->attachment_count; i++)
		if (!record_attachment_put(txn, m->profile, m->conversation,
					   m->attachments[i].sha256,
					   q->attachments[i].bytes, err))
			return false;
	return true;
}

struct prompt_images
question_images(const struct chat_request *q, struct arena *arena)
{
	struct llm_image *list =
		arena_alloc(arena, q->attachment_count + 1, sizeof(*list));

	for (size_t i = 0; i < q->attachment_count; i++)
		list[i] = (struct llm_image){
			attach_image_type(q->attachments[i].bytes),
			q->attachments[i].bytes};
	return (struct prompt_images){.list = list,
				      .count = q->attachment_count};
}

size_t
question_bytes(const struct chat_request *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->attachment_count; i++)
		n += q->attachments[i].bytes.len;
	return n;
}
