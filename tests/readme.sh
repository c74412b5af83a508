#!/bin/bash
# Every command that the README shows in a console block works.
set -eu
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data
unset LLM_PROVIDER LLM_MODEL LLM_BASE_URL LLM_API_KEY OPENROUTER_API_KEY
mkdir "$home/bin"
ln -s "$MNEME" "$home/bin/mneme"
PATH=$home/bin:$PATH
cd "$home"
git init -q .
git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
printf 'GIF89a' > photo.png
count=0
# shellcheck disable=SC2016 # not a command: the mark of a block
while IFS= read -r line; do
	printf '%s\n' "$line"
	bash -c "set -o pipefail; $line" < /dev/null > out 2>&1 || {
		cat out
		exit 1
	}
	count=$((count + 1))
done < <(sed -n '/^```console$/,/^```$/s/^\$ //p' "$MNEME_SOURCE/README.md")
[ "$count" -ge 5 ]
