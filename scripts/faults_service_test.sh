#!/bin/bash
# label: slow
# timeout: 240
# needs: namespace
# Services that are silent, close or send noise, and devices that answer
# everything, too little, or shut the tester out: every check on them is
# INCONCLUSIVE with a fitting reason; only the inventory, which is truly seen,
# may pass. Each device in a namespace of its own, all at the same time.
# shellcheck source=scripts/faults.sh
. "${SOURCE:?}/scripts/faults.sh" || exit 2
fresh_profile

inventory="tcp-undeclared tcp-declared tcp-interfaces-known"
checks="login-demanded@ssh default-credentials@ssh ssh-protects@ssh
	ssh-algorithms-allowed@ssh web-paths-need-login@web
	login-demanded@web default-credentials@web
	tls-certificate-strength@web tls-certificate-identity@web
	tls-protects@web tls-versions-allowed@web tls-suites-allowed@web
	modbus-as-declared@control"

all_services() { # TRAIT WHY
	target_up hardened-plc --trait "$1=all"
	run_assay 4 "$profile" "$folder/$1"
	target_down
	# shellcheck disable=SC2086
	only_pass "$folder/$1" $inventory
	expect_none "$folder/$1" FAIL
	expect_none "$folder/$1" ERROR
	for check in $checks; do
		expect_why "$folder/$1" "$check" "INCONCLUSIVE $2"
	done
}

# One service alone: the others are judged as ever.
one_service() {
	target_up hardened-plc --trait garbage=modbus
	run_assay 4 "$profile" "$folder/one" --only modbus-as-declared --only ssh-protects --only tls-protects
	target_down
	only_pass "$folder/one" ssh-protects@ssh tls-protects@web
	expect_why "$folder/one" modbus-as-declared@control "INCONCLUSIVE garbage"
}

# --- filters before the device ------------------------------------------------
# The undeclared port is found by chance before the filter acts: then its FAIL
# stands, and nothing else may.
sweep() { # NAME WHY RULES
	target_up hardened-plc --trait hidden-port=4242
	in_target nft "$3" || wrong "$1: the rules do not load"
	code=0
	# shellcheck disable=SC2046
	"$ASSAY" run "$profile" -o "$folder/$1" $(printf -- '--only %s ' $inventory) \
		>"$folder/$1.out" 2>"$folder/$1.err" || code=$?
	target_down
	only_pass "$folder/$1"
	for check in $inventory; do
		if [ "$check" = tcp-undeclared ] && [ "$(why "$folder/$1" "$check")" = "FAIL " ] &&
			[ "$1" != tarpit ]; then
			says "$folder/$1.out" "saw 4242/tcp besides"
			[ "$code" = 1 ] || wrong "$1: ended with $code, not 1"
		else
			expect_why "$folder/$1" "$check" "INCONCLUSIVE $2"
		fi
	done
	[ "$code" = 4 ] || [ "$code" = 1 ] || wrong "$1: ended with $code"
}
# What is refused to the tester's first address alone is found from the witness; without one the
# report says that one address was asked from.
first_address() {
	target_up hardened-plc --trait filter=reset-main --trait hidden-port=4242
	# shellcheck disable=SC2046
	run_assay 1 "$profile" "$folder/two" $(printf -- '--only %s ' $inventory)
	says "$folder/two/results.json" "4242/tcp open to witness alone"
	expect_why "$folder/two" tcp-undeclared "FAIL "
	expect_why "$folder/two" tcp-declared "PASS "
	expect_why "$folder/two" tcp-interfaces-known "INCONCLUSIVE control-failed"
	sed -i '/witness:/d' "$profile"
	# shellcheck disable=SC2046
	run_assay 0 "$profile" "$folder/alone" $(printf -- '--only %s ' $inventory)
	target_down
	# shellcheck disable=SC2086
	only_pass "$folder/alone" $inventory
	says "$folder/alone/results.json" "open to the addresses asked from"
}
in='add table ip t; add chain ip t i { type filter hook input priority 0; }; add rule ip t i'

case ${1:-} in
'') side_by_side silent close-early garbage one tarpit limit limit-behind-filter shut-out first-address ;;
silent) all_services silent no-answer ;;
close-early) all_services close-early closed-early ;;
garbage) all_services garbage garbage ;;
one) one_service ;;
tarpit)
	sweep tarpit control-failed 'add table ip t; add chain ip t p { type nat hook prerouting priority -100; };
		add rule ip t p tcp dport 1-65535 redirect to :443'
	;;
limit) sweep limit rate-limited "$in tcp flags syn limit rate over 1000/second burst 200 packets drop" ;;
limit-behind-filter)
	sweep limit-behind-filter rate-limited "$in tcp flags syn limit rate over 1000/second burst 200 packets drop;
		add rule ip t i tcp dport != {22, 443, 502, 4242} drop"
	;;
shut-out) # the tester's address, half-way, and for good
	sweep shut-out blocked-by-device "$in ip saddr 10.213.2.1 tcp flags syn quota over 1500000 bytes drop"
	;;
first-address) first_address ;;
esac
exit $failed
