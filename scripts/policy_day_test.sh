#!/bin/bash
# timeout: 120
# needs: namespace
# A policy is read as of the day of the run, also where the run is judged years later: what
# had not ended then does not fail it, and what has ended since fails a run of today.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

profile=$SOURCE/targets/profiles/hardened-plc.yaml
check=tls-versions-allowed@web

# TLS 1.2 as if it were legacy until 2021, and nothing from then on.
cp -r "$SOURCE/suites" "$folder/suites"
mkdir -p "$folder/data"
mv "$folder/suites" "$folder/data/suites"
sed -i 's/{tier: allowed, source: bsi-2, place: table 2, until: 2031, values: \[TLS 1.2\]}/{tier: legacy, source: bsi-2, place: table 2, until: 2021, values: [TLS 1.2]}/' \
	"$folder/data/suites/policies/tls-2026.yaml"
grep -q 'tier: legacy, source: bsi-2, place: table 2, until: 2021' "$folder/data/suites/policies/tls-2026.yaml" ||
	wrong "the policy is written otherwise than this test knows"
export ASSAY_DATA=$folder/data

# The same run as if it had been made then: every time in its journal, and the chain anew.
made_in_2020() { # DIR
	/usr/bin/python3 - "$1/journal.jsonl" "$1/anchor.json" "$XDG_STATE_HOME"/assay/runs/*.json <<'PY'
import hashlib, json, re, sys
journal, anchors, before = sys.argv[1], sys.argv[2:], None
lines = []
for line in open(journal, "rb").read().splitlines():
    record = json.loads(line)
    if before is not None:
        record["prev"] = before
    record["time"] = re.sub("^....-..-..", "2020-03-04", record["time"])
    line = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    before = hashlib.sha256(line).hexdigest()
    lines.append(line)
open(journal, "wb").write(b"\n".join(lines) + b"\n")
for anchor in anchors:
    text = open(anchor).read()
    open(anchor, "w").write(re.sub('"head": *"[0-9a-f]*"', '"head":"%s"' % before, text))
PY
}

is() { # DIR VERDICT POLICIES NOTE: a part of each; NOTE may be "None"
	/usr/bin/python3 - "$@" "$check" <<'PY' || wrong "$1 is judged otherwise"
import json, sys
folder, verdict, policies, note, wanted = sys.argv[1:]
results = json.load(open(folder + "/results.json"))
check = [c for c in results["checks"] if c["id"] == wanted][0]
saw = (check["verdict"], results["tool"]["policies"], str(check["note"]))
print(*saw, sep="\n")
sys.exit(not (saw[0] == verdict and policies in saw[1] and note in saw[2]))
PY
}

target_up hardened-plc
run_assay 1 "$profile" "$folder/run" --only "$check"
is "$folder/run" FAIL "as of $(date -u +%Y)" None
made_in_2020 "$folder/run"
"$ASSAY" judge "$folder/run" >"$folder/judged" 2>&1 || {
	cat "$folder/judged"
	wrong "the old run is not judged well"
}
is "$folder/run" PASS "as of 2020-03-04" "asks about what is legacy: versions TLS 1.2 (BSI TR-02102-2"
exit "$failed"
