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

ends_well
