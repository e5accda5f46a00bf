"""ssh: random OpenSSH and Dropbear servers, and the truth about them: from their
configuration (sshd -T), from ssh-audit, and from logins of OpenSSH's client."""
import json
import os
import re
import shlex

from servers.bench import DEVICE, need, run

KEX = ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
       "ecdh-sha2-nistp521", "sntrup761x25519-sha512@openssh.com", "diffie-hellman-group-exchange-sha256",
       "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha256"]
WEAK_KEX = ["diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1"]
CIPHERS = ["chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr",
           "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"]
WEAK_CIPHERS = ["3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"]
MACS = ["umac-128-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
        "umac-128@openssh.com", "hmac-sha2-256", "hmac-sha2-512"]
WEAK_MACS = ["hmac-sha1", "hmac-sha1-etm@openssh.com", "hmac-sha1-96", "hmac-md5", "hmac-md5-96",
             "umac-64@openssh.com", "umac-64-etm@openssh.com"]
HOST_KEYS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
             "rsa-sha2-512", "rsa-sha2-256"]
WEAK_HOST_KEYS = ["ssh-rsa", "ssh-dss"]
# What assay's library for logins has; a server with none of it cannot be logged in to by it.
LIBRARY = {"kex": set(KEX + WEAK_KEX) - {"sntrup761x25519-sha512@openssh.com"},
           "cipher": set(CIPHERS + WEAK_CIPHERS),
           "mac": {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha1-etm@openssh.com",
                   "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1"},
           "host_key": set(HOST_KEYS) | {"ssh-rsa"}}
# No source allows it any more. RFC 9142, RFC 8758, RFC 8332; the strings are the field's.
FORBIDDEN = re.compile(r"^(none|arcfour.*|.*des.*|blowfish.*|cast128.*|.*md5.*|hmac-sha1-96.*|hmac-ripemd.*|ssh-dss|"
                       r"ssh-rsa|ssh-rsa-cert.*|diffie-hellman-group1-sha1|diffie-hellman-group-exchange-sha1|"
                       r"rsa1024-sha1)$")


def some(rng, good, weak):
    """A list as an administrator may have written it: weak ones in every third."""
    picked = rng.sample(good, rng.randint(1, len(good)))
    if rng.random() < 0.35:
        picked += rng.sample(weak, rng.randint(1, min(2, len(weak))))
    return picked


def draw(rng):
    ssh = {"kind": "dropbear" if rng.random() < 0.2 else "openssh", "banner": rng.random() < 0.3,
           "tries": rng.choice([1, 2, 6, 6]), "empty": rng.random() < 0.35}
    rsa = rng.choice([1024, 2048, 3072])
    keys = rng.sample(["ed25519", "ecdsa", f"rsa-{rsa}"], rng.randint(1, 3))
    if ssh["kind"] == "dropbear":
        return {**ssh, "keys": keys, "methods": "none" if rng.random() < 0.15 else "password",
                "root": rng.choice(["yes", "no", "prohibit-password"])}
    keys = [k if k != "ecdsa" else "ecdsa-" + rng.choice(["256", "384", "521"]) for k in keys]
    ssh.update(keys=keys, root=rng.choice(["yes", "no", "prohibit-password"]),
               methods=rng.choices(["password", "interactive", "both", "none"], [5, 2, 2, 1])[0])
    ssh["pam"] = ssh["methods"] in ("interactive", "both") or rng.random() < 0.3
    ssh["lists"] = {}
    if rng.random() < 0.8:
        ssh["lists"] = {"KexAlgorithms": some(rng, KEX, WEAK_KEX), "Ciphers": some(rng, CIPHERS, WEAK_CIPHERS),
                        "MACs": some(rng, MACS, WEAK_MACS)}
        if rng.random() < 0.5:
            ssh["lists"]["HostKeyAlgorithms"] = HOST_KEYS + (["ssh-rsa"] if rng.random() < 0.4 else [])
            if rng.random() < 0.2:
                ssh["lists"]["HostKeyAlgorithms"].append("ssh-dss")
                ssh["keys"].append("dsa")
    ssh["least_group"] = rng.choice([2048, 2048, 3072])
    return ssh


def files(ssh, folder):
    """Writes keys and configuration. Returns the command line that serves."""
    banner = folder + "/banner"
    with open(banner, "w", encoding="ascii") as out:
        out.write("Authorised use only.\nlogin: by key or password\n")
    if ssh["kind"] == "dropbear":
        words = ["dropbear", "-F", "-E", "-p", "22", "-T", str(ssh["tries"])]
        for key in ssh["keys"]:
            kind, _, bits = key.partition("-")
            need("dropbearkey", "-t", kind, *(["-s", bits] if bits else []), "-f", f"{folder}/key-{key}")
            words += ["-r", f"{folder}/key-{key}"]
        words += ["-B"] * ssh["empty"] + ["-s"] * (ssh["methods"] == "none") + ["-b", banner] * ssh["banner"]
        words += {"yes": [], "no": ["-w"], "prohibit-password": ["-g"]}[ssh["root"]]
        return shlex.join(words)
    for key in ssh["keys"]:
        kind, _, bits = key.partition("-")
        need("ssh-keygen", "-q", "-t", kind, *(["-b", bits] if bits else []), "-N", "", "-f", f"{folder}/key-{key}")
    with open("/etc/ssh/moduli", encoding="ascii") as lines:
        primes = [l for l in lines if not l.startswith("#") and int(l.split()[4]) + 1 >= ssh["least_group"]]
    with open(folder + "/moduli", "w", encoding="ascii") as out:
        out.writelines(primes)
    yes = {True: "yes", False: "no"}
    lines = [f"HostKey {folder}/key-{key}" for key in ssh["keys"]]
    lines += [f"{name} {','.join(values)}" for name, values in ssh["lists"].items()]
    lines += ["Port 22", "PidFile none", "StrictModes no", "LogLevel VERBOSE", f"ModuliFile {folder}/moduli",
              f"UsePAM {yes[ssh['pam']]}", f"PermitRootLogin {ssh['root']}", f"MaxAuthTries {ssh['tries']}",
              f"PermitEmptyPasswords {yes[ssh['empty']]}",
              f"PasswordAuthentication {yes[ssh['methods'] in ('password', 'both')]}",
              f"KbdInteractiveAuthentication {yes[ssh['methods'] in ('interactive', 'both')]}"]
    lines += [f"Banner {banner}"] * ssh["banner"]
    with open(folder + "/sshd_config", "w", encoding="ascii") as out:
        out.write("\n".join(lines) + "\n")
    return f"/usr/sbin/sshd -D -e -f {folder}/sshd_config"


# --- truth -----------------------------------------------------------------------

def effective(bench):
    """What sshd itself says that it does, a list for each keyword."""
    said = bench.inside("/usr/sbin/sshd", "-T", "-f", bench.folder + "/sshd_config").stdout
    return {line.split(" ", 1)[0]: line.split(" ", 1)[-1].split(",") for line in said.splitlines()}


def lists(ssh, bench):
    """Algorithms by ssh-audit; sshd's own lists must agree."""
    audit = json.loads(run("ssh-audit", "-j", DEVICE).stdout)
    seen = {"kex": [k["algorithm"] for k in audit["kex"]], "host_key": [k["algorithm"] for k in audit["key"]],
            "cipher": audit["enc"], "mac": audit["mac"], "compression": audit["compression"]}
    doubts = []
    if ssh["kind"] == "openssh":
        own = effective(bench)
        for name, keyword in ("kex", "kexalgorithms"), ("cipher", "ciphers"), ("mac", "macs"):
            if set(own[keyword]) != set(seen[name]) - {k for k in seen[name] if k.startswith("kex-strict")}:
                doubts.append(f"sshd -T and ssh-audit differ in {name}")
    return seen, doubts


def may(ssh, accounts, user, password):
    """By the configuration: whether this password lets in by some method."""
    for name, own, kind in accounts:
        if name != user or ssh["methods"] == "none" or (user == "root" and ssh["root"] != "yes"):
            continue
        if own == "":  # pam_unix asks nothing of who has none
            return ssh["empty"] and (password == "" or ssh.get("pam", False))
        return password[:8] == own[:8] if kind == "des" else password == own
    return False


def login(bench, user, password, methods):
    """By OpenSSH's client: whether it is let in."""
    script = bench.folder + "/askpass"
    with open(script, "w", encoding="utf-8") as out:
        out.write(f"#!/bin/sh\nprintf '%s\\n' {shlex.quote(password)}\n")
    os.chmod(script, 0o755)
    weak = ["-oKexAlgorithms=+" + ",".join(WEAK_KEX), "-oCiphers=+" + ",".join(WEAK_CIPHERS),
            "-oMACs=+" + ",".join(WEAK_MACS), "-oHostKeyAlgorithms=+" + ",".join(WEAK_HOST_KEYS),
            "-oRequiredRSASize=1024"]
    done = run("ssh", "-F", "none", *weak, "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null",
               "-oPubkeyAuthentication=no", "-oPreferredAuthentications=" + methods, "-oNumberOfPasswordPrompts=1",
               "-oLogLevel=ERROR", "-oConnectTimeout=20", f"{user}@{DEVICE}", "echo LET IN",
               env={**os.environ, "SSH_ASKPASS": script, "SSH_ASKPASS_REQUIRE": "force"})
    return "LET IN" in done.stdout


ALL_METHODS = "password,keyboard-interactive"


def lets_in(ssh, bench, accounts, user, password):
    """The truth, and a doubt where configuration and client disagree."""
    expected, seen = may(ssh, accounts, user, password), login(bench, user, password, ALL_METHODS)
    if seen and not expected and may(ssh, accounts, user, ""):
        seen = False  # the client was let in by 'none' before it could send a password
    doubt = [] if expected == seen else [f"ssh: configuration says {expected} to {user}:{password}, ssh {seen}"]
    return expected, doubt


def rsa_bits(ssh, seen):
    offered = any("rsa" in name for name in seen["host_key"])
    return {key.split("-")[1] for key in ssh["keys"] if key.startswith("rsa-") and offered}


def group_bits(ssh, seen):
    """The smallest prime that a client which takes 1024 to 8192 bits is given. ssh-audit allows one size at a time,
    for which sshd has group 14 where its list has none."""
    return {str(ssh["least_group"])} if any("group-exchange" in name for name in seen["kex"]) else set()


def reachable(seen):
    """Whether assay's library for logins has what this server takes."""
    gcm = any("gcm" in c or "chacha" in c for c in seen["cipher"])
    return all(LIBRARY[name] & set(seen[name]) for name in ("kex", "cipher", "host_key")) and \
        (gcm or bool(LIBRARY["mac"] & set(seen["mac"])))


def truth(ssh, bench, accounts, good, pairs):
    """Facts and verdicts by check, each (verdict, facts), and doubts about them."""
    seen, doubts = lists(ssh, bench)
    strict = any(name.startswith("kex-strict-s-") for name in seen["kex"])
    names = {name: {v for v in values if not v.startswith(("kex-strict-", "ext-info-", "kexguess2@"))}
             for name, values in seen.items()}
    exposed = not strict and ("chacha20-poly1305@openssh.com" in names["cipher"] or
                              (any("cbc" in c for c in names["cipher"]) and any("etm" in m for m in names["mac"])))
    bits, groups = rsa_bits(ssh, names), group_bits(ssh, names)
    weak = [v for name in ("kex", "host_key", "cipher", "mac") for v in names[name] if FORBIDDEN.match(v)]
    weak += [b for b in bits | groups if int(b) < 2048]
    facts = {**names, "strict_kex": strict, "terrapin_exposed": exposed, "rsa_bits": bits, "group_bits": groups,
             "protocol_1": False, "protocol_2": True}
    checks = {"ssh-algorithms-allowed": ("FAIL" if weak else "PASS", facts),
              "ssh-protects": ("FAIL" if exposed or "none" in names["cipher"] | names["mac"] else "PASS", facts)}
    logins = truth_of_logins(ssh, bench, accounts, good, pairs)
    doubts += logins.pop("doubts")
    # with 'none' or a method that libssh has not: only what needs no login can be said
    if not reachable(names):
        logins = {check: ("INCONCLUSIVE", {}) for check in logins}
    return {**checks, **logins}, doubts


def truth_of_logins(ssh, bench, accounts, good, pairs):
    doubts = []
    users = list(dict.fromkeys([good[0]] + [user for user, _ in pairs]))
    none = {user for user in users if login(bench, user, "x", "none")}
    empty, defaults, wrong, opened = set(), set(), set(), False
    for user in users:
        found, doubt = lets_in(ssh, bench, accounts, user, "")
        doubts += doubt
        empty |= {user} if found else set()
    for entry, (user, password) in enumerate(pairs, 1):
        found, doubt = lets_in(ssh, bench, accounts, user, password)
        doubts += doubt
        opened |= found
        # who has no password is let in with any: that is no delivered one
        if found and all(own for name, own, _ in accounts if name == user):
            defaults.add(f"{user} (entry {entry})")
    for what, miss in near_misses(good[1]).items():
        found, doubt = lets_in(ssh, bench, accounts, good[0], miss)
        doubts += doubt
        wrong |= {f"{good[0]} ({what})"} if found else set()
    bad = none | empty | wrong
    return {"login-demanded": ("FAIL" if bad else "PASS",
                               {"none_accepted": none, "empty_password_accepted": empty, "unknown_user_accepted": set(),
                                "wrong_password_accepted": wrong, "unknown_key_accepted": set()}),
            "default-credentials": ("FAIL" if opened else "PASS", {"default_accepted": defaults}),
            "doubts": doubts}


def near_misses(password):
    """As probes/login/near_miss.h names them."""
    return {"longer": password + "x", "other case": password.swapcase(), "shorter": password[:-1]}
