"""tls: random TLS settings, and the truth about a TLS service by nmap, sslscan and handshakes of openssl."""
import re
import xml.etree.ElementTree as tree

from servers.bench import run

PROTOCOLS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
SUITES = ["ECDHE-{0}-AES128-GCM-SHA256", "ECDHE-{0}-AES256-GCM-SHA384", "ECDHE-{0}-CHACHA20-POLY1305",
          "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-GCM-SHA384"]
WEAK_SUITES = ["ECDHE-{0}-AES128-SHA", "ECDHE-{0}-AES256-SHA384", "ECDHE-{0}-AES128-SHA256", "DHE-RSA-AES128-SHA",
               "DHE-RSA-AES256-SHA256", "AES128-SHA", "AES256-GCM-SHA384", "AES128-SHA256", "CAMELLIA128-SHA",
               "ECDHE-{0}-NULL-SHA", "NULL-SHA256", "AECDH-AES128-SHA", "ADH-AES128-GCM-SHA256",
               "ECDHE-{0}-CAMELLIA128-SHA256", "ECDHE-ARIA128-GCM-SHA256", "AES128-CCM8"]
WHOLE = ["HIGH:!aNULL:!MD5", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "DEFAULT:@SECLEVEL=0", "ECDHE+AESGCM:ECDHE+CHACHA20"]
CURVES = ["auto", "auto", "X25519", "prime256v1", "X25519:prime256v1:secp384r1", "secp384r1:secp521r1",
          "prime256v1:secp224r1", "secp256k1:prime256v1", "X448:prime256v1", "secp521r1:prime192v1:prime256v1"]
GROUPS = {"x25519": "X25519", "x448": "X448", "secp256r1": "prime256v1", "secp384r1": "secp384r1",
          "secp521r1": "secp521r1", "secp224r1": "secp224r1", "secp192r1": "prime192v1", "secp256k1": "secp256k1",
          "ffdhe2048": "ffdhe2048", "ffdhe3072": "ffdhe3072", "ffdhe4096": "ffdhe4096", "ffdhe6144": "ffdhe6144",
          "ffdhe8192": "ffdhe8192", "brainpoolP256r1": "brainpoolP256r1", "brainpoolP384r1": "brainpoolP384r1",
          "brainpoolP512r1": "brainpoolP512r1", "sect233r1": "sect233r1", "sect283r1": "sect283r1"}
WEAK_GROUPS = {"secp224r1", "secp192r1", "secp256k1", "sect233r1", "sect283r1"}


def draw(rng):
    """protocols, ciphers ({0}: the key's kind), curves, bits of the DHE prime (0: no DHE)."""
    if rng.random() < 0.35:
        protocols = ["TLSv1.2", "TLSv1.3"]
    else:
        protocols = [p for p in PROTOCOLS if rng.random() < 0.5] or [rng.choice(PROTOCOLS)]
    if rng.random() < 0.5:
        ciphers = rng.choice(WHOLE)
    else:
        picked = rng.sample(SUITES, rng.randint(1, 3))
        if rng.random() < 0.5:
            picked += rng.sample(WEAK_SUITES, rng.randint(1, 3))
        # nobody could connect by an older version otherwise
        if "TLSv1" in protocols or "TLSv1.1" in protocols:
            picked.append("ECDHE-{0}-AES128-SHA")
        picked.append("ECDHE-{0}-AES128-GCM-SHA256")
        ciphers = ":".join(dict.fromkeys(picked)) + ":@SECLEVEL=0"
    if "TLSv1.2" not in protocols and "TLSv1.3" not in protocols and "SECLEVEL" not in ciphers:
        ciphers = "DEFAULT:@SECLEVEL=0"
    return {"protocols": protocols, "ciphers": ciphers, "curves": rng.choice(CURVES),
            "prime": rng.choice([0, 0, 1024, 2048, 3072]), "server_order": rng.random() < 0.5}


def handshake(target, name, *words):
    named = ["-servername", name] if name else ["-noservername"]
    return run("openssl", "s_client", "-connect", target, *named, *words).stdout


def by_nmap(port, address, name):
    """(version, suite) pairs."""
    named = ["--script-args", "tls.servername=" + name] if name else []
    out = run("nmap", "-n", "-Pn", "-p", str(port), "--script", "+ssl-enum-ciphers", *named, "-oX", "-", address).stdout
    pairs = set()
    for script in tree.fromstring(out).iter("script"):
        for table in script.findall("table"):
            if re.match(r"(TLS|SSL)v", table.get("key") or ""):
                # nmap writes TLS 1.3 suites as TLS_AKE_WITH_..., the registry TLS_...
                pairs |= {(table.get("key").replace("v", " "), re.sub("^TLS_AKE_WITH_", "TLS_", e.text))
                          for e in table.iter("elem") if e.get("key") == "name"}
    return pairs


def suite_names():
    """OpenSSL's names by those of the registry."""
    lines = run("openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").stdout.splitlines()
    rows = [re.split(r"\s+-\s+|\s+", line.strip()) for line in lines]
    return {row[1]: row[2] for row in rows if len(row) > 2}


def by_sslscan(target, names, name):
    named = ["--sni-name=" + name] if name else []
    out = run("sslscan", "--xml=-", "--no-colour", "--no-heartbleed", *named, target).stdout
    found, back = set(), {own: name for name, own in names.items()}
    if "</document>" not in out:
        return found  # it broke off: handshakes settle what nmap saw
    for cipher in tree.fromstring(out[out.index("<?xml"):]).iter("cipher"):
        version = cipher.get("sslversion").replace("v", " ")
        found.add((version, back.get(cipher.get("cipher"), cipher.get("cipher"))))
    return found


FLAGS = {"TLS 1.0": "-tls1", "TLS 1.1": "-tls1_1", "TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}


def takes(target, version, suite, names, name):
    """One handshake with one suite: settles what nmap and sslscan differ in."""
    if suite not in names or version not in FLAGS:
        return False
    words = ["-ciphersuites", names[suite]] if version == "TLS 1.3" else ["-cipher", names[suite] + ":@SECLEVEL=0"]
    said = handshake(target, name, FLAGS[version], *words)
    return bool(re.search(r"Cipher is (?!\(NONE\))", said)) and "Cipher is 0000" not in said


def suites(target, port, address, hosts):
    names, found = suite_names(), set()
    for name in hosts:
        first, second = by_nmap(port, address, name), by_sslscan(target, names, name)
        found |= (first & second) | {pair for pair in first ^ second if takes(target, *pair, names, name)}
    return found


def groups(target, name, versions):
    """By the registry's names. An ECDSA certificate's own curve has to be offered as well, before TLS 1.3."""
    found = set()
    for name, own in GROUPS.items():
        for version in [v for v in ("TLS 1.3", *sorted(versions - {"TLS 1.3"})[-1:]) if v in versions]:
            for offered in (own, own + ":prime256v1", own + ":secp384r1"):
                cipher = ["-cipher", "ECDHE:AECDH:@SECLEVEL=0"] if version != "TLS 1.3" else []
                if version == "TLS 1.3" and offered != own or name.startswith("ffdhe") and version != "TLS 1.3":
                    continue
                said = handshake(target, name, FLAGS[version], *cipher, "-groups", offered)
                used = re.search(r"Server Temp Key: (?:ECDH, )?([^,\s]+)(?:, (\d+) bits)?", said)
                if used and same_group(own, used.group(1), used.group(2)):
                    found.add(name)
                    break
    return found


def same_group(own, used, bits):
    """s_client says of a group of primes its size alone."""
    return used == own or (used == "DH" and own == f"ffdhe{bits}")


def prime(target, name, versions):
    sizes = set()
    for version in versions - {"TLS 1.3"}:
        said = handshake(target, name, FLAGS[version], "-cipher", "DHE:ADH:@SECLEVEL=0")
        sizes |= set(re.findall(r"Server Temp Key: DH, (\d+) bits", said))
    return sizes


def forbidden(suite):
    """Recognised: AEAD with a fresh key exchange of a certificate's owner; TLS 1.3 has nothing else."""
    if "_anon_" in suite or "NULL" in suite or "PSK" in suite:
        return True
    fresh = "_WITH_" not in suite or re.match(r"TLS_(EC)?DHE_(RSA|ECDSA)_WITH", suite)
    return not fresh or not re.search(r"AES_\d+_(GCM|CCM$)|CHACHA20", suite)


def legacy(suite):
    """Recommended no more, or on conditions that cannot be seen, and not forbidden: no failure."""
    return bool(re.match(r"TLS_(ECDHE_(RSA|ECDSA)|DHE_RSA)_WITH_AES_\d+_CBC_SHA(256|384)$|"
                         r"TLS_ECDHE_ECDSA_WITH_AES_\d+_CCM_8$", suite))


def truth(target, port, address, hosts):
    """hosts: the server names that are asked for; None is no name."""
    pairs = suites(target, port, address, hosts)
    versions = {version for version, _ in pairs}
    names = {suite for _, suite in pairs}
    taken = groups(target, hosts[0], versions)
    primes = set().union(*(prime(target, name, versions) for name in hosts))
    facts = {"versions": versions, "suites": names, "groups": taken, "dh_primes": primes, "compression": False,
             "suites_by_version": {" ".join(pair) for pair in pairs}}
    weak = [s for s in names if forbidden(s) and not legacy(s)]
    bad = weak or taken & WEAK_GROUPS or [p for p in primes if int(p) < 2048]
    return {"tls-versions-allowed": ("PASS" if versions <= {"TLS 1.2", "TLS 1.3"} else "FAIL", facts),
            "tls-suites-allowed": ("FAIL" if bad else "PASS", facts),
            "tls-protects": ("FAIL" if any("NULL" in s for s in names) else "PASS", facts)}
