#!/bin/bash
# The lines of the README's section on the API and of mneme-api(7), as they
# stand, on a free port.
set -eu
home=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2> /dev/null; wait; rm -rf "$home"' \
	EXIT
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data
unset LLM_PROVIDER LLM_MODEL LLM_BASE_URL LLM_API_KEY OPENROUTER_API_KEY
mkdir "$home/bin"
ln -s "$MNEME" "$home/bin/mneme"
PATH=$home/bin:$PATH
cd "$home"
# shellcheck disable=SC2016 # not commands: the marks of a block
sed -n '/^## The API$/,/^## /{/^```sh$/,/^```$/p}' "$MNEME_SOURCE/README.md" |
	grep -v '^```' > lines
grep -q '^mneme serve &' lines
# The first line starts the server: here on any port, which it tells.
coproc mneme serve --port 0
server=$COPROC_PID
read -r line <&"${COPROC[0]}"
port=${line##*:}
sed -i -e '/^mneme serve &/d' -e "s/:8000/:$port/" lines
bash -eu lines > out
cat out
grep -q '"type":"complete"' out
grep -q 'data: \[DONE\]' out
grep -q '"object":"chat.completion".*green tea' out

# The manual page's, for somebody else.
sed -n '/^.Sh EXAMPLES/,/^.Sh SEE/{/^.Bd/,/^.Ed/p}' \
	"$MNEME_SOURCE/man/mneme-api.7" | grep -v '^\.' |
	sed -e 's/\\e/\\/g' -e "s/:8000/:$port/" -e 's/ada/eve/g' > lines
grep -q '^export OPENAI_API_KEY' lines
# shellcheck disable=SC2016 # of the lines, not of this script
echo 'curl -sf -H "Authorization: Bearer $OPENAI_API_KEY" \
	"$OPENAI_BASE_URL/models"' >> lines
bash -eu lines > out
cat out
grep -q '"type":"complete".*green tea' out
grep -q '"object":"list"' out
# OpenAI's own client, told nothing but what stands in the environment.
python=${MNEME_VENV:-$MNEME_SOURCE/build/venv}/bin/python
if "$python" -c 'import openai' 2> /dev/null; then
	grep '^export' lines > setting
	cat > ask.py <<- 'END'
		import re, sys
		from openai import OpenAI
		messages = [{"role": "user", "content": "which tea do I like?"}]
		page = re.sub("[\\n ]+", " ", open(sys.argv[1]).read())
		call = re.search(r"OpenAI\(\)[^ ]* messages=\[\.\.\.\]\)", page)[0]
		call = call.replace("[...]", "messages")
		whole = eval(call).choices[0].message.content
		pieces = eval(call[:-1] + ", stream=True)")
		text = "".join(piece.choices[0].delta.content or ""
		               for piece in pieces)
		assert "green tea" in whole and "green tea" in text, (whole, text)
	END
	sed -i "s/laptop/desktop/" setting
	bash -euc '. ./setting; exec "$@"' - "$python" ask.py \
		"$MNEME_SOURCE/man/mneme-api.7"
fi
kill "$server"
wait "$server"
server=
