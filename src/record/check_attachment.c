/*
 * check_attachment.c - are the bytes that messages refer to there, whole, and
 * no others?
 */
#include "mneme/digest.h"
#include "record/check.h"
#include "record/conversation.h"

bool
check_attachments(struct checking *c, const struct message *m)
{
	struct slice value;

	for (size_t i = 0; i < m->attachment_count; i++) {
		struct key key = key_of_two(m->profile, m->conversation);
		key_add(&key, m->attachments[i].sha256, 32);
		if (!store_get(c->txn, STORE_ATTACHMENTS, key_slice(&key),
			       &value, c->err))
			return false;
		if (!value.data)
			check_say(c, "an attachment's bytes are missing");
		else
			map_put(&c->attached, key_slice(&key), c);
	}
	return true;
}

bool
check_attachment(struct checking *c, struct slice key, struct slice value)
{
	struct id profile, conversation;
	uint8_t sha256[DIGEST_BYTES];
	struct conversation v = {0};
	bool found, gone;

	if (key.len != 2 * ID_BYTES + sizeof(sha256)) {
		check_say(c, "an attachment stands under no such key");
		return true;
	}
	memcpy(profile.bytes, key.data, ID_BYTES);
	memcpy(conversation.bytes, key.data + ID_BYTES, ID_BYTES);
	if (!digest_sha256(value, sha256, c->err) ||
	    !check_profile(c, profile, "file", &gone))
		return false;
	if (memcmp(sha256, key.data + 2 * ID_BYTES, sizeof(sha256)) != 0)
		check_say(c, "an attachment's bytes are not what they were");
	if (gone)
		return true;
	if (!conversation_any(c->txn, profile, conversation, &c->arena, &v,
			      &found, c->err))
		return false;
	if ((!found || !v.deleting) && !map_get(&c->attached, key))
		check_say(c, "an attachment belongs to no message");
	return true;
}
