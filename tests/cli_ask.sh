#!/bin/bash
# A turn with a model: the stub provider answers, the program's words, status
# and store are checked.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
export LLM_MODEL=stub-model MNEME_RETRIES=0

provider --log "$home/log"
check 'an answer streams' 0 '^You said: hi$' bash -c "echo hi | $m ask"
check 'text and standard input are one question' 0 'review this' \
	bash -c "echo 'a line' | $m ask 'review this'"
check 'another process finds it' 0 'hi' "$m" recall hi
check 'and exports it' 0 '"role":"assistant","content":"You said: hi"' "$m" export
check 'JSON' 0 '"content":"You said: yes".*"model":"stub-model".*"prompt_tokens":10.*"finish_reason":"stop"' \
	"$m" --json ask yes
check 'a conversation goes on' 0 'and why' "$m" ask -c last 'and why?'
check 'in one conversation' 0 'You said: yes' "$m" conversation show last
check 'its history is sent' 0 'You said: yes' tail -n 1 "$home/log"
"$m" remember 'my sister Ana is allergic to peanuts' > /dev/null
check 'what is remembered is sent' 0 '.' "$m" ask 'what is Ana allergic to?'
check 'in a block of its own' 0 '<memory>.*peanuts' tail -n 1 "$home/log"
check 'unless it must not be' 0 '.' "$m" ask --no-memory 'what is Ana allergic to?'
check 'incognito answers' 0 'sesame' "$m" ask --incognito 'open sesame'
check 'and keeps nothing' 1 '^$' grep -r sesame "$home/data"

provider --reply $'\033]0;title\007bare\033[31m red'
check 'escape sequences are taken out' 0 '^bare red$' "$m" ask hi
provider --reply $'Here:\n```c\nint a;\n```\nmore'
check 'only the code' 0 '^int a;$' "$m" ask -x hi
provider --status 401 --error 'bad key, friend'
check 'a refused key' 4 'bad key, friend' "$m" ask hi
provider --status 500
check 'a failing provider' 3 '500|stub fails' "$m" ask hi
provider --status 429
check 'too many requests' 1 '429|too many|stub fails' "$m" ask hi
provider --cut 2 --reply 'one two three four five six seven eight'
check 'a stream that is cut' 3 'finish reason|broke|ended' "$m" ask hi
check 'what came is kept, marked' 0 '"partial":true' "$m" --json conversation show last
provider --error-after 2 --error 'upstream fell over'
check 'an error in the stream' 3 'upstream fell over' "$m" ask hi
check 'JSON says so too' 3 '"error":\{"code":"upstream"' "$m" --json ask hi
provider --reply '' --events 1
check 'an empty answer is an error' 3 'empty answer' "$m" ask hi
check 'and is not stored' 1 '^$' bash -c \
	"$m export | grep '\"role\":\"assistant\",\"content\":\"\"'"
provider --reply 'I read it all'
yes 'a line of a long diff' | head -n 5000 > "$home/diff"
check 'a long question where no window is known' 0 'I read it all' \
	bash -c "$m ask 'review this' < '$home/diff'"
check 'and where it is' 5 'takes about [0-9]+ tokens' \
	bash -c "LLM_CONTEXT_TOKENS=8192 $m ask 'review this' < '$home/diff'"
provider --bytes 1 --reply 'grüße 世界 🙂'
check 'characters cut at every byte' 0 '^grüße 世界 🙂$' "$m" ask hi
kill "$stub"
wait "$stub" 2> /dev/null
stub=
check 'nobody listens' 3 'refused|connect' "$m" ask hi
check 'the question is not lost' 0 'nobody home' bash -c \
	"$m ask 'nobody home'; $m export | grep 'nobody home'"

# Interrupted: what had come is kept.
provider --hang 2 --reply 'first second third fourth'
"$m" ask 'interrupt me' > "$home/out" 2> "$home/err" &
asking=$!
until grep -q first "$home/out"; do
	[ ! -s "$home/err" ] || { cat "$home/err"; break; }
	case $(ps -o stat= -p $asking) in Z* | "") break ;; esac
	read -r -t 0.05 < <(:) || :
done
kill -INT $asking
wait $asking
check 'an interrupt ends with 130' 0 '^130$' echo $?
check 'and keeps the partial answer' 0 'first.*"partial":true|"partial":true' \
	"$m" --json conversation show last

ends_well
