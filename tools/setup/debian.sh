#!/usr/bin/env bash
# Installs the Debian packages that are missing or too old, and no others.
#
# Usage: debian.sh GROUP...
#
# A GROUP is one of the third column of debian-packages.txt. With nothing to do
# it asks no server and ends at once. It prints the versions it found.
set -euo pipefail

list=$(dirname "$0")/debian-packages.txt
[ $# -ge 1 ] || { echo "usage: $0 GROUP..." >&2; exit 2; }

fail() {
	printf 'debian: %s\n  remedy: %s\n' "$1" "$2" >&2
	exit 1
}

# wanted prints "package lowest-version" for the groups.
wanted() {
	awk -v groups=" $* " '{ sub(/#.*/, "") } NF == 3 && index(groups, " " $3 " ") { print $1, $2 }' "$list"
}

# lacking reads what is wanted and prints the packages that are missing or too old.
lacking() {
	local package lowest
	while read -r package lowest; do
		local version=${found[$package]:-}
		if [ -z "$version" ] || dpkg --compare-versions "$version" lt "$lowest"; then
			echo "$package"
		fi
	done
}

# look fills found with the installed versions of the packages named.
declare -A found
look() {
	local state package version
	found=()
	while read -r state package version; do
		[ "$state" != ii ] || found[$package]=$version
	done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' "$@" 2>/dev/null || true)
}

# apt runs apt-get as root, three times at most: mirrors and locks have bad minutes.
apt() {
	local try
	for try in 1 2 3; do
		if "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"; then
			return 0
		fi
		echo "debian: apt-get $1 failed (try $try of 3)" >&2
		sleep $((try * 5))
	done
	return 1
}

wants=$(wanted "$@")
[ -n "$wants" ] || fail "no package is listed for: $*" "see the groups in $list"
mapfile -t packages < <(cut -d' ' -f1 <<<"$wants")
command -v dpkg-query >/dev/null || fail "this is not a Debian system" "install by hand: ${packages[*]}"

look "${packages[@]}"
mapfile -t missing < <(lacking <<<"$wants")

if [ ${#missing[@]} -gt 0 ]; then
	root=()
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || fail "packages are missing, and this is neither root nor is there sudo" \
			"as root: apt-get install --no-install-recommends ${missing[*]}"
		root=(sudo)
	fi
	echo "debian: installing ${missing[*]}"
	apt update || fail "the package lists could not be fetched" "look at the network and /etc/apt/sources.list"
	apt install -y --no-install-recommends "${missing[@]}" || fail "apt-get could not install ${missing[*]}" "see its message above"

	look "${packages[@]}"
	mapfile -t missing < <(lacking <<<"$wants")
	[ ${#missing[@]} -eq 0 ] || fail "still missing or too old: ${missing[*]}" "this needs Debian 12 or later; see $list"
fi

printf 'debian:'
for package in "${packages[@]}"; do printf ' %s=%s' "$package" "${found[$package]}"; done
echo
