#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ferryd with its artifacts in a bucket (tests/store/fake_s3.py): releases are taken over
from there, and phones are sent there with a URL that holds for a while.

usage: bucket_test.py FERRYD FERRY SIGNER
"""
import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from server_kit import ALL, CLASS, CLOCK, Ferryd, main, programs, publish, rollout

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "store"))

import fake_s3  # noqa: E402

BUCKET = "s3://fleet/prod"


class Bucket:
    """A fake S3 server in this process's environment, and so in its children's."""

    def __enter__(self):
        self.s3, self.before = fake_s3.FakeS3(), dict(os.environ)
        os.environ.update(self.s3.environment())
        return self.s3

    def __exit__(self, *_):
        os.environ.clear()
        os.environ.update(self.before)
        self.s3.stop()


def phones_are_sent_to_the_bucket_for_a_while(folder):
    with Bucket() as s3:
        publish(folder, "2.1.0", store=BUCKET)
        with Ferryd(folder, *CLOCK, "--store", BUCKET) as s:
            s.good("POST", "/v1/devices", programs.signer.csv(1, 4))
            rollout(s, stages=ALL)
            (told,) = s.check_in(programs.signer.say(1, 1, s.nonce()))
            artifact = told["artifacts"][0]
            got = s.get(artifact["url"], token=False)
            assert got.status == 302, got.body
            where = urlsplit(got.headers["Location"])
            assert f"{where.scheme}://{where.netloc}" == s3.endpoint
            assert where.path == f"/fleet/prod/artifacts/{artifact['sha256']}.ferry"
            assert where.path in s3.objects, list(s3.objects)
            query = parse_qs(where.query)
            assert query["X-Amz-Expires"] == ["900"] and query["X-Amz-Signature"]
            assert "private" in got.headers["Cache-Control"]


def a_bucket_that_fails_is_named_and_harms_nobody(folder):
    with Bucket() as s3:
        publish(folder, "2.1.0", store=BUCKET)
        with Ferryd(folder, *CLOCK, "--store", BUCKET) as s:
            s3.faults = [("GET", fake_s3.status(403))] * 4
            got = s.post("/v1/releases", {"class": CLASS, "version": "2.1.0"})
            assert got.status in (500, 503) and "403" in got.json["detail"], got.body
            s3.faults = []
            got = s.post("/v1/releases", {"class": CLASS, "version": "9.9.9"})
            assert got.status == 404
            s.good("POST", "/v1/releases", {"class": CLASS, "version": "2.1.0"})
            assert s.nonce()


TESTS = [phones_are_sent_to_the_bucket_for_a_while,
         a_bucket_that_fails_is_named_and_harms_nobody]

if __name__ == "__main__":
    sys.exit(main(TESTS))
