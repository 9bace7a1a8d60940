#!/usr/bin/env bash
# Keeps the ledger of a test run: where the time goes, and what was tested.
#
# Usage: ledger.sh --start          begin a new ledger
#        ledger.sh NAME COMMAND...  run a step; ends with the status of COMMAND
#        ledger.sh --print          print the ledger, longest step first
#
# The ledger is .cache/ledger.tsv (step, seconds, status); the output of a step
# is kept in .cache/ledger/NAME.log.
set -euo pipefail

ledger=.cache/ledger.tsv
logs=.cache/ledger

# run_step runs a step, shows and keeps its output, and records it.
run_step() {
	local name=$1 status=0 from=$EPOCHREALTIME
	shift
	mkdir -p "$logs"
	printf '\n--- %s\n' "$name"
	"$@" </dev/null 2>&1 | tee "$logs/$name.log" || status=$?
	awk -v name="$name" -v from="$from" -v to="$EPOCHREALTIME" -v status="$status" \
		'BEGIN { printf "%s\t%.1f\t%d\n", name, to - from, status }' >>"$ledger"
	return "$status"
}

# print_ledger prints the steps and the sum of the tests that ran in them.
print_ledger() {
	printf '\n%10s  %-12s %s\n' seconds step result
	sort -t $'\t' -k2,2nr "$ledger" | awk -F '\t' '
		{ printf "%10.1f  %-12s %s\n", $2, $1, $3 == 0 ? "ok" : "FAILED (" $3 ")"; total += $2 }
		END { printf "%10.1f  total\n", total }'
	cut -f1 "$ledger" | while read -r name; do cat "$logs/$name.log"; done | awk '
		# gotestsum: DONE 12 tests, 1 skipped, 2 failures in 3.4s
		/^DONE [0-9]+ tests/ { go = $2; gsub(/,/, ""); for (i = 3; i < NF; i++) { if ($(i + 1) ~ /^failure/) { failed += $i; go -= $i } if ($(i + 1) == "skipped") { skipped += $i; go -= $i } } passed += go }
		# pytest: 12 passed, 1 failed in 3.4s
		/[0-9]+ (passed|failed).* in [0-9.]+s/ { gsub(/,/, ""); for (i = 1; i < NF; i++) { if ($(i + 1) == "passed") passed += $i; if ($(i + 1) == "failed") failed += $i; if ($(i + 1) == "skipped") skipped += $i } }
		END { printf "\ntests: %d passed, %d failed, %d skipped\n", passed, failed, skipped }'
}

case ${1:-} in
--start)
	rm -rf "$ledger" "$logs"
	mkdir -p "$logs"
	: >"$ledger"
	;;
--print) print_ledger ;;
"" | -*)
	echo "usage: $0 --start | --print | NAME COMMAND..." >&2
	exit 2
	;;
*) run_step "$@" ;;
esac
