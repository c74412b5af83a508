#!/bin/bash
# Learning by the command line: with no model at once, with one by a later ask
# or an import; secrets, inferences, and what doctor says of work that is stuck.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
export MNEME_RETRIES=0

check 'what is told is remembered' 0 'Remembered: I live in Berlin' \
	"$m" ask "I live in Berlin and work as a nurse."
check 'all of it' 0 'I work as a nurse' "$m" memory list
check 'and answers' 0 'I live in Berlin' "$m" ask "where do I live?"
check 'what is newer is remembered' 0 'Remembered: I moved to Hamburg' \
	"$m" ask "I moved to Hamburg"
check_not 'the old place no longer holds' Berlin "$m" memory list
check 'but stands in the history of all' 0 'Berlin.*superseded' \
	"$m" memory list --all
check 'an answer is the newer one' 0 Hamburg "$m" ask "where do I live?"
check_not 'and not what was said before' Berlin "$m" ask "where do I live?"
check_not 'what is told is no answer from memory' 'no model' "$m" ask "My sister is called Ana"
check 'incognito, nothing is learned, and that is said' 0 'othing is learned' \
	"$m" ask --incognito "My brother is called Ben"
"$m" conversation memory last read
check 'nor where the memory is only read' 0 'memory is read' \
	"$m" ask -c last "My brother is called Ben"
check_not 'and no question is answered' 'Nothing is remembered' \
	"$m" ask --incognito "My brother is called Ben"
check_not 'nor there' 'Nothing is remembered' \
	"$m" ask -c last "My uncle is called Tom."
check 'shown again it says the same' 0 "Nothing is learned: .*memory is read" \
	"$m" conversation show last
check 'a question there is one' 0 'Nothing is remembered about that' \
	"$m" ask -c last "What is my uncle's favourite opera?"
check 'also without its mark' 0 'Nothing is remembered about that' \
	"$m" ask --incognito "when did I last see an opera"
check_not 'as it is not' Ben "$m" memory list
check 'what is learned this year' 0 Hamburg "$m" memory list --since 'this year'
check_not 'and not last year' Hamburg "$m" memory list --until 'last year'
check 'what was known an hour ago: nothing' 0 'Nothing is remembered' \
	"$m" recall --as-of '1 hour ago' "where do I live?"
check 'what is no time' 2 "'the other day' is no time: give .*3 days ago" \
	"$m" recall --as-of 'the other day' "where do I live?"
check 'with the newer forgotten' 0 'holds again [0-9a-z]+: I live in Berlin' \
	"$m" memory forget home
check 'the older is listed again, with its key' 0 'fact +home +I live in Berlin' \
	"$m" memory list
check_not 'what is to be forgotten is not learned' Remembered "$m" ask "Forget that I own a boat."
check 'two things at once' 0 . "$m" ask "My dog is called Rex and I love hiking"
check 'each answers' 0 '^> My dog is called Rex$' "$m" ask "what is my dog called?"
check_not 'without the message, which says no more' '> .*hiking' "$m" ask "what is my dog called?"
check 'what was learned of a part' 0 'I have two kids$' "$m" ask "I have two kids, Mia and Leo"
check 'does not hide the rest' 0 '^> I have two kids, Mia and Leo$' "$m" ask "how many kids do I have?"
check_not 'the same question is no result' 'what is my dog called\? *$' \
	"$m" recall "What is my dog called?"
check 'what was found is bold' 0 $'My \033\\[1mdog\033\\[22m is \033\\[1mcalled\033\\[22m Rex' \
	"$m" --color always recall "what are dogs called?"
check 'also in a search' 0 $'\033\\[1mhiking\033\\[22m' \
	"$m" conversation search --color always hike
check_not 'not in a pipe' $'\033' "$m" recall "what are dogs called?"
check_not 'nor where none is wanted' $'\033' "$m" --color never recall "what are dogs called?"
check 'what is known at all' 0 '^> I have two kids$' "$m" ask "What do you know about me?"
check_not 'is what was learned' 'Said' "$m" ask "who am I?"
check_not 'a question is not learned' 'I like' "$m" ask "do I like tea?"
check 'a secret is told of' 0 'looks like a secret \(password\)' \
	"$m" ask "my password is xk9bramble"
check_not 'and is no memory' 'xk9bramble' "$m" memory list
check 'a secret by hand is left out' 0 '\[password\]' \
	"$m" remember "the door password is xk9bramble"
check 'nothing is stuck' 4 'nothing is stuck' "$m" doctor

provider --extract-echo --extract-log "$home/extract" --log "$home/log"
check 'a turn with a model' 0 'You said: I collect old maps' \
	"$m" ask "I collect old maps"
check_not 'is learned from later' 'old maps' "$m" memory list
check 'and that is said' 0 'not learned from yet: 1 message;' "$m" memory list
check 'while the next one is answered' 0 'You said' "$m" ask "hello"
check 'then it is known' 0 'preference  +[a-z_]+  +I collect old maps' "$m" memory list
check_not 'the extractor saw no memory' '<memory>' cat "$home/extract"
check 'incognito' 0 'You said' "$m" ask --incognito "I collect stamps"
"$m" ask "and now" > /dev/null
check_not 'is never learned from' 'stamps' cat "$home/extract"

printf '%s\n' '{"type":"conversation","id":"c1","created_at":"2023-05-08T13:56:00Z"}' \
	'{"type":"message","conversation":"c1","id":"m1","role":"user","content":"I keep bees in Kent","created_at":"2023-05-08T13:56:00Z"}' \
	> "$home/in.jsonl"
check 'an import is not learned from' 0 '2 added' "$m" import "$home/in.jsonl"
check_not 'unless asked' bees "$m" memory list
sed 's/c1/c2/; s/bees/goats/' "$home/in.jsonl" > "$home/more.jsonl"
check 'it is, when asked' 0 'memories learned' \
	"$m" import --learn "$home/more.jsonl"
check 'as of when it was said' 0 '2023-05-08.*goats' "$m" memory list

provider --reply $'Go to the map fair.\n[inferred from 1; confidence 0.6]'
check 'an inference names what it rests on' 0 'inferred, confidence 0.60' \
	"$m" ask "what about old maps?"
check 'as JSON' 0 '"inference":\{"confidence":0.6,"memories":\["[0-9a-z]{26}"\]\}' \
	"$m" --json ask "what about old maps?"
check_not 'and is no memory' 'map fair' "$m" memory list --all

provider --extract 'no JSON'
"$m" ask "I keep two dogs" > /dev/null
for _ in 1 2 3 4; do
	"$m" ask "go on" > /dev/null
done
check 'what an extractor cannot do is put aside, with the reason' 1 \
	'holds no JSON object' "$m" doctor
check 'as JSON' 1 '"state":"broken","message":"put aside: learn .*tried 3 times' "$m" --json doctor

ends_well
