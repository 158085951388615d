#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The port's self-test on the MPS2 board in QEMU: the port passes, through resets, through
a QEMU that is killed in between; and each broken port is named by its sentence.

usage: selftest.py BUILD      a build folder made with -Dchip=mps2
Ends 0: all as it should be, 1: not, 3: no QEMU.
"""
import sys
import tempfile
from pathlib import Path

import mps2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "house"))
from house import Report  # noqa: E402

NO_SUCH = 3


def not_ok(lines):
    return [line for line in lines if line.startswith("NOT OK")]


def passes(report, program, flash):
    """A good port, from a blank flash; then again over what the first run left."""
    for when in ("blank flash", "flash that was used before"):
        code, lines = mps2.run(program, flash)
        ok = sum(line.startswith("ok ") for line in lines)
        print(f"mps2, {when}: {ok} checks passed, {len(not_ok(lines))} failed")
        report.check([(when, line) for line in not_ok(lines) or lines[-1:]]
                     if code != 0 or not_ok(lines) or ok == 0 else [])


def until_waits(program, flash):
    """A board that is killed where it would reset itself. What it said until then."""
    said = []
    with mps2.start(program, flash, "-append", "0 wait") as process:
        for line in process.stdout:
            if line.strip() == "waits":
                break
            said.append(line.strip())
        mps2.kill(process)
    return said


def killed(report, program, flash):
    """SIGKILL at each reset: flash is all that is left. Each part goes on from there, and
    does not try what only a reset can show."""
    mps2.blank_flash(flash)
    said = [until_waits(program, flash), until_waits(program, flash)]
    code, last = mps2.run(program, flash, "-append", "0")
    print(f"mps2, killed at every reset: exit code {code}")
    went_on = any("RAM" in line for line in said[1]) and \
        not any("slices" in line for line in said[1] + last)
    report.check([] if code == 0 and went_on else [("killed", repr((said, last)))])


def broken(report, program, flash):
    """Every kind of broken port, until the program knows no more."""
    how = 0
    while True:
        code, lines = mps2.run(program, flash, "-append", str(how))
        if code == NO_SUCH:
            break
        print("\n".join(line for line in lines if "not tried" not in line))
        report.check([] if code == 0 else [(f"broken port {how}", f"exit code {code}")])
        how += 1
    report.check([] if how > 5 else [("broken ports", f"only {how} were tried")])


def main():
    report = Report()
    if mps2.missing():
        print(f"selftest: {mps2.missing()}", file=sys.stderr)
        sys.exit(3)
    build = Path(sys.argv[1])
    check = build / "ports" / "mps2" / "mps2-check.elf"
    faulty = build / "tests" / "chip" / "selftest" / "mps2-broken.elf"
    with tempfile.TemporaryDirectory(prefix="ferry-selftest-") as folder:
        flash = mps2.blank_flash(Path(folder) / "flash")
        passes(report, check, flash)
        killed(report, faulty, flash)
        broken(report, faulty, flash)
    report.end()


if __name__ == "__main__":
    main()
