#!/bin/bash
# A person's own memories by the command line: seen, corrected, restored,
# tidied, taken away.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"

check 'a memory of each kind' 0 Remembered "$m" remember --type preference \
	--key tea "I like green tea"
tea=$(first_id "$m" --json memory list)
check 'and another' 0 Remembered "$m" remember --key home "I live in Bonn"
bonn=$(first_id "$m" --json memory list)
check 'list by type' 0 'green tea' "$m" memory list --type preference
check_not 'and only that type' Bonn "$m" memory list --type preference
check 'list by key' 0 Bonn "$m" memory list --key HOME
check_not 'and only that key' tea "$m" memory list --key home
check 'list since today' 0 Bonn "$m" memory list --since "$(date +%F)"
check_not 'until yesterday' 'Bonn|tea' "$m" memory list --until yesterday
check 'list what was given by hand' 0 Bonn "$m" memory list --source hand
check 'a time that is none' 2 'no time' "$m" memory list --since soon
check 'a type that is none' 2 'not one of' "$m" memory list --type animal

check 'edit' 0 'version 2.*Rome' "$m" memory edit "$bonn" --value "I live in Rome"
check 'an edit of nothing' 2 'nothing to change' "$m" memory edit "$bonn"
check 'an edit to nothing' 1 'empty' "$m" memory edit "$bonn" --value " "
check 'too much importance' 2 'from 0 to 1' "$m" memory edit "$bonn" --importance 2
check 'the edit is found' 0 Rome "$m" recall "where do I live"
check_not 'and what was is not' Bonn "$m" recall "where do I live Bonn"
check 'history' 0 '2 .*value changed.*Rome' "$m" memory history "$bonn"
check 'history begins with the first' 0 '1 .*stored.*Bonn' "$m" memory history "$bonn"
check 'pin' 0 'Pinned' "$m" memory pin "$bonn"
check 'pin again changes nothing' 0 'As it was' "$m" memory pin "$bonn"
check 'the pinned ones' 0 Rome "$m" memory list --pinned
check 'unpin' 0 Unpinned "$m" memory pin --off "$bonn"
check 'restore the first version' 0 'Bonn' "$m" memory restore "$bonn" 1
check 'no version' 1 'no version 99' "$m" memory restore "$bonn" 99
check 'a version that is no number' 2 'is no version' "$m" memory restore "$bonn" x
check 'statistics' 0 '"active":2' "$m" --json memory stats

check 'nearly the same, from elsewhere' 0 '1 added' bash -c "'$m' import - <<< \
	'{\"type\":\"memory\",\"id\":\"t\",\"memory_type\":\"preference\",\"key\":\"tea\",\"value\":\"I really like green tea\"}'"
check 'tidy says what it would do' 0 'merge' "$m" memory tidy
check 'and does nothing' 0 'Nothing was changed' "$m" memory tidy
check 'until told to' 0 '1 done' "$m" memory tidy --yes
check 'then nothing is left to do' 0 'Nothing to tidy' "$m" memory tidy
check_not 'merged ones are not listed' "$tea" "$m" memory list
check 'but for --all' 0 "$tea.*merged" "$m" memory list --all
check 'a merge can be undone' 0 'as before .*green tea' "$m" memory restore "$tea"
check 'and both stand again' 0 '"active":3' "$m" --json memory stats

check 'forget' 0 Forgot "$m" memory forget "$tea"
check 'restore never reaches past it' 1 'no memory' "$m" memory restore "$tea"

check 'said in a chat' 0 Remembered "$m" ask "remember that my code is quokka-5512"
check 'a check finds it' 1 'messages' "$m" check --residue "Quokka 5512"
check 'a healthy store' 0 ': 0 problems' "$m" check
code=$(first_id "$m" --json memory list)
check 'what still says it is listed' 0 'still said in .*quokka' "$m" memory forget "$code"
check 'and still found' 0 'quokka' "$m" recall code
said=$("$m" --json recall my code | grep -o '"kind":"message","id":"[^"]*"' | head -1 | cut -d'"' -f8)
check 'it can be redacted afterwards' 0 'redacted message' "$m" memory forget --messages "$said"
check_not 'then it is not found' quokka "$m" recall code
check 'nor left' 0 'Nothing of it is left' "$m" check --residue quokka
check 'said again' 0 Remembered "$m" ask "remember that my code is wombat-7731"
code=$(first_id "$m" --json memory list)
check 'and redacted when told to' 0 'redacted message' "$m" memory forget --messages "$code"
check_not 'then nothing finds it' wombat "$m" recall code
check 'nothing is left' 0 'Nothing of it is left' "$m" check --residue wombat-7731
check 'also in bytes' 1 '^$' grep -rail wombat "$home/data"
check 'nor in a title' 0 'forgotten' "$m" conversation list
check 'as JSON' 0 '"found":0' "$m" --json check --residue wombat-7731
check 'nothing to look for' 1 'no letter' "$m" check --residue "-"
check 'an unknown memory' 1 'no memory' "$m" memory forget 01m87dsap2p1bayhrwjk6dk3qt

check 'a conversation of its own' 0 Remembered "$m" ask "remember that my boat is numbat-88"
conversation=$(first_id "$m" --json conversation list)
check 'its deletion wants a yes' 2 '--yes' "$m" conversation delete "$conversation"
check 'it goes' 0 '' "$m" conversation delete --yes "$conversation"
check_not 'with what only it supports' numbat "$m" memory list --all
check 'and leaves no byte' 1 '^$' grep -rail numbat "$home/data"
check 'the store is well' 0 ': 0 problems' "$m" check

check 'what is set up and what is not' 0 'job' bash -c "$m doctor || :"
check 'a setting' 0 '' "$m" config set LLM_MODEL tiny
check 'that the environment outweighs' 0 "environment's LLM_MODEL still wins" \
	env LLM_MODEL=big "$m" config set LLM_MODEL small
check 'a secret from standard input' 0 '^$' bash -c "echo sk-hidden | '$m' config set LLM_API_KEY"
check 'is kept' 0 '^LLM_API_KEY=sk-hidden$' cat "$XDG_CONFIG_HOME/mneme/config"
check 'unset' 0 '' "$m" config unset LLM_API_KEY
check_not 'it is gone' LLM_API_KEY cat "$XDG_CONFIG_HOME/mneme/config"
check 'the other stays' 0 '^LLM_MODEL=small$' cat "$XDG_CONFIG_HOME/mneme/config"
rm "$XDG_CONFIG_HOME/mneme/config"
check 'where the files are' 0 "$home" "$m" config path

ends_well
