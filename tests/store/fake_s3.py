# SPDX-License-Identifier: Apache-2.0
"""A small S3 server for tests, with conditional PUT, and with every fault that servers
have. It checks signatures with a second implementation of Signature Version 4.
"""
import hashlib
import hmac
import http.server
import ssl
import threading
import time
import urllib.parse
from xml.sax.saxutils import escape

ACCESS, SECRET = "AKFAKE", "fake/secret+of=tests"
PAGE = 3  # keys of a page of a listing: so that few objects make many pages


def signature(handler, body):
    """What Authorization must end with, from the request as it came over the wire."""
    words = handler.headers["Authorization"].replace(",", " ").split()
    fields = dict(word.split("=", 1) for word in words[1:])
    day, region, service, _ = fields["Credential"].split("/")[1:]
    path, _, query = handler.path.partition("?")
    names = fields["SignedHeaders"].split(";")
    headers = "".join(f"{name}:{handler.headers[name].strip()}\n" for name in names)
    payload = hashlib.sha256(body).hexdigest()
    request = "\n".join([handler.command, path, "&".join(sorted(query.split("&"))),
                         headers, ";".join(names), payload])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", handler.headers["x-amz-date"], scope,
                         hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (day, region, service, "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status, code, message="No."):
        self.answer(status, f"<Error><Code>{code}</Code><Message>{message}</Message>"
                    "</Error>".encode())

    def good(self, body):
        given = self.headers.get("Authorization", "")
        if given.endswith("Signature=" + signature(self, body)) and \
                self.headers["x-amz-content-sha256"] == hashlib.sha256(body).hexdigest():
            return True
        self.error(403, "SignatureDoesNotMatch")
        return False

    def handle_one(self, body):
        s3, self.body = self.server.s3, body
        fault = s3.next_fault(self.command)
        if fault is not None and fault(self):
            self.close_connection = True
        elif self.good(body):
            getattr(self, "on_" + self.command.lower())(s3, body)

    def do_GET(self):
        self.handle_one(b"")

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.handle_one(body)

    def on_put(self, s3, body):
        with s3.lock:
            if self.headers.get("If-None-Match") == "*" and not s3.deaf \
                    and self.path in s3.objects:
                self.error(412, "PreconditionFailed")
                return
            s3.objects[self.path] = body
        s3.puts += 1
        self.answer(200)

    def on_get(self, s3, _):
        path, _, query = self.path.partition("?")
        if "list-type=2" in query:
            self.listing(s3, path, dict(urllib.parse.parse_qsl(query)))
        elif path in s3.objects:
            self.answer(200, s3.objects[path])
        else:
            self.error(404, "NoSuchKey")

    def listing(self, s3, path, query):
        keys = sorted(key[len(path) + 1:] for key in s3.objects)
        keys = [key for key in keys if key.startswith(query.get("prefix", ""))]
        start = int(query.get("continuation-token", "p+0/=").strip("p+/="))
        page, more = keys[start:start + PAGE], keys[start + PAGE:]
        s3.pages += 1
        body = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in page)
        if more:  # a token of every kind of character
            body += f"<NextContinuationToken>p+{start + PAGE}/=</NextContinuationToken>"
        self.answer(200, f"<ListBucketResult>{body}</ListBucketResult>".encode())


class FakeS3:
    """Bucket "fleet". `faults`: a list of (method, what to do), each for one request."""

    def __init__(self, tls=None):
        self.lock = threading.Lock()
        self.objects, self.faults = {}, []
        self.deaf = False  # ignores If-None-Match, as some servers do
        self.puts = self.pages = self.asked = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.s3 = self
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.endpoint = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next_fault(self, method):
        with self.lock:
            self.asked += 1
            for fault in self.faults:
                if fault[0] in (method, "any"):
                    self.faults.remove(fault)
                    return fault[1]
        return None

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": "eu-north-1", "AWS_ENDPOINT_URL": self.endpoint}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


# ---- faults: each answers, or not, and says whether it did all there is to do ------


def status(code):
    def fault(handler):
        handler.error(code, "InternalError", "We encountered an internal error.")
        return True
    return fault


def hang_up(handler):
    handler.connection.close()
    return True


def silence(seconds):
    def fault(handler):
        time.sleep(seconds)
        return True
    return fault


def cut_short(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    handler.wfile.flush()
    return True


def words(body, code=200):
    def fault(handler):
        handler.answer(code, body)
        return True
    return fault


def done_but_unheard(handler):
    """The server has it, and its answer is lost."""
    handler.server.s3.objects[handler.path] = handler.body
    return hang_up(handler)
