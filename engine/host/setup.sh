#!/usr/bin/env bash
# Makes what the engine host runs from: CACHE_DIR/venv and CACHE_DIR/models.
#
# Usage: setup.sh CACHE_DIR [--tests]
#
# A run that was cut short goes on where it stopped; a run with nothing to do
# ends at once. Every package is pinned by hash and every model file is checked
# against models.sha256 and packages.sha256. --tests adds what pytest needs.
set -euo pipefail

usage() { echo "usage: $0 CACHE_DIR [--tests]" >&2; exit 2; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
[ "${2:---tests}" = --tests ] || usage

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cache=$(cd "$1" && pwd)
python=${PYTHON:-python3.11}
inputs=(setup.sh assemble.py models.sha256 packages.sha256 requirements.txt requirements-data.txt)
stamp=$(cd "$here" && cat "${inputs[@]}" | sha256sum | cut -c1-64)
dev=$(cd "$here" && cat requirements.txt requirements-dev.txt | sha256sum | cut -c1-64)

holds() { [ -x "$cache/venv/bin/python" ] && [ "$(cat "$cache/$1" 2>/dev/null)" = "$2" ]; }
if holds stamp "$stamp" && { [ $# -eq 1 ] || holds stamp-tests "$dev"; }; then exit 0; fi

exec 9>"$cache/lock"
flock -n 9 || { echo "engine host: another set-up works on $cache, waiting for it"; flock 9; }

started=$SECONDS
step() { printf 'engine host [%3ds] %s\n' $((SECONDS - started)) "$*"; }
fail() { echo "engine host: $1" >&2; echo "  remedy: $2" >&2; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 is not installed" "install the Debian package $2"; }

if ! holds stamp "$stamp"; then
	rm -f "$cache/stamp"
	[ "$(uname -sm)" = "Linux x86_64" ] || fail "the pinned wheels are for Linux on x86-64, this is $(uname -sm)" "use a remote engine here"
	need "$python" python3.11
	need npm npm
	need ffmpeg ffmpeg
	need espeak-ng espeak-ng

	if ! "$cache/venv/bin/python" -c 'import pip' 2>/dev/null; then
		step "1/4 virtual environment"
		"$python" -m venv --clear "$cache/venv" || fail "$python cannot make a virtual environment" "install the Debian package python3.11-venv"
	fi
	step "2/4 packages ($(grep -c -- --hash= "$here/requirements.txt"), 1.4 GB installed)"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$here/requirements.txt"

	mkdir -p "$cache/fetched"
	step "3/4 voices (npm kokoro-js, 26 MB) and the test portrait (scikit-image wheel, 14 MB)"
	if [ ! -s "$cache/fetched/kokoro-js-1.2.1.tgz" ]; then
		rm -rf "$cache/fetched/half" && mkdir "$cache/fetched/half"
		(cd "$cache/fetched/half" && npm pack --silent kokoro-js@1.2.1 >/dev/null)
		mv "$cache/fetched/half/kokoro-js-1.2.1.tgz" "$cache/fetched/"
	fi
	"$cache/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -d "$cache/fetched" -r "$here/requirements-data.txt"

	step "4/4 models (360 MB)"
	"$cache/venv/bin/python" "$here/assemble.py" "$cache/fetched" "$cache/models"
	echo "$stamp" >"$cache/stamp"
fi
if [ $# -eq 2 ] && ! holds stamp-tests "$dev"; then
	step "test packages"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r "$here/requirements-dev.txt"
	echo "$dev" >"$cache/stamp-tests"
fi
step "ready in $cache"
