#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what run.py relies on: that every unit test is some processor's or stays at home
for a reason, that tests left out exist, and that tables of vectors hold all of them.
Compiles nothing.

usage: test_portable.py
"""
import sys
from pathlib import Path

import programs
import run
import vectors

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "house"))
from house import Report  # noqa: E402

COUNTS = [("x\n3 passed, 0 failed, 2 skipped.\n", [3, 0, 2]), ("", None),
          ("line 9: 3 passed, 0 failed", None)]


def lists(report):
    there = {path.stem[len("test_"):] for path in (ROOT / "tests/unit").glob("test_*.c")}
    listed = programs.UNIT + list(programs.UNIT_SIMULATED) + sorted(programs.AT_HOME)
    report.check([("programs.py", f"unit tests: {name}")
                  for name in there.symmetric_difference(listed)])
    report.check([("programs.py", "a test stands twice")]
                 if len(listed) != len(set(listed)) else [])
    report.check([("programs.py", f"too large, and no unit test: {name}")
                  for name in programs.TOO_LARGE - set(programs.UNIT)])
    for small in (True, False):
        report.check(("programs.py", f"no such file: {source}")
                     for program in programs.all_of(small)
                     for source in program["sources"] if not (ROOT / source).exists())


def left_out(report):
    for program, tests in programs.TOO_LONG.items():
        text = (ROOT / f"tests/unit/test_{program.split()[1]}.c").read_text()
        report.check(("programs.py", f"{program} has no {test}") for test in tests
                     if f"cmocka_unit_test({test})" not in " ".join(text.split())
                     .replace("( ", "("))
    report.check([] if programs.skipped("unit crc", False) == [] else
                 [("programs.py", "large processors leave tests out")])


def tables(report):
    files = list((ROOT / "tests/golden").glob("journals-*.bin"))
    states = {name for state in vectors.states() for name in state if "pages" in state[name]}
    report.check([] if len(states) == len(files) > 0 else [("vectors.py", states)])
    together = vectors.state_tables(programs.TABLE_BYTES)
    report.check([] if states < set().union(*together) else [("state_tables", "lost one")])
    report.check(("state_tables", f"{vectors.weight(table)} bytes") for table in together
                 if vectors.weight(table) > programs.TABLE_BYTES
                 and sum("pages" in fields for fields in table.values()) > 1)
    text = vectors.table({"a": {"n": 7, "b": b"\x01\xff"}})
    for line in ("b0_1[] = {1, 255};", '{"n", true, UINT32_C(7), NULL, 0}',
                 '{"b", false, 0, b0_1, 2}', '{"a", 2, f0},'):
        report.check([] if line in text else [("vectors.table", f"{line} is not in {text}")])


def main():
    report = Report()
    lists(report)
    left_out(report)
    tables(report)
    report.check(("run.counts", said) for said, want in COUNTS if run.counts(said) != want)
    report.end()


if __name__ == "__main__":
    main()
