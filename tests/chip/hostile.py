#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hostile signatures of tests/unit on the MPS2 board in QEMU: libsodium in 32 bits,
and the engine over it, say of each what the table says. Knows how the program tells it.

usage: hostile.py BUILD      a build folder made with -Dchip=mps2
Ends 0: all as it should be, 1: not, 3: no QEMU.
"""
import sys
import tempfile
from pathlib import Path

import mps2

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "house"), str(TESTS / "unit")]
from house import Report  # noqa: E402
import hostile_table  # noqa: E402


def main():
    report = Report()
    if mps2.missing():
        print(f"hostile: {mps2.missing()}", file=sys.stderr)
        sys.exit(3)
    program = Path(sys.argv[1]) / "tests" / "chip" / "hostile" / "mps2-hostile.elf"
    with tempfile.TemporaryDirectory(prefix="ferry-hostile-") as folder:
        code, lines = mps2.run(program, mps2.blank_flash(Path(folder) / "flash"))
    right, wrong = hostile_table.heard(code, lines)
    print(f"Cortex-M4: {right} of {hostile_table.size()} verdicts as they should be")
    report.ok(right)
    report.check(("Cortex-M4", line) for line in wrong)
    report.end()


if __name__ == "__main__":
    main()
