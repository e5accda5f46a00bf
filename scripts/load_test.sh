#!/bin/bash
# label: slow
# timeout: 900
# needs: namespace
# load.storm against laws with a known truth: a controller that slows above N
# frames/s FAILs above N and PASSes below 0.8 N, for five N and both families; a
# stop of T seconds is measured within 10 %; sham-only runs give no finding, also
# while another process keeps the tester's other core busy.
# shellcheck source=scripts/acceptance.sh
. "$SOURCE/scripts/acceptance.sh"

# profile_with LOAD_FRAMES_PER_S WINDOWS... : the hardened profile with that load
profile_with() {
	mkdir -p "$folder/secret"
	cp "$SOURCE"/targets/profiles/secret/* "$folder/secret/"
	sed -E "s/load_frames_per_s: *[0-9]+/load_frames_per_s: $1/; s/load_s: *[0-9]+/load_s: 20/" \
		"$SOURCE/targets/profiles/hardened-plc.yaml" >"$folder/profile.yaml"
}

fact() { # DIR CHECK FACT
	/usr/bin/python3 - "$@" <<'PY'
import json, sys
for check in json.load(open(sys.argv[1] + "/results.json"))["checks"]:
    if check["id"].split("@")[0] == sys.argv[2]:
        print(check["facts"].get(sys.argv[3]))
PY
}

verdict() { # DIR CHECK
	/usr/bin/python3 - "$@" <<'PY'
import json, sys
for check in json.load(open(sys.argv[1] + "/results.json"))["checks"]:
    if check["id"].split("@")[0] == sys.argv[2]:
        print(check["verdict"], "-", check["reason"])
PY
}

n=0
load() { # CHECK FRAMES_PER_S EXPECTED_VERDICT EXPECTED_CODE [OPTION]...
	local check=$1 rate=$2 expected=$3 code=$4 seen
	shift 4
	n=$((n + 1))
	profile_with "$rate"
	run_assay "$code" "$folder/profile.yaml" "$folder/load-$n" --only "$check" "$@"
	seen=$(verdict "$folder/load-$n" "$check")
	echo "$check at $rate/s $*: $seen"
	[ "${seen%% *}" = "$expected" ] || wrong "$check at $rate frames/s is $seen, not $expected"
}

for limit in 300 1000 2500 6000 12000; do
	for family in arp syn; do
		# one family for each limit in turn, both at the ends
		case $limit-$family in 1000-syn | 2500-arp | 6000-syn) continue ;; esac
		target_up hardened-plc --trait "slow-above=$limit"
		load "load-$family" $((limit * 12 / 10)) FAIL 1
		load "load-$family" $((limit * 78 / 100)) PASS 0
		target_down
	done
done

for stop in 500 2000; do
	target_up hardened-plc --trait stop-at=800 --trait "stop-for=$stop"
	load load-arp 1500 FAIL 1
	measured=$(fact "$folder/load-$n" load-arp outage_s)
	echo "a stop of $stop ms was measured as $measured s"
	/usr/bin/python3 -c "import sys; sys.exit(abs($measured * 1000 - $stop) > 0.1 * $stop)" ||
		wrong "a stop of $stop ms was measured as $measured s"
	target_down
done

target_up hardened-plc --trait slow-above=500
for i in $(seq 20); do
	busy=
	if [ "$i" -gt 10 ]; then
		timeout 60 sh -c 'while :; do :; done' &
		busy=$!
	fi
	load load-arp 4000 PASS 0 --sham-only
	[ -z "$busy" ] || kill "$busy"
done
target_down
exit $failed
