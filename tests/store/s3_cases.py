# SPDX-License-Identifier: Apache-2.0
"""`ferry release` with an S3 server that fails in every way, and with two that publish at
once: the fake one, since real ones do not fail when they should.
"""
import concurrent.futures
import json

import fake_s3
from kit import openssl
from store_kit import (add_cases, artifacts, in_environment, publish, release, sha256,
                       with_release)

WHERE = "s3://fleet/prod"


class _Server:
    """A fake server, in the environment of what runs in the world."""

    def __init__(self, w, **how):
        self.w, self.s3 = w, fake_s3.FakeS3(**how)
        self.environment = self.s3.environment()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.s3.stop()

    def run(self, args, **changes):
        after = in_environment({**self.environment, **changes})
        return self.w.run(*args, after=after)

    def ok(self, args):
        done = self.run(args)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def refuses(self, args, *fragments, **changes):
        done = self.run(args, **changes)
        said = done.stderr.decode()
        assert done.returncode == 1, said
        last = said.splitlines()[-1]
        assert last.startswith("ferry: "), said
        for fragment in fragments:
            assert fragment in last, f"{fragment!r} is not in {last!r}"

    def listed(self):
        told = json.loads(self.ok(release("list", store=WHERE, json=True)))
        return {each["version"]: each for each in told["releases"]}


def a_release_goes_in_and_is_listed_page_by_page(w):
    with _Server(w) as server:
        for version in ("1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.3.0", "1.4.0", "2.0.0"):
            server.ok(publish(*artifacts(w, version=version), store=WHERE))
        before = server.s3.pages
        assert len(server.listed()) == 7
        assert server.s3.pages - before == 3
        for key, body in server.s3.objects.items():
            if key.endswith(".ferry"):
                assert key == f"/fleet/prod/artifacts/{sha256(body)}.ferry"


def of_many_publishers_exactly_one_gets_a_version(w):
    with _Server(w) as server:
        sets = []
        for number in range(6):
            w.write(f"i{number}.bin", w.image[:-4] + bytes([number, 1, 2, 3]))
            sets.append(artifacts(w, image=f"i{number}.bin", ranges=("1-9",)))
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            done = list(pool.map(
                lambda files: server.run(publish(*files, store=WHERE)), sets))
        assert sorted(each.returncode for each in done) == [0, 1, 1, 1, 1, 1]


def a_server_that_cannot_tell_the_first_is_refused(w):
    files = with_release(w)
    with _Server(w) as server:
        server.s3.deaf = True
        server.refuses(publish(*files, store=WHERE), "--sole-writer")
        assert server.listed() == {}
        server.ok(publish(*files, store=WHERE, sole_writer=True))
        assert list(server.listed()) == ["1.2.0"]
        puts = server.s3.puts
        server.ok(publish(*files, store=WHERE, sole_writer=True))
        assert server.s3.puts == puts


def failures_that_pass_cost_patience_only(w):
    files = with_release(w)
    with _Server(w) as server:
        server.s3.faults = [("PUT", fake_s3.status(500)), ("PUT", fake_s3.status(503)),
                            ("GET", fake_s3.hang_up), ("PUT", fake_s3.status(429)),
                            ("GET", fake_s3.cut_short)]
        server.ok(publish(*files, store=WHERE))
        assert server.s3.faults == []
        assert list(server.listed()) == ["1.2.0"]


def an_answer_that_was_lost_is_no_conflict(w):
    files = with_release(w)
    with _Server(w) as server:
        server.s3.faults = [("PUT", fake_s3.done_but_unheard)] * 3
        server.ok(publish(*files, store=WHERE))
        assert server.s3.faults == []
        assert len(server.listed()["1.2.0"]["artifacts"]) == 4


def _lasting(fault, method, *says, **options):
    def test(w):
        files = with_release(w)
        with _Server(w) as server:
            server.s3.faults = [(method, fault)] * 4
            server.refuses(publish(*files, store=WHERE, **options), *says)
            server.s3.faults = []
            assert server.listed() == {}
    return test


# Each with what the one line says; four times in a row, which is as often as it is tried.
LASTING = {
    "status 500": (fake_s3.status(500), "PUT", "status 500", "InternalError"),
    "status 503 of a listing": (fake_s3.status(503), "GET", "status 503"),
    "no answer": (fake_s3.hang_up, "any", "4 attempts"),
    "half an answer": (fake_s3.cut_short, "GET", "4 attempts"),
    "a redirect": (fake_s3.words(b"", 301), "any", "status 301"),
    "a denial": (fake_s3.status(403), "any", "status 403"),
    "silence": (fake_s3.silence(4), "any", "imeout", "4 attempts"),
}


def a_listing_that_is_none_is_named(w):
    with _Server(w) as server:
        for text in (b"<html>Welcome</html>", b"", b"\xff\xfe", b"<ListBucketResult>"):
            server.s3.faults = [("GET", fake_s3.words(text))]
            server.refuses(release("list", store=WHERE), "no S3 server answers so")


def a_wrong_key_is_refused_by_the_server_and_said(w):
    with _Server(w) as server:
        args = release("list", store=WHERE)
        server.refuses(args, "403", "SignatureDoesNotMatch",
                       AWS_SECRET_ACCESS_KEY="another")
        server.refuses(args, "AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID="")
        server.refuses(args, "cannot be right", AWS_SECRET_ACCESS_KEY="k" * 300)


def an_endpoint_that_is_none_is_named(w):
    with _Server(w) as server:
        args = release("list", store=WHERE)
        for endpoint in ("s3.example.org", "ftp://host", "https://", "https://host/path",
                         "https://host?x"):
            server.refuses(args, "no endpoint", AWS_ENDPOINT_URL=endpoint)
        for where in ("s3://", "s3://a", "s3:///x", "s3://UPPER/x", "s3://a_b/x"):
            server.refuses(release("list", store=where), "no store")
        server.refuses(args, "4 attempts", AWS_ENDPOINT_URL="http://127.0.0.1:9")


def an_untrusted_certificate_is_refused_at_once(w):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "tls.key", "-out",
            "tls.pem", "-days", "2", cwd=w.dir)
    with _Server(w, tls=(w.dir / "tls.pem", w.dir / "tls.key")) as server:
        server.refuses(release("list", store=WHERE), "certificate", "1 attempt)")
        w.run(*release("list", store=WHERE))
        server.ok(release("list", store=WHERE, ca_file="tls.pem"))


def add_to(tests):
    add_cases(tests, globals())
    for name, row in LASTING.items():
        options = {"timeout": 1} if name == "silence" else {}
        tests.add(f"given up, and nothing is there: {name}", _lasting(*row, **options))
