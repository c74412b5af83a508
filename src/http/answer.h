/* answer.h - the head of an answer. */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "http/inner.h"

/* Put it into the server's scratch; a length below 0: a stream. */
void answer_head(struct exchange *x, int status, const char *type,
		 int64_t length);

/* The server refuses the request; the exchange is over. */
void answer_refusal(struct exchange *x, int status, const char *code,
		    const char *fmt, ...) PRINTF(4, 5);

#endif
