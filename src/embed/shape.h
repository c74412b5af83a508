/*
 * shape.h - what the folder's small files say about the model.
 */
#ifndef EMBED_SHAPE_H
#define EMBED_SHAPE_H

#include "mneme/base.h"

struct buf;
struct error;

struct shape {
	size_t hidden; /* floats a piece */
	size_t layers;
	size_t heads;
	size_t head;   /* hidden / heads */
	size_t middle; /* floats a piece inside the feed-forward part */
	size_t positions;
	size_t vocabulary; /* rows of the table, at least the pieces */
	size_t pieces_max;
	float epsilon;
	bool pool_first; /* else the mean */
	bool lower, strip_accents, ideographs_apart;
};

/* Every file that was read is also added to `seen`, for the fingerprint. */
bool shape_read(const char *folder, struct shape *shape, struct buf *seen,
		struct error *err);

#endif
