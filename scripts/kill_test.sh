#!/bin/bash
# label: slow
# timeout: 900
# needs: namespace
# SIGKILL of the runner, the gate, a child or a monitor at 20 random moments of a
# run loses no finished check, leaves no process behind, and the resumed run's
# verdicts equal an undisturbed run's. SEED=N repeats one choice of moments. Each
# kind of process has a device of its own, all at the same time.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2
seed=${SEED:-$RANDOM}
if [ -z "${1:-}" ]; then
	echo "seed $seed"
	SEED=$seed side_by_side runner gate child monitor
	exit $failed
fi
case $1 in runner) RANDOM=$seed ;; gate) RANDOM=$((seed + 1)) ;; child) RANDOM=$((seed + 2)) ;; *) RANDOM=$((seed + 3)) ;; esac

summary() { # DIR: every check's verdict and reason without the measured figures
	/usr/bin/python3 - "$1/results.json" <<'PY'
import json, sys
for check in sorted(json.load(open(sys.argv[1]))["checks"], key=lambda c: c["id"]):
    print(check["id"], check["verdict"], check.get("why") or "")
PY
}

finished() { # DIR: observations the journal holds as finished, with their line
	[ -f "$1/journal.jsonl" ] || return 0
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

kind() { # PID: what this child of the runner is
	if [ "$(cat /proc/"$1"/comm 2>/dev/null)" = assay-gate ]; then
		echo gate
	elif readlink /proc/"$1"/fd/3 2>/dev/null | grep -q 'samples[-0-9]*\.csv'; then
		echo monitor
	else
		echo child
	fi
}

# choose RUNNER WANTED: a process of the run, of the wanted kind if there is one
choose() {
	local process all=() wanted=()
	[ "$2" = runner ] && echo "$1" && return
	for process in $(descendants "$1"); do
		all+=("$process")
		[ "$(kind "$process")" = "$2" ] && wanted+=("$process")
	done
	[ ${#wanted[@]} = 0 ] || all=("${wanted[@]}")
	[ ${#all[@]} = 0 ] || echo "${all[RANDOM % ${#all[@]}]}"
}

# in_run DIRECTORY: every process of the run that is left
in_run() {
	pgrep -f -- "-o $1( |\$)" || true
}

start_run() { # DIRECTORY
	"$ASSAY" run "$profile" -o "$1" >"$1.out" 2>"$1.err" &
	runner=$!
}

recorded() { # DIRECTORY: how many observations its journal holds
	local count
	count=$(grep -cs '"type": *"observation"' "$1/journal.jsonl")
	echo "${count:-0}"
}

# kill_once DIRECTORY WANTED: up to a second after a number of observations was
# recorded; by the clock, a busy machine would have all kills early or late.
# 0 when a process was killed, 1 when the run was over before.
kill_once() {
	local victim what after=$((RANDOM % (observations + 1)))
	while [ "$(recorded "$1")" -lt $after ] && [ -d "/proc/$runner/task" ]; do
		sleep 0.05
	done
	sleep "$(printf '0.%03d' $((RANDOM % 1000)))"
	victim=$(choose "$runner" "$2")
	[ -n "$victim" ] || return 1
	what=$2
	[ "$2" = runner ] || what=$(kind "$victim")
	kill -KILL "$victim" 2>/dev/null || return 1
	killed="$killed $what"
}

# Nothing but the runner's end, not a grace, may end the others: 0.5 s is what a
# busy machine takes to deliver it.
nobody_left() { # DIRECTORY
	sleep 0.5
	[ -z "$(in_run "$1")" ] || wrong "$killed: processes are left behind: $(in_run "$1" | xargs ps -o pid=,comm=,stat= -p)"
}

# The load checks and the slowest logins take most of the time and are not what
# is killed here.
profile=$folder/profile.yaml
mkdir -p "$folder/secret"
cp "$SOURCE"/targets/profiles/secret/* "$folder/secret/"
sed -E 's/consent: *\[.*\]/consent: [observe, touch]/; /login: \{form: .*ok: .home\}$/d' \
	"$SOURCE/targets/profiles/weak-plc.yaml" >"$profile"

target_up weak-plc
run_assay 1 "$profile" "$folder/undisturbed"
observations=$(recorded "$folder/undisturbed")
summary "$folder/undisturbed" >"$folder/wanted"
echo "an undisturbed run takes $SECONDS s and records $observations observations"

[ "$failed" = 0 ] || exit 1

# The search for what is left behind must be able to find it.
start_run "$folder/seen"
for _ in $(seq 300); do # until its monitor runs
	for process in $(descendants $runner); do kind "$process"; done | grep monitor >/dev/null && break
	sleep 0.1
done
for process in $runner $(descendants $runner); do
	in_run "$folder/seen" | grep -qx "$process" || wrong "the search does not see $process, a $(kind "$process")"
	kind "$process"
done | sort | uniq -c >"$folder/kinds"
grep -q ' gate$' "$folder/kinds" && grep -q ' monitor$' "$folder/kinds" ||
	wrong "no gate or no monitor was seen: $(tr '\n' ',' <"$folder/kinds")"
wait $runner

kinds=(runner gate child monitor)
kills=0
tries=0
while [ $kills -lt 5 ]; do
	tries=$((tries + 1))
	[ $tries -le 15 ] || {
		wrong "only $kills of $tries moments met a running process"
		break
	}
	directory=$folder/run-$kills
	killed="kill $kills:"
	start_run "$directory"
	kill_once "$directory" "$1" || {
		wait $runner
		rm -rf "$directory"
		continue # it had ended already: not a kill
	}
	wait $runner 2>/dev/null
	nobody_left "$directory"
	finished "$directory" >"$folder/before"
	if [ $kills = 4 ]; then # and once more in what is left of the run
		start_run "$directory"
		kill_once "$directory" "${kinds[RANDOM % 4]}" || true
		wait $runner 2>/dev/null
		nobody_left "$directory"
		finished "$directory" >"$folder/between"
		while read -r line; do
			grep -qxF "$line" "$folder/between" || wrong "$killed lost '$line'"
		done <"$folder/before"
		cp "$folder/between" "$folder/before"
	fi
	code=0
	"$ASSAY" run "$profile" -o "$directory" >"$directory.out" 2>&1 || code=$?
	[ $code = 1 ] || {
		cat "$directory.out"
		wrong "$killed: the resumed run ended with $code"
	}
	finished "$directory" >"$folder/after"
	while read -r line; do
		grep -qxF "$line" "$folder/after" || wrong "$killed lost '$line'"
	done <"$folder/before"
	twice=$(cut -d' ' -f1 "$folder/after" | sort | uniq -d)
	[ -z "$twice" ] || wrong "$killed: run again although it had finished: $twice"
	summary "$directory" | diff -u "$folder/wanted" - || wrong "$killed: other verdicts than undisturbed"
	echo "$killed, $(wc -l <"$folder/before") of $(wc -l <"$folder/after") had finished"
	kills=$((kills + 1))
done
target_down
exit $failed
