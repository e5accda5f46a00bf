#!/bin/bash
# label: slow
# timeout: 300
# needs: namespace
# needs: quiet
# The demo's three targets: the weak device FAILs what is planted and nothing
# else, the hardened one and the real host have no FAIL and nothing INCONCLUSIVE;
# nothing errs; the reports validate. The three at the same time.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2


validate() { # DIR
	if [ -f "$SOURCE/../shared/schemas/junit-10.xsd" ]; then
		xmllint --noout --schema "$SOURCE/../shared/schemas/junit-10.xsd" "$1/junit.xml" 2>"$folder/xsd" ||
			wrong "junit.xml: $(cat "$folder/xsd")"
	else
		xmllint --noout "$1/junit.xml" || wrong "junit.xml is not XML"
	fi
	/usr/bin/python3 -m jsonschema -i "$1/results.json" "$SOURCE/suites/schema/results.schema.json" ||
		wrong "results.json does not follow its schema"
	xmllint --noout "$1/report.html" || wrong "report.html is not well-formed"
	(cd "$1" && /usr/bin/python3 - <<'PY') || wrong "evidence is not what the results say"
import hashlib, json, sys
count = 0
for check in json.load(open("results.json"))["checks"]:
    for file in check["evidence"]:
        count += 1
        if hashlib.sha256(open(file["path"], "rb").read()).hexdigest() != file["sha256"]:
            sys.exit(file["path"] + " has another digest")
if count == 0:
    sys.exit("no evidence at all")
PY
}

assess() { # TARGET EXPECTED_CODE
	target_up "$1"
	run_assay "$2" "$SOURCE/targets/profiles/$1.yaml" "$folder/$1"
	target_down
	expect_none "$folder/$1" ERROR
	validate "$folder/$1"
}

case ${1:-} in
'')
	side_by_side weak-plc hardened-plc openssh-nginx
	exit $failed
	;;
weak-plc)
	assess weak-plc 1
	expect_set "$folder/weak-plc" FAIL "$SOURCE/targets/profiles/weak-plc.fails"
	# the planted undeclared port leaves it open whether every interface was asked
	echo tcp-interfaces-known >"$folder/open"
	expect_set "$folder/weak-plc" INCONCLUSIVE "$folder/open"
	;;
*)
	assess "$1" 0
	expect_none "$folder/$1" FAIL
	expect_none "$folder/$1" INCONCLUSIVE
	;;
esac
for v in PASS FAIL NOT_TESTED; do printf '%s %s  ' "$v" "$(verdicts "$folder/$1" $v | wc -l)"; done
exit $failed
