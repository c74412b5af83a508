#!/bin/bash
# Every command that the manual pages show works, in the order in which they
# stand there; and every command of the program is run by some test.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
mkdir "$home/bin"
ln -s "$MNEME" "$home/bin/mneme"
export PATH=$home/bin:$PATH
cd "$home" || exit 1
git init -q .
git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
count=0

# run_lines FILE: each line of standard input, as a person would type it.
run_lines() {
	while IFS= read -r line; do
		check "$1: $line" 0 '' bash -c "set -o pipefail; $line"
		count=$((count + 1))
	done
}

# Examples after "$ "; what else stands in a block is output.
run_lines mneme-memory.7 < <(sed -n 's/^\$ //p' "$MNEME_SOURCE/man/mneme-memory.7")
[ "$count" -ge 15 ] || { echo "only $count commands"; exit 1; }
# Blocks of commands alone.
run_lines mneme.1 < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEC/p' "$MNEME_SOURCE/man/mneme.1" |
	sed -n '/^\.Bd/,/^\.Ed/p' | grep -v '^\.')

# A word that is a macro too ("In") turns into something else, and a quotation
# may swallow the next.
for page in "$MNEME_SOURCE"/man/*.[17]; do
	check_not "$page: words that became macros" '<[a-z]+> |""' \
		bash -c "mandoc -T ascii '$page' | sed 's/.\x08//g'"
done

# The name of each command in a line of some test, after the program's.
"$m" help | sed -n '5,/^$/p' | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\).*/\1/p' |
	sed 's/ $//' > "$home/names"
while read -r name; do
	words=${name// /[\" ,]+}
	grep -rqE "(MNEME|mneme|m|bin)[\"')]*( --?[a-z-]+( [a-z]+)?)* ${words}|\"${words// /\", \"}\"" \
		"$MNEME_SOURCE/tests" --include='*.sh' --include='*.py' --include='*.c' \
		--include=start --include='*.screen' || {
		echo "FAILED: no test runs mneme $name"
		failed=$((failed + 1))
	}
done < "$home/names"
[ "$(wc -l < "$home/names")" -gt 25 ] || { echo 'no names'; exit 1; }

ends_well
