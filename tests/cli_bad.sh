#!/bin/bash
# Bad input, and a world that does not help: a clear word, the right status, in
# bounded time, and nothing lost.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
stub=
trap '[ -z "$stub" ] || kill "$stub"; chmod -R u+w "$home"; rm -rf "$home"' EXIT
export MNEME_RETRIES=0
# Nothing here may take long: 124 is no status of ours.
soon() {
	timeout 300 "$@"
}
big() { # MIBS
	head -c $(($1 << 20)) /dev/zero | tr '\0' a
}

check 'something to keep' 0 Remembered "$m" remember "my sister Ana is allergic to peanuts"

# ---- not UTF-8 ----
bad=$(printf 'caf\351')
check 'a question' 1 'UTF-8' soon "$m" ask "$bad"
check 'standard input' 1 'UTF-8.*byte 2' bash -c "printf 'ab\\377' | '$m' ask"
check 'a file' 1 'UTF-8' bash -c "printf 'ab\\377' > '$home/f'; '$m' ask --file '$home/f' hi"
check 'a memory' 1 'UTF-8' "$m" remember "$bad"
id=$(first_id "$m" --json memory list)
check 'a correction' 1 'UTF-8' "$m" memory edit "$id" --value "$bad"
check 'a key' 1 'UTF-8' "$m" memory edit "$id" --key "$bad"
check 'a title' 1 'UTF-8' bash -c "'$m' ask hello > /dev/null; '$m' conversation rename last \$'caf\\351'"
check 'a person' 1 'UTF-8' "$m" profile add "$bad"
check 'a search' 1 'UTF-8' "$m" recall "$bad"
check 'a line to import' 1 ':1: .*' bash -c \
	"printf '{\"type\":\"conversation\",\"id\":\"\\377\"}\n' | '$m' import -"
check 'a batch' 1 ':1: ' bash -c "printf '{\"query\":\"\\377\"}\n' | '$m' recall --batch -"
check 'zero bytes' 1 'UTF-8|NUL|text' bash -c "printf 'a\\0b' | '$m' ask"

# ---- too much ----
check '64 MiB on standard input' 5 'at most|more than|passes|over' bash -c \
	"head -c $((64 << 20)) /dev/zero | tr '\\0' a | timeout 300 '$m' ask"
check '64 MiB of queries' 1 '.' bash -c \
	"head -c $((64 << 20)) /dev/zero | tr '\\0' a | timeout 300 '$m' recall --batch -"
check '65 MiB of queries' 5 '.' bash -c \
	"head -c $((65 << 20)) /dev/zero | tr '\\0' a | timeout 300 '$m' recall --batch -"
check '64 MiB that are no import' 1 ':1: ' bash -c \
	"head -c $((64 << 20)) /dev/zero | tr '\\0' a | timeout 300 '$m' import -"
big 1 > "$home/large"
check 'too large a file' 5 'large' "$m" ask --file "$home/large" hi
check 'too long a memory' 5 'at most' bash -c "'$m' remember \"\$(head -c 9000 /dev/zero | tr '\\0' a)\""
check 'too long a search' 5 'at most|over' bash -c "'$m' recall \"\$(head -c 40000 /dev/zero | tr '\\0' a)\""
check 'too long a name' 2 'bytes' bash -c "'$m' profile add \"\$(head -c 500 /dev/zero | tr '\\0' a)\""
check 'JSON nested too deep' 1 'nested' bash -c \
	"{ printf '{\"a\":'; head -c 5000 /dev/zero | tr '\\0' '['; } | '$m' import -"

# ---- words that mean nothing ----
check 'an option' 2 'unknown option --frob' "$m" ask --frob
check 'a letter' 2 'unknown option -Z' "$m" ask -Z
check 'an option without its value' 2 'wants a value' "$m" ask -c
check 'a number that is none' 2 'whole number' "$m" recall -k many tea
check 'a number too large' 2 'whole number' "$m" recall -k 99999999999999999999 tea
check 'a colour' 2 'color' "$m" --color purple memory list
check 'a setting' 2 'NO_SUCH' "$m" config set NO_SUCH 1
check 'a provider that nobody is' 2 "'opnai': not one of: .*openai" "$m" config set LLM_PROVIDER opnai
check 'a value that is empty' 2 'LLM_MODEL: is empty' "$m" config set LLM_MODEL ""
check 'no value' 2 'usage: mneme config set KEY VALUE' "$m" config set LLM_MODEL
check 'no value of a secret' 2 'no value was given' "$m" config set LLM_API_KEY
check 'to unset what is none' 2 'NO_SUCH' "$m" config unset NO_SUCH
check 'a folder without a name' 2 'data-dir is empty' "$m" --data-dir "" memory list
check 'a type of memory' 2 "'fat': not one of: .*fact" "$m" memory list --type fat
check 'words where none belong' 2 'too many words; usage: mneme serve$' "$m" serve now
check 'a value of one' 2 'MNEME_RETRIES' "$m" config set MNEME_RETRIES lots
mkdir -p "$XDG_CONFIG_HOME/mneme"
printf 'LLM_MODEL=x\nNO_SUCH=1\n' > "$XDG_CONFIG_HOME/mneme/config"
check 'a setting in the file, with its line' 2 'config:2: NO_SUCH' "$m" memory list
printf 'MNEME_RETRIES=lots\n' > "$XDG_CONFIG_HOME/mneme/config"
check 'a bad value in the file' 2 'config:1: MNEME_RETRIES' "$m" memory list
rm "$XDG_CONFIG_HOME/mneme/config"
check 'a configuration that is not there' 2 'nowhere|No such' "$m" --config "$home/nowhere" memory list
check 'a file to import that is not there' 1 'nowhere' "$m" import "$home/nowhere"
check 'a folder to import' 1 'director' "$m" import "$home"

# ---- places ----
check 'a data folder that is made' 0 Remembered "$m" --data-dir "$home/a/b/c" remember "a thing"
check 'and closed to others' 0 '^700$' stat -c %a "$home/a/b/c"
check 'a data folder under a file' 1 'large' "$m" --data-dir "$home/large/x" memory list
check 'a data folder in /proc' 1 '/proc' "$m" --data-dir /proc/mneme memory list
check 'no HOME' 4 'HOME' env -u HOME -u XDG_DATA_HOME -u XDG_CONFIG_HOME \
	-u XDG_STATE_HOME "$m" memory list
check 'no HOME, but a folder' 0 '' env -u HOME -u XDG_DATA_HOME -u XDG_CONFIG_HOME \
	-u XDG_STATE_HOME "$m" --data-dir "$home/a/b/c" memory list
# Who is root may write anywhere: another person tries.
cp "$MNEME" "$home/mneme"
mkdir "$home/closed"
"$m" --data-dir "$home/closed" remember "a thing" > /dev/null
chmod 755 "$home" "$home/mneme"
chmod -R a+rX,a-w "$home/closed"
other=()
[ "$(id -u)" != 0 ] || other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
check 'a data folder that cannot be written' 4 'closed may only be read' \
	env HOME=/nonexistent "${other[@]}" "$home/mneme" --data-dir "$home/closed" remember another
mkdir "$home/damaged"
"$m" --data-dir "$home/damaged" remember "a thing" > /dev/null
echo rubbish > "$home/damaged/store"
check 'a damaged name of the store' 1 'damaged' "$m" --data-dir "$home/damaged" memory list
echo 1 > "$home/damaged/store"
head -c 100000 /dev/urandom > "$home/damaged/store.1.mdb"
check 'a store that is none' 1 'store' "$m" --data-dir "$home/damaged" memory list
rm "$home/damaged/store"
check 'records without a name are not taken for none' 4 'missing' \
	"$m" --data-dir "$home/damaged" memory list

# ---- providers ----
LLM_MODEL=x LLM_BASE_URL=http://127.0.0.1:1/v1 \
	check 'a refused port' 3 'refused|connect' soon "$m" ask "what of the walrus?"
check 'the question is kept' 0 'walrus' "$m" conversation show last
LLM_MODEL=x LLM_BASE_URL=http://no.such.host.invalid/v1 LLM_CONNECT_TIMEOUT=5 \
	check 'a host that is not there' 3 'resolve|no.such' soon "$m" ask "and the narwhal?"
check 'that question, too' 0 'narwhal' "$m" conversation show last
LLM_MODEL=x LLM_BASE_URL=nonsense check 'an address that is none' 2 'LLM_BASE_URL' soon "$m" ask hi
mkfifo "$home/port"
"$MNEME_BUILD/stub_provider" --status 401 --error 'bad key' > "$home/port" &
stub=$!
read -r port < "$home/port"
LLM_MODEL=x LLM_BASE_URL=http://127.0.0.1:$port/v1 \
	check 'a key that is not taken' 4 'bad key|401|key' soon "$m" ask "and the seal?"
check 'that one, too' 0 'seal' "$m" conversation show last
LLM_MODEL=x LLM_BASE_URL=http://127.0.0.1:$port/v1 \
	check 'as JSON' 4 '"error":\{"code":"auth"' soon "$m" --json ask "and the seal?"
LLM_PROVIDER=nobody check 'a provider that is none' 4 'LLM_PROVIDER' "$m" ask hi
LLM_PROVIDER=openrouter check 'a provider without its key' 4 'OPENROUTER_API_KEY' "$m" ask hi

check 'after all that, what was kept is there' 0 'peanuts' "$m" recall Ana allergic
check 'and the store is well' 0 '0 problems' "$m" check

ends_well
