/*
 * The part of FAISS that is used: a graph of near vectors (Malkov and Yashunin,
 * "Efficient and robust approximate nearest neighbor search using hierarchical
 * navigable small world graphs", 2016) that is built once and searched.  Every
 * entry catches; what went wrong comes back as text.
 */
#include <omp.h>

#include <cstdio>
#include <exception>
#include <memory>

#include <faiss/IndexHNSW.h>
#include <faiss/impl/IDSelector.h>

#define ENTRY extern "C" __attribute__((visibility("default")))

namespace
{

bool
failed(char *why, size_t size, const char *text)
{
	std::snprintf(why, size, "%s", text);
	return false;
}

template <typename Function>
bool
guarded(char *why, size_t size, Function function)
{
	try {
		function();
		return true;
	} catch (const std::exception &e) {
		return failed(why, size, e.what());
	} catch (...) {
		return failed(why, size, "FAISS failed");
	}
}

} // namespace

ENTRY bool
mneme_graph_create(unsigned dimensions, unsigned links, unsigned effort,
		   void **graph, char *why, size_t size)
{
	return guarded(why, size, [&] {
		auto made = std::make_unique<faiss::IndexHNSWFlat>(
			dimensions, links, faiss::METRIC_INNER_PRODUCT);
		made->hnsw.efConstruction = static_cast<int>(effort);
		*graph = made.release();
	});
}

ENTRY bool
mneme_graph_add(void *graph, const float *vectors, size_t n, char *why,
		size_t size)
{
	return guarded(why, size, [&] {
		/* One thread: the order of insertion makes the graph. */
		omp_set_num_threads(1);
		static_cast<faiss::IndexHNSWFlat *>(graph)->add(
			static_cast<faiss::Index::idx_t>(n), vectors);
	});
}

/* labels[want] and products[want], the nearest first; -1 behind the last.
 * Bit i of `in` says whether vector i may be found. */
ENTRY bool
mneme_graph_search(void *graph, const float *vector, size_t want,
		   unsigned effort, const uint8_t *in, size_t in_bytes,
		   int64_t *labels, float *products, char *why, size_t size)
{
	return guarded(why, size, [&] {
		auto *made = static_cast<faiss::IndexHNSWFlat *>(graph);
		faiss::IDSelectorBitmap selector(in_bytes, in);
		faiss::SearchParametersHNSW parameters;
		/* 1.7.3 looks at the index, later ones at the parameters. */
		made->hnsw.efSearch = static_cast<int>(effort);
		parameters.efSearch = static_cast<int>(effort);
		parameters.sel = &selector;
		omp_set_num_threads(1);
		made->search(1, vector, static_cast<faiss::Index::idx_t>(want),
			     products, labels, &parameters);
	});
}

ENTRY void
mneme_graph_destroy(void *graph)
{
	delete static_cast<faiss::IndexHNSWFlat *>(graph);
}
