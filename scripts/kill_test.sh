#!/bin/bash
# label: slow
# timeout: 900
# needs: namespace
# SIGKILL of the runner, the gate or a child at 20 random moments of a run loses
# no finished check, and the resumed run's verdicts equal an undisturbed run's.
# shellcheck source=scripts/acceptance.sh
. "$SOURCE/scripts/acceptance.sh"
seed=${SEED:-$RANDOM}
RANDOM=$seed
echo "seed $seed"

summary() { # DIR: every check's verdict and reason without the measured figures
	/usr/bin/python3 - "$1/results.json" <<'PY'
import json, sys
for check in sorted(json.load(open(sys.argv[1]))["checks"], key=lambda c: c["id"]):
    print(check["id"], check["verdict"], check.get("why") or "")
PY
}

finished() { # DIR: observations the journal holds as finished, with their line
	/usr/bin/python3 - "$1/journal.jsonl" <<'PY'
import json, sys
for line in open(sys.argv[1], errors="replace"):
    try:
        record = json.loads(line)
    except ValueError:
        continue
    if record["type"] == "observation" and record["outcome"] != "error":
        print(record["observation"], record["seq"])
PY
}

descendants() { # PID: its children, and theirs
	local child
	for child in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		echo "$child"
		descendants "$child"
	done
}

# The load checks take most of the time and are not what is killed here.
profile=$folder/profile.yaml
mkdir -p "$folder/secret"
cp "$SOURCE"/targets/profiles/secret/* "$folder/secret/"
sed -E 's/consent: *\[.*\]/consent: [observe, touch]/' \
	"$SOURCE/targets/profiles/weak-plc.yaml" >"$profile"

target_up weak-plc
start=$(date +%s%N)
run_assay 1 "$profile" "$folder/undisturbed"
lasted=$((($(date +%s%N) - start) / 1000000))
summary "$folder/undisturbed" >"$folder/wanted"
echo "an undisturbed run takes $lasted ms"

kills=0
while [ $kills -lt 20 ]; do
	directory=$folder/run-$kills
	"$ASSAY" run "$profile" -o "$directory" >/dev/null 2>"$directory.err" &
	runner=$!
	sleep "$(printf '%d.%03d' $((RANDOM % lasted / 1000)) $((RANDOM % 1000)))"
	case $((kills % 3)) in
	0) victim=$runner ;;
	*) victim=$(descendants $runner | shuf -n 1 --random-source=<(yes $RANDOM)) ;;
	esac
	if [ -z "$victim" ] || ! kill -KILL "$victim" 2>/dev/null; then
		wait $runner
		rm -rf "$directory"
		lasted=$((lasted * 9 / 10 + 50))
		continue # it had ended already: not a kill
	fi
	wait $runner 2>/dev/null
	sleep 0.3
	if [ -n "$(pgrep -f -- "-o $directory" || true)" ]; then
		wrong "kill $kills left a process behind"
	fi
	[ -f "$directory/journal.jsonl" ] && finished "$directory" >"$folder/before" || : >"$folder/before"
	code=0
	"$ASSAY" run "$profile" -o "$directory" >"$directory.out" 2>&1 || code=$?
	[ $code = 1 ] || {
		cat "$directory.out"
		wrong "kill $kills: the resumed run ended with $code"
	}
	finished "$directory" >"$folder/after"
	while read -r line; do
		grep -qxF "$line" "$folder/after" || wrong "kill $kills lost '$line'"
	done <"$folder/before"
	cut -d' ' -f1 "$folder/after" | sort | uniq -d | while read -r twice; do
		echo "kill $kills: '$twice' was run again although it had finished"
	done | grep . && failed=1
	summary "$directory" | diff -u "$folder/wanted" - || wrong "kill $kills: other verdicts than undisturbed"
	kills=$((kills + 1))
done
echo "$kills kills"
target_down
exit $failed
