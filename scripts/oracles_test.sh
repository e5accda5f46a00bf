#!/bin/bash
# label: slow
# timeout: 240
# needs: namespace
# For OpenSSH and nginx, the facts assay reports equal what ssh-audit and nmap's
# ssl-enum-ciphers see of the same servers.
# shellcheck source=scripts/acceptance.sh
. "${SOURCE:?}/scripts/acceptance.sh" || exit 2

target_up openssh-nginx
address=$(sed -nE 's/.*[ {]address: *([0-9.]+).*/\1/p' "$SOURCE/targets/profiles/openssh-nginx.yaml" | head -1)
run_assay 0 "$SOURCE/targets/profiles/openssh-nginx.yaml" "$folder/run" \
	--only ssh-algorithms-allowed --only tls-versions-allowed --only tls-suites-allowed
ssh-audit -j -n "$address" >"$folder/ssh-audit.json" 2>/dev/null
nmap -n -Pn -p 443 --script +ssl-enum-ciphers -oX "$folder/nmap.xml" "$address" >/dev/null
target_down

/usr/bin/python3 - "$folder" <<'PY' || failed=1
import json, re, sys
import xml.etree.ElementTree as tree
folder = sys.argv[1]
facts = {}
for check in json.load(open(folder + "/run/results.json"))["checks"]:
    # by family too: SSH and TLS both have a fact called compression
    for name, value in check["facts"].items():
        facts[check["probe"].split(".")[0] + " " + name] = value
wrong = 0

def same(what, ours, theirs):
    global wrong
    if not theirs:
        print("WRONG: the oracle saw nothing of", what)
        wrong = 1
    if set(ours) != set(theirs):
        print("WRONG:", what, "only assay:", sorted(set(ours) - set(theirs)),
              "only the oracle:", sorted(set(theirs) - set(ours)))
        wrong = 1
    else:
        print(what, "agree:", len(set(ours)))

audit = json.load(open(folder + "/ssh-audit.json"))
pseudo = ("kex-strict-", "ext-info-", "kexguess2@")
same("ssh kex", facts["ssh kex"], [k["algorithm"] for k in audit["kex"] if not k["algorithm"].startswith(pseudo)])
same("ssh host keys", facts["ssh host_key"], [k["algorithm"] for k in audit["key"]])
same("ssh ciphers", facts["ssh cipher"], audit["enc"])
same("ssh macs", facts["ssh mac"], audit["mac"])
same("ssh compression", facts["ssh compression"], audit["compression"])
versions, suites = set(), set()
for script in tree.parse(folder + "/nmap.xml").iter("script"):
    for table in script.findall("table"):
        if re.match(r"(TLS|SSL)v", table.get("key") or ""):
            versions.add(table.get("key").replace("v", " "))
            suites.update(e.text for e in table.iter("elem") if e.get("key") == "name")
# nmap writes TLS 1.3 suites as TLS_AKE_WITH_..., the registry TLS_...
suites = {re.sub(r"^TLS_AKE_WITH_", "TLS_", s) for s in suites}
same("tls versions", facts["tls versions"], versions)
same("tls suites", facts["tls suites"], suites)
sys.exit(wrong)
PY
exit $failed
