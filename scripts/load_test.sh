#!/bin/bash
# label: slow
# timeout: 600
# needs: namespace
# needs: quiet
# load.storm against laws with a known truth: a controller that slows above N
# frames/s FAILs above N and PASSes below 0.8 N, for five N and both families; a
# stop of T seconds is measured within 10 %; a function that stops ends the load
# at its tripwire; sham-only runs give no finding, also while another process
# keeps the tester's other core busy. A wrong verdict is never tolerated; where
# this machine was too busy for any (INCONCLUSIVE), the run is tried again.
# A run waits for most of its time and takes a tenth of a core, so runs go side by
# side, and those with the busy core by themselves.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

# profile_with LOAD_FRAMES_PER_S: the hardened profile with that load
profile_with() {
	mkdir -p "$folder/secret"
	cp "$SOURCE"/targets/profiles/secret/* "$folder/secret/"
	sed -E "s/load_frames_per_s: *[0-9]+/load_frames_per_s: $1/
		s/load_s: *[0-9]+/load_s: 2/
		s/^( *)period_ms: *10$/&\n\1tripwire_ms: $tripwire_ms/" \
		"$SOURCE/targets/profiles/hardened-plc.yaml" >"$folder/profile.yaml"
}

# look DIR CHECK EXPRESSION: of the check's result c, its facts f
look() {
	/usr/bin/python3 - "$@" <<'PY'
import json, sys
for c in json.load(open(sys.argv[1] + "/results.json"))["checks"]:
    if c["id"].split("@")[0] == sys.argv[2]:
        f = c["facts"]
        print(eval(sys.argv[3]))
PY
}

n=0
inconclusive=0
tripwire_ms=2000

# load CHECK FRAMES_PER_S VERDICT [OPTION]...: the run's folder is $run
load() {
	local check=$1 rate=$2 expected=$3 seen='' try
	shift 3
	profile_with "$rate"
	for try in 1 2 3; do
		n=$((n + 1))
		run=$folder/load-$n
		"$ASSAY" run "$folder/profile.yaml" -o "$run" --only "$check" \
			"$@" >"$run.out" 2>"$run.err"
		seen=$(look "$run" "$check" 'c["verdict"]')
		echo "$check at $rate/s $*: $seen - $(look "$run" "$check" \
			'c["reason"] + ", repeated %s" % f.get("windows_repeated")')"
		[ "$(look "$run" "$check" \
			'sum(e["path"].endswith(("samples.csv", "windows.json")) for e in c["evidence"])')" = 2 ] ||
			wrong "$check does not show samples and windows in $run"
		[ "$seen" = INCONCLUSIVE ] || break
		inconclusive=$((inconclusive + 1))
	done
	[ "$seen" = "$expected" ] ||
		wrong "$check at $rate frames/s is $seen, not $expected (try $try)"
}

slow_above() { # FRAMES_PER_S FAMILY...
	local limit=$1 family
	shift
	target_up hardened-plc --trait "slow-above=$limit"
	for family in "$@"; do
		load "load-$family" $((limit * 12 / 10)) FAIL
		load "load-$family" $((limit * 78 / 100)) PASS
	done
	target_down
}

stop_for() { # MILLISECONDS
	local measured
	target_up hardened-plc --trait stop-at=800 --trait "stop-for=$1"
	tripwire_ms=4000
	load load-arp 1500 FAIL
	measured=$(look "$run" load-arp 'f["outage_s"]')
	echo "a stop of $1 ms was measured as $measured s"
	/usr/bin/python3 -c "import sys; sys.exit(abs($measured * 1000 - $1) > 0.1 * $1)" ||
		wrong "a stop of $1 ms was measured as $measured s"
	target_down
}

# A function that stops for 5 s: the load ends at the tripwire, at most 10 ms and
# one period later.
tripwire() {
	target_up hardened-plc --trait stop-at=800 --trait stop-for=5000
	tripwire_ms=1000
	load load-arp 1500 FAIL
	look "$run" load-arp 'c["reason"]' | grep -q 'stopped_early is false, saw true' ||
		wrong "the reason does not say that the load was stopped"
	/usr/bin/python3 - "$run"/evidence/load*/ <<'PY' || wrong "the tripwire came late"
import csv, json, sys
folder = sys.argv[1]
windows = json.load(open(folder + "windows.json"))["windows"]
end = [w["to_s"] for w in windows if w["name"] == "attack"][-1]
last = moved = None
for s in csv.DictReader(open(folder + "samples.csv")):
    if float(s["done_s"]) < end and s["answered"] == "1" and s["value"] != last:
        last, moved = s["value"], float(s["done_s"])
print("the load ended %.1f ms after the last progress" % ((end - moved) * 1000))
# a late beat may have held the load back just before
sys.exit(not 0.950 <= end - moved <= 1.020)
PY
	target_down
}

sham() { # RUNS
	local i
	target_up hardened-plc --trait slow-above=500
	for i in $(seq "$1"); do
		echo "sham $i of $1"
		load load-arp 4000 PASS --sham-only
	done
	target_down
}

case ${1:-} in
'')
	# one family for each limit in turn, both at the ends
	side_by_side 300 1000 2500 6000 12000 stops tripwire sham-1 sham-2
	timeout 300 sh -c 'while :; do :; done' &
	busy=$!
	side_by_side busy-1 busy-2
	kill "$busy" || wrong "the other process did not keep its core busy to the end"
	;;
300 | 12000) slow_above "$1" arp syn ;;
2500) slow_above "$1" syn ;;
1000 | 6000) slow_above "$1" arp ;;
stops)
	stop_for 500
	stop_for 2000
	;;
tripwire) tripwire ;;
*) sham 5 ;;
esac
[ "$n" = 0 ] || echo "$n runs, $inconclusive of them inconclusive"
exit $failed
