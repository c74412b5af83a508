#!/bin/bash
# Conversations and people by the command line: what can be done with them,
# what a request was, what incognito leaves.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
stub=
trap '[ -z "$stub" ] || kill "$stub"; rm -rf "$home"' EXIT
mkfifo "$home/port"
"$MNEME_BUILD/stub_provider" --log "$home/log" > "$home/port" &
stub=$!
read -r port < "$home/port"
model() {
	env LLM_BASE_URL="http://127.0.0.1:$port/v1" LLM_MODEL=stub-model "$@"
}

check 'three conversations' 0 . "$m" ask "the first about apples"
apples=$(first_id "$m" --json conversation list)
check 'the second' 0 . "$m" ask "the second about pears"
pears=$(first_id "$m" --json conversation list)
check 'the third' 0 . "$m" ask "the third about plums"

check 'rename' 0 '' "$m" conversation rename "$apples" Apples and more
check 'the new title' 0 'Apples and more' "$m" conversation list
check 'an empty title' 2 'empty' "$m" conversation rename "$apples" ' '
check 'too long a title' 5 'at most' "$m" conversation rename "$apples" \
	"$(head -c 2000 /dev/zero | tr '\0' a)"
check 'pin' 0 '' "$m" conversation pin "$apples"
check 'it is first' 0 'Apples' bash -c "'$m' conversation list -k 1"
check 'unpin' 0 '' "$m" conversation pin --off "$apples"
check 'it is not' 0 'plums' bash -c "'$m' conversation list -k 1"
check 'archive' 0 '' "$m" conversation archive "$pears"
check_not 'an archived one is not listed' pears "$m" conversation list
check 'but among the archived' 0 pears "$m" conversation list --archived
check 'and back' 0 '' "$m" conversation archive --off "$pears"
check 'it is listed' 0 pears "$m" conversation list
check 'memory off' 0 '' "$m" conversation memory "$pears" off
check 'the list says so' 0 'memory: off' "$m" conversation list
check 'no such mode' 2 'full, read or off' "$m" conversation memory "$pears" some
check 'a wish there is not learned' 0 . "$m" ask -c "$pears" \
	"remember that my parrot is called Gustav"
check_not 'nor listed' Gustav "$m" memory list
check 'memory read' 0 '' "$m" conversation memory "$pears" read
check 'a wish there is not learned either' 0 . "$m" ask -c "$pears" \
	"remember that my parrot is called Gustav"
check_not 'still not' Gustav "$m" memory list

fork=$("$m" conversation fork "$apples")
check 'a fork holds what was said' 0 'the first about apples' \
	"$m" conversation show "$fork"
check 'it says where from' 0 '"forked_from":"'"$apples" "$m" --json conversation show "$fork"
check 'going on there' 0 . "$m" ask -c "$fork" "only in the fork"
check_not 'leaves the other alone' 'only in the fork' "$m" conversation show "$apples"
message=$("$m" --json conversation show "$apples" | grep -o '"messages":.*' |
	grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
part=$("$m" conversation fork "$apples" "$message")
check 'a fork up to a message' 0 '"turn_count":1' "$m" --json conversation show "$part"
check 'a message of another' 1 'another conversation' \
	"$m" conversation fork "$pears" "$message"
check 'searching' 0 'plums' "$m" conversation search plums
"$m" remember "my boat is called Ida" > /dev/null
check_not 'finds what was said, and no memories' Ida "$m" conversation search Ida
check 'a list that is cut says so' 0 '^mneme: 1 of [0-9]+; -k [0-9]+ shows all' "$m" conversation list -k 1

# ---- the request, again ----
"$m" remember "my sister Ana is allergic to peanuts" > /dev/null
check 'a turn with a model' 0 . model "$m" ask "what is Ana allergic to?"
check 'another in the same' 0 . model "$m" ask --temperature 0.5 --max-tokens 99 \
	-c last --system "Be brief." "and what of apples?"
chat=$(first_id "$m" --json conversation list)
"$m" conversation show --prompt "$chat" > "$home/rebuilt" 2> "$home/words"
check 'the requests are rebuilt byte for byte' 0 '' cmp "$home/log" "$home/rebuilt"
check 'and nothing is said of that' 1 '' test -s "$home/words"
check 'as JSON' 0 '"request":\{.*"differs":false' "$m" --json conversation show --prompt "$chat"
memory=$(first_id "$m" --json memory list)
# Of a long text only a part is told.
long=$(for i in $(seq 400); do printf 'Line %d tells of nothing at all. ' "$i"; done
	echo 'The walrus lives in Oslo.'
	for i in $(seq 400); do printf 'Then line %d is as empty. ' "$i"; done)
check 'a long text' 0 . "$m" ask "$long"
check 'a question about its middle' 0 . model "$m" ask "where does the walrus live?"
tail -n 1 "$home/log" > "$home/sent"
check 'is answered with a part of it' 0 '[.]{3} .*walrus lives in Oslo' cat "$home/sent"
"$m" conversation show --prompt last > "$home/rebuilt"
check 'which is found again' 0 '' cmp "$home/sent" "$home/rebuilt"
"$m" conversation show --prompt "$chat" > "$home/sent"
check 'an edit' 0 Changed "$m" memory edit "$memory" --value "Ana eats no nuts"
"$m" conversation show --prompt "$chat" > "$home/rebuilt" 2> "$home/words"
check 'the past stays what it was' 0 '' cmp "$home/sent" "$home/rebuilt"
check 'until it is forgotten' 0 Forgot "$m" memory forget --messages "$memory"
"$m" conversation show --prompt "$chat" > "$home/rebuilt" 2> "$home/words"
check 'then that stands there' 0 '\[forgotten\]' cat "$home/rebuilt"
check 'and it says that it differs' 0 'differs from what was sent' cat "$home/words"
check_not 'without a word of it' peanuts cat "$home/rebuilt"
check 'in JSON, too' 0 '"differs":true' "$m" --json conversation show --prompt "$chat"
check 'no request' 0 'no model was asked' "$m" conversation show --prompt "$apples"

# ---- incognito ----
check 'incognito answers' 0 zanzibar model "$m" ask --incognito \
	"remember that my word is zanzibar"
check 'without a model, too' 0 . "$m" ask --incognito "and my word is zanzibar"
check 'not with a conversation' 2 incognito "$m" ask --incognito -c last zanzibar
check 'nothing of it is anywhere' 1 '^$' bash -c \
	"grep -ral zanzibar '$home' | grep -v '$home/log'"
check_not 'nor known' zanzibar "$m" recall word

# ---- people ----
check 'a person' 0 '' "$m" profile add bob
check 'who knows something' 0 Remembered "$m" --profile bob remember "my badge is gecko-31"
check 'renamed' 0 '' "$m" profile rename bob robert
check 'is the same' 0 gecko "$m" --profile robert recall badge
check 'the old name is nobody' 1 'no profile' "$m" --profile bob recall badge
check 'a taken name' 1 'taken|exists' "$m" profile rename robert default
check 'no such person' 1 'no profile' "$m" profile rename eve mallory
check 'chosen' 0 '' "$m" profile use robert
check 'renamed while chosen' 0 '' "$m" profile rename robert bertie
check 'is still chosen' 0 gecko "$m" recall badge
check 'deletion wants a yes' 2 '--yes' "$m" profile delete bertie
check 'deleted' 0 '' "$m" profile delete --yes bertie
check_not 'is not listed' bertie "$m" profile list
check 'leaves no byte' 1 '^$' grep -rail gecko "$home/data"
check 'a missing one is chosen' 0 '' "$m" config set MNEME_PROFILE nobody
check 'then nothing is everybodys' 1 'no profile' "$m" memory list
check 'but another can be chosen' 0 '' "$m" profile use default
check 'and all is well' 0 '0 problems' "$m" check

ends_well
