#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of `ferry release`: in a folder, and with a fake S3 server that fails.

usage: store_test.py FERRY [WORD]   only tests that have WORD in their names
"""
import os
import sys

import store_kit  # first: it finds the tool's own kit
import folder_cases
import s3_cases
from kit import Tests


def main():
    tests = Tests(os.path.abspath(sys.argv[1]), None)
    for cases in (folder_cases, s3_cases):
        cases.add_to(tests)
    return tests.run(sys.argv[2] if len(sys.argv) > 2 else "")


if __name__ == "__main__":
    assert store_kit
    sys.exit(main())
