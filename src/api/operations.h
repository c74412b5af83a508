/*
 * operations.h - what an operator sees of the api: rates, counters, the log of
 * requests, readiness.
 */
#ifndef API_OPERATIONS_H
#define API_OPERATIONS_H

#include "api/private.h"

void operations_open(struct api *api);
void operations_close(struct api *api);

/* Take the call from the budget of its route's class, by person when the caller
 * is known, else by address.  False after answering 429. */
bool operations_admit(struct call *call);

/* Count and log what was answered. */
void operations_finished(struct api *api, const struct http_exchange *x);

#endif
