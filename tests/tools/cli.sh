# shellcheck shell=bash
# What the scripts that test the command line share: a home of their own, no
# settings of anybody, check() and provider().  Sourced; ends_well is the last
# line.
home=$(mktemp -d)
stub=
trap '[ -z "$stub" ] || kill "$stub"; rm -rf "$home"' EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data \
	XDG_STATE_HOME=$home/state
for name in $(env | sed -n 's/^\(LLM_[A-Z_]*\|MNEME_[A-Z_]*\|[A-Z]*_API_KEY\)=.*/\1/p'); do
	case $name in
	MNEME_BUILD | MNEME_SOURCE | MNEME_LOCOMO | MNEME_TEST_MODEL) ;;
	*) unset "$name" ;;
	esac
done
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
# shellcheck disable=SC2034 # for the script
m=$MNEME
failed=0

# check WHAT STATUS PATTERN COMMAND...: the status, and a line of the output.
check() {
	what=$1 status=$2 pattern=$3
	shift 3
	out=$("$@" 2>&1 < /dev/null)
	got=$?
	if [ $got -ne "$status" ] || ! grep -qE -- "$pattern" <<< "$out"; then
		printf 'FAILED: %s (status %s, wanted %s, and /%s/)\n%.2000s\n' \
			"$what" "$got" "$status" "$pattern" "$out"
		failed=$((failed + 1))
	fi
}

# check_not WHAT PATTERN COMMAND...: the output has no such line.
check_not() {
	what=$1 pattern=$2
	shift 2
	out=$("$@" 2>&1 < /dev/null)
	if grep -qE -- "$pattern" <<< "$out"; then
		printf 'FAILED: %s (not wanted: /%s/)\n%.2000s\n' "$what" \
			"$pattern" "$out"
		failed=$((failed + 1))
	fi
}

# The first id that a command with --json prints.
first_id() {
	"$@" 2> /dev/null | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4
}

# provider OPTION...: a stub that answers like that, in place of the last.
provider() {
	[ -z "$stub" ] || { kill "$stub"; wait "$stub" 2> /dev/null; }
	rm -f "$home/port"
	mkfifo "$home/port"
	"$MNEME_BUILD/stub_provider" "$@" > "$home/port" &
	stub=$!
	read -r port < "$home/port"
	export LLM_BASE_URL=http://127.0.0.1:$port/v1 \
		LLM_MODEL=${LLM_MODEL:-stub-model}
}

ends_well() {
	[ "$failed" -eq 0 ] || exit 1
	echo 'all well'
}
