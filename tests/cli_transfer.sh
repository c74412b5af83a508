#!/bin/bash
# Import and export by the command line: lossless, twice the same, and the data
# exports of other programs, zipped as they come.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
data=$MNEME_SOURCE/tests/data/import

# zipped ARCHIVE FILE NAME: FILE as NAME in a zip, beside another file.
zipped() {
	python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("user.json", "{}")
    z.write(sys.argv[2], sys.argv[3])' "$@"
}

zipped "$home/gpt.zip" "$data/chatgpt.json" conversations.json
check 'a ChatGPT export in its zip' 0 '8 added, 0 already known, 0 bad' "$m" import "$home/gpt.zip"
check 'again, not zipped' 0 '0 added, 8 already known' "$m" import "$data/chatgpt.json"
check 'what was said is found' 0 'castle' "$m" recall "the castle in Lisbon"
check 'also on the branch that is not shown' 0 'tram' "$m" recall "which tram"
check_not 'which is not shown' tram "$m" conversation show c-lisbon
zipped "$home/claude.zip" "$data/claude.json" export/conversations.json
check 'a Claude export in its zip' 0 '7 added' "$m" import "$home/claude.zip"
check 'from standard input' 0 '7 already known' bash -c "'$m' import - < '$data/claude.json'"
zipped "$home/other.zip" "$data/claude.json" other.json
check 'a zip of something else' 1 'no conversations.json' "$m" import "$home/other.zip"
head -c 300 "$home/gpt.zip" > "$home/cut.zip"
check 'a zip that was cut' 1 'zip file' "$m" import "$home/cut.zip"
head -c 3000 "$data/chatgpt.json" > "$home/cut.json"
check 'JSON that was cut' 1 'damaged' "$m" import "$home/cut.json"
check 'as JSON' 1 '"bad":1.*"error"' bash -c "echo '{}' | '$m' --json import - 2>/dev/null"

check 'a renamed conversation' 0 '' "$m" conversation rename c-lisbon "My trip"
check 'is known to its export' 0 '8 already known, 0 bad' "$m" import "$home/gpt.zip"
"$m" remember "my boat is called Ida" > /dev/null
boat=$(first_id "$m" --json memory list)
"$m" memory edit "$boat" --value "my boat is called Ada" > /dev/null
"$m" ask "remember that my cat is Miso" > /dev/null
"$m" ask "what is my cat called?" > /dev/null
"$m" remember "my old code is 1234" > /dev/null
"$m" memory forget "$(first_id "$m" --json memory list)" > /dev/null
"$m" conversation fork c-lisbon > /dev/null
"$m" export --with-forgotten "$home/one"
check 'an export keeps to its owner' 0 '600' stat -c %a "$home/one"
check 'and does not overwrite' 1 'exists' "$m" export "$home/one"
export XDG_DATA_HOME=$home/second
check 'an empty store takes it all' 0 ', 0 already known, 0 bad' "$m" import "$home/one"
"$m" export --with-forgotten "$home/two"
check 'and gives it back byte for byte' 0 '' cmp "$home/one" "$home/two"
check 'the history came along' 0 'Ida' "$m" memory history "$boat"
check 'the store is well' 0 '0 problems' "$m" check
check 'what was forgotten stays so' 0 '1 already known' bash -c \
	"echo '{\"type\":\"memory\",\"id\":\"q\",\"memory_type\":\"fact\",\"value\":\"My old code is 1234\"}' | '$m' import -"
check_not 'as it does' 1234 "$m" memory list

export XDG_DATA_HOME=$home/third
said='{"type":"conversation","id":"k"}
{"type":"message","conversation":"k","id":"1","role":"user","content":"I am allergic to walnuts."}'
check 'what is imported is not learned from' 0 '2 added' bash -c "'$m' import - <<< '$said'"
check_not 'as it is not' walnuts "$m" memory list
check 'nor without a word' 0 'found from now on.*--learn' "$m" import "$data/claude.json"
check 'afterwards it is, when that is wished' 0 '^1 memory learned' \
	bash -c "'$m' import --learn - <<< '$said'"
check 'and known' 0 walnuts "$m" memory list
check 'once' 0 '^0 memories learned' bash -c "'$m' import --learn - <<< '$said'"
check 'with one version' 0 '"version":1,' "$m" --json memory list
export XDG_DATA_HOME=$home/fourth
check 'unless that is wished' 0 '2 added' bash -c "'$m' import --learn - <<< '$said'"
check 'then it is' 0 walnuts "$m" memory list
id=$(first_id "$m" --json memory list)
check 'and forgotten' 0 'still said in' "$m" memory forget "$id"
check 'it is not learned again' 0 . "$m" ask "hello"
check 'nor from another copy of the same words' 0 '2 added' bash -c \
	"sed 's/\"k\"/\"k2\"/' <<< '$said' | '$m' import --learn -"
check_not 'indeed' walnuts "$m" memory list --all

ends_well
