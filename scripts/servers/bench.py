"""bench: one device in namespaces of its own, and what everybody here needs to ask it.

The process that makes a Bench is the tester: it runs in network and mount
namespaces of its own already (scripts/in-namespace). The device gets its own
network, process and mount namespaces, /run, /etc/passwd, /etc/shadow and PAM
configuration, and ends with the tester.
"""
import os
import subprocess
import sys
import time

DEVICE, TESTER, WITNESS = "10.213.9.2", "10.213.9.1", "10.213.9.9"
INTERFACE, MAC = "serve0", "02:13:09:00:00:02"


def run(*words, **options):
    """The whole output of a command that need not succeed."""
    options = {"timeout": 120, "stdin": subprocess.DEVNULL, **options}
    if "input" in options:
        del options["stdin"]
    try:
        return subprocess.run(words, capture_output=True, text=True, errors="replace", **options)
    except subprocess.TimeoutExpired as late:
        sys.exit(f"{words[0]} did not end within {late.timeout} s")


def need(*words, **options):
    done = run(*words, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)} failed: {done.stderr or done.stdout}")
    return done.stdout


def hashed(kind, password):
    """A line's password field of /etc/shadow or of an htpasswd file."""
    if password == "":
        return ""
    if kind == "des":
        return need("perl", "-e", "print crypt($ARGV[0], 'ab')", password)
    return need("openssl", "passwd", {"sha512": "-6", "md5": "-1", "apr1": "-apr1"}[kind], password).strip()


PAM = """auth required pam_unix.so nullok{0}
account required pam_unix.so
session required pam_permit.so
password required pam_deny.so
"""


class Bench:
    def __init__(self, folder, accounts, servers, delay=False):
        """accounts: (user, password, hash) of the system; servers: command lines."""
        self.folder = folder
        self.log = open(folder + "/servers.log", "w", encoding="utf-8")
        self.accounts(accounts)
        os.makedirs(folder + "/pam.d")
        for name in "sshd", "vsftpd", "other", "login":
            with open(f"{folder}/pam.d/{name}", "w", encoding="ascii") as out:
                out.write(PAM.format("" if delay else " nodelay"))
        with open(folder + "/serve", "w", encoding="utf-8") as out:
            out.write(self.script(servers))
        self.device = subprocess.Popen(
            ["unshare", "--net", "--mount", "--propagation", "slave", "--pid", "--fork",
             "--kill-child", "--mount-proc", "/bin/bash", folder + "/serve"],
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        self.connect()

    def accounts(self, accounts):
        gone = {user for user, _, _ in accounts} | {"ftp"}
        kept = {}
        for table in "passwd", "shadow":
            with open("/etc/" + table, encoding="utf-8") as lines:
                kept[table] = [l for l in lines if l.split(":")[0] not in gone]
        kept["passwd"].append(f"ftp:x:61000:65534:ftp:{self.folder}/public:/usr/sbin/nologin\n")
        kept["shadow"].append("ftp:*:19000:0:99999:7:::\n")
        for number, (user, password, kind) in enumerate(accounts):
            uid = 0 if user == "root" else 61001 + number
            kept["passwd"].append(f"{user}:x:{uid}:65534:test:{self.folder}/home:/bin/sh\n")
            kept["shadow"].append(f"{user}:{hashed(kind, password)}:19000:0:99999:7:::\n")
        os.makedirs(self.folder + "/home")
        os.makedirs(self.folder + "/public")
        for table, mode in ("passwd", 0o644), ("shadow", 0o640):
            with open(f"{self.folder}/{table}", "w", encoding="utf-8") as out:
                out.write("".join(kept[table]))
            os.chmod(f"{self.folder}/{table}", mode)

    def script(self, servers):
        """Waits for the link, then starts the servers; none outlives the shell."""
        f = self.folder
        return f"""set -u
read -r _
ip link set lo up
ip link set dut0 address {MAC} up
ip addr add {DEVICE}/24 dev dut0
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/vsftpd/empty
for name in passwd shadow; do mount --bind {f}/$name /etc/$name; done
mount --bind {f}/pam.d /etc/pam.d
{"".join(f"{server} &" + chr(10) for server in servers)}wait
"""

    def connect(self):
        shell, here = "", os.readlink("/proc/self/ns/net")
        for _ in range(500):
            with open(f"/proc/{self.device.pid}/task/{self.device.pid}/children", encoding="ascii") as children:
                shell = children.read().strip()
            if shell and os.readlink(f"/proc/{shell}/ns/net") != here:
                break
            time.sleep(0.01)
        need("ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", "dut0", "netns", shell)
        need("ip", "link", "set", INTERFACE, "address", "02:13:09:00:00:01", "up")
        for address in TESTER, WITNESS:
            need("ip", "addr", "add", address + "/24", "dev", INTERFACE)
        self.shell = shell
        self.device.stdin.write(b"go\n")
        self.device.stdin.flush()

    def inside(self, *words, **options):
        return run("nsenter", "-n", "-m", "-t", self.shell, *words, **options)

    def wait_for(self, ports):
        """Until each of these TCP ports is listened on."""
        for _ in range(300):
            listening = self.inside("ss", "-Hltn").stdout
            missing = [port for port in ports if f":{port} " not in listening]
            if not missing:
                return
            time.sleep(0.1)
        with open(self.folder + "/servers.log", encoding="utf-8", errors="replace") as log:
            sys.exit(f"nothing listens on {missing}: {log.read()[-1500:]}")

    def stop(self):
        self.device.kill()
        self.device.wait()
        self.log.close()
