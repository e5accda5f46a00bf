#!/bin/bash
# docs/safety.md: every test that a row names is there, in the file that it names.
set -u
cd "${SOURCE:?}" || exit 2
/usr/bin/python3 - docs/safety.md <<'PY'
import os, re, sys

def file_of(name):
    folder = name if "/" in name else "harness/run/" + name
    return next((folder + end for end in (".c", ".sh") if os.path.exists(folder + end)), None)

def missing(row):
    """What the row's last cell names and is not there."""
    wrong = []
    for named, cases in re.findall(r"`([\w/*]+_test)`([^`;|]*)", row.split("|")[-2]):
        path = file_of(named)
        text = open(path).read() if path else ""
        wrong += [] if path else [named]
        wrong += [case for case in re.findall(r"\w+(?:_\w+){2,}", cases)
                  if not re.search(rf"\b{case}\b", text)]
    return wrong

rows = [line for line in open(sys.argv[1]) if line.startswith("| ") and "|---" not in line
        and not line.rstrip().endswith("| test |")]
bad = [(row[:60], name) for row in rows for name in missing(row)]
bad += [(row[:60], "no test") for row in rows if "_test`" not in row.split("|")[-2]]
for row, name in bad:
    print(f"WRONG: {row}...: {name}")
# it must see what it looks for
if missing("| a | b | `hostile_test` no_such_case_there |") != ["no_such_case_there"] or \
        missing("| a | b | `none_test` |") != ["none_test"]:
    sys.exit("WRONG: a test that is not there is not missed")
print(len(rows), "rows")
sys.exit(bool(bad) or len(rows) < 30)
PY
