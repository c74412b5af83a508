#!/bin/bash
# Two chats and a loop of `ask` on one store: nothing lost, nothing doubled,
# and each finds what the others said.  MNEME_TURNS sets how many turns each
# takes.
set -u
home=$(mktemp -d)
trap 'kill "$stub"; rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
turns=${MNEME_TURNS:-25}
mkfifo "$home/port"
"$MNEME_BUILD/stub_provider" > "$home/port" &
stub=$!
read -r port < "$home/port"
export LLM_BASE_URL=http://127.0.0.1:$port/v1 LLM_MODEL=stub-model
# The stub says what it got; without memories that is the question alone.
export MNEME_MEMORY_TOKENS=0

say() { # NAME: one line a turn
	for i in $(seq "$turns"); do
		echo "$1 says word$1$i"
	done
}

"$MNEME" recall nothing > /dev/null
say one | "$MNEME" chat --plain > "$home/one" 2> "$home/one.err" &
first=$!
say two | "$MNEME" chat --plain > "$home/two" 2> "$home/two.err" &
second=$!
say three | while IFS= read -r line; do
	"$MNEME" ask "$line" < /dev/null || echo FAILED
done > "$home/three" 2> "$home/three.err"
wait "$first" || { cat "$home/one.err"; exit 1; }
wait "$second" || { cat "$home/two.err"; exit 1; }

failed=0
for name in one two three; do
	answers=$(grep -c "^You said: $name says" "$home/$name")
	if [ "$answers" -ne "$turns" ]; then
		echo "$name heard $answers answers of $turns"
		cat "$home/$name.err"
		failed=1
	fi
done
"$MNEME" export > "$home/all.jsonl"
for name in one two three; do
	for i in $(seq "$turns"); do
		asked=$(grep -c "\"role\":\"user\",\"content\":\"$name says word$name$i\"" \
			"$home/all.jsonl")
		answered=$(grep -c "\"content\":\"You said: $name says word$name$i\"" \
			"$home/all.jsonl")
		if [ "$asked" -ne 1 ] || [ "$answered" -ne 1 ]; then
			echo "word$name$i: asked $asked, answered $answered"
			failed=1
		fi
	done
	"$MNEME" recall "word$name$turns" | grep -q "$name says" || {
		echo "recall does not find word$name$turns"
		failed=1
	}
done
[ "$failed" -eq 0 ] || exit 1
echo 'all well'
