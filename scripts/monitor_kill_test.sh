#!/bin/bash
# label: slow
# timeout: 300
# needs: namespace
# A load check whose monitor was killed in any of its windows never passes and
# never fails, and the journal says what happened.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

monitor_of() { # RUNNER
	local process
	for process in $(cat /proc/"$1"/task/*/children 2>/dev/null); do
		readlink /proc/"$process"/fd/3 2>/dev/null | grep 'samples[-0-9]*\.csv' >/dev/null && echo "$process"
	done
}

target_up hardened-plc
# seconds after the load check began, in windows of 2 s: baseline, sham, attack
for moment in 1 3 5; do
	directory=$folder/run-$moment
	"$ASSAY" run "$SOURCE/targets/profiles/hardened-plc.yaml" -o "$directory" --only load-arp >"$directory.out" 2>"$directory.err" &
	runner=$!
	for _ in $(seq 100); do
		grep -s '"type":"begin"' "$directory/journal.jsonl" >/dev/null && break
		sleep 0.1
	done
	sleep $moment
	victim=$(monitor_of $runner)
	[ -n "$victim" ] || wrong "at $moment s there was no monitor"
	kill -KILL "$victim"
	wait $runner
	verdicts "$directory" PASS | grep load && wrong "killed at $moment s: PASS"
	verdicts "$directory" FAIL | grep load && wrong "killed at $moment s: FAIL"
	verdicts "$directory" INCONCLUSIVE | grep load >/dev/null || {
		reasons "$directory" ERROR
		wrong "killed at $moment s: not INCONCLUSIVE"
	}
	reasons "$directory" INCONCLUSIVE
	[ "$(grep -c 'ended before the run did' "$directory/journal.jsonl")" = 1 ] || wrong "killed at $moment s: the journal does not say it once"
done
target_down
exit $failed
