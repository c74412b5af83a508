#!/bin/bash
# Images that go with a question: sent, kept, shown, exported, deleted.
set -u
# shellcheck source=tests/tools/cli.sh
. "$MNEME_SOURCE/tests/tools/cli.sh"
stub=
trap '[ -z "$stub" ] || kill "$stub"; rm -rf "$home"' EXIT
export LLM_MODEL=stub-model MNEME_RETRIES=0

# provider OPTION...: a stub that answers like that, and what it was asked.
provider() {
	[ -z "$stub" ] || { kill "$stub"; wait "$stub" 2> /dev/null; }
	rm -f "$home/port" "$home/log"
	mkfifo "$home/port"
	"$MNEME_BUILD/stub_provider" --log "$home/log" "$@" > "$home/port" &
	stub=$!
	read -r port < "$home/port"
	export LLM_BASE_URL=http://127.0.0.1:$port/v1 \
		GEMINI_BASE_URL=http://127.0.0.1:$port/v1beta
}

# count PATTERN: how often it stands in the last request.
count() {
	tail -n 1 "$home/log" | grep -o -- "$1" | wc -l
}

photo=$home/photo.png
printf '\211PNG\r\n\032\n.......zanzibar engraved' > "$photo"
printf '\377\330\377\340 a JPEG' > "$home/named.txt"
printf 'GIF89a and the rest' > "$home/small.gif"
printf 'RIFF\044\0\0\0WEBPVP8 ' > "$home/a.webp"
printf 'plain words\n' > "$home/notes.png"
printf '%%PDF-1.4\n\377\376' > "$home/paper.pdf"
png=$(base64 -w0 "$photo")

provider
check 'an image is asked about' 0 '^You said: what is this\?$' \
	"$m" ask -a "$photo" 'what is this?'
check 'and sent as a part' 0 '^1$' count \
	"{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,$png\"}}"
check 'behind the text' 0 '^1$' count \
	'"content":\[{"type":"text","text":"what is this?"},{"type":"image_url"'
check 'the conversation names it' 0 '^\[photo.png · image/png · 32 B\]$' \
	"$m" conversation show last
sum=$(sha256sum "$photo" | cut -d' ' -f1)
check 'and says in JSON what it is' 0 \
	"\"attachments\":\\[\\{\"name\":\"photo.png\",\"media_type\":\"image/png\",\"sha256\":\"$sum\",\"size\":32\\}\\]" \
	"$m" --json conversation show last
check 'a later turn' 0 'You said: and now' "$m" ask -c last 'and now?'
check 'sends it again' 0 '^1$' count "base64,$png"
check 'the request is rebuilt byte for byte' 0 "base64,$png" \
	"$m" conversation show --prompt last
check_not 'and differs in nothing' 'differs' "$m" conversation show --prompt last
check 'a new conversation' 0 '.' "$m" ask 'and here?'
check 'does not' 0 '^0$' count image_url
check 'several files' 0 '.' "$m" ask --attach "$home/small.gif" \
	--attach="$home/a.webp" --file "$home/named.txt" \
	-a "$home/notes.png" 'all of these'
check 'what they are their bytes say: GIF' 0 '^1$' count 'data:image/gif;base64,'
check 'WebP' 0 '^1$' count 'data:image/webp;base64,'
check 'JPEG, whatever its name' 0 '^1$' count 'data:image/jpeg;base64,'
check 'and text is text' 0 '^1$' count 'notes.png:\\nplain words'
check 'standard input as an image' 0 '.' bash -c \
	"'$m' ask -a - 'what came?' < '$photo'"
check 'is sent' 0 '^1$' count "base64,$png"
check 'incognito sends one, too' 0 '.' "$m" ask --incognito -a "$photo" 'a secret'
check 'it was sent' 0 '^1$' count "base64,$png"
printf '%s\n' "look at @$photo closely" > "$home/lines"
check 'the plain chat takes @file' 0 'look at @' bash -c \
	"'$m' chat --plain < '$home/lines'"
check 'and sends the image' 0 '^1$' count "base64,$png"

# What cannot be.
check 'a missing file' 1 'no-such.png' "$m" ask -a "$home/no-such.png" hi
check 'neither image nor text' 1 'paper.pdf is neither an image' \
	"$m" ask -a "$home/paper.pdf" hi
{ cat "$photo"; head -c $((8 << 20)) /dev/zero; } > "$home/large.png"
check 'too large an image' 5 'large.png' "$m" ask -a "$home/large.png" hi
{ cat "$photo"; head -c $((6 << 20)) /dev/zero; } > "$home/six.png"
check 'too much together' 5 'at most 16777216' \
	"$m" ask -a "$home/six.png" -a "$home/six.png" -a "$home/six.png" hi
args=()
for _ in $(seq 17); do args+=(-a "$photo"); done
check 'too many' 5 'at most 16 images' "$m" ask "${args[@]}" hi
check 'standard input twice' 2 'once' bash -c "'$m' ask -a - -a - hi < '$photo'"
check 'standard input without words' 2 'as TEXT' bash -c "'$m' ask -a - < '$photo'"
check 'an image without words' 2 'no question' "$m" ask -a "$photo"
check 'nothing of these was kept' 0 '"messages":12,' "$m" --json check
check 'help has the option' 0 '-a, --attach FILE' "$m" help ask

# Out, in, and gone.
"$m" export > "$home/one"
check 'export has the bytes' 0 "\"sha256\":\"$sum\",\"data\":\"$png\"" cat "$home/one"
check 'import takes them' 0 ', 0 bad' "$m" --data-dir "$home/other" import "$home/one"
check 'twice changes nothing' 0 '^0 added' "$m" --data-dir "$home/other" import "$home/one"
"$m" --data-dir "$home/other" export > "$home/two"
check 'and gives the same again' 0 '^$' cmp "$home/one" "$home/two"
check 'check is content with both' 0 ': 0 problems' \
	"$m" --data-dir "$home/other" check
sed "s/\"data\":\"$png\"/\"data\":\"AAAA\"/" "$home/one" > "$home/three"
check 'bytes that are not what their sum says' 1 'sha256' \
	"$m" --data-dir "$home/third" import "$home/three"
check 'the words in it are on the disk' 1 'attachments' \
	"$m" check --residue 'zanzibar engraved'
other=("$m" --data-dir "$home/other")
id=$("${other[@]}" --json remember 'zanzibar engraved' | grep -o '"id":"[^"]*"' | cut -d'"' -f4)
"${other[@]}" memory forget "$id" > "$home/said"
check 'what an image says in words is said' 0 'still said in .*what is this' cat "$home/said"
mapfile -t said < <(sed -n 's/.*still said in \([^:]*\):.*/\1/p' "$home/said")
check 'until its messages are redacted' 0 '.' "${other[@]}" memory forget --messages \
	"${said[@]}"
check 'then it is gone' 0 'Nothing of it is left' \
	"${other[@]}" check --residue 'zanzibar engraved'
check 'and other images are not' 0 'small.gif' bash -c "'$m' --data-dir '$home/other' export"
check 'all of it in order' 0 ': 0 problems' "${other[@]}" check
for id in $("$m" --json conversation list -k 99 | grep -o '"id":"[^"]*"' | cut -d'"' -f4); do
	"$m" conversation delete --yes "$id" > /dev/null || failed=$((failed + 1))
done
check 'until the conversations go' 0 'Nothing of it is left' \
	"$m" check --residue 'zanzibar engraved'
check 'no image stays behind' 0 ': 0 problems' "$m" check

provider --status 404 --error 'No endpoints found that support image input'
check 'a model that takes no images says so' 3 \
	'support image input \(1 image went along' "$m" ask -a "$photo" hi
provider
where=new
for n in one two three; do
	"$m" ask -c $where -a "$home/six.png" "$n" > /dev/null || failed=$((failed + 1))
	where=last
done
check 'only so much is sent again' 0 '^2$' count 'image/png;base64'
check 'the newest, and a word for the oldest' 0 '^1$' count \
	'"content":"one\\n\[1 image not sent again\]"'
check 'that request is rebuilt, too' 0 'not sent again' bash -c \
	"'$m' conversation show --prompt last | tail -n 1"
check_not 'and is the same' 'differs' "$m" conversation show --prompt last
export LLM_PROVIDER=gemini GEMINI_API_KEY=k
provider
check 'Gemini' 0 'You said: and this' "$m" ask -a "$photo" 'and this?'
check 'gets it in its own form' 0 '^1$' count \
	"{\"text\":\"and this?\"},{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"$png\"}}"
unset LLM_PROVIDER GEMINI_API_KEY LLM_BASE_URL LLM_MODEL
check 'without a model it is kept all the same' 0 '.' "$m" ask -a "$photo" 'my cat'
check 'and shown' 0 'photo.png · image/png' "$m" conversation show last
ends_well
