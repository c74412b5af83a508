#include "support_model.h"

#include <stdlib.h>
#include <unistd.h>

#include "mneme/buf.h"
#include "mneme/error.h"
#include "mneme/file.h"

static const char config[] =
	"{\"model_type\":\"bert\",\"hidden_act\":\"gelu\",\"hidden_size\":64,"
	"\"num_hidden_layers\":2,\"num_attention_heads\":2,"
	"\"intermediate_size\":96,\"max_position_embeddings\":64,"
	"\"vocab_size\":40,\"layer_norm_eps\":1e-12}";

static const char vocabulary[] =
	"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
	"the\ncat\nsat\non\nmat\n##s\n##ting\nplay\n##ed\n##ing\nun\n##play\n"
	"!\n?\n.\n,\n'\n$\n1\n2\n##2\ni\ns\n"
	"\xe4\xb8\xad\n\xe6\x96\x87\ncafe\na\nb\nc\n##a\n##b\n##c\n##\n#\nx\n";

static void
write_bytes(const char *folder, const char *name, struct slice bytes)
{
	SCOPED(free_pointer) char *path = path_join(folder, name);
	struct error err = {0};

	if (!file_write(path, bytes, 0600, &err))
		abort();
}

void
tiny_file(const char *folder, const char *name, const char *text)
{
	SCOPED(free_pointer) char *path = path_join(folder, name);

	if (text)
		write_bytes(folder, name, slice_of(text));
	else if (unlink(path) != 0)
		abort();
}

void
tiny_safetensors(struct buf *out, const char *header, size_t len)
{
	uint64_t length = strlen(header);

	for (unsigned i = 0; i < 8; i++)
		buf_addc(out, (char)(length >> 8 * i & 0xFF));
	buf_adds(out, header);
	for (size_t i = 0; i < len; i++)
		buf_addc(out, 0);
}

struct writer {
	struct buf header, data;
	uint32_t dice;
};

/* Weights around `center`, from a generator that is the same everywhere. */
static void
add_tensor(struct writer *w, const char *name, size_t rows, size_t columns,
	   float center)
{
	size_t begin = w->data.len;

	for (size_t i = 0; i < rows * MAX(columns, 1); i++) {
		w->dice = w->dice * 1664525 + 1013904223;
		float noise = (float)(w->dice >> 8) / (1 << 24) - 0.5F;
		float weight = center + noise * 0.5F;
		buf_add(&w->data, &weight, sizeof(weight));
	}
	buf_addf(&w->header, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu",
		 w->header.len > 1 ? "," : "", name, rows);
	if (columns)
		buf_addf(&w->header, ",%zu", columns);
	buf_addf(&w->header, "],\"data_offsets\":[%zu,%zu]}", begin,
		 w->data.len);
}

static void
add_layer(struct writer *w, unsigned layer)
{
	static const struct {
		const char *name;
		size_t rows, columns;
		float center; /* of .weight */
	} parts[] = {
		{"attention.self.query", 64, 64, 0},
		{"attention.self.key", 64, 64, 0},
		{"attention.self.value", 64, 64, 0},
		{"attention.output.dense", 64, 64, 0},
		{"attention.output.LayerNorm", 64, 0, 1},
		{"intermediate.dense", 96, 64, 0},
		{"output.dense", 64, 96, 0},
		{"output.LayerNorm", 64, 0, 1},
	};

	for (size_t i = 0; i < COUNT(parts); i++) {
		SCOPED(free_pointer)
		char *weight = xasprintf("encoder.layer.%u.%s.weight", layer,
					 parts[i].name);
		SCOPED(free_pointer)
		char *bias = xasprintf("encoder.layer.%u.%s.bias", layer,
				       parts[i].name);
		add_tensor(w, weight, parts[i].rows, parts[i].columns,
			   parts[i].center);
		add_tensor(w, bias, parts[i].rows, 0, 0);
	}
}

static void
write_weights(const char *folder)
{
	SCOPED(buf_clear) struct buf file;
	struct writer w = {.dice = 7};

	buf_init(&file, 4 << 20);
	buf_init(&w.header, 1 << 16);
	buf_init(&w.data, 2 << 20);
	buf_addc(&w.header, '{');
	add_tensor(&w, "embeddings.word_embeddings.weight", 40, 64, 0);
	add_tensor(&w, "embeddings.position_embeddings.weight", 64, 64, 0);
	add_tensor(&w, "embeddings.token_type_embeddings.weight", 2, 64, 0);
	add_tensor(&w, "embeddings.LayerNorm.weight", 64, 0, 1);
	add_tensor(&w, "embeddings.LayerNorm.bias", 64, 0, 0);
	for (unsigned i = 0; i < TINY_LAYERS; i++)
		add_layer(&w, i);
	buf_addc(&w.header, '}');
	while (w.header.len % 8)
		buf_addc(&w.header, ' ');
	tiny_safetensors(&file, buf_text(&w.header), 0);
	buf_add_slice(&file, buf_slice(&w.data));
	write_bytes(folder, "model.safetensors", buf_slice(&file));
	buf_clear(&w.header);
	buf_clear(&w.data);
}

void
tiny_model(const char *folder)
{
	SCOPED(free_pointer) char *pooling = path_join(folder, "1_Pooling");
	struct error err = {0};

	if (!file_make_dir(pooling, 0700, &err))
		abort();
	tiny_file(folder, "config.json", config);
	tiny_file(folder, "vocab.txt", vocabulary);
	tiny_file(folder, "1_Pooling/config.json",
		  "{\"pooling_mode_mean_tokens\":true}");
	write_weights(folder);
}
