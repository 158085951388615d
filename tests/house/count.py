#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sums the single tests behind a `meson test` run: cmocka's counts, the scripts' last
lines, and one for each executable that prints neither. Names what was skipped, shows
what failed.

usage: count.py BUILD/meson-logs/testlog.json
"""
import json
import re
import sys
from pathlib import Path

SHOWN_LINES = 60
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped\s*$", re.M)


def cmocka(output, word):
    found = re.findall(rf"^\[\s+{word}\s+\] (\d+) test\(s\)", output, re.M)
    return sum(map(int, found)), bool(found)


def said(output):
    """(passed, failed, skipped) as the test itself counted, or None."""
    lines = SUMMARY.findall(output)
    if lines:
        return tuple(map(int, lines[-1]))
    passed, any_passed = cmocka(output, "PASSED")
    failed, any_failed = cmocka(output, "FAILED")
    skipped, any_skipped = cmocka(output, "SKIPPED")
    return (passed, failed, skipped) if any_passed or any_failed or any_skipped else None


def count(test, output):
    result = test["result"]
    counted = said(output)
    if result == "SKIP":
        return 0, 0, max(1, counted[2] if counted else 0)
    good = result in ("OK", "EXPECTEDFAIL")
    passed, failed, skipped = counted or ((1, 0, 0) if good else (0, 0, 0))
    if not good and failed == 0:
        failed = 1  # it crashed, hung, or lied
    return passed, failed, skipped


def skipped_names(output):
    names = re.findall(r"^skipped: (.*)$", output, re.M)
    return names + re.findall(r"^\[\s+SKIPPED\s+\] ([^\d\s].*)$", output, re.M)


def show_failure(test, output):
    print(f"---- {test['name']}: {test['result']}, exit {test.get('returncode')}")
    lines = output.rstrip().splitlines()
    if len(lines) > SHOWN_LINES:
        print(f"(the last {SHOWN_LINES} of {len(lines)} lines)")
    print("\n".join(lines[-SHOWN_LINES:]))


def read_log(path):
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def main():
    tests = read_log(Path(sys.argv[1]))
    totals = [0, 0, 0]
    for test in tests:
        output = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
        one = count(test, output)
        totals = [a + b for a, b in zip(totals, one)]
        if one[1]:
            show_failure(test, output)
        if one[2]:
            for name in skipped_names(output) or ["the whole test"]:
                print(f"skipped in {test['name']}: {name}")
    if not tests:
        print("no tests were run")
        totals[1] = 1
    print("{} passed, {} failed, {} skipped".format(*totals))
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
