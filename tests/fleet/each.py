# SPDX-License-Identifier: Apache-2.0
"""Runs tests that are functions, one after the other, and counts them."""
import tempfile
import traceback
from pathlib import Path


def run_each(tests):
    """The exit code. Each is given a folder of its own."""
    failed = 0
    for body in tests:
        with tempfile.TemporaryDirectory(prefix="ferry-fleet-") as folder:
            try:
                body(Path(folder))
            except Exception:  # a test that breaks has failed; the others still run
                failed += 1
                print(f"failed: {body.__name__}\n{traceback.format_exc()}")
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0
