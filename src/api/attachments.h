/* attachments.h - images in what clients send. */
#ifndef API_ATTACHMENTS_H
#define API_ATTACHMENTS_H

#include "mneme/attach.h"

struct call;
struct chat_request;
struct reading;

/* A route's `unpack`: the body's "attachments" as bytes. */
bool attachments_unpack(struct reading *r);
/* They go along with the request, while the call lives. */
void attachments_add(const struct call *call, struct chat_request *request);

#endif
