"""mutation: which changes of the suites' lines the recorded devices do not notice.

One 'given', 'complete' or 'expect' line at a time is dropped, turned round or moved by one, and the
recorded runs are judged again with it. A change is noticed when a verdict that was right is not any
more. What no device notices needs a trait, or goes.
"""
import json
import os
import re
import shutil
import subprocess

TURNED = [(r" is true$", " is false"), (r" is false$", " is true"), (r" subset-of ", " excludes "),
          (r" excludes ", " subset-of "), (r" includes ", " excludes "), (r" at-least ", " at-most "),
          (r" at-most ", " at-least ")]


def lines_of_suites(folder):
    """Every line on a fact: file, row (from 0), check, role, text."""
    found = []
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".yaml")):
        check = role = None
        with open(f"{folder}/{name}") as file:
            for row, text in enumerate(file.read().split("\n")):
                started = re.match(r"  - id: (\S+)", text)
                key = re.match(r"    (\w+):", text)
                check = started.group(1) if started else check
                role = key.group(1) if key else role if text.startswith("      ") else None
                if role in ("given", "complete", "expect") and text.startswith("      - "):
                    found.append((name, row, check, role, text))
    return found


def changes(role, text):
    """How the line is changed: word and new text, None to drop it."""
    yield "dropped", None
    for pattern, other in TURNED:
        if re.search(pattern, text):
            yield "turned", re.sub(pattern, other, text)
            break
    number = re.search(r"(?<= )\d+$", text)
    if number:
        yield "one more", text[:number.start()] + str(int(number.group()) + 1)


def mutate(source, target, change):
    """Writes suites with one line changed into target. An empty list is what no key means."""
    name, row, _, _, _, text = change
    with open(f"{source}/{name}") as file:
        rows = file.read().split("\n")
    rows[row:row + 1] = [] if text is None else [text]
    if text is None and not rows[row].startswith("      - ") and not rows[row - 1].startswith("      - "):
        del rows[row - 1]
    with open(f"{target}/{name}", "w") as file:
        file.write("\n".join(rows))


def judge(assay, data, run):
    """The verdicts that these suites give a recorded run, by check; None: they are no suites."""
    out = subprocess.run([assay, "judge", run], capture_output=True, text=True,
                         env=dict(os.environ, ASSAY_DATA=data))
    if out.returncode == 2:  # 3 is a device that was lost, as it was before
        return None
    with open(run + "/results.json") as file:
        return {check["id"]: check["verdict"] for check in json.load(file)["checks"]}


def unnoticed(assay, source, folder, runs, right):
    """Judges every change on the runs until one notices. runs: folders; right: by run the verdicts
    that were right, by check. Yields (change, who noticed or None)."""
    data = folder + "/data"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(source + "/suites", data + "/suites")
    for name, row, check, role, text in lines_of_suites(source + "/suites"):
        for word, new in changes(role, text):
            change = (name, row, check, role, word, new)
            mutate(source + "/suites", data + "/suites", change)
            who = None
            for run in runs:
                before = {i: v for i, v in right[run].items() if i.split("@")[0] == check}
                if not before:
                    continue
                after = judge(assay, data, run)
                if after is None:
                    who = "the plan"
                    break
                if any(after.get(i) != v for i, v in before.items()):
                    who = run
                    break
            shutil.copy(f"{source}/suites/{name}", f"{data}/suites/{name}")
            yield (name, check, role, word, text.strip()), who
