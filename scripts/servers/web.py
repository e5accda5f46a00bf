"""web: a random nginx, and the truth about it: from its configuration, curl, and the tools of tls.py."""
import os

from servers import certificate, tls
from servers.bench import DEVICE, hashed, run

NAME = "plc.test"
PAGES = ["/status", "/config", "/api", "/users", "/logs", "/values.html", "/page/7"]
WORDS = ("tank pump valve level pressure flow setpoint alarm motor speed batch recipe shift line cell heat "
         "cold drive belt torque limit").split()


def draw(rng):
    web = {"tls": rng.random() < 0.75, "tokens": rng.random() < 0.5,
           "shape": rng.choice(["all private", "start public", "all open", "some open", "some open"]),
           "hash": rng.choice(["apr1", "apr1", "des", "sha512", "md5"]), "start_declared": rng.random() < 0.8,
           "default": rng.random() < 0.25, "autoindex": rng.random() < 0.2, "redirect": rng.random() < 0.2}
    web["open"] = set(rng.sample(PAGES, rng.randint(1, 3))) if web["shape"] == "some open" else \
        set(PAGES) if web["shape"] == "all open" else set()
    web["words"] = {page: " ".join(rng.choices(WORDS, k=rng.choice([2, 5, 30, 80]))) + f" {rng.random()}"
                    for page in PAGES}
    if web["tls"]:
        kinds = rng.choice([["rsa-1024", "rsa-2048", "rsa-3072"], ["prime256v1", "secp384r1"]])
        web["certificates"] = [certificate.draw(rng, kinds)]
        if rng.random() < 0.3:
            other = ["prime256v1"] if kinds[0].startswith("rsa") else ["rsa-1024", "rsa-2048"]
            web["certificates"].append(certificate.draw(rng, other))
        web["default_certificate"] = certificate.draw(rng, ["rsa-1024", "prime256v1"])
        web["settings"] = tls.draw(rng)
    return web


def start_page(web):
    links = "".join(f'<a href="{page}">{page[1:]}</a> ' for page in sorted(web["open"]))
    return f"<html><head><title>ACME controller</title></head><body><h1>ACME controller</h1>{links}</body></html>\n"


def settings(web, folder):
    if not web["tls"]:
        return ""
    chosen = web["settings"]
    kinds = {c["key"].split("-")[0] == "rsa" for c in web["certificates"]}
    suites = [suite.format(kind) for suite in chosen["ciphers"].split(":") for rsa in sorted(kinds)
              for kind in ["RSA" if rsa else "ECDSA"]]
    used = web["certificates"] + [web["default_certificate"]] * web["default"]
    weak = chosen["prime"] == 1024 or any(one["key"] == "rsa-1024" for one in used)
    if weak and "SECLEVEL" not in suites[-1]:  # or nginx does not start
        suites.append("@SECLEVEL=0")
    lines = [f"ssl_protocols {' '.join(chosen['protocols'])}", f"ssl_ciphers {':'.join(dict.fromkeys(suites))}",
             f"ssl_ecdh_curve {chosen['curves']}",
             f"ssl_prefer_server_ciphers {'on' if chosen['server_order'] else 'off'}"]
    if chosen["prime"]:
        group = {1024: "dh_rfc5114:1", 2048: "group:ffdhe2048", 3072: "group:ffdhe3072"}[chosen["prime"]]
        tls.run("openssl", "genpkey", "-genparam", "-algorithm", "DHX" if "5114" in group else "DH", "-pkeyopt", group,
                "-out", folder + "/dh.pem")
        lines.append(f"ssl_dhparam {folder}/dh.pem")
    return "".join(f"{line};\n" for line in lines)


def files(web, folder, accounts):
    """Writes pages, certificates and configuration. Returns the command line that serves."""
    html = folder + "/html"
    for page, text in {**{p: f"<html><body><p>{web['words'][p]}</p></body></html>" for p in PAGES},
                       "/index.html": start_page(web), "/private/index.html": "<p>settings: ready</p>"}.items():
        os.makedirs(os.path.dirname(html + page), exist_ok=True)
        with open(html + page, "w", encoding="ascii") as out:
            out.write(text)
    with open(folder + "/htpasswd", "w", encoding="ascii") as out:
        out.writelines(f"{user}:{hashed(web['hash'], password)}\n" for user, password, _ in accounts if password)
    certificates = ""
    for number, one in enumerate(web.get("certificates", [])):
        certificate.make(one, folder, f"web{number}", NAME, DEVICE)
        certificates += f"ssl_certificate {folder}/web{number}.pem; ssl_certificate_key {folder}/web{number}.key;\n"
    listen = "listen 443 ssl" if web["tls"] else "listen 80"
    private = f"auth_basic \"controller\"; auth_basic_user_file {folder}/htpasswd;"
    open_pages = "".join(f"location = {page} {{ auth_basic off; }}\n" for page in sorted(web["open"]))
    if web["shape"] in ("start public", "some open"):
        open_pages += "location = / { auth_basic off; }\nlocation = /index.html { auth_basic off; }\n"
    if web["shape"] == "all open":
        private = ""
        open_pages = f"location /private/ {{ auth_basic \"controller\"; auth_basic_user_file {folder}/htpasswd; }}\n"
    servers = f"""server {{ {listen}; server_name {NAME}; root {html}; autoindex {'on' if web['autoindex'] else 'off'};
{settings(web, folder)}{certificates}{private}
{open_pages}}}
"""
    if web["default"]:
        extra = ""
        if web["tls"]:
            certificate.make(web["default_certificate"], folder, "web9", "default.test", DEVICE)
            extra = f"ssl_certificate {folder}/web9.pem; ssl_certificate_key {folder}/web9.key;\n" + settings(web, folder)
        servers = f"server {{ {listen} default_server; server_name _; {extra} return 404; }}\n" + servers
    if web["redirect"] and web["tls"]:
        servers += f"server {{ listen 80; server_name {NAME}; return 301 https://$host$request_uri; }}\n"
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(folder + "/nginx.conf", "w", encoding="ascii") as out:
        out.write(f"daemon off; user nobody nogroup; worker_processes 1; pid {folder}/nginx.pid; "
                  f"error_log {folder}/nginx.err;\nevents {{ worker_connections 256; }}\n"
                  f"http {{ access_log off; default_type text/html; {temporary}\n"
                  f"server_tokens {'on' if web['tokens'] else 'off'};\n{servers}}}\n")
    return f"/usr/sbin/nginx -c {folder}/nginx.conf -p {folder} -e {folder}/nginx.err"


def services(web):
    declared = "[/, /index.html]" if web["start_declared"] and web["shape"] != "all private" else "[]"
    kind, port = ("https", 443) if web["tls"] else ("http", 80)
    lines = [f"{{name: web, protocol: {kind}, tcp: {port}, purpose: pages, server_name: {NAME}, "
             f"public_paths: {declared}, login: {{ok: /private/}}}}"]
    if web["redirect"] and web["tls"]:
        lines.append(f"{{name: way, protocol: http, tcp: 80, purpose: leads to https, server_name: {NAME}}}")
    return lines


def ports(web):
    return [443, 80] if web["redirect"] and web["tls"] else [443] if web["tls"] else [80]


# --- truth -----------------------------------------------------------------------

def fetch(web, path, login=None):
    """Status and body by curl, which takes what old settings need."""
    scheme, port = ("https", 443) if web["tls"] else ("http", 80)
    words = ["-u", ":".join(login)] if login else []
    body = run("curl", "-sk", "--ciphers", "ALL:@SECLEVEL=0", "--tlsv1.0", "-m", "20", "-w", "\n%{http_code}",
               "--resolve", f"{NAME}:{port}:{DEVICE}", *words, f"{scheme}://{NAME}{path}").stdout
    page, _, status = body.rpartition("\n")
    return int(status or 0), page


def opened(web):
    """Paths that give a page to everybody and are not declared public, by the configuration."""
    start = {"/", "/index.html"}
    declared = start if web["start_declared"] and web["shape"] != "all private" else set()
    given = set() if web["shape"] == "all private" else start | web["open"]
    return given - declared


def may(web, accounts, user, password):
    for name, own, _ in accounts:
        if name == user and own:
            return password[:8] == own[:8] if web["hash"] == "des" else password == own
    return False


def truth(web, accounts, good, pairs, near_misses):
    doubts, found, defaults, wrong = [], opened(web), set(), set()
    for path in set(PAGES) | {"/", "/index.html"}:
        status, _ = fetch(web, path)
        given = web["shape"] != "all private" and (path in ("/", "/index.html") or path in web["open"])
        if (status == 200) != given:
            doubts.append(f"web: curl sees {status} at {path}, the configuration gives it: {given}")
    for entry, (user, password) in enumerate(pairs, 1):
        if may(web, accounts, user, password):
            defaults.add(f"{user} (entry {entry})")
    for what, miss in near_misses.items():
        if may(web, accounts, good[0], miss):
            wrong.add(f"{good[0]} ({what})")
        if may(web, accounts, good[0], miss) != (fetch(web, "/private/", (good[0], miss))[0] == 200):
            doubts.append(f"web: curl and configuration differ for the {what} password")
    asks = True  # /private/ asks in every shape, and it is the declared 'ok'
    facts = {"open_paths": found, "tls": web["tls"], "asks_login": asks, "login_form_clear": not web["tls"],
             "status": 401 if web["shape"] == "all private" else 200}
    checks = {"web-paths-need-login@web": ("FAIL" if found else "PASS", facts),
              "login-demanded@web": ("FAIL" if wrong else "PASS", {"wrong_password_accepted": wrong,
                                                                   "empty_password_accepted": set()}),
              "default-credentials@web": ("FAIL" if defaults else "PASS", {"default_accepted": defaults})}
    if not web["tls"]:
        checks["http-clear-login@web"] = ("FAIL", facts)
        return checks, doubts
    if web["redirect"]:
        checks["web-paths-need-login@way"] = ("PASS", {"open_paths": set(), "redirects_to_https": True})
        checks["http-clear-login@way"] = ("PASS", {"login_form_clear": False})
    for check, row in {**tls.truth(f"{DEVICE}:443", 443, DEVICE, [NAME] + [None] * web["default"]),
                       **certificate.truth(f"{DEVICE}:443", NAME, DEVICE)}.items():
        checks[check + "@web"] = row
    return checks, doubts
