#!/bin/bash
# A backup is made while others write, is whole, and becomes a store again.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
export EMBEDDING_MODEL=none
copy=$home/copy
other=("$m" --data-dir "$home/other")

"$m" ask 'I live in Lisbon' > /dev/null 2>&1
"$m" profile add ben > /dev/null
"$m" --profile ben remember 'my boat is red' > /dev/null
printf 'GIF89a' > "$home/small.gif"
check 'something attached' 0 'Remembered' "$m" ask --attach "$home/small.gif" \
	'remember that the harbour looks like this'
"$m" export > "$home/before"
check 'a backup' 0 "copied to $copy" "$m" backup "$copy"
check 'is closed to others' 0 '^600$' stat -c %a "$copy"
check 'and never replaces a file' 1 'is there already' "$m" backup "$copy"
check 'nor goes where nothing is' 1 'nowhere' "$m" backup "$home/nowhere/copy"
check 'as JSON' 0 '"path":".*copy2".*"schema":' "$m" --json backup "$home/copy2"
check 'is taken into a new folder' 0 "that of $copy" "${other[@]}" restore "$copy"
"${other[@]}" export > "$home/after"
check 'where all is as it was' 0 '^$' bash -c "diff '$home/before' '$home/after' && echo"
check 'and sound' 0 ': 0 problems' "${other[@]}" check
check 'is found' 0 'Lisbon' "${other[@]}" recall 'where do I live?'
check 'also what is of others' 0 'boat is red' "${other[@]}" --profile ben memory list
check 'a store in use is not replaced' 1 'is in use: move the folder away' \
	"${other[@]}" restore "$copy"

# ---- a folder that was used and is empty again ----
third=("$m" --data-dir "$home/third")
for i in 1 2 3 4 5 6 7 8; do
	"${third[@]}" remember "thing $i is a thing" > /dev/null
done
"${third[@]}" recall thing > /dev/null 2>&1
check 'a store that was used is one in use' 1 'is in use' "${third[@]}" restore "$copy"
fresh=("$m" --data-dir "$home/fresh")
check 'one that was only looked at is not' 0 'Nothing is remembered' \
	"${fresh[@]}" recall 'where do I live?'
check 'so it is restored' 0 'that of' "$m" restore --data-dir "$home/fresh" "$copy"
check 'and its index with it' 0 'Lisbon' "${fresh[@]}" recall 'where do I live?'
check 'what is said later is found too' 0 'Remembered' "${fresh[@]}" remember 'the tram is yellow'
check 'with what was there' 0 'tram is yellow' "${fresh[@]}" recall tram
check 'all sound' 0 ': 0 problems' "${fresh[@]}" check

# ---- files that are none ----
last=("$m" --data-dir "$home/last")
check 'no file' 1 'no .*nothing' "${last[@]}" restore "$home/nothing"
head -c 100000 /dev/urandom > "$home/noise"
check 'a file that is none' 1 'no store of mneme|damaged' "${last[@]}" restore "$home/noise"
head -c 40960 "$copy" > "$home/short"
check 'a file that is cut short' 1 'cut short|damaged' "${last[@]}" restore "$home/short"
: > "$home/empty"
check 'an empty file' 1 '.' "${last[@]}" restore "$home/empty"
check 'a folder' 1 '.' "${last[@]}" restore "$home/data"
check 'after which the folder can be used' 0 'that of' "${last[@]}" restore "$copy"

# ---- while others write ----
(for i in $(seq 1 40); do "$m" remember "number $i was said" > /dev/null; done) &
writer=$!
check 'a backup of a moment' 0 'copied to' "$m" backup "$home/moment"
wait "$writer"
moment=("$m" --data-dir "$home/at-moment")
check 'is a store' 0 'that of' "${moment[@]}" restore "$home/moment"
check 'is sound' 0 ': 0 problems' "${moment[@]}" check
check 'and was not held up' 0 '^40$' bash -c "'$m' export | grep -c 'number .* was said'"

ends_well
