#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests hostile.py: the curve is RFC 8032's, the table is what the script makes, and a
second implementation, openssl's command line, says of each vector what its rule says.
Does not ask libsodium: test_hostile.c does.

usage: hostile_test.py
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import edwards  # noqa: E402
import hostile  # noqa: E402

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from house import Report  # noqa: E402

SPKI = bytes.fromhex("302A300506032B6570032100")  # RFC 8410: an Ed25519 key, in DER


def the_curve_is_the_standards(check):
    check(edwards.times(edwards.L, edwards.BASE), edwards.NEUTRAL, "L B")
    check(len(set(edwards.SMALL)), 8, "points of small order")
    for order in (1, 2, 4, 8):
        point = hostile.of_order(order)
        check(edwards.times(order, point), edwards.NEUTRAL, f"order {order}")
        check(order == 1 or edwards.times(order // 2, point) != edwards.NEUTRAL, True,
              f"not less than {order}")
    for point in (edwards.BASE, *edwards.SMALL):
        check(edwards.decode(edwards.encode(point)), point, "encoded and decoded")


def a_signature_holds_by_every_rule_and_altered_by_none(check):
    key, sig = edwards.sign(bytes(32), b"words")
    for name, rule in hostile.RULES.items():
        check(rule(key, b"words", sig), True, name)
        check(rule(key, b"word", sig), False, f"{name}, another message")


def the_table_is_what_the_script_makes(check):
    check((HERE / "hostile_vectors.h").read_text(encoding="utf-8"), hostile.header(),
          "hostile_vectors.h")


def openssl_takes(folder, key, msg, sig):
    for name, data in (("key", SPKI + key), ("msg", msg), ("sig", sig)):
        (folder / name).write_bytes(data)
    done = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
         "key", "-in", "msg", "-sigfile", "sig"], cwd=folder, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = "Signature Verified Successfully" in done.stdout
    if said != (done.returncode == 0):
        raise ValueError(f"openssl contradicts itself: {done.stdout}")
    return said


def openssl_goes_by_its_rule(check):
    with tempfile.TemporaryDirectory() as folder:
        for v in hostile.vectors():
            said = openssl_takes(Path(folder), v.key, hostile.message(v.number), v.sig)
            check(said, "PLAIN" in v.takes, f"openssl: {v.name}")


def main():
    report = Report()

    def check(got, wanted, what):
        report.check([] if got == wanted else [(what, f"{got!r}, not {wanted!r}")])
    for test in (the_curve_is_the_standards,
                 a_signature_holds_by_every_rule_and_altered_by_none,
                 the_table_is_what_the_script_makes):
        test(check)
    if shutil.which("openssl"):
        openssl_goes_by_its_rule(check)
    else:
        report.skip("openssl's verdicts", "openssl is not installed")
    report.end()


if __name__ == "__main__":
    main()
