#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A comparison that finds nothing must be able to find something: each of these mistakes,
planted in the oracle, makes it fail, and no mistake makes it pass. Knows where rules
stand; does not know what they say.

usage: planted.py BUILD
"""
import argparse
import contextlib
import sys
import tempfile

sys.dont_write_bytecode = True

import ask  # noqa: E402
import cose  # noqa: E402
import desk  # noqa: E402
import device  # noqa: E402
import payload  # noqa: E402
import policy  # noqa: E402
import run  # noqa: E402
import wire  # noqa: E402
from house import Report  # noqa: E402
from questions import Questions  # noqa: E402

INPUTS = 10000  # a mistake shows in these, or would hide in the short run, too
SEED = 7


def judge_without(code):
    """Policy with one of its rules left out."""
    def judge(*facts):
        try:
            policy.judge(*facts)
        except cose.Refused as refused:
            if str(refused) != code:
                raise
    return judge


def swapped(*facts):
    """Policy in another order: what is refused by E_CLASS is refused by E_HW."""
    try:
        policy.judge(*facts)
    except cose.Refused as refused:
        raise cose.Refused("E_HW" if str(refused) == "E_CLASS" else refused) from None


def no_trail(rules, data, skipped=payload.DEVICE_KEYS):
    try:
        return PARSE(rules, data, skipped)
    except cose.Refused as refused:
        if str(refused) != "E_TRAIL":
            raise
        return PARSE(rules, data[:-1], skipped)


PARSE, CHECK_SLOT, READ = payload.parse, policy.check_slot, wire.read


def any_s(facts, envelope):
    with contextlib.suppress(cose.Refused):
        CHECK_SLOT(facts, envelope)


def no_crc(whole, tag, direction):
    """Reads every frame that has a length of its type."""
    if whole is not wire.DAMAGED and len(whole) >= 3 and whole[0] in wire.BY_TYPE:
        form = wire.BY_TYPE[whole[0]]
        whole = wire.seal(whole[:-2], wire.seed_of(form.name, tag))
    return READ(whole, tag, direction)


MISTAKES = [
    *((f"policy without {code}", desk, "judge", judge_without(code))
      for code in ("E_CLASS", "E_HW", "E_DEVICE", "E_FLOOR", "E_VERSION", "E_MINFROM",
                   "E_SIZE", "E_LINK", "E_BOOT", "E_BASE", "E_ENC", "E_TOMBSTONE")),
    ("policy in another order", desk, "judge", swapped),
    ("a floor that slot 7 passes", policy, "RECOVERY", 9),
    ("a table that fills the header", policy, "TABLE_MAX", 8192),
    ("bytes behind a map", desk, "parse", no_trail),
    ("24 pairs", payload, "PAIRS_MAX", 22),
    ("a statement of type 1", payload.STATEMENT, "type", 1),
    ("a slot that is never judged", desk, "check_slot", any_s),
    ("a shorter envelope at most", desk, "ENVELOPE_MAX", 300),
    ("checks two seconds apart", desk, "PACE_MS", 2000),
    ("a pause that doubles once", desk, "PAUSE_MOST", 1),
    ("one mismatch more", desk, "MISMATCHES_MOST", 3),
    ("silence that is not noticed", device, "SILENCE_MS", 60000),
    ("a CRC that is not looked at", ask, "read", no_crc),
    ("a boot loader that skips nothing", ask, "BOOT_KEYS", range(30, 31)),
]


@contextlib.contextmanager
def planted(where, name, wrong):
    right = getattr(where, name)
    setattr(where, name, wrong)
    try:
        yield
    finally:
        setattr(where, name, right)


def disagreements(build, questions):
    """Goes on until there is one."""
    for names in run.batches("made", INPUTS):
        wrong = run.ask(build, questions, names)[2]
        if wrong:
            return len(wrong)
    return 0


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as scratch:
        try_all(report, sys.argv[1], Questions(SEED, scratch))
    report.end()


def rarities():
    """A run in which E_HASH never came up, and everything else did."""
    args = argparse.Namespace(inputs=10000, json=False)
    ran = run.Run(args)
    for value in range(256):
        ran.seen["Talk", f"REFUSE {value}"] = int(value != wire.errors()["E_HASH"])
    for kind in ("ACCEPT", "RUNNING", "MORE"):
        ran.seen["Talk", kind] = 1
    return list(ran.rare())


def try_all(report, build, questions):
    rare = rarities()
    report.check([] if len(rare) == 1 and rare[0].startswith("E_HASH ")
                 else [("a code that never came up", f"is told as {rare}")])
    found = disagreements(build, questions)
    report.check([("no mistake", f"{found} disagreements")] if found else [])
    for what, where, name, wrong in MISTAKES:
        with planted(where, name, wrong):
            found = disagreements(build, questions)
        report.check([] if found else [(what, "is not found")])


if __name__ == "__main__":
    main()
