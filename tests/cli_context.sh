#!/bin/bash
# A conversation that is longer than the model's context: the oldest turns are
# not sent again, and what they said is found where it is asked for.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
export MNEME_RETRIES=0 LLM_CONTEXT_TOKENS=3000 LLM_MAX_TOKENS=200
provider --reply 'Understood.' --events 1 --log "$home/log"

# requests SENTENCE: how often the last request says it.
requests() {
	tail -1 "$home/log" | grep -o "$1" | wc -l
}
# messages: how many messages the last request has.
messages() {
	tail -1 "$home/log" | grep -o '"role"' | wc -l
}

check 'a turn' 0 Understood "$m" ask 'The lighthouse keeper is called Marlene.'
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	check "turn $i" 0 Understood "$m" ask -c last \
		"Item $i of the inventory: $(printf 'crate %d-%d, ' {1..60} | head -c 600)"
done
# As a message of its own; in the block of memories it may stand.
first='"content":"The lighthouse keeper'
full=$(messages)
check 'the newest turns are sent' 0 '^1$' requests 'Item 12 of the inventory'
check 'and those before them' 0 '^1$' requests 'Item 11 of the inventory'
check 'the oldest are not' 0 '^0$' requests "$first"
for i in 13 14 15; do
	check "turn $i" 0 Understood "$m" ask -c last \
		"Item $i of the inventory: $(printf 'crate %d-%d, ' {1..60} | head -c 600)"
done
[ "$(messages)" -le "$((full + 1))" ] || {
	echo "FAILED: the request grows: $full messages, then $(messages)"
	failed=$((failed + 1))
}
check 'a question about the oldest' 0 Understood \
	"$m" ask -c last 'What is the lighthouse keeper called?'
check 'what it said is sent as remembered' 0 '^1$' requests 'Marlene'
check 'nothing of it is lost' 0 Marlene "$m" conversation show last
check 'a question that alone is too long' 5 'context has 3000' \
	"$m" ask -c last "$(printf 'crate %d, ' {1..3000})"
check 'and the next turn is as before' 0 Understood "$m" ask -c last 'Go on.'
ends_well
