#!/bin/bash
# label: slow
# timeout: 180
# needs: namespace
# The bench is not as it should be: a missing right, an interface that is down
# or carries a default route, nobody or somebody else at the device's address.
# shellcheck source=scripts/faults.sh
. "${SOURCE:?}/scripts/faults.sh" || exit 2
fresh_profile

refused() { # CODE TEXT
	run_assay "$1" "$profile" "$folder/refused"
	says "$folder/refused.err" "$2"
	[ ! -e "$folder/refused/results.json" ] || only_pass "$folder/refused"
	rm -rf "$folder/refused"
}

# --- the interface ------------------------------------------------------------
refused 3 "no interface 'assay2' on this machine"
ip link add assay2 type veth peer name far
ip addr add 10.213.2.1/24 dev assay2
ip addr add 10.213.2.9/24 dev assay2
refused 3 "interface 'assay2' is down"
ip link set assay2 up
refused 3 "interface 'assay2' has no link: is the cable in and the device on?"

# --- the address --------------------------------------------------------------
unshare -n sleep 120 &
device=$!
unshare -n sleep 120 &
second=$!
trap 'kill $device $second 2>/dev/null; finish' EXIT
for process in $device $second; do # until it has its namespace
	for _ in $(seq 100); do
		[ "$(readlink "/proc/$process/ns/net")" = "$(readlink /proc/self/ns/net)" ] || break
		sleep 0.1
	done
done
ip link add bridge0 type bridge
ip link set far master bridge0 up
ip link set bridge0 up
attach() { # PROCESS MAC
	ip link add "h$1" type veth peer name "e$1"
	ip link set "h$1" master bridge0 up
	ip link set "e$1" netns "$1"
	nsenter -t "$1" -n ip link set "e$1" address "$2"
	nsenter -t "$1" -n ip addr add 10.213.2.2/24 dev "e$1"
	nsenter -t "$1" -n ip link set "e$1" up
}
refused 3 "nobody answers for 10.213.2.2 on 'assay2': is the device on?"
attach "$device" 02:a5:5a:00:02:02
sleep 0.2
refused 3 "none of the declared services answers at 10.213.2.2"
nsenter -t "$device" -n nft 'add table t; add chain t i { type filter hook input priority 0; policy drop; }'
refused 3 "none of the declared services answers at 10.213.2.2"
ip route add default via 10.213.2.2 dev assay2
refused 2 "interface 'assay2' carries a default route"
ip route del default
attach "$second" 02:a5:5a:00:02:66
sleep 0.2
refused 2 "two hosts answer for 10.213.2.2"
nsenter -t "$device" -n ip link set "e$device" down
sleep 0.2
refused 2 "the profile says 02:a5:5a:00:02:02: another device answers"
kill "$device" "$second"
ip link del assay2

# --- the right ----------------------------------------------------------------
chmod 755 "$folder"
mkdir "$folder/home"
chown 65534 "$folder/home" 2>/dev/null || nobody=no
if [ "${nobody:-}" = no ]; then
	echo "only one user is mapped here: rights cannot be taken away"
	exit $failed
fi
plain() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all --no-new-privs env HOME="$folder/home" XDG_RUNTIME_DIR="$folder/home" "$@"
}
plain test -x "$ASSAY" || { echo "an ordinary user cannot reach the build: rights are not tested"; exit $failed; }
fresh_profile 's/\[observe, touch\]/[observe, touch, stress]/'
chmod -R a+rX "$folder/secret" "$profile"
target_up hardened-plc
code=0
plain "$ASSAY" run "$profile" -o "$folder/home/plain" --only tcp-undeclared --only load-arp --only load-syn \
	>"$folder/plain.out" 2>"$folder/plain.err" || code=$?
[ "$code" = 4 ] || wrong "a run without the right ended with $code, not 4"
says "$folder/plain.err" "raw sockets are not granted: run as root, in a namespace of your own, or with CAP_NET_RAW; the ports are swept by connections, and no load is sent"
grep -q '"method": *"connect"' "$folder/home/plain/results.json" || wrong "the sweep does not say that it connected"
only_pass "$folder/home/plain" tcp-undeclared
expect_why "$folder/home/plain" load-arp@control-program-runs "NOT_TESTED no-privilege"
expect_why "$folder/home/plain" load-syn@control-program-runs "NOT_TESTED no-privilege"
target_down
code=0
plain "$ASSAY" target up weak-plc >"$folder/up.out" 2>"$folder/up.err" || code=$?
[ "$code" = 3 ] || wrong "'target up' without the right ended with $code, not 3"
says "$folder/up.err" "cannot make a network namespace: run as root or inside 'unshare -Urn'"
exit $failed
