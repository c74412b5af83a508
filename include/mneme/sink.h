/*
 * sink.h - where an answer goes, piece by piece.
 *
 * `text` gets the bytes as they come, cut anywhere; false from it means stop:
 * the call upstream is cancelled and `failed` gets ERROR_CANCELLED.  After any
 * number of texts exactly one of `done` and `failed` comes, and nothing after
 * it.  All on the loop's thread.
 */
#ifndef MNEME_SINK_H
#define MNEME_SINK_H

#include "mneme/base.h"

struct error;

struct sink {
	bool (*text)(void *arg, struct slice text);
	void (*done)(void *arg, const void *result); /* the header says what */
	void (*failed)(void *arg, const struct error *err);
	void *arg;
};

#endif
