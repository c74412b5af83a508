#!/bin/bash
# What is set up, what is not, what is broken, and the command that mends it;
# indexes beside the store.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
data=$XDG_DATA_HOME/mneme
export EMBEDDING_MODEL=none
provider=(env LLM_PROVIDER=openai LLM_API_KEY=k LLM_MODEL=stub MNEME_RETRIES=0)

# ---- before anything is there ----
check 'nothing is there yet' 4 'first command makes it' "$m" doctor
check 'nor was anything made' 0 '^no$' bash -c "[ -e '$data' ] && echo yes || echo no"
check 'the provider is what lacks' 4 'run: mneme config set LLM_PROVIDER' "$m" doctor
check 'with one all is well' 0 'ok +model +OpenAI' "${provider[@]}" "$m" doctor
check 'a provider without a key' 4 'set up +model.*OPENAI_API_KEY' \
	env LLM_PROVIDER=openai LLM_MODEL=x "$m" doctor
check 'a model that is not there' 4 'run: mneme model pull all-MiniLM-L6-v2' \
	env EMBEDDING_MODEL=all-MiniLM-L6-v2 "${provider[@]}" "$m" doctor
check 'as JSON' 0 '"check":"model","state":"ok".*"well":true' \
	"${provider[@]}" "$m" --json doctor
check 'a test call that fails' 1 'broken +model +cannot connect' \
	"${provider[@]}" LLM_BASE_URL=http://127.0.0.1:9/v1 "$m" doctor --test
check_not 'no call without --test' 'broken' \
	"${provider[@]}" LLM_BASE_URL=http://127.0.0.1:9/v1 "$m" doctor

# ---- settings ----
printf 'NONSENSE=1\n' > "$home/bad"
check 'a setting that is none' 4 'config .*bad:1: NONSENSE' "$m" --config "$home/bad" doctor
printf 'LLM_API_KEY=x\n' > "$home/open"
chmod 644 "$home/open"
check 'a secret that others can read' 4 'chmod 600' "$m" --config "$home/open" doctor
check 'a server for others without a key' 4 'run: mneme config set SECRET_KEY' \
	env HOST=0.0.0.0 "${provider[@]}" "$m" doctor
check 'a command for a key that fails' 4 'set up +model|broken +model' \
	env LLM_PROVIDER=openai LLM_API_KEY_CMD=false "$m" doctor

# ---- the store ----
check 'something to keep' 0 Remembered "$m" remember "my sister Ana likes figs"
check 'counts' 0 'people 1, .*memories 1: all sound' "${provider[@]}" "$m" doctor
check 'a sound store and index' 0 ': 0 problems' "$m" check
chmod 640 "$data/store.1.mdb"
check 'a store that others may read is refused' 4 'chmod 600' "$m" recall figs
check 'by the doctor too' 4 'set up +store.*chmod 600' "$m" doctor
chmod 600 "$data/store.1.mdb"
chmod 755 "$data"
check 'a folder that others may enter' 4 "run: chmod 700 $data" "$m" doctor
chmod 700 "$data"
check 'what is broken' 1 'broken +store' bash -c \
	"cp -r '$data' '$home/torn' && : > '$home/torn/store' && '$m' --data-dir '$home/torn' doctor"

check 'a key of a program' 0 mk_ "$m" profile key add tool
check 'is a sound row' 0 ': 0 problems' "$m" check
check 'a password' 0 '' bash -c "echo 'correct horse battery' | '$m' profile passwd"
check 'is one too' 0 ': 0 problems' "$m" check

# ---- indexes ----
check "another person" 0 "" "$m" profile add bo
check 'with other words' 0 Remembered "$m" --profile bo remember "the boat is red"
check 'found' 0 boat "$m" --profile bo recall boat
check 'both indexes are sound' 0 ': 0 problems' "$m" check
one=$(find "$data/index" -mindepth 1 -maxdepth 1 -type d | sort | head -1)
two=$(find "$data/index" -mindepth 1 -maxdepth 1 -type d | sort | tail -1)
cp -r "$two" "$home/kept"
rm -r "$two"
cp -r "$one" "$two"
check 'an index of other documents' 1 'bo lacks 1 documents and has 1 too many: delete the folder' \
	"$m" check
check 'as JSON' 1 '"problems":\["the index of bo lacks' "$m" --json check
rm -r "$two"
check 'deleted, it is made anew' 0 ': 0 problems' "$m" check
check 'and finds' 0 boat "$m" --profile bo recall boat
for file in "$two"/words-*; do
	printf '\377\377\377\377\377\377\377\377' | dd of="$file" conv=notrunc status=none
done
check 'damage is seen' 1 'broken +index' "$m" doctor
check 'said and mended' 1 'has been made anew' "$m" check
check 'then all is well' 0 ': 0 problems' "$m" check
check 'and found' 0 boat "$m" --profile bo recall boat
ends_well
