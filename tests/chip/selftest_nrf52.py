#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The port's self-test on the emulated nRF52, through its resets and its watchdog's bite:
no check fails, and flash, crypto, clock, resets and watchdog were all tried.

usage: selftest_nrf52.py BUILD      a build folder made with -Dchip=nrf52, Cortex-M0
Ends 0: all as it should be, 1: not, 3: no QEMU.
"""
import shutil
import sys
import threading
import time
from pathlib import Path

import words
from machine import QEMU, Machine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "house"))
from house import Report  # noqa: E402

PATIENCE_S = 120  # real; a busy machine is slow
PARTS = ("clock:", "flash:", "SHA-256:", "Ed25519:", "RAM:", "reset:", "watchdog:")
# Guest time is by instructions, so that a busy host makes no clock leap.
STEADY = ("-icount", "shift=4,sleep=off")


class Ear(threading.Thread):
    """Takes what comes over the UART at once, and keeps it."""

    def __init__(self, uart):
        super().__init__(daemon=True)
        self.uart, self.said = uart, b""
        self.start()

    def run(self):
        try:
            while data := self.uart.recv(4096):
                self.said += data
        except OSError:
            pass


def who(chip):
    told = words.status(chip.read(words.AT["STATUS_ADDR"], 64))
    return told.who if told else None


def begin(chip):
    """Lets a chip run that stands, so that nothing it does is missed. Its ear."""
    ear = Ear(chip.uart)
    chip.go()
    return ear


def start_again(chip, cause):
    """A reset by this cause; only one by software leaves the watchdog running."""
    registers = {words.AT["MODEL_RESETREAS_ADDR"]: words.CAUSES[cause]}
    if cause == "watchdog":
        registers[words.AT["MODEL_WATCHDOG_ADDR"]] = 0
    chip.reset([words.KEPT], registers, runs=False)
    return begin(chip)


def run(chip):
    """All that it says, from power-on to its verdict. None: it never came to one."""
    chip.power_on(runs=False)
    ears, until = [begin(chip)], time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if chip.wants_reset(0.1):
            ears.append(start_again(chip, "software"))
        elif who(chip) == "SELFTESTED":
            chip.off()
            break
        elif chip.word(words.AT["MODEL_WATCHDOG_ADDR"]) != 0:
            ears.append(start_again(chip, "watchdog"))  # it feeds nothing any more
    else:
        return None
    for ear in ears:
        ear.join()
    return b"".join(ear.said for ear in ears).decode(errors="replace").splitlines()


def judge(report, lines):
    if lines is None:
        report.fail("nrf52", f"no verdict within {PATIENCE_S} s")
        return
    for line in lines:
        if line.startswith("skipped "):
            print(line.replace("skipped ", "not tried: ", 1))
    report.check(("nrf52", line) for line in lines if line.startswith("NOT OK"))
    report.check([] if lines[-1:] == ["passed"] else [("nrf52", f"ends: {lines[-1:]}")])
    for part in PARTS:
        tried = any(line.startswith("ok " + part) for line in lines)
        report.check([] if tried else [("nrf52", f"{part} nothing was tried")])


def main():
    program = Path(sys.argv[1]) / "examples" / "nrf52" / "model-selftest.bin"
    if not shutil.which(QEMU):
        print(f"selftest_nrf52: {QEMU} is missing (package qemu-system-arm)")
        sys.exit(3)
    report = Report()
    with Machine(flash=program.read_bytes(), extra=STEADY) as chip:
        judge(report, run(chip))
    report.end()


if __name__ == "__main__":
    main()
