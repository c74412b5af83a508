/* attachments.h - images in what clients send. */
#ifndef API_ATTACHMENTS_H
#define API_ATTACHMENTS_H

#include "mneme/attach.h"

struct call;
struct chat_request;

/* The body's "attachments" into the request; false after answering. */
bool attachments_read(struct call *call, struct chat_request *request);

#endif
