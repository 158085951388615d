#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs glue.test.mjs, the tests of examples/ble's JavaScript, where node is installed,
and counts them as this project does.

usage: glue_test.py
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = 77


def main():
    node = shutil.which("node")
    if node is None:
        print("skipped: the JavaScript of examples/ble: node is not installed")
        return SKIPPED
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap",
         Path(__file__).with_name("glue.test.mjs")],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    passed, failed = (int(number[1]) if number else 0 for number in
                      (re.search(rf"^# {word} (\d+)$", done.stdout, re.M)
                       for word in ("pass", "fail")))
    good = done.returncode == 0 and passed > 0 and failed == 0
    if not good:
        print(done.stdout)
    print(f"{passed} passed, {failed if good else max(1, failed)} failed, 0 skipped")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
