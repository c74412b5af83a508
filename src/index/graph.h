/*
 * graph.h - FAISS's graph of near vectors, loaded when first used.
 */
#ifndef INDEX_GRAPH_H
#define INDEX_GRAPH_H

#include "mneme/base.h"

struct error;
struct graph;

/* ERROR_SETUP when the module or FAISS is not there. */
struct graph *graph_create(size_t dimensions, struct error *err);
void graph_destroy(struct graph **graph);

bool graph_add(struct graph *graph, const float *vectors, size_t n,
	       struct error *err);

/* Numbers of about the `want` nearest among those whose bit is set; *count are
 * there.  Not from two threads at once. */
bool graph_search(struct graph *graph, const float *vector, size_t want,
		  const uint8_t *bits, size_t bytes, int64_t *labels,
		  size_t *count, struct error *err);

#endif
