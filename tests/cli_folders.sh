#!/bin/bash
# Data folders: a second one has the models of the usual one; one that may only
# be read can be read.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
models=$home/data/mneme/models
mkdir -p "$models"
"$MNEME_BUILD/tiny_model" "$models/tiny"
export EMBEDDING_MODEL=tiny

# ---- models ----
other=("$m" --data-dir "$home/other")
check 'a memory in another folder' 0 Remembered "${other[@]}" remember 'the boat is red'
check_not 'is found by meaning' 'by words only' "${other[@]}" recall boat
check 'with the model of the usual folder' 0 'ok +.*tiny, [0-9]+ dimensions' \
	bash -c "'$m' --data-dir '$home/other' doctor || :"
check 'which its list shows' 0 '^\* tiny .*dimensions' "${other[@]}" model list
check 'and by its path' 0 "\"path\":\"$models/tiny\"" "${other[@]}" --json model list
check 'nothing is put there' 0 '^config.json$' ls "$models/tiny"
check 'nor copied' 1 '^$' test -e "$home/other/models"
mkdir -p "$home/other/models"
"$MNEME_BUILD/tiny_model" "$home/other/models/tiny"
check 'one of its own comes first' 0 "\"path\":\"$home/other/models/tiny\"" \
	"${other[@]}" --json model list
check 'and is listed once' 0 '^1$' bash -c "'$m' --data-dir '$home/other' model list | grep -c tiny"
check 'by its path it is taken too' 0 'in_use":true' \
	env EMBEDDING_MODEL="$models/tiny" "${other[@]}" --json model list

# ---- only to be read ----
# Who is root may write anywhere: another person reads.
cp "$MNEME" "$home/mneme"
closed=$home/closed
"$m" --data-dir "$closed" ask 'I moved to Lisbon and the tram is yellow' > /dev/null 2>&1
chmod 755 "$home" "$home/mneme"
mkdir "$home/torn"
cp -r "$closed/." "$home/torn"
chmod -R a+rX,a-w "$closed" "$home/torn"
other=()
[ "$(id -u)" != 0 ] || other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
reads() {
	env -u EMBEDDING_MODEL HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent \
		XDG_DATA_HOME=/nonexistent XDG_STATE_HOME=/nonexistent \
		"${other[@]}" "$home/mneme" --data-dir "$closed" "$@"
}
before=$(find "$closed" -type f -exec cksum {} + | sort)
check 'memories of a folder that may only be read' 0 'I moved to Lisbon' reads memory list
check 'one of them' 0 'Lisbon' reads memory show home
check 'its conversations' 0 'tram is yellow' reads conversation list
check 'what was said' 0 'tram is yellow' reads conversation show last
check 'a word in it' 0 'yellow' reads conversation search tram
check 'what is recalled' 0 'Lisbon' reads recall 'where did I move?'
check 'all of it' 0 '"value":"I moved to Lisbon' reads export
check 'it cannot learn' 4 'may only be read' reads remember 'a thing'
check 'nor forget' 4 'may only be read' reads memory forget home
check 'nor be asked, which is kept' 4 'may only be read' reads ask 'where do I live?'
check 'two can read at once' 0 'Lisbon' bash -c \
	"$(declare -f reads); home=$home closed=$closed; other=(${other[*]}); reads memory list | reads export"
[ "$before" = "$(find "$closed" -type f -exec cksum {} + | sort)" ] || {
	echo 'FAILED: reading changed it'
	failed=$((failed + 1))
}
chmod u+w "$home/torn"
rm -f "$home/torn/store.lock"
chmod u-w "$home/torn"
closed=$home/torn
check 'without its lock it is not read' 4 'nothing keeps others from writing' \
	reads memory list
chmod -R u+w "$home/closed" "$home/torn"

ends_well
