#!/usr/bin/env python3
"""make_reference.py MODEL: write tests/data/embed_reference.{json,f32}.

Token ids come from the package `tokenizers`, vectors from a forward pass in
numpy, in double precision, over the same weights: neither shares a line with
the program.  The vectors are 200 sentence vectors, then for each pair of texts
the sum of the second one's token vectors in the context of the first, each
weighted by its place from 1, so that order counts; all of unit length.
"""
import json
import math
import os
import random
import struct
import sys

import numpy as np
from tokenizers import Tokenizer

CUT = 256
EVERYDAY = """
I went to the doctor yesterday and she said my knee is fine.
What did Caroline say about the adoption agency?
We're moving to Berlin in May, I can't wait!
My sister's birthday is on the 14th of March, 1987.
Don't forget: the plumber comes at 9:30 a.m. on Tuesday.
How many cats does Melanie have, and what are their names?
I've been vegetarian since 2016, mostly for the animals.
The quick brown fox jumps over the lazy dog.
She plays the cello in an amateur orchestra every Thursday.
unbelievably antidisestablishmentarianism electroencephalographically
pip install numpy==1.26.4 && python3 -c 'import numpy'
https://example.com/path?query=1&other=%20#fragment
me@example.org wrote: "No way!" (really?)
$12.50 + 7% = ~$13.38 <or so>
int main(void) { return x->y[0] ? 1 : 0; }
""".strip().split("\n")
WORLD = """
Crème brûlée, naïve façade, Ærøskøbing, smörgåsbord
Zażółć gęślą jaźń
Příliš žluťoučký kůň úpěl ďábelské ódy
İstanbul'da ılık bir gün; I ve ı, İ ve i
ΑΒΓ Άλφα βήτα σίγμα ΤΕΛΟΣ ὀδυσσεύς
Съешь же ещё этих мягких французских булок
שָׁלוֹם עוֹלָם
مَرْحَبًا بِالعَالَم
नमस्ते दुनिया, क्षत्रिय
สวัสดีชาวโลก
안녕하세요 세계 각
こんにちは、世界。ガギグゲゴ ｶﾞ
我喜欢吃苹果。你呢?
東京タワーに行きました
中文english混合text测试123
𠀀𠀁 rare ideographs 𫠠 豈更車
Tiếng Việt có nhiều dấu
ﬁne ﬂow ½ ² ™ ℃ Ⅷ
Straße STRASSE ẞ
ǅ ǆ Ǆ ŉ ΐ
Å Å Å ñ ñ
q̣̇ q̣̇ ḍ̇ ḍ̇
""".strip().split("\n")
ODD = [
    "", " ", "\t\r\n", "\u00a0\u2003\u3000", "a\u00a0b\u2028c\u2029d\u0085e",
    "bell\u0007and\u001bescape\u007fgone", "zero\u200bwidth\u200djoin\ufeffbom",
    "soft\u00adhyphen \u061c \u202e rtl", "\ue000private\uf8ff use",
    "bad \ufffd character", "no\u2011break\u2010hyphen — dash – ‘quotes’ “”",
    "[CLS] in a text [SEP] and [MASK] x[UNK]y [PAD] [cls] [ SEP ]",
    "😀 smile 👩‍👩‍👧‍👦 family 🇩🇪 flag 👍🏽 thumb ❤️ heart",
    "🎉🎉🎉", "I ❤ you!!!", "#hashtag @name _under_score_ snake_case",
    "x" * 100, "x" * 101, "é" * 100, "é" * 101, "a" * 5000, "\u0301" * 300,
    "e" + "\u0301" * 300 + " x", "\u0301start", "漢\u0301字", "中" * 300,
    "word " * 300, "punct!?" * 90, "supercalifragilistic" * 5,
    "\u0b4b \u0bca \u1026 \u0dde", "\u302e\u302f \U0001d165\U0001d16d \u3099か",
    "\u1f71\u1fc1\u037e\u1fef\u212b\u2126", "\U0001d400\U0001d7d8 math",
    "\u0897\u08ca new marks \u1acf", "\u2e52 \u2e43 new punctuation \u2e3a",
    "\u166d \U000111c9 old punctuation", "\u0890 \u08e2 kept formats",
    "\u1734 \U00011938 \u1715", "\U0002b820 \U0002b81f \U0002b920 \u4dc0",
    "\ufb1d\ufb2a \u0958", "\u0344 \u0340 \u0374 \u2000",
    "\u1c89 \ua7cb capital letters", "1\u20e3 keycap \u20dd", "\u0488\u0489",
    "##ing ## # #", "'s n't 'll", "...", "----", "\\n\\t", "a", "I", "?",
    "0", "3.14159", "1,000,000", "٣٤٥ १२३", "CamelCaseWord XMLHttpRequest",
]


def read_weights(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    return {
        name: np.frombuffer(data[slice(*row["data_offsets"])], "<f4")
        .reshape(row["shape"]).astype(np.float64)
        for name, row in header.items()
        if name != "__metadata__" and row["dtype"] == "F32"
    }


def norm(x, w, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return x * w[name + ".weight"] + w[name + ".bias"]


def dense(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


ERF = np.frompyfunc(math.erf, 1, 1)


def encode(ids, w):
    """The last hidden states of [CLS], these pieces and [SEP]."""
    ids = [101] + ids + [102]
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][:len(ids)]
    x = x + w["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, w, "embeddings.LayerNorm")
    for layer in range(6):
        at = f"encoder.layer.{layer}."
        q, k, v = (
            dense(x, w, at + "attention.self." + part)
            .reshape(len(ids), 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value"))
        s = q @ k.transpose(0, 2, 1) / math.sqrt(32)
        s = np.exp(s - s.max(-1, keepdims=True))
        s = s / s.sum(-1, keepdims=True)
        c = (s @ v).transpose(1, 0, 2).reshape(len(ids), 384)
        x = norm(x + dense(c, w, at + "attention.output.dense"), w,
                 at + "attention.output.LayerNorm")
        m = dense(x, w, at + "intermediate.dense")
        m = m * .5 * (1 + ERF(m / math.sqrt(2)).astype(np.float64))
        x = norm(x + dense(m, w, at + "output.dense"), w,
                 at + "output.LayerNorm")
    return x


def unit(x):
    return x / np.linalg.norm(x)


def make_texts():
    """The lists above, and texts mixed from them until there are 200."""
    texts = EVERYDAY + WORLD + ODD
    words = " ".join(EVERYDAY + WORLD).split()
    dice = random.Random(20)
    while len(texts) < 190:
        texts.append(" ".join(dice.choices(words, k=dice.randint(2, 40))))
    while len(texts) < 200:
        texts.append("".join(
            chr(dice.choice((dice.randrange(0x20, 0x7f),
                             dice.randrange(0xa0, 0xd800),
                             dice.randrange(0x1f300, 0x1f700))))
            for _ in range(30)))
    return texts


def make_pairs(texts):
    dice = random.Random(21)
    pairs = [(dice.choice(EVERYDAY), dice.choice(EVERYDAY)) for _ in range(12)]
    long = " ".join(EVERYDAY * 3)
    return pairs + [
        (long, "Yes, she did."), (long, EVERYDAY[0]), (long, long[:900]),
        ("", "Alone."), ("我喜欢吃苹果。", "你呢?"), (" ", "Alone again."),
        ("word " * 300, "the end"), ("What?", "No idea 😀"),
    ]


def main(model):
    tokenizer = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    weights = read_weights(os.path.join(model, "model.safetensors"))

    def pieces(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    texts, rows, vectors = [], [], []
    texts = make_texts()
    for text in texts:
        ids = pieces(text)[:CUT - 2]
        rows.append({"text": text, "ids": ids})
        vectors.append(unit(encode(ids, weights).mean(0)))
    pairs = []
    for previous, text in make_pairs(texts):
        ids = pieces(text)[:CUT - 2]
        room = CUT - 2 - len(ids)
        before = pieces(previous)[-room:] if room else []
        own = encode(before + ids, weights)[1 + len(before):-1]
        pairs.append({"previous": previous, "text": text, "ids": ids,
                      "context": len(before)})
        places = np.arange(1, len(ids) + 1)[:, None]
        vectors.append(unit((own * places).sum(0)))
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
    with open(os.path.join(folder, "embed_reference.json"), "w") as file:
        json.dump({"texts": rows, "pairs": pairs}, file,
                  separators=(",", ":"))
        file.write("\n")
    np.asarray(vectors, "<f4").tofile(
        os.path.join(folder, "embed_reference.f32"))


if len(sys.argv) != 2:
    sys.exit("usage: make_reference.py MODEL")
main(sys.argv[1])
