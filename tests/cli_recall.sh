#!/bin/bash
# Recall by meaning from the command line: a chat with an assistant (code, a
# pasted log, German, Chinese) is imported and asked about; equal questions get
# equal answers, also after an export and an import.  Wants the real model.
set -u
if [ -z "${MNEME_TEST_MODEL:-}" ] || [ ! -d "${MNEME_TEST_MODEL:-}" ]; then
	echo "no model in MNEME_TEST_MODEL: skipped"
	exit 0
fi
model=$MNEME_TEST_MODEL
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
for name in $(env | sed -n 's/^\(LLM_[A-Z_]*\|MNEME_[A-Z_]*\|XDG_[A-Z_]*\|[A-Z]*_API_KEY\)=.*/\1/p'); do
	case $name in
	MNEME | MNEME_BUILD | MNEME_SOURCE) ;;
	*) unset "$name" ;;
	esac
done
export HOME=$home/one EMBEDDING_MODEL=$model
mkdir -p "$home/one" "$home/two"
m=$MNEME
data=$MNEME_SOURCE/tests/data
failed=0

fail() {
	echo "FAILED: $*"
	failed=$((failed + 1))
}

"$m" import "$data/assistant_chat.jsonl" > "$home/out" 2>&1 ||
	fail "import: $(cat "$home/out")"
"$m" recall --batch "$data/assistant_questions.jsonl" > "$home/first" ||
	fail "a batch of questions"
"$m" recall --batch "$data/assistant_questions.jsonl" > "$home/second"
"$m" export "$home/all.jsonl" || fail export
HOME=$home/two
"$m" import "$home/all.jsonl" > /dev/null || fail "import of the export"
"$m" recall --batch "$data/assistant_questions.jsonl" > "$home/third"
HOME=$home/one

python3 - "$data/assistant_questions.jsonl" "$home" << 'P' || failed=$((failed + 1))
import json
import sys

questions = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
first, second, third = (
    [json.loads(line) for line in
     open("%s/%s" % (sys.argv[2], name), encoding="utf-8")]
    for name in ("first", "second", "third"))
bad = 0


def wrong(text, *more):
    global bad
    bad += 1
    print("FAILED:", text, *more)


if len(first) != len(questions):
    wrong("a line for each question", len(first))
near = 0
for question, a, b, c in zip(questions, first, second, third):
    found = [r["external_id"] for r in a["results"]]
    near += any(e in found[:3] for e in question["expect"])
    if a["results"] != b["results"]:
        wrong("the same again", question["query"])
    for r in a["results"]:
        if abs(sum(r["why"].values()) - r["score"]) > 1e-6:
            wrong("the terms add up", r)
    scores = {r["external_id"]: r["score"] for r in c["results"]}
    last = len(a["results"]) - 1
    for i, r in enumerate(a["results"]):
        other = scores.get(r["external_id"])
        # What stands last may have changed places with what is left out.
        if other is None and i < last:
            wrong("after export and import it is gone", r)
        if other is not None and abs(other - r["score"]) > 1e-3:
            wrong("another score", r, other)
if near < 22:
    wrong("%d of %d questions have their turn among three" %
          (near, len(questions)))
sys.exit(bad > 0)
P

# Asked in other words.
"$m" remember "my sister Ana is allergic to peanuts" > /dev/null || fail remember
"$m" ask "Which food must my sister avoid?" 2> /dev/null |
	grep -q '^> my sister Ana is allergic to peanuts$' ||
	fail "recall mode quotes what was meant"
"$m" ask "Who won the chess world cup in 1972?" 2> /dev/null |
	grep -q '^Nothing is remembered' || fail "what was never said"
"$m" recall --explain -k 1 "Which exercise is best for my knee?" |
	grep -q 'pieces .*its word pieces are like' || fail "--explain says why"

# Words alone, and it says so.
EMBEDDING_MODEL=$home/none "$m" recall "thumbnail cache" > "$home/out" 2>&1 ||
	fail "recall without a model"
grep -q 'by words only' "$home/out" || fail "it says that words are searched"
grep -q 'thumbnail' "$home/out" || fail "words still find"

[ $failed = 0 ] || exit 1
echo "passed"
