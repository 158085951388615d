# SPDX-License-Identifier: Apache-2.0
"""What tests of a running ferryd stand on: the process, requests to it, devices that sign,
releases in a store. Every answer is held against openapi.json on the way (schema.py)."""
import base64
import http.client
import json
import queue
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import schema
from cluster import SKIP, Cluster, Missing
from each import run_each

CLASS = "7cd12f5a0b5e5a779e3b504c16e10f42"
BANKS = ("0x10000", "0x80000")
PATIENCE_S = 120  # of a machine with other things to do
VERSION = {"1.0.0": 1 << 24, "2.0.0": 2 << 24, "2.1.0": 2 << 24 | 1 << 16,
           "2.1.1": 2 << 24 | 1 << 16 | 1}


class Answer:
    def __init__(self, got):
        self.status, self.headers = got.status, got.headers
        self.body = got.read()

    @property
    def json(self):
        return json.loads(self.body)


class Ferryd:
    """A server in a folder of its own, with an empty database: listens where the kernel
    likes."""

    def __init__(self, folder, *args, tls=None):
        self.program, self.folder, self.tls = programs.ferryd, Path(folder), tls
        self.where = programs.database(folder)
        (self.folder / "store").mkdir(exist_ok=True)
        self.args = ["--db", self.where, "--store", str(self.folder / "store"),
                     "--listen", "127.0.0.1:0", *map(str, args)]
        self.local = threading.local()
        self.process = self.token = self.url = None
        self.start()

    # ---- the process -----------------------------------------------------------

    def start(self):
        self.log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen([self.program, *self.args], stderr=self.log,
                                        stdout=subprocess.PIPE, text=True)
        line = self._first_line()
        assert line.startswith("listening "), (line, self.said())
        self.url = urlsplit(line.split()[1])
        self.token = self.token or self.new_token("tester", "read,operate,admin")

    def _first_line(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline()),
                         daemon=True).start()
        return lines.get(timeout=PATIENCE_S)

    def said(self):
        return (self.folder / "log").read_text(errors="replace")

    def new_token(self, name, scopes):
        done = self.verb("token", "add", name, scopes)
        assert done.returncode == 0, done.stderr
        return re.search(r"ferry_\S+", done.stdout)[0]

    def verb(self, *args):
        return subprocess.run([self.program, *map(str, args), "--db", self.where],
                              capture_output=True, text=True, check=False)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self._gone()

    def stop(self):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._gone()

    def _gone(self):
        code = self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()
        self.log.close()
        self.local = threading.local()
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        code = self.stop()
        if kind is None:
            assert code == 0, (code, self.said()[-3000:])
            assert "Sanitizer" not in self.said(), self.said()[-6000:]

    # ---- requests --------------------------------------------------------------

    def connection(self):
        """This thread's."""
        mine = vars(self.local)
        if "http" not in mine:
            place = (self.url.hostname, self.url.port)
            mine["http"] = http.client.HTTPConnection(*place, timeout=PATIENCE_S) \
                if self.url.scheme == "http" else http.client.HTTPSConnection(
                    *place, timeout=PATIENCE_S,
                    context=self.tls or ssl.create_default_context())
        return mine["http"]

    def raw(self, method, path, body=None, headers=None):
        """One try, on this thread's connection."""
        http_ = self.connection()
        try:
            http_.request(method, path, body, headers or {})
            return Answer(http_.getresponse())
        except (OSError, http.client.HTTPException):
            http_.close()
            vars(self.local).pop("http", None)
            raise

    def ask(self, method, path, body=None, token=True, headers=None, held=True):
        """With the tester's token, another one, or none; JSON bodies are written. The
        answer is held against openapi.json unless the request is not one of its."""
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {self.token if token is True else token}"
        if isinstance(body, (dict, list)):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        try:
            answer = self.raw(method, path, body, headers)
        except ConnectionError:  # an idle connection that had ended
            answer = self.raw(method, path, body, headers)
        if held:
            schema.hold(method, path, answer)
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, body, **options):
        return self.ask("POST", path, body, **options)

    def good(self, method, path, body=None, **options):
        """The answer's JSON; it must be one of success."""
        answer = self.ask(method, path, body, **options)
        assert answer.status in (200, 201), (method, path, answer.status, answer.body)
        return answer.json

    def ask_until_answered(self, method, path, body=None, **options):
        """Across restarts: again and again, until there is an answer that is not 503."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                answer = self.ask(method, path, body, **options)
                if answer.status != 503:
                    return answer
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        raise AssertionError(f"{method} {path} was never answered: {self.said()[-2000:]}")

    # ---- what most tests do ----------------------------------------------------

    def nonce(self):
        return self.good("GET", "/v1/nonce", token=False)["nonce"]

    def pass_hours(self, hours):
        return self.good("POST", "/v1/demo/clock", {"hours": hours}, token=False)

    def check_in(self, *statements, app="3.1.0"):
        """The decisions."""
        body = {"app": app, "statements": list(statements)}
        return self.good("POST", "/v1/checkin", body, token=False)["devices"]

    def security(self):
        """Counts by kind, once what was seen is written."""
        return self.good("GET", "/v1/security-events")["counts"]

    def wait_for_security(self, kind, times=1):
        until = time.monotonic() + PATIENCE_S
        while self.security().get(kind, 0) < times:
            assert time.monotonic() < until, (kind, self.security())
            time.sleep(0.05)


class Signer:
    """Devices that are keys alone (signer.c)."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)
        self.lock = threading.Lock()

    def _ask(self, line):
        with self.lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().strip()
        assert answer and answer != "?", line
        return answer

    def csv(self, first, count, revisions=4):
        """Devices `first`.. as the factory lists them."""
        rows = [self._ask(f"csv {n} {revision(n, revisions)}")
                for n in range(first, first + count)]
        return "\n".join(["id,class,key,hw_rev", *rows]) + "\n"

    def say(self, n, counter, nonce, version="1.0.0", revisions=4, **more):
        facts = {"hw_rev": revision(n, revisions), "version": VERSION[version],
                 "counter": counter, **({"nonce": nonce} if nonce else {}), **more}
        return self._ask(f"say {n} " + " ".join(f"{k}={v}" for k, v in facts.items()))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()


def revision(n, revisions=4):
    return n % revisions + 1


def device_id(statement):
    """Whose statement it claims to be."""
    bytes_ = base64.b64decode(statement)
    at = bytes_.index(b"\x02\x50", 20)
    return bytes_[at + 2:at + 18].hex()


def publish(folder, *versions, store="store"):
    """Releases of these versions, for each bank, in the folder's store."""
    def run(*args):
        done = subprocess.run([programs.ferry, *map(str, args)], cwd=folder, check=False,
                              capture_output=True, text=True)
        assert done.returncode == 0, (args, done.stderr)

    folder = Path(folder)
    (folder / "store").mkdir(exist_ok=True)
    if not (folder / "key.key").exists():
        run("keygen", "-o", "key")
        (folder / "image.bin").write_bytes(bytes(range(256)) * 40)
    for version in versions:
        names = []
        for bank in BANKS:
            names.append(f"{version}-{bank}.ferry")
            run("sign", "--key", "key.key", "--slot", 0, "--version", version, "--sec-ctr",
                1, "--class", CLASS, "--hw", "1-9", "--link", bank, "--image", "image.bin",
                "-o", names[-1])
        run("release", "publish", "--store", store, "--key", "key.pub", *names)


def rollout(server, version="2.1.0", stages=None, opened=True, **more):
    """Its number; the release is taken over first if it has to be."""
    server.post("/v1/releases", {"class": CLASS, "version": version})
    body = {"class": CLASS, "version": version, **more}
    if stages:
        body["stages"] = stages
    no = server.good("POST", "/v1/rollouts", body)["no"]
    if opened:
        server.good("POST", f"/v1/rollouts/{no}/open", {"reason": "a test"})
    return no


# The clock stands until it is moved; one address may ask as often as it likes.
CLOCK = ("--demo", "--hour-seconds", "0", "--relay-rate", "0")
ALL = [{"percent": 100, "held_back": 0, "dwell_h": 1}]


def fleet(folder, devices=8, versions=("2.1.0",), args=CLOCK):
    """A server with devices 1.. and releases in its store."""
    publish(folder, *versions)
    s = Ferryd(folder, *args)
    s.good("POST", "/v1/devices", programs.signer.csv(1, devices))
    return s


class Programs:
    """What the command line names, and where databases are."""

    def __init__(self):
        self.ferryd = self.ferry = self.signer = self.cluster = None
        self.made = 0

    def database(self, folder):
        self.made += 1
        return self.cluster.database(f"fleet{self.made}") if self.cluster \
            else f"sqlite:{folder}/fleet.db"


programs = Programs()


def main(tests):
    """usage: ... FERRYD FERRY SIGNER [--postgresql]"""
    *names, last = sys.argv[1:]
    if last == "--postgresql":
        try:
            programs.cluster = Cluster()
        except Missing as missing:
            print(f"skipped: {missing}")
            return SKIP
    else:
        names.append(last)
    programs.ferryd, programs.ferry, signer = (str(Path(n).resolve()) for n in names)
    programs.signer = Signer(signer)
    try:
        return run_each(tests)
    finally:
        programs.signer.close()
        if programs.cluster:
            programs.cluster.close()
