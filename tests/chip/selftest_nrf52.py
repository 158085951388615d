#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The port's self-test on the nRF52 port, on the emulated part. Plays what the model
lacks: the reset cause, RAM that a reset leaves alone, the watchdog that bites.

usage: selftest_nrf52.py BUILD      made with -Dchip=nrf52 for the Cortex-M0
Ends 0: it passes, 1: it does not, 3: no QEMU.
"""
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "house")]
from house import Report  # noqa: E402
from machine import QEMU, Machine  # noqa: E402

# ports/nrf52/retained.h, tests/chip/selftest/check_nrf52.c
RETAINED = (0x2000F800, 0x800)
RESETREAS, WATCHDOG = 0x2000F840, 0x2000F844
RESULT = 0x2000F880 + 0x40
FORMAT = "<3I6I"  # kept, magic, verdict, passed, failed, skipped, first failure
MAGIC = 0x4B434843
BY_WATCHDOG, BY_SOFTWARE = 2, 4
PATIENCE_S = 240
# The clock does not wait for the host: all that the chip does is the same in each run.
ICOUNT = ("-icount", "shift=6,sleep=off")


def image(program, folder):
    out = folder / "check.bin"
    subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", str(program), str(out)],
                   check=True)
    return out.read_bytes()


def result(chip):
    return struct.unpack(FORMAT, chip.read(RESULT, struct.calcsize(FORMAT)))[3:]


def words(chip, address):
    """The sentence that stands in flash there."""
    return chip.read(address, 96).split(b"\0")[0].decode() if address else "nothing"


def stands(chip):
    """Has it asked for a reset? QEMU stops then; the event alone may have been missed."""
    return chip.wants_reset(0.2) or \
        not chip.qemu.qmp.command("query-status")["running"]


def until_verdict(chip):
    """Resets it as it wants, or as its watchdog would. What it found, and in how many
    starts."""
    chip.power_on(words={RESETREAS: 0})
    starts, deadline = 1, time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if stands(chip):
            cause, watchdog = BY_SOFTWARE, chip.word(WATCHDOG)
        elif result(chip)[0] == MAGIC:
            return result(chip), starts
        elif chip.word(WATCHDOG) != 0:
            cause, watchdog = BY_WATCHDOG, 0
        else:
            continue
        chip.reset([RETAINED], {RESETREAS: cause, WATCHDOG: watchdog})
        starts += 1
    raise SystemExit("selftest_nrf52: no verdict")


def main():
    if not shutil.which(QEMU):
        print(f"selftest_nrf52: {QEMU} is not installed", file=sys.stderr)
        sys.exit(3)
    report = Report()
    program = Path(sys.argv[1]) / "tests" / "chip" / "selftest" / "nrf52" / \
        "model-check.elf"
    with tempfile.TemporaryDirectory(prefix="ferry-check-") as folder, \
            Machine("microbit", image(program, Path(folder)), ICOUNT) as chip:
        (_, verdict, passed, failed, skipped, first), starts = until_verdict(chip)
        print(f"nrf52, {starts} starts: {passed} checks passed, {failed} failed, "
              f"{skipped} not tried; first failure: {words(chip, first)}")
    report.check([] if verdict == 0 and passed > 20 and starts == 4
                 else [("nrf52", f"verdict {verdict} after {starts} starts")])
    report.end()


if __name__ == "__main__":
    main()
