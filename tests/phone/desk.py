# SPDX-License-Identifier: Apache-2.0
"""A fleet server that does what a test wants: it offers what it is told to, keeps what it
is given, and breaks in every way a server can. Knows HTTP and what a phone is told; its
decisions are the test's."""
import base64
import hashlib
import http.server
import json
import ssl
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "oracle"), str(ROOT / "examples" / "board")]

import cose  # noqa: E402
from kit import certificate  # noqa: E402

SAYS_DEVICE, SAYS_VERSION, SAYS_COUNTER, SAYS_NONCE = 2, 4, 5, 6


def said(statement):
    """{key: value} of a statement's map."""
    payload = cose.Envelope(statement).payload
    _, pairs, _, at = cose.read_item(payload, 0)
    fields = {}
    for _ in range(pairs):
        _, key, _, at = cose.read_item(payload, at)
        _, number, string, at = cose.read_item(payload, at)
        fields[key] = number if string is None else string
    return fields


class Desk:
    """`offers`: {device hex: (rollout, version, [artifact paths])}. `holds`: devices that
    are told to wait. `trouble`: [(path prefix, what, times left)], where what is "drop",
    "half", "flip", "gone", or (503, seconds)."""

    def __init__(self, folder):
        self.offers, self.holds, self.trouble = {}, set(), []
        self.statements, self.reports, self.asked, self.ranges = [], [], [], []
        self.valid_s = 72 * 3600
        self.nonce = b"nonce of one hr."
        self.lock = threading.Lock()
        self.ca, key = certificate(folder, "server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.context, self.port, self.server = context, 0, None
        self.open()

    def open(self):
        desk = self

        class Handler(Answers):
            at = desk

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.socket = self.context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def trouble_with(self, path):
        """What is wrong with this request: one of the troubles, once less."""
        with self.lock:
            for i, (prefix, what, times) in enumerate(self.trouble):
                if path.startswith(prefix):
                    self.trouble[i:i + 1] = [(prefix, what, times - 1)] if times > 1 else []
                    return what
        return None

    # ---- what the test looks at --------------------------------------------------------

    def counters(self, device):
        return [f[SAYS_COUNTER] for f in map(said, self.statements)
                if f[SAYS_DEVICE].hex() == device]

    def versions(self, device):
        return [f[SAYS_VERSION] for f in map(said, self.statements)
                if f[SAYS_DEVICE].hex() == device]

    # ---- what the phone is told --------------------------------------------------------

    def decision(self, statement):
        device = said(statement)[SAYS_DEVICE].hex()
        if device in self.holds:
            return {"device": device, "statement": "new", "decision": "hold",
                    "why": "frozen"}
        if device not in self.offers:
            return {"device": device, "statement": "new", "decision": "none"}
        rollout, version, artifacts = self.offers[device]
        return {"device": device, "statement": "new", "decision": "offer",
                "rollout": rollout, "release": {"version": version},
                "expires": utc(time.time() + self.valid_s),
                "artifacts": [self.artifact(path) for path in artifacts]}

    @staticmethod
    def artifact(path):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return {"sha256": sha256, "size": path.stat().st_size,
                "url": f"/v1/artifacts/{sha256}"}

    def bytes_of(self, sha256):
        for _, _, artifacts in self.offers.values():
            for path in artifacts:
                if self.artifact(path)["sha256"] == sha256:
                    return path.read_bytes()
        return None


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Answers(http.server.BaseHTTPRequestHandler):
    """One connection's requests."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:  # the phone went, or does not trust us
            pass

    def say(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say_json(self, answer):
        self.say(200, json.dumps(answer).encode(), Content_Type="application/json")

    def in_trouble(self):
        """True: that was the answer."""
        what = self.at.trouble_with(self.path)
        if what == "drop":
            self.close_connection = True
        elif what == "gone":
            self.say(410, b'{"title": "withdrawn", "detail": "it was withdrawn"}')
        elif isinstance(what, tuple):
            self.say(what[0], b"{}", Retry_After=str(what[1]))
        else:
            self.damage = what
            return False
        return True

    def do_GET(self):
        self.at.asked.append(self.path)
        if self.in_trouble():
            return
        if self.path == "/v1/nonce":
            self.say_json({"nonce": self.at.nonce.hex(), "again_s": 1})
        else:
            self.send_artifact(self.path.rpartition("/")[2])

    def send_artifact(self, sha256):
        whole = self.at.bytes_of(sha256)
        if whole is None:
            self.say(404, b"{}")
            return
        if self.damage == "flip":
            whole = whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]
        first = int((self.headers["Range"] or "bytes=0-")[6:-1])
        self.at.ranges.append(first)
        part = whole[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if self.damage == "half":
            part = part[:len(part) // 2]
            self.close_connection = True
        self.wfile.write(part)

    def do_POST(self):
        self.at.asked.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.in_trouble():
            return
        if self.path == "/v1/transfer-reports":
            self.at.reports.append(body)
            self.say_json({})
            return
        statements = [base64.b64decode(text) for text in body["statements"]]
        self.at.statements += statements
        self.say_json({"now": utc(time.time()), "hour_s": 3600,
                       "devices": [self.at.decision(s) for s in statements]})
