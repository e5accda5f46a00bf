"""defaults SERVER: one SSH server with Debian's defaults, or a well-kept one. Every algorithm and size that fails
a check of assay's must be a failure by ssh-audit too; what ssh-audit alone calls one is printed."""
import json
import os
import re
import sys
import tempfile

from servers.bench import DEVICE, INTERFACE, MAC, TESTER, Bench, need, run

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECKS = "ssh-algorithms-allowed", "ssh-protects"
PROFILE = f"""device: {{name: SSH server, component: host, state: factory}}
edition: IEC 62443-4-2:2019
claim: {{FR4: 1}}
link: {{interface: {INTERFACE}, address: {DEVICE}, mac: "{MAC}", source: {TESTER}}}
consent: [observe]
services:
  - {{name: ssh, protocol: ssh, tcp: 22, purpose: maintenance}}
"""


def openssh(folder, kept):
    """Debian's sshd_config as it is, with the keys its package makes; or the target's."""
    kinds = ["ed25519", "ecdsa"] + ["rsa"] * (not kept)
    for kind in kinds:
        need("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", f"{folder}/{kind}")
    config = SOURCE + "/targets/real/openssh-nginx/sshd_config" if kept else "/usr/share/openssh/sshd_config"
    with open(config, encoding="utf-8") as lines:
        text = [line for line in lines if not line.startswith(("HostKey ", "Include "))]
    with open(folder + "/sshd_config", "w", encoding="utf-8") as out:
        out.writelines(text + [f"HostKey {folder}/{kind}\n" for kind in kinds])
    return f"/usr/sbin/sshd -D -e -f {folder}/sshd_config"


def dropbear(folder, kept):
    """With the three keys that Debian's package makes; well-kept, with the best one alone: Dropbear's other lists are
    fixed when it is built."""
    words = "dropbear -F -E -p 22"
    for kind in ["ed25519"] if kept else ["rsa", "ecdsa", "ed25519"]:
        need("dropbearkey", "-t", kind, "-f", f"{folder}/{kind}")
        words += f" -r {folder}/{kind}"
    return words + (" -s -w" if kept else "")


def failures(folder):
    """What the two checks fail by: (algorithms and sizes, the reasons)."""
    with open(folder + "/run/results.json", encoding="utf-8") as results:
        checks = {c["id"].split("@")[0]: c for c in json.load(results)["checks"] if c["probe"]}
    found, reasons = set(), []
    for name in CHECKS:
        check = checks[name]
        if check["verdict"] not in ("PASS", "FAIL"):
            sys.exit(f"WRONG: {name} is {check['verdict']}: {check['reason']}")
        reasons += [f"{name}: {check['reason']}"] if check["verdict"] == "FAIL" else []
        for saw in re.findall(r"saw ([^;]*) besides", check["reason"]) if check["verdict"] == "FAIL" else []:
            found |= set(saw.split(", "))
        # sizes and flags are no algorithm of ssh-audit's lists
        found |= {line["text"] for line in check["lines"]
                  if line["role"] == "expect" and line["held"] is False and "subset-of" not in line["text"]}
    return found, reasons


def main(server):
    kind, _, state = server.partition("-")
    with open("/proc/self/uid_map", encoding="ascii") as users:
        if int(users.readline().split()[2]) < 65536:
            return 77
    with tempfile.TemporaryDirectory(prefix="defaults.") as folder:
        os.chmod(folder, 0o755)
        os.environ.update(XDG_RUNTIME_DIR=folder, XDG_STATE_HOME=folder, HOME=folder)
        with open(folder + "/profile.yaml", "w", encoding="ascii") as out:
            out.write(PROFILE)
        serve = {"openssh": openssh, "dropbear": dropbear}[kind](folder, state == "kept")
        bench = Bench(folder, [("assay", "not-used-here", "sha512")], [serve])
        try:
            bench.wait_for([22])
            done = run(os.environ["ASSAY"], "run", folder + "/profile.yaml", "-o", folder + "/run",
                       *(word for check in CHECKS for word in ("--only", check)))
            audit = run("ssh-audit", "-n", "-l", "fail", DEVICE).stdout
        finally:
            bench.stop()
        if not os.path.exists(folder + "/run/results.json"):
            sys.exit(f"WRONG: assay run: {done.stderr}")
        ours, reasons = failures(folder)
    theirs = set(re.findall(r"^\((?:kex|key|enc|mac)\) (\S+).*\[fail\]", audit, re.M))
    if not audit:
        sys.exit("WRONG: ssh-audit said nothing")
    alone = {name for name in ours if name not in theirs}
    print(f"{server}: assay {'FAIL' if ours else 'PASS'} {sorted(ours)}, ssh-audit alone {sorted(theirs - ours)}")
    for reason in reasons if alone else []:
        print("WRONG:", reason)
    return 1 if alone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
