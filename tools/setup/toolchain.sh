#!/usr/bin/env bash
# Checks that the languages are here: these are not installed for you.
set -euo pipefail

# need NAME LOWEST REMEDY COMMAND...: the first number that COMMAND prints must
# be at least LOWEST.
need() {
	local name=$1 lowest=$2 remedy=$3 version
	shift 3
	version=$("$@" 2>&1 | grep -Eom1 '[0-9]+(\.[0-9]+)+' | head -n1) || version=""
	if [ -z "$version" ]; then
		printf 'toolchain: %s is not here\n  remedy: %s\n' "$name" "$remedy" >&2
		missing=1
	elif [ "$(printf '%s\n%s\n' "$lowest" "$version" | sort -V | head -n1)" != "$lowest" ]; then
		printf 'toolchain: %s is %s, needed is %s\n  remedy: %s\n' "$name" "$version" "$lowest" "$remedy" >&2
		missing=1
	else
		found+=" $name=$version"
	fi
}

missing=0 found=""
need go "$(awk '$1 == "go" { print $2 }' go.mod)" "install that release of Go" go env GOVERSION
need python 3.11 "install Python 3.11, as python3.11" python3.11 --version
need node 20 "install Node.js 20 with npm" node --version
need npm 9 "install Node.js 20 with npm" npm --version
[ "$missing" -eq 0 ] || exit 1
echo "toolchain:$found"
