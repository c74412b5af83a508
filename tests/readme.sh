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

# The screens that it shows are those of readme.screen, whole; days aside.
python3 - "$MNEME_SOURCE/tests/screens/readme.screen" \
	"$MNEME_SOURCE/README.md" << 'END'
import re
import sys

screens = []
for line in open(sys.argv[1], encoding="utf-8"):
    if line == "screen\n":
        screens.append("")
    elif line.startswith("|") and not line.startswith("| cursor "):
        screens[-1] += ("    " + line[1:].rstrip()).rstrip() + "\n"
shown = re.sub(r"\d{4}-\d\d-\d\d", "yyyy-mm-dd",
               open(sys.argv[2], encoding="utf-8").read())
if len(screens) != 3:
    sys.exit("%d screens in readme.screen" % len(screens))
for screen in screens:
    if screen not in shown:
        sys.exit("README.md does not show this screen:\n" + screen)
END
