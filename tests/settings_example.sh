#!/bin/bash
# The example of a configuration file has every setting, and is one.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
example=$MNEME_BUILD/config.example

"$m" config list | sed 's/=.*//' > "$home/all"
sed -n 's/^#\([A-Z_]*\)=.*/\1/p' "$example" > "$home/named"
check 'every setting is named' 0 '' cmp "$home/all" "$home/named"
[ "$(wc -l < "$home/all")" -gt 40 ] || { echo 'FAILED: no settings'; exit 1; }
check 'as it is it sets nothing' 0 '' "$m" --config "$example" config list
check_not 'as it is it sets nothing' '\(file\)' "$m" --config "$example" config list

# What has a value may be put in as it stands there.
sed -n 's/^#\([A-Z_]*=..*\)/\1/p' "$example" > "$home/whole"
chmod 600 "$home/whole"
check 'its values are good' 0 '' "$m" --config "$home/whole" config list
"$m" --config "$home/whole" config list | sed -n 's/  (file.*//p' > "$home/set"
check 'its values are those of the table' 0 '' cmp "$home/whole" "$home/set"
[ -s "$home/set" ] || { echo 'FAILED: no values'; exit 1; }

ends_well
