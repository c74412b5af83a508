#include "index/graph.h"

#include <stdlib.h>

#include "mneme/error.h"
#include "mneme/plugin.h"

/* Measured: at these, of the 256 nearest of 100,000 over .99 are found. */
enum { LINKS = 32, EFFORT_BUILD = 40, EFFORT_LEAST = 128 };

struct graph {
	void *made;
};

static bool (*create_entry)(unsigned dimensions, unsigned links,
			    unsigned effort, void **graph, char *why,
			    size_t size);
static bool (*add_entry)(void *graph, const float *vectors, size_t n, char *why,
			 size_t size);
static bool (*search_entry)(void *graph, const float *vector, size_t want,
			    unsigned effort, const uint8_t *in, size_t in_bytes,
			    int64_t *labels, float *products, char *why,
			    size_t size);
static void (*destroy_entry)(void *graph);

static bool
load(struct error *err)
{
	const struct plugin_symbol symbols[] = {
		{"mneme_graph_create", (void **)&create_entry},
		{"mneme_graph_add", (void **)&add_entry},
		{"mneme_graph_search", (void **)&search_entry},
		{"mneme_graph_destroy", (void **)&destroy_entry},
	};

	return plugin_module("faiss", symbols, COUNT(symbols), err);
}

struct graph *
graph_create(size_t dimensions, struct error *err)
{
	SCOPED(graph_destroy) struct graph *graph = NULL;
	char why[512];

	if (!load(err))
		return NULL;
	graph = xcalloc(1, sizeof(*graph));
	if (!create_entry((unsigned)dimensions, LINKS, EFFORT_BUILD,
			  &graph->made, why, sizeof(why))) {
		error_set(err, ERROR_IO, "FAISS: %s", why);
		return NULL;
	}
	return TAKE(graph);
}

void
graph_destroy(struct graph **graph)
{
	if (!*graph)
		return;
	if ((*graph)->made)
		destroy_entry((*graph)->made);
	free(*graph);
	*graph = NULL;
}

bool
graph_add(struct graph *graph, const float *vectors, size_t n,
	  struct error *err)
{
	char why[512];

	return add_entry(graph->made, vectors, n, why, sizeof(why)) ||
	       error_set(err, ERROR_IO, "FAISS: %s", why);
}

bool
graph_search(struct graph *graph, const float *vector, size_t want,
	     const uint8_t *bits, size_t bytes, int64_t *labels, size_t *count,
	     struct error *err)
{
	SCOPED(free_pointer)
	float *products = xcalloc(want + 1, sizeof(*products));
	char why[512];

	if (!search_entry(graph->made, vector, want,
			  (unsigned)MAX(want, (size_t)EFFORT_LEAST), bits,
			  bytes, labels, products, why, sizeof(why)))
		return error_set(err, ERROR_IO, "FAISS: %s", why);
	*count = 0;
	while (*count < want && labels[*count] >= 0)
		++*count;
	return true;
}
