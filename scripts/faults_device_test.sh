#!/bin/bash
# label: slow
# timeout: 240
# needs: namespace
# The device goes away in the middle, comes back, or comes back as another; the
# person at the bench interrupts. Each with a device of its own, all at the same time.
# shellcheck source=scripts/faults.sh
. "${SOURCE:?}/scripts/faults.sh" || exit 2
fresh_profile
logins="--only login-demanded@web --only ssh-protects"

whole() { # DIR: the journal's chain holds
	"$ASSAY" report "$1" -f json >/dev/null 2>"$folder/chain" || {
		wrong "$(basename "$1"): $(cat "$folder/chain")"
	}
}
end_of() { # DIR: the last end record's reason
	grep '"type": *"end"' "$1/journal.jsonl" | tail -1 | grep -o '"reason": *"[a-z-]*"' | cut -d'"' -f4
}

# --- gone, and not back; and back as another ----------------------------------
gone() {
	# The look takes four connections, the monitor one: the rest is amid the logins.
	target_up hardened-plc --trait die-after=9
	run_assay 3 "$profile" "$folder/gone" $logins
	says "$folder/gone.err" "the device did not come back within 3 s"
	[ "$(end_of "$folder/gone")" = device-lost ] || wrong "the journal does not end with device-lost"
	only_pass "$folder/gone" ssh-protects@ssh
	expect_why "$folder/gone" login-demanded@web "INCONCLUSIVE device-lost"
	whole "$folder/gone"
	target_down

	# back as another: quarantined until a person says it is meant
	target_up hardened-plc
	run_assay 3 "$profile" "$folder/gone" $logins
	says "$folder/gone.err" "the device is quarantined: its SSH host key was 'ssh-ed25519 SHA256:"
	says "$folder/gone.err" "then delete '$folder/gone/quarantined' to go on"
	run_assay 3 "$profile" "$folder/gone" $logins
	says "$folder/gone.err" "the device is quarantined since an earlier part of this run; look at it, then delete '$folder/gone/quarantined'"
	rm "$folder/gone/quarantined"
	run_assay 0 "$profile" "$folder/gone" $logins
	only_pass "$folder/gone" ssh-protects@ssh login-demanded@web
	whole "$folder/gone"
	target_down
}

# --- interrupted amid a flood -------------------------------------------------
interrupted() { # SIGNAL
	local signal=$1 run before at
	target_up hardened-plc
	fresh_profile 's/\[observe, touch\]/[observe, touch, stress]/'
	set -m
	"$ASSAY" run "$profile" -o "$folder/$signal" --only load-arp >"$folder/$signal.out" 2>"$folder/$signal.err" &
	run=$!
	set +m
	sent() { awk '$1 == "assay2:" { print $11 }' /proc/net/dev; }
	for _ in $(seq 300); do # until the load is on: far more frames than a monitor's
		before=$(sent)
		sleep 0.1
		[ $(($(sent) - before)) -gt 200 ] && break
	done
	kill -$signal $run
	sleep 0.01
	at=$(sent)
	sleep 0.2
	[ $(($(sent) - at)) -lt 100 ] || wrong "$signal: $(($(sent) - at)) frames later than 10 ms after"
	wait $run
	[ $? = 130 ] || wrong "$signal did not end the run with 130"
	[ "$(end_of "$folder/$signal")" = interrupted ] || wrong "$signal: the journal does not say so"
	only_pass "$folder/$signal"
	whole "$folder/$signal"
	target_down
}

# --- a hook that fails ---------------------------------------------------------
hook_fails() {
	fresh_profile '$a hooks: {power_cycle: "exit 7"}'
	target_up hardened-plc --trait die-after=9
	run_assay 3 "$profile" "$folder/hook-fails" --only login-demanded@web
	says "$folder/hook-fails.err" "nor after the power cycle"
	grep -q "the hook power_cycle ended with status 7" "$folder/hook-fails/journal.jsonl" || wrong "the journal does not hold the hook's end"
	only_pass "$folder/hook-fails"
	target_down
}

case ${1:-} in
'') side_by_side INT TERM hook gone ;;
gone) gone ;;
hook) hook_fails ;;
*) interrupted "$1" ;;
esac
exit $failed
