"""ftp: a random vsftpd, and the truth about it: from its configuration and from logins of Python's FTP client."""
import ftplib
import ssl
import time

from servers import certificate
from servers.bench import DEVICE


def draw(rng):
    return {"anonymous": rng.random() < 0.4, "local": rng.random() < 0.85, "tls": rng.random() < 0.6,
            "force_local": rng.random() < 0.7, "force_anonymous": rng.random() < 0.3,
            "anonymous_tls": rng.random() < 0.4, "banner": rng.choice([None, "ACME FTP", "220 ready, log in please"]),
            "per_address": rng.choice([0, 0, 1, 2]), "fails": rng.choice([1, 3]), "delay": rng.choice([0, 0, 1]),
            "listed": rng.random() < 0.2, "certificate": certificate.draw(rng, ["rsa-2048", "rsa-3072"], sound=True)}


def files(ftp, folder, good):
    yes = {True: "YES", False: "NO"}
    certificate.make(ftp["certificate"], folder, "ftp0", "plc.test", DEVICE)
    lines = {"listen": "YES", "background": "NO", "local_enable": yes[ftp["local"]],
             "anonymous_enable": yes[ftp["anonymous"]], "anon_root": folder + "/public", "nopriv_user": "nobody",
             "secure_chroot_dir": "/run/vsftpd/empty", "pam_service_name": "vsftpd", "seccomp_sandbox": "NO",
             "ssl_enable": yes[ftp["tls"]], "force_local_logins_ssl": yes[ftp["force_local"]],
             "force_anon_logins_ssl": yes[ftp["force_anonymous"]], "allow_anon_ssl": yes[ftp["anonymous_tls"]],
             "max_per_ip": ftp["per_address"], "max_login_fails": ftp["fails"], "delay_failed_login": ftp["delay"],
             "rsa_cert_file": folder + "/ftp0.pem", "rsa_private_key_file": folder + "/ftp0.key"}
    if ftp["banner"]:
        lines["ftpd_banner"] = ftp["banner"]
    if ftp["listed"]:
        with open(folder + "/users", "w", encoding="ascii") as out:
            out.write(f"{good[0]}\nanonymous\nftp\n")
        lines |= {"userlist_enable": "YES", "userlist_deny": "NO", "userlist_file": folder + "/users"}
    with open(folder + "/vsftpd.conf", "w", encoding="ascii") as out:
        out.writelines(f"{name}={value}\n" for name, value in lines.items())
    return f"/usr/sbin/vsftpd {folder}/vsftpd.conf"


# --- truth -----------------------------------------------------------------------

def channel(tls):
    """A session that may name its user. Where an address may have one alone, the one before has to end first."""
    for _ in range(50):
        try:
            return connect(tls)
        except ftplib.error_temp:
            time.sleep(0.1)
    raise OSError("vsftpd takes no connection")


def connect(tls):
    if not tls:
        return ftplib.FTP(DEVICE, timeout=20)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    client = ftplib.FTP_TLS(context=context, timeout=20)
    client.connect(DEVICE)
    client.auth()
    return client


def asks(tls, user):
    """The first digit of the answer to USER, and whether TLS is granted at all."""
    try:
        client = channel(tls)
    except ftplib.Error:
        return None
    try:
        return client.sendcmd("USER " + user)[0]
    except ftplib.Error as refusal:
        return str(refusal)[0]
    finally:
        client.close()


def logs_in(tls, user, password):
    try:
        client = channel(tls)
    except ftplib.Error:
        return False
    try:
        answer = client.sendcmd("USER " + user)
        if answer[0] == "3":
            answer = client.sendcmd("PASS " + password)
        return answer[0] == "2"
    except (ftplib.Error, EOFError):
        return False
    finally:
        client.close()


def may(ftp, accounts, tls, user, password):
    """By the configuration."""
    if tls and not ftp["tls"]:
        return False
    if user in ("anonymous", "ftp"):
        if tls and not ftp["anonymous_tls"] and not ftp["force_anonymous"]:
            return False
        return ftp["anonymous"] and (tls or not (ftp["tls"] and ftp["force_anonymous"]))
    if not ftp["local"] or (ftp["tls"] and not tls and ftp["force_local"]):
        return False
    if ftp["listed"] and user != accounts[0][0]:
        return False
    for name, own, kind in accounts:
        if name == user:
            if own == "":  # pam_unix asks nothing of who has none
                return True
            return password[:8] == own[:8] if kind == "des" else password == own
    return False


def truth(ftp, accounts, good, pairs, near_misses):
    doubts = []

    def lets_in(user, password):
        found = False
        for tls in (True, False) if ftp["tls"] else (False,):
            expected, seen = may(ftp, accounts, tls, user, password), logs_in(tls, user, password)
            if expected != seen:
                doubts.append(f"ftp: configuration says {expected} to {user}:{password}, TLS {tls}, vsftpd {seen}")
            found |= expected
        return found

    public = {user for user in ("anonymous", "ftp") if lets_in(user, "someone@")}
    users = list(dict.fromkeys([good[0]] + [user for user, _ in pairs]))
    empty = {user for user in users if lets_in(user, "")}
    # who has no password is let in with any: that is no delivered one
    anything = {user for user, own, _ in accounts if own == ""}
    opened = {(user, n) for n, (user, password) in enumerate(pairs, 1) if lets_in(user, password)}
    defaults = {f"{user} (entry {n})" for user, n in opened if user not in anything}
    wrong = {f"{good[0]} ({what})" for what, miss in near_misses.items() if lets_in(good[0], miss)}
    # a password can be lost where somebody is asked for it in clear and could be let in
    clear = {good[0]} if asks(False, good[0]) == "3" and ftp["local"] else set()
    clear |= {"anonymous"} if may(ftp, accounts, False, "anonymous", "x@") else set()
    offered = asks(True, good[0]) is not None
    if not ftp["local"] and not ftp["anonymous"]:
        return {"ftp-clear-text@ftp": ("INCONCLUSIVE", {})}, doubts  # it greets with 500
    # where nobody is asked for a password even inside TLS, no refusal in clear is one of clear text
    asked = offered and asks(True, good[0]) == "3"
    checks = {"ftp-clear-text@ftp": ("FAIL" if clear else "PASS" if asked else "INCONCLUSIVE",
                                     {"clear_text_users": clear, "tls_offered": offered})}
    if ftp["local"]:
        checks["login-demanded@ftp"] = ("FAIL" if public | empty | wrong else "PASS",
                                        {"anonymous_accepted": public, "empty_password_accepted": empty,
                                         "wrong_password_accepted": wrong, "unknown_user_accepted": set()})
        checks["default-credentials@ftp"] = ("FAIL" if opened else "PASS", {"default_accepted": defaults})
    return checks, doubts
