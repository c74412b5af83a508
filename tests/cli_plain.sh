#!/bin/bash
# The chat line by line, its lines from a file: each slash command, good and
# bad.  What needs somebody at a terminal is in plain_terminal.py.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
export LLM_MODEL=stub-model MNEME_RETRIES=0

# say LINE...: a chat that gets these lines; more words for it in $options.
options=()
say() {
	printf '%s\n' "$@" | "$m" chat --plain "${options[@]}"
}

# The lines after one another, as one line of output that can be matched.
told() {
	say "$@" 2>&1 | tr '\n' '~'
}

check 'nothing was said yet' 0 'nothing was said here yet' say /show
for command in /regenerate /again '/edit x' /continue /fork /branch-back \
	/branch-on /used /copy '/find x' "/export $home/x.md"; do
	check "$command of nothing" 0 'nothing was said here yet' say "$command"
done
check 'no conversation' 0 'there is no conversation yet' say /conversations
check 'no memory' 0 'nothing is remembered yet' say /memories
check 'no history' 0 'nothing was sent yet' say /history
check 'nothing learned' 0 'nothing was learned since the start' say /unlearn

provider --log "$home/log"
check 'a pipe has the answers alone' 0 '^You said: one~You said: two~$' told one two
check 'turns are numbered' 0 \
	'1\. You: one~1\. stub-model: You said: one~2\. You: two~2\. stub-model' \
	told '/open last'
options=(-c last)
check 'one of them' 0 '^1\. You: one~1\. stub-model: You said: one~$' told '/show 1'
check 'none of that number' 0 'there is no turn 7; the last one is 2' say '/show 7'
check 'no number' 0 "'x' is no number" say '/show x'
check 'a line is found with its number' 0 '^2\. You: two~2\. stub-model: You said: two~$' \
	told '/find TWO'
check 'or is not' 0 'no line of this conversation' say '/find three'
check '/find wants a text' 0 '/find TEXT' say /find
check 'the conversations' 0 '2026|20[0-9]{2}-.* one$' say /conversations
check 'by their title' 0 ' one$' say '/conversations ONE'
check 'none has that' 0 'no conversation has that' say '/conversations three'
check 'everything is searched' 0 'You said: two' say '/search two'
check '/search wants a text' 0 '/search TEXT' say /search
check '/open wants a name' 0 '/open ID' say /open
check 'of one that is there' 0 'no conversation 01234567' say '/open 01234567'
check 'what was sent' 0 '^one~two~$' told /history
check 'with a text' 0 '^two~$' told '/history TW'

# Again, otherwise, on.
provider --log "$home/log" --reply 'another'
check 'an answer again' 0 '^another$' say /regenerate
check 'of that question' 0 '"content":"two"' tail -n 1 "$home/log"
check 'as a branch' 0 '^branch 1/2~2\. stub-model: You said: two~$' told /branch-back
check 'there is none before it' 0 'no earlier branch here; this is 1/2' say /branch-back
check 'and the next' 0 '^branch 2/2~2\. stub-model: another~$' told /branch-on
check 'there is none after it' 0 'no later branch here; this is 2/2' say /branch-on
check 'any question again' 0 '^another$' say '/again 1'
check 'goes from there' 0 '^1\. You: one~1\. stub-model: another~$' told /show
provider --log "$home/log"
check 'instead of a question' 0 '^You said: uno$' say '/edit 1 uno'
check 'as a branch' 0 '^1\. You: uno~1\. stub-model: You said: uno~$' told /show
check 'from a pipe it wants the text' 0 '/edit \[N\] TEXT' say /edit
check 'the first question has branches' 0 '^branch 1/2~1\. You: one~' told /branch-back
check 'whose answer has some' 0 'no later branch here; this is 2/2' say /branch-on
check 'back to where it was' 0 '^branch 2/2~1\. You: uno~' told '/branch-on 1'
check 'at no turn' 0 'there is no turn 9' say '/branch-on 9'
provider --log "$home/log" --cut 2 --reply 'one two three four five six seven eight'
check 'a stream that breaks' 3 'finish reason|broke|ended' say 'go on'
check 'is kept' 0 '2\. stub-model: one.*\(the provider ended the answer early\)~' told '/show 2'
provider --log "$home/log" --reply ' and the rest'
check 'and goes on' 0 '^ and the rest$' say /continue
check 'once it is whole, no more' 0 'that answer is whole' say /continue
check 'as one answer' 0 '2\. stub-model: one.* and the rest~$' told '/show 2'
provider --log "$home/log" --status 500
check 'no answer came' 3 'stub fails' say 'are you there?'
check 'nothing to go on with' 0 'nothing of an answer came' say /continue
provider --log "$home/log"
check 'but to ask again' 0 '^You said: are you there\?$' say /regenerate

# Forks.
check 'a fork' 0 'after turn 1: 0' say '/fork 1' /show
check 'and is the last used' 0 '^1\. You: uno~1\. stub-model: You said: uno~$' told /show
check 'at its end' 0 'after turn 2: 0' say next /fork
check 'at no turn' 0 'there is no turn 9' say '/fork 9'

# Memory.
check 'a wish' 0 'mneme: remembered~' told 'remember that Ana likes tea'
check 'what is remembered' 0 'Ana likes tea' say /memories
check 'with a text' 0 'Ana likes tea' say '/memories TEA'
check 'without it' 0 'nothing that is remembered has that' say '/memories coffee'
check 'an answer rests on it' 0 \
	'rests on [0-9]+ memor.*Ana likes tea.*a memory of yours, 20.*words' \
	told 'what does Ana like?' /used
check 'by the number of its turn' 0 'rests on no memory' say /new hello '/used 1'
check 'that is not there' 0 'there is no turn 9' say '/used 9'
options=()
check 'what was learned goes back' 0 'taken back: Bo likes ale' \
	say 'remember that Bo likes ale' /unlearn
check_not 'and is gone' 'Bo likes ale' say /memories
check 'once' 0 'nothing was learned since' \
	say 'remember that Bo likes rum' /unlearn /unlearn
check 'a mode' 0 'memory read: recalled from' say '/memory-mode read'
check 'before the first turn' 0 'memory read: recalled from' say '/memory-mode read' \
	'my cat is called Rex' /memory-mode
check 'holds' 0 '"memory_mode":"read"' "$m" --json conversation list -k 1
options=(-c last)
check 'of one that began' 0 'memory off: nothing' say '/memory-mode off'
check 'is kept' 0 'memory off: nothing' say /memory-mode
check 'no such mode' 0 'full, read or off' say '/memory-mode some'
options=()

# Incognito.
check 'incognito' 0 'nothing of it is stored' say /incognito
check 'it knows what was said in it' 0 'You said: second' \
	say /incognito 'sesame first' second
check 'and tells it' 0 'sesame first.*You said: sesame first.*second' tail -n 1 "$home/log"
check 'its turns are numbered' 0 '1\. You: sesame~1\. mneme: You said: sesame~$' \
	told /incognito sesame /show
check 'again' 0 '^a new.*You said: sesame~You said: sesame~1\. You: sesame~1\. mneme: You said: sesame~$' \
	told /incognito sesame /regenerate /show
check 'otherwise' 0 '1\. You: simsim~1\. mneme: You said: simsim~$' \
	told /incognito sesame '/edit simsim' /show
check 'nothing of it is forked' 0 'nothing of an incognito' say /incognito sesame /fork
check 'or exported' 0 'nothing of an incognito' say /incognito sesame "/export $home/i.md"
check 'or goes on' 0 'only a stored answer' say /incognito sesame /continue
check 'it has no mode' 0 'incognito' say /incognito '/memory-mode off'
check 'it ends' 0 'remembered again.*You said: kept' told /incognito sesame /incognito kept
check 'with what was said in it' 1 '^$' grep -rE 'sesame|simsim' "$home/data"
options=(--incognito)
check 'by the option' 0 'You said: sesame.*1\. You: sesame' told sesame /show
options=()

# People.
check 'who there is' 0 '^\* default$' say /profile
check 'nobody of that name' 0 'nothing was changed' say '/profile bob' n
check 'but on a yes' 0 'you are bob.*\* bob' told '/profile bob' y /profile
check 'who has nothing of the others' 0 'nothing is remembered yet' say '/profile bob' /memories
check 'nor program commands' 0 'you are bob' say '/profile bob' '/memory list'
check_not 'of theirs' 'Ana' say '/profile bob' '/memory list'

printf 'long enough words\n' | "$m" --profile bob profile passwd
check 'a password' 0 'you are bob' say '/profile bob' 'long enough words'
check 'a wrong one' 0 'that is not the password' say '/profile bob' 'other words'
check 'who stays who it was' 0 '^\* default$' say '/profile bob' 'other words' /profile
check 'a name that is none' 0 'a name holds no @' say '/profile a@b' y

# Models.
check 'another model' 0 'better answers from now on' say '/model better' hi
check 'answers' 0 '"model":"better"' tail -n 1 "$home/log"
check 'a list of them' 0 '^stub' say /model
cp -r "$home/config" "$home/config.was" 2> /dev/null
address=$LLM_BASE_URL
(
	unset LLM_BASE_URL LLM_MODEL
	check 'no model' 0 'no provider is set up' say /model
	check 'set-up' 0 'answers from now on' say /setup \
		"$(say /setup '' 2> /dev/null | sed -n 's/^\([0-9]*\)\. Another.*/\1/p')" \
		"$address" 'a-key' ''
	check 'then it answers' 0 '^hello$' say hello
	check 'with the key' 0 '^LLM_API_KEY="?a-key' cat "$home/config/mneme/config"
	check 'a wrong number' 0 "'99': a number" say /setup 99
	check 'nothing' 0 'nothing was changed' say /setup ''
	check 'where nobody listens' 0 '/setup tries again' say /setup \
		"$(say /setup '' 2> /dev/null | sed -n 's/^\([0-9]*\)\. Another.*/\1/p')" \
		http://127.0.0.1:1/v1 '' ''
	exit "$failed"
) || failed=$((failed + $?))
rm -rf "$home/config"

# Out.
provider --reply $'Here:\n```c\nint a;\n```\nand\n```\nsecond\n```\nend'
"$m" ask code > /dev/null
options=(-c last)
check 'an answer to a file' 0 'bytes written to .*/a.txt' say "/copy $home/a.txt"
check 'all of it' 0 '^end$' cat "$home/a.txt"
check 'a block of code' 0 'bytes written' say "/copy code $home/c.txt"
check 'alone' 0 '^int a;$' cat "$home/c.txt"
check 'the second' 0 '^second~$' told '/copy code 2 | cat'
check 'there is no third' 0 'no block of code 3' say '/copy code 3'
check 'to a command' 0 '^9$' say '/copy 1 | wc -l' '/copy 1 |tr a-z A-Z'
check 'that fails' 0 'failed \(3\)' say '/copy | exit 3'
check 'to none' 0 'no command' say '/copy |'
check 'a file that is there' 0 'left as it is' say "/copy $home/a.txt" n
check 'is replaced on a yes' 0 'bytes written' say "/copy code $home/a.txt" y
check 'by that' 0 '^int a;$' cat "$home/a.txt"
check 'of no such turn' 0 'there is no turn 5' say '/copy 5'
mkdir "$home/bin"
printf '#!/bin/sh\ncat > "%s/clip"\n' "$home" > "$home/bin/wl-copy"
chmod +x "$home/bin/wl-copy"
clip() {
	env -u TMUX -u DISPLAY WAYLAND_DISPLAY=w PATH="$home/bin:$PATH" \
		bash -c "echo '/copy code' | '$m' chat --plain -c last"
}
check 'to the clipboard' 0 'copied 7 bytes by wl-copy' clip
check 'which has it' 0 '^int a;$' cat "$home/clip"
check 'no clipboard' 0 'no program here takes the clipboard' env -u TMUX -u DISPLAY \
	-u WAYLAND_DISPLAY bash -c "echo /copy | '$m' chat --plain -c last"
check 'the conversation' 0 'bytes written' say "/export $home/all.md"
check 'in Markdown' 0 '^## ' cat "$home/all.md"
check 'in JSON' 0 'bytes written' say "/export $home/all.json"
check 'whole' 0 '"messages":\[' cat "$home/all.json"
check 'not otherwise' 0 'ends in .md, .json or .txt' say "/export $home/all.doc"
check '/export wants a name' 0 '/export FILE' say /export
check 'no editor without a terminal' 0 'no terminal' say /editor

# The rest.
check 'help' 0 '^  /memories \[TEXT\] ' say /help
check 'of one' 0 '^/edit \[N\] \[TEXT\]: change' say '/help edit'
check "of a program's" 0 'usage: mneme memory list' say '/help memory list'
check 'the same outside' 0 '^  /memories \[TEXT\] ' "$m" help plain
check 'what is nearly one' 0 'no command /memorise; did you mean /memories\?' say /memorise
check 'what only a screen has' 0 'Ctrl-C stops an answer' say /stop
check "a program's, in quotes" 0 'Remembered .*: two words' say '/remember "two words"'
provider
options=(--no-memory)
check 'a path is no command' 0 'You said: /etc/passwd is a file' say '/etc/passwd is a file'
check 'what begins with a blank neither' 0 'You said: /help' say ' /help'
check_not 'leaving' 'You said' say /quit hello

ends_well
