#!/bin/bash
# Memory by the command line, with no model set up: remember, ask, forget,
# import, export, exit codes.  Each check says what should have been.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"

check 'the version' 0 '^mneme [0-9]' "$m" --version
check 'help lists the commands' 0 'conversation list' "$m" help
check 'help of one command' 0 '--as-of' "$m" help recall
check 'an unknown option is usage' 2 'unknown option --nosuch' "$m" ask --nosuch hi
check 'an unknown command is usage' 2 'unknown command' "$m" frobnicate
check 'a slip of a command' 2 'did you mean mneme recall\?' "$m" recal Ana
check 'a slip of two letters' 2 'did you mean mneme remember\?' "$m" rememebr Ana
check 'a slip of an option' 2 'did you mean --as-of\?' "$m" recall --asof x Ana
check 'half a command says the rest' 2 'does one of: list, show' "$m" memory
check 'a slip of its second word' 2 'did you mean memory list\?' "$m" memory lst
check 'a wrong second word' 2 'memory does one of: list' "$m" memory frobnicate
check 'help of a group' 0 'memory history' "$m" help memory
check 'the same asked otherwise' 0 'memory history' "$m" memory --help
check 'an option of another command' 2 'no option of' "$m" recall --raw hi
check 'no question is usage' 2 'no question' "$m" ask
check 'remember' 0 'Remembered' "$m" remember "my sister Ana is allergic to peanuts"
check 'nothing to remember is usage' 2 'nothing to remember' \
	sh -c "\"$m\" remember < /dev/null"
check 'remember what is piped' 0 'Remembered .*: the heron nests in March' \
	sh -c "echo 'the heron nests in March' | \"$m\" remember"
check 'ask answers from memory' 0 'allergic to peanuts' \
	"$m" ask "what is Ana allergic to?"
check 'which counts as a use' 0 '"access_count":1,"accessed_at":"2' "$m" --json memory list
check 'with its source' 0 'Remembered, [0-9-]+ .[0-9a-z]{26}' "$m" ask "what is Ana allergic to?"
check 'as JSON' 0 '"finish_reason":"recall"' "$m" --json ask "what is Ana allergic to?"
check 'JSON says that there is no model' 0 '"model":null' "$m" --json ask "Ana?"
check 'recall finds it' 0 'peanuts' "$m" recall Ana allergic
check 'recall explains itself' 0 'words' "$m" recall --explain Ana allergic
check 'another profile is made' 0 '' "$m" profile add bob
check 'another profile finds nothing' 0 'Nothing is remembered' \
	"$m" --profile bob recall Ana allergic
check 'a missing profile is an error' 1 'no profile' "$m" --profile eve recall Ana
check 'a wish in a chat is kept' 0 'Remembered' "$m" ask "remember that my cat is called Miso"
check 'and found' 0 'Miso' "$m" ask "what is my cat called?"
check 'no memory and no model is not set up' 4 'no model is set up' "$m" ask --no-memory hi
check 'a JSON failure is an object' 4 '"error":\{"code":"setup"' "$m" --json ask --no-memory hi
check 'incognito cannot go on' 2 'incognito' "$m" ask --incognito -c last hi
check 'a bad as-of' 2 'is no time' "$m" recall --as-of soon Ana
check 'before it was said it is not known' 0 'Nothing' \
	"$m" recall --as-of 2001-01-01 Ana allergic
check 'conversations are listed' 0 'Ana' "$m" conversation list
id=$("$m" --json memory list | sed 's/.*"id":"\([0-9a-z]*\)".*/\1/')
check 'a memory is shown' 0 'peanuts|Miso' "$m" memory show "$id"
for id in $("$m" --json memory list | grep -o '"id":"[0-9a-z]*","type"' | cut -d'"' -f4); do
	check 'forget' 0 'Forgot' "$m" memory forget "$id"
done
check 'no memory is left' 0 '^$' "$m" memory list

cat > "$home/in.jsonl" << 'END'
{"type":"conversation","id":"c1","title":"Two friends","created_at":"2023-05-08T13:56:00Z"}
{"type":"message","conversation":"c1","id":"m1","role":"user","speaker":"Caroline","session":"1","content":"Hey Mel!","created_at":"2023-05-08T13:56:00Z"}
{"type":"message","conversation":"c1","id":"m2","role":"user","speaker":"Caroline","session":"1","content":"I went to a LGBTQ support group yesterday","created_at":"2023-05-08T13:56:01Z"}
{"type":"memory","id":"x1","memory_type":"preference","key":"tea","value":"likes green tea","confidence":1,"importance":0.8,"created_at":"2023-05-08T13:56:02Z"}
END
check 'import' 0 '4 added, 0 already known, 0 bad' \
	"$m" --profile bob import "$home/in.jsonl"
check 'import again changes nothing' 0 '0 added, 4 already known' \
	"$m" --profile bob import "$home/in.jsonl"
check 'recall of what was imported' 0 'support group' \
	"$m" --profile bob recall "When did Caroline go to the LGBTQ support group?"
check 'with the ids that were given' 0 '"external_id":"m2"' \
	"$m" --json --profile bob recall "support group"
check 'a bad line is named' 1 'bad.jsonl:2: ' bash -c \
	"printf '%s\n' '{\"type\":\"conversation\",\"id\":\"c2\"}' '{\"type\":' > $home/bad.jsonl; '$m' --profile bob import $home/bad.jsonl"
check 'and the good line is kept' 0 'c2' "$m" --profile bob export
check 'known with other content' 1 'known with other content' bash -c \
	"sed 's/green/black/' $home/in.jsonl | '$m' --profile bob import -"
"$m" --profile bob export > "$home/one.jsonl"
"$m" profile add copy
"$m" --profile copy import "$home/one.jsonl" > /dev/null
"$m" --profile copy export > "$home/two.jsonl"
check 'export, import, export: equal' 0 '' cmp "$home/one.jsonl" "$home/two.jsonl"
check 'batch recall' 0 '"query":"tea".*green tea' bash -c \
	"echo '{\"query\":\"tea\",\"k\":3}' | '$m' --profile bob recall --batch /dev/stdin"
check 'too long a question' 5 'passes|at most|more than' bash -c \
	"head -c 300000 /dev/zero | tr '\\0' a | '$m' ask"
check 'wrong UTF-8' 1 'not UTF-8' bash -c "printf 'a\\xff' | '$m' ask"
check 'deleting wants a yes' 2 '--yes' "$m" conversation delete last
check 'deleting' 0 '' "$m" conversation delete --yes last
check 'a data folder that cannot be' 1 'null' "$m" --data-dir /dev/null/x recall a
check 'no HOME' 4 'HOME|data-dir' env -u HOME -u XDG_DATA_HOME -u XDG_CONFIG_HOME \
	-u XDG_STATE_HOME "$m" recall a
check 'bash completions' 0 'complete .*mneme' "$m" completion bash
check 'and they parse' 0 '' bash -c "'$m' completion bash | bash -n"

export XDG_DATA_HOME=$home/change
check 'something that can change' 0 '\): the gate code is 4711' "$m" remember "the gate code is 4711"
check 'told anew, and what it was' 0 'in place of: the gate code is 4711' \
	"$m" remember "the gate code is 4712"
check_not 'once' 'in place of' "$m" remember "the gate code is 4712"
check_not 'another of it is not that' 'in place of' "$m" remember "the gate colour is red"
"$m" ask "my son's school is on the hill" > /dev/null
"$m" ask "my son's school is in the park now" > /dev/null
check 'what is told of another changes too' 0 'on the hill.*superseded' "$m" memory list --all

ends_well
