#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ferry release` with a real S3 server, OpenStack Swift, and a hostile wire before it:
what it must refuse is refused, and what breaks leaves nothing visible.

usage: swift_test.py FERRY [WORD]   ends 77, which Meson calls skipped, without Swift
"""
import json
import os
import pathlib
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import store_kit  # first: it finds the tool's own kit
import swift
from kit import Tests
from store_kit import (add_cases, artifacts, in_environment, publish, release, sha256,
                       with_release)

SKIPPED = 77
SERVER = None  # the one that all tests share; each has a bucket of its own
NAMES = iter(range(1000))


class _Bucket:
    def __init__(self, w):
        self.w, self.name = w, f"fleet{next(NAMES)}"
        self.where = f"s3://{self.name}/prod"
        self.environment = SERVER.environment()
        SERVER.make_bucket(self.name)

    def run(self, args, **changes):
        return self.w.run(*args, after=in_environment({**self.environment, **changes}))

    def ok(self, args, **changes):
        done = self.run(args, **changes)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def refuses(self, args, *fragments, **changes):
        done = self.run(args, **changes)
        last = done.stderr.decode().splitlines()[-1]
        assert done.returncode == 1, last
        for fragment in fragments:
            assert fragment in last, f"{fragment!r} is not in {last!r}"

    def publish(self, files, **changes):
        return self.ok(publish(*files, store=self.where, sole_writer=True), **changes)

    def listed(self):
        told = json.loads(self.ok(release("list", store=self.where, json=True)))
        return {each["version"]: each for each in told["releases"]}

    def urls(self, seconds):
        told = self.ok(release("show", "1.2.0", store=self.where, json=True, url=seconds))
        return [(each["url"], each["artifact"]) for each in json.loads(told)["artifacts"]]


class _Wire:
    """Carries connections to the server, and does `harm(bytes so far, data)` to what a
    client sends: returns other data, or None to cut the connection."""

    def __init__(self, harm):
        self.harm = harm
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", SERVER.ports["proxy"]))
            for pair in ((near, far, self.harm), (far, near, lambda _, data: data)):
                threading.Thread(target=self.carry, args=pair, daemon=True).start()

    @staticmethod
    def carry(source, sink, harm):
        seen = b""
        try:
            while data := source.recv(4096):
                out = harm(seen, data)
                seen += data
                if out is None:
                    break
                sink.sendall(out)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def a_release_goes_in_is_listed_and_is_withdrawn(w):
    files, bucket = with_release(w), _Bucket(w)
    bucket.publish(files)
    bucket.publish(files)
    assert len(bucket.listed()["1.2.0"]["artifacts"]) == 4
    bucket.refuses(publish(*files[:2], store=bucket.where, sole_writer=True),
                   "published already", "other bytes")
    bucket.ok(release("withdraw", "1.2.0", store=bucket.where, reason="no good",
                      sole_writer=True))
    assert bucket.listed()["1.2.0"]["reason"] == "no good"


def a_server_without_conditional_put_is_refused_unless_one_writes_alone(w):
    files, bucket = with_release(w), _Bucket(w)
    bucket.refuses(publish(*files, store=bucket.where), "501", "--sole-writer")
    assert bucket.listed() == {}


def a_wrong_key_and_a_strange_bucket_are_refused(w):
    bucket = _Bucket(w)
    args = release("list", store=bucket.where)
    bucket.refuses(args, "403", "SignatureDoesNotMatch", AWS_SECRET_ACCESS_KEY="another")
    bucket.refuses(args, "403", AWS_ACCESS_KEY_ID="test:nobody")
    bucket.refuses(release("list", store="s3://no-such-bucket/x"), "404", "NoSuchBucket")


def a_byte_changed_on_the_way_is_refused_and_nothing_is_there(w):
    files, bucket = with_release(w), _Bucket(w)

    def flip(seen, data):
        whole = seen + data
        body = whole.find(b"\r\n\r\n") + 4
        last = len(whole) - 1
        if whole.startswith(b"PUT") and body >= 4 and last >= body + 5000 > len(seen):
            return data[:-1] + bytes([data[-1] ^ 1])
        return data

    with _Wire(flip) as wire:
        bucket.refuses(publish(*files, store=bucket.where, sole_writer=True), "400",
                       "BadDigest", AWS_ENDPOINT_URL=wire.endpoint)
    assert bucket.listed() == {}
    bucket.publish(files)


def an_upload_cut_anywhere_leaves_nothing_visible(w):
    files, bucket = with_release(w), _Bucket(w)
    for number in (0, 1, 1, 1, 1, 0):  # one artifact more gets in; the last is the record
        seen_puts = []

        def cut(seen, data, number=number, seen_puts=seen_puts):
            seen_puts += [b"PUT"] * data.count(b"PUT /")
            return None if len(seen_puts) > number else data

        with _Wire(cut) as wire:
            bucket.refuses(publish(*files, store=bucket.where, sole_writer=True),
                           "4 attempts", AWS_ENDPOINT_URL=wire.endpoint)
        assert bucket.listed() == {}
    bucket.publish(files)
    assert len(bucket.listed()["1.2.0"]["artifacts"]) == 4


def a_url_gives_the_artifact_whole_and_in_parts(w):
    files, bucket = with_release(w), _Bucket(w)
    bucket.publish(files)
    for url, name in bucket.urls(300):
        whole = urllib.request.urlopen(url, timeout=60).read()
        assert sha256(whole) == name
        request = urllib.request.Request(url, headers={"Range": "bytes=5000-"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 206
            assert sha256(whole[:5000] + answer.read()) == name


def a_url_that_was_altered_or_is_too_old_is_refused(w):
    files, bucket = with_release(w), _Bucket(w)
    bucket.publish(files)
    (url, _), (other, _) = bucket.urls(300)[:2]
    query = url.partition("?")[2]
    tampered = [url[:-1] + ("0" if url[-1] != "0" else "1"),
                url.replace("Expires=300", "Expires=604800"),
                other.partition("?")[0] + "?" + query,
                url.partition("&X-Amz-Signature")[0], url.partition("?")[0]]
    short = bucket.urls(1)[0][0]
    time.sleep(3)
    for bad in [*tampered, short]:
        try:
            urllib.request.urlopen(bad, timeout=60)
        except urllib.error.HTTPError as error:
            assert error.code in (400, 403), (bad, error.code)
        else:
            raise AssertionError(f"served: {bad}")


def versions_of_a_long_life_are_listed(w):
    bucket = _Bucket(w)
    wanted = [f"1.{minor}.0" for minor in range(12)]
    for version in wanted:
        bucket.publish(artifacts(w, version=version, ranges=("1-9",)))
    assert list(bucket.listed()) == wanted



def main():
    global SERVER
    if swift.missing():
        print(f"skipped: a real S3 server: not installed: {' '.join(swift.missing())}")
        return SKIPPED
    assert store_kit
    tests = Tests(os.path.abspath(sys.argv[1]), None)
    add_cases(tests, {name: body for name, body in globals().items() if name != "main"})
    with tempfile.TemporaryDirectory(prefix="ferry-swift-") as folder:
        SERVER = swift.Swift(pathlib.Path(folder))
        try:
            return tests.run(sys.argv[2] if len(sys.argv) > 2 else "")
        finally:
            SERVER.stop()


if __name__ == "__main__":
    sys.exit(main())
