#!/usr/bin/env python3
"""truth [--write]: what an assessment of the simulated device has to find, from its traits.

Reads targets/simulated/trait.def and truth.toml, and says for a device with its traits which checks
must FAIL. Without --write: whether what is made from them is stale, whether they name what does not
exist, and whether every check has both sides. With it: writes the table of traits in
targets/simulated/README.md and targets/profiles/weak-plc.fails.
"""
import fnmatch
import json
import os
import random
import re
import subprocess
import sys
import tomllib

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = SOURCE + "/targets/simulated/README.md"
FAILS = SOURCE + "/targets/profiles/weak-plc.fails"
WEAK = SOURCE + "/targets/profiles/weak-plc.yaml"
LOAD = 2500         # frames/s that the load checks may put on a drawn device
CIRCUMSTANCE = 0.4  # of the drawn devices
LOADED = 0.25       # of them have load put on them
PLANTED = 2         # lines of the truth that are made true in each, in turn
DRAWN = 400         # devices that are looked at, not run, for both sides of every check
KINDS = ("open", "blind", "shy", "fails")  # what a line may say of a check; the first that is said counts

# Services of the profile, and the trait of the device that each follows.
SERVICES = {"ssh": "ssh", "web": "https", "web-clear": "http", "telnet": "telnet", "ftp": "ftp",
            "control": "modbus"}


# --- what is so --------------------------------------------------------------------


def traits_load():
    """The traits in trait.def, by word: kind, weak and hardened value, meaning."""
    with open(SOURCE + "/targets/simulated/trait.def") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    traits = {}
    for entry in re.findall(r"^TRAIT\((.*?)\)$", text, re.M | re.S):
        entry = re.sub(r'"\s*\n\s*"', "", entry)
        word, kind, weak, hardened, choices, meaning = re.fullmatch(
            r'\w+,\s*"([^"]+)",\s*(\w+),\s*"([^"]*)",\s*"([^"]*)",\s*("[^"]*"|\w+),\s*"([^"]*)"',
            entry, re.S).groups()
        traits[word] = {"kind": kind, "weak": weak, "hardened": hardened, "range": choices.strip('"'),
                        "meaning": meaning}
    return traits


def truth_load():
    with open(SOURCE + "/targets/simulated/truth.toml", "rb") as file:
        return tomllib.load(file)


def devices_traits(truth):
    return {trait: entry for trait, entry in truth.items() if entry.get("device") != "profile"
            and trait != "sides"}


def holds(value, wanted, load=LOAD):
    """Whether a trait's value is one of those that a line speaks of."""
    if isinstance(wanted, list):
        return value in wanted
    if wanted == "<load":
        return 0 < int(value) < load
    if wanted[0] == ">":
        return int(value) > int(wanted[1:])
    return value in wanted.split("|")


def need_split(need):
    trait, mark, wanted = re.fullmatch(r"([a-z0-9-]+)(=|>)(.*)", need).groups()
    return trait, wanted if mark == "=" else ">" + wanted


def lines_of(truth):
    """Every 'when' with its trait, in the file's order."""
    return [(trait, when) for trait, entry in truth.items() for when in entry.get("when", [])]


def applies(device, trait, when, load=LOAD):
    return holds(device[trait], when["is"], load) and all(
        holds(device[one], wanted, load) for one, wanted in map(need_split, when.get("needs", [])))


def names(when, kind, check):
    return any(fnmatch.fnmatchcase(check, pattern) for pattern in when.get(kind, []))


def truth_of(truth, device, check, load=LOAD):
    """One of KINDS or 'holds', and the traits that make it so."""
    found = {}
    for trait, when in lines_of(truth):
        if applies(device, trait, when, load):
            for kind in KINDS:
                if names(when, kind, check):
                    found.setdefault(kind, []).append(f"{trait}={device[trait]}")
    for kind in KINDS:
        if kind in found:
            return kind, found[kind]
    return "holds", []


# --- a device ------------------------------------------------------------------------


def calm(entry):
    return entry.get("calm", next(iter(entry["draw"])))


def draw_value(rng, entry):
    return rng.choices(list(entry["draw"]), list(entry["draw"].values()))[0]


def set_value(rng, truth, device, trait, wanted):
    """Gives the trait a value that a line speaks of, of those that are ever drawn."""
    fitting = [value for value in truth[trait]["draw"] if holds(value, wanted)]
    if fitting and not holds(device[trait], wanted):
        device[trait] = rng.choice(fitting)


def plant(rng, truth, device, line):
    """Makes a line of the truth true, with the services that its checks look at."""
    trait, when = line
    fails = when.get("fails", [])
    for name, service in SERVICES.items():
        if trait not in ("missing", service) and any(check.endswith("@" + name) for check in fails):
            set_value(rng, truth, device, service, "on|redirect" if service == "http" else "on")
    if any(check.startswith("load-") for check in fails):
        device["modbus"], device["loaded"] = "on", True
    set_value(rng, truth, device, trait, when["is"])
    for one, wanted in map(need_split, when.get("needs", [])):
        set_value(rng, truth, device, one, wanted)
    if trait == "undeclared":
        set_value(rng, truth, device, SERVICES[device[trait]], "on")


def draw_device(truth, seed, number):
    """Device 'number' of a seed: the same whatever else is drawn with this truth."""
    rng = random.Random(f"{seed}/{number}")
    traits = {trait: entry for trait, entry in truth.items() if trait != "sides"}
    circumstances = [t for t, entry in traits.items() if entry.get("device") == "circumstance"]
    device = {"loaded": rng.random() < LOADED}
    for trait, entry in traits.items():
        # of its own, so that a new trait leaves the others as they are
        own = random.Random(f"{seed}/{number}/{trait}")
        device[trait] = calm(entry) if trait in circumstances else draw_value(own, entry)
    lines = [line for line in lines_of(truth) if line[0] not in circumstances]
    random.Random(seed).shuffle(lines)
    for i in range(PLANTED):
        plant(rng, truth, device, lines[((number - 1) * PLANTED + i) % len(lines)])
    if rng.random() < CIRCUMSTANCE:
        chosen = rng.choice(circumstances)
        device[chosen] = draw_value(rng, truth[chosen])
    if device["missing"] != "none":  # what is declared is not there
        device[SERVICES[device["missing"]]] = "off"
    if device["undeclared"] != "none" and device[SERVICES[device["undeclared"]]] == "off":
        device["undeclared"] = "none"
    if device["modbus"] == "off" or device["die-after"] != "0":
        device["loaded"] = False
    return device


def device_traits(truth, device):
    return [f"{trait}={device[trait]}" for trait in devices_traits(truth)]


def different(truth, device):
    """What a person has to know of a device: where it is not what most are."""
    return [f"{trait}={device[trait]}" for trait, entry in truth.items()
            if trait != "sides" and device[trait] != calm(entry)]


def declared(device):
    """The services that the profile declares."""
    return [name for name, trait in SERVICES.items() if name != device["undeclared"]
            and (device[trait] != "off" or device["missing"] == name)]


# --- what is made from it ---------------------------------------------------------------


def weak_fails(truth, traits, checks):
    device = {trait: traits[trait]["weak"] if trait in traits else "none" for trait in truth}
    return [check for check in checks if truth_of(truth, device, check, 4000)[0] == "fails"]


def must_fail(entry):
    """The cell of the README's table, line by line."""
    cells = []
    for when in entry.get("when", []):
        value = when["is"] if isinstance(when["is"], str) else ", ".join(when["is"])
        value = {"<load": "less than the load"}.get(value, value)
        needs = "".join(f" and {need}" for need in when.get("needs", []))
        for kind, word in (("fails", ""), ("blind", "INCONCLUSIVE: "), ("shy", "never PASS: "),
                           ("open", "not counted: ")):
            if kind in when:
                cells.append(f"{value}{needs}: {word}{', '.join(f'`{check}`' for check in when[kind])}")
    return "; ".join(cells)


def readme_table(truth, traits):
    rows = ["| trait | weak | hardened | values | meaning | requirement | what must FAIL |",
            "|---|---|---|---|---|---|---|"]
    for word, trait in traits.items():
        values = trait["range"].replace("|", ", ")
        if trait["kind"] == "SWITCH":
            values = "on, off"
        elif trait["range"] == "SERVICE_WORDS":
            values = "a service, all"
        entry = truth.get(word, {})
        rows.append(f"| `{word}` | {trait['weak']} | {trait['hardened']} | {values} | {trait['meaning']} "
                    f"| {entry.get('about', '')} | {must_fail(entry)} |")
    return "\n".join(rows) + "\n"


def files(truth, traits, checks):
    """What the generated files have to be, by path."""
    with open(README) as file:
        head, rest = file.read().split("| trait | weak |", 1)
    rows = ("| trait | weak |" + rest).split("\n")
    length = next(i for i, row in enumerate(rows) if not row.startswith("|"))
    return {README: head + readme_table(truth, traits) + "\n".join(rows[length:]),
            FAILS: "".join(check + "\n" for check in sorted(weak_fails(truth, traits, checks)))}


# --- whether it is whole ----------------------------------------------------------------


def planned_checks(assay, profile=WEAK):
    """The ids of the planned checks that a probe answers."""
    out = subprocess.run([assay, "plan", "--json", profile], capture_output=True, text=True, check=True)
    return [check["id"] for check in json.loads(out.stdout)["checks"] if check["observation"] is not None]


def in_range(trait, value):
    if trait["kind"] == "SWITCH":
        return value in ("on", "off")
    if trait["kind"] == "NUMBER":
        least, most = trait["range"].split("..")
        return int(least) <= int(value) <= int(most)
    return trait["range"] == "SERVICE_WORDS" or value in trait["range"].split("|")


def mistakes(truth, traits, checks):
    for word in traits:
        if word not in truth:
            yield f"the trait '{word}' has no entry in truth.toml"
    for word, entry in devices_traits(truth).items():
        if word not in traits:
            yield f"truth.toml speaks of '{word}', which is no trait"
            continue
        for value in entry["draw"]:
            if not in_range(traits[word], value):
                yield f"'{word}' cannot be '{value}'"
    for trait, when in lines_of(truth):
        for pattern in (p for kind in KINDS for p in when.get(kind, [])):
            if not any(fnmatch.fnmatchcase(check, pattern) for check in checks):
                yield f"{trait}: no check is called '{pattern}'"
        if set(when) - {"is", "needs", *KINDS}:
            yield f"{trait}: unknown keys in {when}"


def sides(truth, checks):
    """For each check of the suites the truths that drawn devices have: {'fails', 'holds', ...}."""
    seen = {check.split("@")[0]: set() for check in checks}
    for number in range(1, DRAWN + 1):
        device = draw_device(truth, 1, number)
        services = declared(device)
        for check in checks:
            name, _, at = check.partition("@")
            if at == "" or at in services or (name.startswith("load-") and device["loaded"]):
                seen[name].add(truth_of(truth, device, check)[0])
    return seen


def one_sided(truth, checks):
    """What is wrong with the list of checks that have one side only: it may only shrink."""
    listed = truth["sides"]
    for check, seen in sides(truth, checks).items():
        for side, key in (("fails", "never-fails"), ("holds", "never-holds")):
            if side not in seen and check not in listed[key]:
                yield f"'{check}' has no device that it {side} on: give it a trait"
            if side in seen and check in listed[key]:
                yield f"'{check}' has a device that it {side} on: take it from '{key}'"
    for check in {*listed["never-fails"], *listed["never-holds"]} - {c.split("@")[0] for c in checks}:
        yield f"'sides' names '{check}', which is no check"


def main():
    truth, traits = truth_load(), traits_load()
    checks = planned_checks(os.environ["ASSAY"])
    wrong = list(mistakes(truth, traits, checks)) + list(one_sided(truth, checks))
    for path, text in files(truth, traits, checks).items():
        with open(path) as file:
            stale = file.read() != text
        if stale and "--write" in sys.argv[1:]:
            with open(path, "w") as file:
                file.write(text)
        elif stale:
            wrong.append(f"{os.path.relpath(path, SOURCE)} is stale: run scripts/generate")
    for sentence in wrong:
        print("truth: " + sentence)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
