/*
 * The forward pass.  Several texts stand one behind the other as rows of one
 * matrix, without padding: the dense layers run over all rows at once, and
 * attention over each text's own.  A workspace holds one pass of
 * EMBED_PIECES_MAX rows, few enough that they stay in the second-level cache
 * between layers.
 */
#include <math.h>
#include <stdlib.h>

#include "embed/model.h"

enum { ROWS_MAX = EMBED_PIECES_MAX, LINE = 64 };

/* One text of the pass. */
struct span {
	size_t row;     /* where its rows begin */
	size_t rows;    /* with the marks */
	size_t context; /* pieces of the text before it */
	uint32_t *ids;  /* its own pieces, in the workspace */
	size_t count;
};

struct embed_workspace {
	const struct embed_model *model;
	void *memory;
	float *x;       /* [rows][hidden]: the hidden states */
	float *y;       /* [rows][hidden] */
	float *context; /* [rows][hidden]: what attention gathered */
	float *parts;   /* [rows][3 hidden]: queries, keys, values */
	float *middle;  /* [rows][middle] */
	float *keys;    /* one head's, packed: [rows][head] */
	float *values;  /* one head's, packed: [head][rows] */
	float *scores;  /* [rows][rows] */
	float *pooled;  /* [hidden] */
	uint32_t ids[ROWS_MAX];
	struct span spans[ROWS_MAX / 2];
	size_t spans_count;
	size_t rows;
};

struct embed_workspace *
embed_workspace_create(const struct embed_model *model)
{
	struct embed_workspace *w = xcalloc(1, sizeof(*w));
	size_t hidden = model->shape.hidden, head = model->shape.head;
	const struct {
		float **where;
		size_t floats;
	} parts[] = {
		{&w->x, ROWS_MAX * hidden},
		{&w->y, ROWS_MAX * hidden},
		{&w->context, ROWS_MAX * hidden},
		{&w->parts, ROWS_MAX * hidden * 3},
		{&w->middle, ROWS_MAX * model->shape.middle},
		{&w->keys, ROWS_MAX * head},
		{&w->values, ROWS_MAX * head},
		{&w->scores, (size_t)ROWS_MAX * ROWS_MAX},
		{&w->pooled, hidden},
	};
	size_t total = LINE / sizeof(float);
	float *at;

	w->model = model;
	for (size_t i = 0; i < COUNT(parts); i++)
		total += parts[i].floats;
	w->memory = xcalloc(total, sizeof(float));
	at = w->memory;
	while ((uintptr_t)at % LINE)
		at++;
	/* Every part is a multiple of KERNEL_WIDTH floats, so all begin on a
	 * line of the cache. */
	for (size_t i = 0; i < COUNT(parts); i++) {
		*parts[i].where = at;
		at += parts[i].floats;
	}
	return w;
}

void
embed_workspace_destroy(struct embed_workspace **workspace)
{
	if (!*workspace)
		return;
	free((*workspace)->memory);
	free(*workspace);
	*workspace = NULL;
}

/* Word + place + type 0, normalised. */
static void
embed_row(struct embed_workspace *w, size_t row, size_t place, uint32_t id)
{
	const struct embed_model *m = w->model;
	size_t n = m->shape.hidden, bytes = n * sizeof(float);
	float *x = w->x + row * n, *add = w->y, *type = w->y + n;

	memcpy(x, m->words + id * bytes, bytes);
	memcpy(add, m->places + place * bytes, bytes);
	memcpy(type, m->types, bytes);
	for (size_t i = 0; i < n; i++)
		x[i] += type[i];
	m->kernel->normalise(x, add, m->norm.weight, m->norm.bias, n,
			     m->shape.epsilon);
}

static void
dense(const struct embed_workspace *w, const struct dense *d, const float *x,
      size_t columns, size_t rows_out, float *out)
{
	w->model->kernel->multiply(w->rows, rows_out, columns, x, columns,
				   d->packed, d->bias, out, rows_out);
}

static void
normalise(const struct embed_workspace *w, const struct norm *norm)
{
	size_t n = w->model->shape.hidden;

	for (size_t row = 0; row < w->rows; row++)
		w->model->kernel->normalise(w->x + row * n, w->y + row * n,
					    norm->weight, norm->bias, n,
					    w->model->shape.epsilon);
}

/* Lay values[rows][head] out in panels, as the product wants them. */
static void
pack_values(const struct embed_workspace *w, const float *values, size_t rows)
{
	size_t panel = w->model->kernel->panel;
	size_t stride = 3 * w->model->shape.hidden;
	float *out = w->values;

	for (size_t column = 0; column < w->model->shape.head; column += panel)
		for (size_t row = 0; row < rows; row++, out += panel)
			memcpy(out, values + row * stride + column,
			       panel * sizeof(float));
}

static void
pack_keys(const struct embed_workspace *w, const float *keys, size_t rows)
{
	const struct kernel *kernel = w->model->kernel;
	size_t stride = 3 * w->model->shape.hidden;
	size_t head = w->model->shape.head;

	for (size_t row = 0; row < rows; row += kernel->panel)
		kernel->pack(keys + row * stride, stride,
			     MIN(kernel->panel, rows - row), head,
			     w->keys + row * head);
}

/* softmax(Q K^T) V of one head over one text. */
static void
attend(const struct embed_workspace *w, const struct span *s, size_t at)
{
	const struct kernel *kernel = w->model->kernel;
	size_t hidden = w->model->shape.hidden, head = w->model->shape.head;
	size_t stride = (s->rows + KERNEL_WIDTH - 1) & ~(KERNEL_WIDTH - 1UL);
	size_t columns =
		(s->rows + kernel->panel - 1) / kernel->panel * kernel->panel;
	const float *queries = w->parts + s->row * 3 * hidden + at * head;

	pack_keys(w, queries + hidden, s->rows);
	pack_values(w, queries + 2 * hidden, s->rows);
	kernel->multiply(s->rows, columns, head, queries, 3 * hidden, w->keys,
			 NULL, w->scores, stride);
	for (size_t row = 0; row < s->rows; row++)
		kernel->softmax(w->scores + row * stride, s->rows);
	kernel->multiply(s->rows, head, s->rows, w->scores, stride, w->values,
			 NULL, w->context + s->row * hidden + at * head,
			 hidden);
}

static void
run_layer(const struct embed_workspace *w, const struct layer *l)
{
	const struct shape *shape = &w->model->shape;
	size_t n = shape->hidden;

	dense(w, &l->attention, w->x, n, 3 * n, w->parts);
	for (size_t i = 0; i < w->spans_count; i++)
		for (size_t head = 0; head < shape->heads; head++)
			attend(w, &w->spans[i], head);
	dense(w, &l->attention_out, w->context, n, n, w->y);
	normalise(w, &l->attention_norm);
	dense(w, &l->grow, w->x, n, shape->middle, w->middle);
	w->model->kernel->gelu(w->middle, w->rows * shape->middle);
	dense(w, &l->shrink, w->middle, shape->middle, n, w->y);
	normalise(w, &l->norm);
}

static void
to_unit_length(float *x, size_t n)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (double)x[i] * (double)x[i];
	/* The floor of the reference, for a vector of zeros. */
	float factor = (float)(1 / fmax(sqrt(squares), 1e-12));
	for (size_t i = 0; i < n; i++)
		x[i] *= factor;
}

static void
pool(const struct embed_workspace *w, const struct span *s)
{
	size_t n = w->model->shape.hidden;
	size_t rows = w->model->shape.pool_first ? 1 : s->rows;
	const float *x = w->x + s->row * n;

	memcpy(w->pooled, x, n * sizeof(float));
	for (size_t row = 1; row < rows; row++)
		for (size_t i = 0; i < n; i++)
			w->pooled[i] += x[row * n + i];
	to_unit_length(w->pooled, n); /* the mean's divisor drops out */
}

/* Put one text into the pass; false when it does not fit any more. */
static bool
add_span(struct embed_workspace *w, const struct embed_input *input)
{
	const struct embed_model *m = w->model;
	size_t room = m->shape.pieces_max - 2;
	uint32_t own[EMBED_TEXT_PIECES_MAX], before[EMBED_TEXT_PIECES_MAX];
	struct span s = {.row = w->rows, .ids = w->ids + w->rows};
	size_t at = w->rows;

	s.count = tokenizer_head(&m->tokenizer, input->text, own, room);
	if (input->previous.data)
		s.context = tokenizer_tail(&m->tokenizer, input->previous,
					   before, room - s.count);
	s.rows = s.context + s.count + 2;
	if (w->rows + s.rows > ROWS_MAX)
		return false;
	embed_row(w, at, 0, m->tokenizer.vocabulary.first);
	for (size_t i = 0; i < s.context; i++)
		embed_row(w, at + 1 + i, 1 + i, before[i]);
	at += s.context + 1;
	for (size_t i = 0; i < s.count; i++)
		embed_row(w, at + i, s.context + 1 + i, own[i]);
	embed_row(w, at + s.count, s.rows - 1, m->tokenizer.vocabulary.last);
	memcpy(s.ids, own, s.count * sizeof(*own));
	w->spans[w->spans_count++] = s;
	w->rows += s.rows;
	return true;
}

static void
run(const struct embed_workspace *w)
{
	for (size_t i = 0; i < w->model->shape.layers; i++)
		run_layer(w, &w->model->layers[i]);
}

static void
describe(const struct embed_workspace *w, const struct span *s,
	 struct embed_output *output)
{
	size_t n = w->model->shape.hidden;

	if (!s->context)
		pool(w, s);
	*output = (struct embed_output){
		.vector = s->context ? NULL : w->pooled,
		.tokens = w->x + (s->row + s->context + 1) * n,
		.pieces = s->ids,
		.count = s->count,
	};
}

void
embed_text(struct embed_workspace *w, struct slice text,
	   struct embed_output *output)
{
	w->rows = w->spans_count = 0;
	add_span(w, &(struct embed_input){.text = text});
	run(w);
	describe(w, &w->spans[0], output);
}

void
embed_batch(struct embed_workspace *w, const struct embed_input *inputs,
	    size_t n, embed_each_fn *each, void *arg)
{
	for (size_t done = 0, at = 0; done < n; done = at) {
		w->rows = w->spans_count = 0;
		while (at < n && add_span(w, &inputs[at]))
			at++;
		run(w);
		for (size_t i = 0; i < w->spans_count; i++) {
			struct embed_output output;
			describe(w, &w->spans[i], &output);
			each(arg, done + i, &output);
		}
	}
}
