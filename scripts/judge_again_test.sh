#!/bin/bash
# timeout: 120
# needs: namespace
# A run directory is enough to judge a run again: the profile, its answers and
# their evidence may be gone, the suites may be others.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

# Every check's verdict and reason, but for the way to run it again.
verdict_lines() { # FILE
	/usr/bin/python3 - "$1" <<'PY'
import json, sys
for check in sorted(json.load(open(sys.argv[1]))["checks"], key=lambda c: c["id"]):
    print(check["id"], check["verdict"], check.get("why") or "", check["reason"])
PY
}

judge_as() { # WANTED_CODE DIR
	local code=0
	"$ASSAY" judge "$2" >"$2.judged" 2>&1 || code=$?
	[ $code = "$1" ] || {
		cat "$2.judged"
		wrong "assay judge $2 ended with $code, not $1"
	}
}

same_again() { # DIR WANTED_CODE WHAT
	verdict_lines "$1/results.json" >"$folder/before"
	judge_as "$2" "$1"
	verdict_lines "$1/results.json" | diff -u "$folder/before" - || wrong "$3: judged again, the verdicts differ"
	"$ASSAY" report "$1" -f json >"$folder/report.json" || wrong "$3: no report"
	verdict_lines "$folder/report.json" | diff -u "$folder/before" - || wrong "$3: reported again, the verdicts differ"
}

# The answers stand in another folder, under a name a run directory has too.
profile=$folder/bench/profile.yaml
mkdir -p "$folder/bench/secret" "$folder/elsewhere/papers"
cp "$SOURCE"/targets/profiles/secret/* "$folder/bench/secret/"
sed -E 's/consent: *\[.*\]/consent: [observe]/' "$SOURCE/targets/profiles/weak-plc.yaml" >"$profile"
echo 'answers: ../elsewhere/journal.jsonl' >>"$profile"
echo 'the list of all interfaces' >"$folder/elsewhere/papers/list.txt"
hash=$(sha256sum "$folder/elsewhere/papers/list.txt" | cut -d' ' -f1)
met=compensating-countermeasures
unmet=development-process
cat >"$folder/elsewhere/journal.jsonl" <<YAML
- {check: $met, met: true, statement: as listed, who: A. Author, role: tester, when: 2026-01-02,
   evidence: papers/list.txt, evidence_sha256: $hash, reviewed_by: B. Reviewer}
- {check: $unmet, met: false, statement: it is missing, who: A. Author, role: tester, when: 2026-01-02,
   reviewed_by: B. Reviewer}
YAML
only=(--only telnet-clear-text@telnet --only modbus-as-declared@control --only "$met" --only "$unmet")

target_up weak-plc
run_assay 1 "$profile" "$folder/run" "${only[@]}"
for wanted in "$met PASS" "$unmet FAIL" "modbus-as-declared@control PASS"; do
	verdict_lines "$folder/run/results.json" | grep "^$wanted" >/dev/null || {
		verdict_lines "$folder/run/results.json" | grep "^${wanted% *}"
		wrong "it is not so that $wanted"
	}
done

# The journal's header names every member that a record can have.
/usr/bin/python3 - "$SOURCE/harness/model/journal_text.h" "$folder/run/journal.jsonl" <<'PY' || wrong "the journal's header is not what the journal holds"
import json, re, sys
text = open(sys.argv[1]).read().split("Types and their members")[1].split("*/")[0]
rows, bad = {}, 0
for line in text.splitlines():
    head = re.match(r" \*   ([a-z]+) +(.*)", line)
    if head:
        words = rows.setdefault(head[1], set())
        line = head[2]
    if rows:
        words |= set(re.findall(r"[a-z_0-9]+", line))
for line in open(sys.argv[2]):
    record = json.loads(line)
    members = set(record) | set(record.get("traffic", {})) - {"seq", "time", "type", "prev"}
    members -= {"seq", "time", "type", "prev"}
    if members - rows.get(record["type"], set()):
        print(record["type"], "has also", members - rows.get(record["type"], set()))
        bad = 1
sys.exit(bad)
PY

# Suites that have changed: another plan, but judged all the same.
mkdir -p "$folder/later"
cp -r "$SOURCE/suites" "$folder/later/suites"
/usr/bin/python3 - "$folder/later/suites/use-control.yaml" <<'PY'
import sys
with open(sys.argv[1], "a") as suite:
    suite.write("# later\n")
PY
code=0
ASSAY_DATA=$folder/later "$ASSAY" run "$profile" -o "$folder/run" "${only[@]}" >"$folder/later.out" 2>&1 || code=$?
[ $code = 2 ] || wrong "changed suites: the run went on and ended with $code"
grep -q "the suites have changed since; name another folder" "$folder/later.out" || {
	cat "$folder/later.out"
	wrong "changed suites: no such sentence"
}
sed -i 's/^  - id: telnet-clear-text$/  - id: telnet-renamed/' "$folder/later/suites/communication.yaml"
sed -i 's/^  - id: compensating-countermeasures$/  - id: countermeasures-renamed/' "$folder/later/suites/documents.yaml"
target_down

# The profile, the answers, their evidence and the secrets are gone.
rm -r "$folder/bench" "$folder/elsewhere"
same_again "$folder/run" 1 "without the profile"
verdict_lines "$folder/run/results.json" | grep '^ssh.* NOT_TESTED not-selected' >/dev/null || wrong "a judged --only run is not --only any more"
ASSAY_DATA=$folder/later "$ASSAY" judge "$folder/run" >"$folder/later.out" 2>&1
[ $? = 1 ] || {
	cat "$folder/later.out"
	wrong "changed suites: the run is not judged"
}
# The report says with which it was judged, and says so of others alone.
said='Judged with other suites than the run was made with.'
ASSAY_DATA=$folder/later "$ASSAY" report "$folder/run" -f text | grep -F "$said" >/dev/null ||
	wrong "changed suites: the report does not say so"
"$ASSAY" report "$folder/run" -f text | grep -F "$said" >/dev/null && wrong "the run's own suites are called others"
printf 'it was changed\n' >>"$folder/run/answers-evidence/$hash"
judge_as 1 "$folder/run"
verdict_lines "$folder/run/results.json" | grep "^$met NOT_TESTED evidence-changed" >/dev/null || wrong "changed evidence still counts"
rm "$folder/run/answers.yaml"
judge_as 2 "$folder/run"
grep -q "answers.yaml" "$folder/run.judged" || wrong "lost answers are not named"
exit $failed
