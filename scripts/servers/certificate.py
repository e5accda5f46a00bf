"""certificate: keys and certificates as random as a device's, made by openssl; and what openssl says of them."""
import datetime
import os
import re

from servers.bench import need, run

KEYS = {"rsa-1024": 80, "rsa-2048": 112, "rsa-3072": 128, "prime256v1": 128, "secp384r1": 192}
AUTHORITY = """[ca]
default_ca = one
[one]
new_certs_dir = {0}
database = {0}/index
serial = {0}/serial
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {1}
"""


def draw(rng, kinds, sound=False):
    """One certificate; sound: nothing is wrong with it."""
    good = sound or rng.random() < 0.5
    return {"key": rng.choice([k for k in kinds if KEYS[k] >= 112] if good else kinds),
            "hash": "sha256" if good or rng.random() < 0.7 else "sha1",
            "days": (-1, 300) if good or rng.random() < 0.6 else rng.choice([(-400, -3), (20, 300)]),
            "name": "own" if good or rng.random() < 0.7 else rng.choice(["other", "address"]),
            "issuer": rng.choice(["self", "authority"])}


def make_key(kind, path):
    if kind.startswith("rsa-"):
        need("openssl", "genrsa", "-out", path, kind[4:])
    else:
        need("openssl", "ecparam", "-genkey", "-noout", "-name", kind, "-out", path)


def make(cert, folder, name, server_name, address):
    """Writes NAME.pem (with the authority's, where there is one) and NAME.key."""
    base = f"{folder}/{name}"
    os.makedirs(base)
    alternative = {"own": f"DNS:{server_name}", "other": "DNS:elsewhere.test", "address": f"IP:{address}"}
    with open(base + "/index", "w", encoding="ascii"), open(base + "/serial", "w", encoding="ascii") as serial:
        serial.write("4711\n")
    with open(base + "/conf", "w", encoding="ascii") as out:
        out.write(AUTHORITY.format(base, alternative[cert["name"]]))
    make_key(cert["key"], f"{base}.key")
    now = datetime.datetime.now(datetime.timezone.utc)
    start, end = ((now + datetime.timedelta(days=d)).strftime("%Y%m%d%H%M%SZ") for d in cert["days"])
    need("openssl", "req", "-new", "-key", f"{base}.key", "-subj", f"/CN={name}", "-out", base + "/request")
    signer = ["-selfsign", "-keyfile", f"{base}.key"]
    if cert["issuer"] == "authority":
        make_key("prime256v1", base + "/ca.key")
        need("openssl", "req", "-x509", "-key", base + "/ca.key", "-subj", "/CN=authority", "-days", "3650",
             "-out", base + "/ca.pem")
        signer = ["-keyfile", base + "/ca.key", "-cert", base + "/ca.pem"]
    need("openssl", "ca", "-batch", "-notext", "-config", base + "/conf", "-in", base + "/request", "-out",
         base + "/server.pem", "-md", cert["hash"], "-startdate", start, "-enddate", end,
         "-extensions", "server", *signer)
    with open(f"{base}.pem", "w", encoding="ascii") as out:
        for part in ["server.pem"] + ["ca.pem"] * (cert["issuer"] == "authority"):
            with open(f"{base}/{part}", encoding="ascii") as pem:
                out.write(pem.read())


# --- truth -----------------------------------------------------------------------

def read(pem):
    """One certificate as 'openssl x509' sees it."""
    text = need("openssl", "x509", "-noout", "-text", "-fingerprint", "-sha256", input=pem)
    bits = int(re.search(r"Public-Key: \((\d+) bit", text).group(1))
    rsa = "rsaEncryption" in text.split("Subject Public Key Info")[1].split("\n")[1]
    end = re.search(r"Not After : (.*)", text).group(1)
    start = re.search(r"Not Before: (.*)", text).group(1)
    dates = [datetime.datetime.strptime(d, "%b %d %H:%M:%S %Y GMT") for d in (start, end)]
    names = re.findall(r"(?:DNS|IP Address):([^,\s]+)", text)
    subject, issuer = (re.search(what + r": (.*)", text).group(1) for what in ("Subject", "Issuer"))
    strength = {1024: 80, 2048: 112, 3072: 128}[bits] if rsa else bits // 2
    return {"sha256": re.search(r"Fingerprint=(.*)", text, re.I).group(1).replace(":", "").lower(), "rsa": rsa,
            "bits": bits, "strength": strength, "names": names, "self_signed": subject == issuer,
            "hash": re.search(r"Signature Algorithm: .*(sha\d+)", text, re.I).group(1).upper(),
            "valid": dates[0] <= datetime.datetime.utcnow() <= dates[1]}


def shown(target, server_name, starttls=None):
    """Every certificate that a server shows, by fingerprint: with and without a name, of each kind."""
    seen = {}
    kinds = ["RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384:RSA+SHA1", "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA1"]
    for name in {server_name, None}:
        for version in "-tls1_3", "-tls1_2", "-tls1_1", "-tls1":
            for kind in kinds:
                words = ["-servername", name] if name else ["-noservername"]
                words += ["-starttls", starttls] if starttls else []
                words += ["-sigalgs", kind] if version in ("-tls1_3", "-tls1_2") else \
                    ["-cipher", ("aRSA" if kind.startswith("RSA") else "aECDSA") + ":@SECLEVEL=0"]
                if version == "-tls1_2":
                    words += ["-cipher", "ALL:@SECLEVEL=0"]
                text = run("openssl", "s_client", "-connect", target, version, *words).stdout
                pem = re.search(r"-----BEGIN CERT.*?-----END CERTIFICATE-----", text, re.S)
                if pem:
                    one = read(pem.group(0) + "\n")
                    seen.setdefault(one["sha256"], {**one, "named": False})
                    seen[one["sha256"]]["named"] |= name is not None
    return list(seen.values())


def truth(target, server_name, address, starttls=None):
    """Facts and verdicts of the two certificate checks."""
    seen = shown(target, server_name, starttls)
    if not seen:
        return {}
    weakest = min(seen, key=lambda c: c["strength"])
    hashes = {"SHA1": 80, "SHA256": 128}
    signature = min(hashes[c["hash"]] for c in seen)
    named = [c for c in seen if c["named"] or server_name is None]
    matches = all((server_name or address) in c["names"] for c in named)
    facts = {"key_bits": weakest["bits"], "key_strength": weakest["strength"],
             "key_type": "RSA" if weakest["rsa"] else "EC", "valid_now": all(c["valid"] for c in seen),
             "name_matches": matches, "sha256": {c["sha256"] for c in seen}, "proves_key": True,
             "self_signed": any(c["self_signed"] for c in seen), "names": {n for c in seen for n in c["names"]}}
    if len({(c["rsa"], c["bits"]) for c in seen if c["strength"] == weakest["strength"]}) > 1:
        del facts["key_bits"], facts["key_type"]  # either is the weakest
    return {"tls-certificate-strength": ("PASS" if weakest["strength"] >= 112 and signature >= 112 else "FAIL", facts),
            "tls-certificate-identity": ("PASS" if facts["valid_now"] and matches else "FAIL", facts)}
