#!/bin/bash
# The includes: a folder includes what docs/architecture.md draws an arrow to,
# and nothing else; the linker does not see an include of a header alone. No two
# headers include each other in a circle, and nothing but tests includes what is
# for tests.
set -u
folder=$(mktemp -d /tmp/assay-includes-XXXXXX) || exit 1
trap 'rm -r "$folder"' EXIT
failed=0
wrong() {
	echo "WRONG: $*"
	failed=1
}

cat >"$folder/includes.py" <<'PY'
import os, re, sys

root = sys.argv[1]
FOR_TESTS = re.compile(r"(_test\.c|_fuzz\.c|/test_[a-z_]+\.h|_bench\.[ch]|/fixture\.h)$")
EVERYWHERE = {"harness/base", "harness/banned.h"}

def arrows():
    text = open(f"{root}/docs/architecture.md").read()
    block = re.search(r"^```arrows\n(.*?)^```", text, re.M | re.S)
    if not block:
        sys.exit("docs/architecture.md draws no arrows")
    drawn = {}
    for line in block[1].splitlines():
        folder, to = line.split("->")
        drawn.setdefault(folder.strip(), set()).update(to.split())
    return drawn

def sources():
    for top in ("harness", "probes", "reports", "targets", "suites"):
        for path, _, names in os.walk(f"{root}/{top}"):
            for name in names:
                if name.endswith((".c", ".h", ".def")):
                    yield os.path.relpath(f"{path}/{name}", root)

def includes(file):
    for row, line in enumerate(open(f"{root}/{file}"), 1):
        found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if found:
            yield row, found[1]

def allowed(drawn, folder):
    family = folder.startswith("probes/") and "probes/*"
    return EVERYWHERE | {folder} | drawn.get(folder, set()) | drawn.get(family, set())

def circle(graph):
    state, path = {}, []
    def visit(node):
        state[node] = 1
        path.append(node)
        for to in sorted(graph.get(node, ())):
            if state.get(to) == 1:
                return path[path.index(to):] + [to]
            if to not in state:
                found = visit(to)
                if found:
                    return found
        path.pop()
        state[node] = 2
    for node in sorted(graph):
        if node not in state:
            found = visit(node)
            if found:
                return found

drawn, graph, used, bad = arrows(), {}, set(), 0
for file in sorted(sources()):
    folder = os.path.dirname(file)
    for row, to in includes(file):
        if FOR_TESTS.search("/" + file):
            continue
        if FOR_TESTS.search("/" + to):
            print(f"{file}:{row}: {to} is for tests")
            bad = 1
        may, target = allowed(drawn, folder), os.path.dirname(to)
        if to.endswith(".h") and file.endswith(".h"):
            graph.setdefault(file, set()).add(to)
        if to not in may and target not in may:
            print(f"{file}:{row}: no arrow goes from {folder} to {to}")
            bad = 1
        used |= {(f, t) for f in (folder, "probes/*") for t in (to, target)
                 if f == folder or folder.startswith("probes/")}
found = circle(graph)
if found:
    print("a circle of headers: " + " -> ".join(found))
    bad = 1
if len(sys.argv) == 2:
    for folder, tos in sorted(drawn.items()):
        for to in sorted(tos):
            if (folder, to) not in used:
                print(f"docs/architecture.md: nothing needs the arrow {folder} -> {to}")
                bad = 1
sys.exit(bad)
PY

/usr/bin/python3 "$folder/includes.py" "$SOURCE" || wrong "the includes are not what docs/architecture.md draws"

# The test itself: a tree with one thing wrong in it.
planted() { # WANTED FILE LINE...
	local wanted=$1 file=$2 tree=$folder/tree
	shift 2
	rm -rf "$tree"
	mkdir -p "$tree/docs" "$tree/$(dirname "$file")" "$tree/harness/run"
	cp "$SOURCE/docs/architecture.md" "$tree/docs/"
	echo '#include "harness/run/a.h"' >"$tree/harness/run/b.h"
	printf '%s\n' "$@" >"$tree/$file"
	/usr/bin/python3 "$folder/includes.py" "$tree" planted >"$folder/said" && [ -n "$wanted" ] && wrong "$file passes with: $*"
	[ "$(cat "$folder/said")" = "$wanted" ] || {
		cat "$folder/said"
		wrong "$file with '$*': that is not '$wanted'"
	}
}
planted "" harness/judge/x.c '#include "harness/model/results.h"' '#include "harness/base/text.h"'
planted "harness/judge/x.c:2: no arrow goes from harness/judge to harness/run/journal.h" \
	harness/judge/x.c '#include "harness/plan/plan.h"' '#include "harness/run/journal.h"'
planted "harness/base/x.h:1: no arrow goes from harness/base to harness/model/fact.h" harness/base/x.h '#include "harness/model/fact.h"'
planted "probes/new/new_x.c:1: no arrow goes from probes/new to harness/gate/gate.h" probes/new/new_x.c '#include "harness/gate/gate.h"'
planted "" probes/new/new_x_test.c '#include "harness/run/test_run.h"'
planted "harness/run/x.c:1: harness/run/test_run.h is for tests" harness/run/x.c '#include "harness/run/test_run.h"'
planted "a circle of headers: harness/run/a.h -> harness/run/b.h -> harness/run/a.h" harness/run/a.h '#include "harness/run/b.h"'
planted "reports/new/x.c:1: no arrow goes from reports/new to harness/model/results.h" reports/new/x.c '#include "harness/model/results.h"'
exit $failed
