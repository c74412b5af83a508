/* thread.h - start a thread that takes no signals. */
#ifndef WORK_THREAD_H
#define WORK_THREAD_H

#include <pthread.h>

#include "mneme/base.h"

struct error;

/* `name` is cut to 15 bytes. */
bool thread_start(pthread_t *thread, const char *name, void *(*fn)(void *),
		  void *arg, struct error *err);

#endif
