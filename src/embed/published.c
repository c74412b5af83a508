#include "mneme/embed.h"

static const struct embed_file minilm[] = {
	{"config.json", 612,
	 "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"},
	{"1_Pooling/config.json", 190,
	 "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"},
	{"sentence_bert_config.json", 53,
	 "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"},
	{"tokenizer_config.json", 350,
	 "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"},
	{"vocab.txt", 231508,
	 "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"},
	{"model.safetensors", 90868376,
	 "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
};

const struct embed_published embed_published[] = {
	{"all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", 384,
	 "English, small and quick, Apache-2.0", minilm, COUNT(minilm),
	 612 + 190 + 53 + 350 + 231508 + 90868376},
};

const size_t embed_published_count = COUNT(embed_published);

const struct embed_published *
embed_published_find(const char *name)
{
	for (size_t i = 0; i < COUNT(embed_published); i++)
		if (strcmp(embed_published[i].name, name) == 0)
			return &embed_published[i];
	return NULL;
}
