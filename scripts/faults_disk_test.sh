#!/bin/bash
# label: slow
# timeout: 120
# needs: namespace
# A run directory whose disk is full: a sentence, exit 3, and a journal whose
# lines are whole and whose chain holds; with room again, the run goes on.
# shellcheck source=scripts/faults.sh
. "${SOURCE:?}/scripts/faults.sh" || exit 2

fresh_profile

chain_holds() { # DIR
	/usr/bin/python3 - "$1/journal.jsonl" <<'PY' || wrong "the journal in $1 is not whole"
import hashlib, json, os, sys
if os.path.exists(sys.argv[1]):
    before = "0" * 64
    text = open(sys.argv[1], "rb").read()
    if text and not text.endswith(b"\n"):
        sys.exit("torn last line")
    for line in text.splitlines():
        if json.loads(line)["prev"] != before:
            sys.exit("broken chain")
        before = hashlib.sha256(line).hexdigest()
PY
}

target_up hardened-plc
for size in 24k 200k; do
	disk=$folder/disk-$size
	mkdir "$disk"
	mount -t tmpfs -o size=$size assay-test "$disk" || exit 2
	run_assay 3 "$profile" "$disk" --only tcp-undeclared --only tls-suites-allowed
	says "$disk.err" "No space left on device"
	chain_holds "$disk"
	# options as they stand are not repeated: those of a user namespace name the user outside
	mount --options-mode ignore -o remount,size=64m assay-test "$disk"
	if [ "$size" != 24k ]; then
		run_assay 0 "$profile" "$disk" --only tcp-undeclared --only tls-suites-allowed
		expect_none "$disk" INCONCLUSIVE
		chain_holds "$disk"
	fi
	umount "$disk"
done
target_down
exit $failed
