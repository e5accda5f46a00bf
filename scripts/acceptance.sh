#!/bin/bash
# acceptance: what the acceptance tests share; sourced by them. They run inside
# a network namespace of their own, with ASSAY, SOURCE and BUILD set.
set -u
: "${ASSAY:?}" "${SOURCE:?}" "${BUILD:?}"
PATH=$PATH:/usr/sbin:/sbin
folder=$(mktemp -d) || exit 2
export XDG_RUNTIME_DIR=$folder/runtime XDG_STATE_HOME=$folder/state
mkdir -m 700 "$XDG_RUNTIME_DIR"
failed=0
up=

descendants() { # PID: its children, and theirs
	local child
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$child"
		descendants "$child"
	done
}

# What this test started ends with it, also where it went wrong.
finish() {
	local left
	left=$(descendants $$)
	# shellcheck disable=SC2086
	[ -z "$left" ] || kill -KILL $left 2>/dev/null
	[ -z "$up" ] || "$ASSAY" target down "$up" >/dev/null 2>&1
	echo "$SECONDS s"
	if [ "$failed" = 0 ]; then rm -rf "$folder"; else echo "kept: $folder"; fi
}
trap finish EXIT

wrong() {
	echo "WRONG: $*"
	failed=1
}

target_up() { # NAME [OPTION]...
	up=$1
	"$ASSAY" target up "$@" >"$folder/up.log" 2>&1 || {
		cat "$folder/up.log"
		wrong "target $1 did not start"
		exit 1
	}
}

target_down() {
	"$ASSAY" target down "$up" >/dev/null || wrong "target $up did not stop"
	up=
}

# side_by_side PART...: this script once for each part, all at the same time, each
# in a network namespace of its own and with the part as its argument; what each
# said comes in their order.
side_by_side() {
	local part process processes=()
	for part in "$@"; do
		"$SOURCE/scripts/in-namespace" bash "$0" "$part" >"$folder/$part.log" 2>&1 &
		processes+=($!)
	done
	for part in "$@"; do
		process=${processes[0]}
		processes=("${processes[@]:1}")
		wait "$process" || wrong "$part ended with $?"
		echo "--- $part"
		cat "$folder/$part.log"
	done
}

# run_assay EXPECTED_CODE PROFILE DIR [OPTION]...
run_assay() {
	local expected=$1 profile=$2 directory=$3 code=0
	shift 3
	"$ASSAY" run "$profile" -o "$directory" "$@" >"$directory.out" 2>"$directory.err" || code=$?
	if [ "$code" != "$expected" ]; then
		cat "$directory.out" "$directory.err"
		wrong "assay run $profile $* ended with $code, not $expected"
	fi
}

# verdicts DIR VERDICT: the ids of the checks with this verdict, sorted
verdicts() {
	/usr/bin/python3 - "$1/results.json" "$2" <<'PY'
import json, sys
for check in sorted(json.load(open(sys.argv[1]))["checks"], key=lambda c: c["id"]):
    if check["verdict"] == sys.argv[2]:
        print(check["id"])
PY
}

# reasons DIR VERDICT: for a person who has to find out
reasons() {
	/usr/bin/python3 - "$1/results.json" "$2" <<'PY'
import json, sys
for check in json.load(open(sys.argv[1]))["checks"]:
    if check["verdict"] == sys.argv[2]:
        print("   ", check["id"], "-", check["reason"])
PY
}

expect_none() { # DIR VERDICT
	local found
	found=$(verdicts "$1" "$2")
	if [ -n "$found" ]; then
		wrong "$(basename "$1") has $2:"
		reasons "$1" "$2"
	fi
}

expect_set() { # DIR VERDICT FILE_WITH_IDS
	verdicts "$1" "$2" >"$folder/seen"
	sort "$3" >"$folder/wanted"
	if ! diff -u "$folder/wanted" "$folder/seen" >"$folder/difference"; then
		wrong "$(basename "$1"): $2 is not what was planted:"
		cat "$folder/difference"
		reasons "$1" "$2"
	fi
}
