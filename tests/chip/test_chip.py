#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The emulated chips' bench without a chip: what is read from the firmware's headers,
the cable, the watchdog, what counts as touched, and that no step's failure goes unseen.

usage: test_chip.py

"""
import io
import socket
import struct
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import run
import words
from chip import Chip, Watchdog
from machine import padded
from steps import Step
from talk import Unexpected
from wire import Wire

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "house"))
from house import Report  # noqa: E402

PATIENCE_S = 60


def the_status_block_is_read_as_its_header_says(check):
    fields = words.Status._fields
    check(fields[:3] + fields[-1:], ("magic", "who", "version", "up_ms"), "fields")
    numbers = dict.fromkeys(fields, 0) | {
        "magic": words.AT["STATUS_MAGIC"], "who": 4, "version": 0x10203, "error": 45,
        "state": 5, "up_ms": 7}
    data = struct.pack(f"<{len(fields)}I", *numbers.values())
    told = words.status(data)
    check((told.who, told.version, told.error, told.state, told.up_ms),
          ("APP", "1.2.3", "E_VERSION", "RECEIVING", 7), "status")
    check(words.status(bytes(len(data))), None, "a block that nobody has filled in")


def journals_and_banks_are_granted_and_nothing_else(check):
    areas = words.areas()[0]
    chip = Chip(b"\x55" * 0x200)
    try:
        for area in areas:
            granted = area.name.startswith(("bank", "boot_j", "app_j"))
            for at in (area.first, area.end - 4):
                chip.damage(at)
                check(chip.touched(), [] if granted else [at], f"{area.name} {at:#x}")
                chip.damage(at)
    finally:
        chip.__exit__()


def the_watchdog_bites_who_does_not_feed_it(check):
    dog = Watchdog()
    looks = ((0, 0, 0), (0, 0, 99), (8000, 1, 100), (8000, 1, 107), (8000, 2, 109),
             (8000, 2, 116), (8000, 2, 117))
    seen = [dog.looks(*look) for look in looks]
    check(seen, [False] * 6 + [True], "bites")


def hear(sock, size):
    sock.settimeout(PATIENCE_S)
    said = b""
    while len(said) < size:
        more = sock.recv(4096)
        if not more:
            break
        said += more
    return said


def phone_at(wire):
    phone = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    phone.connect(str(wire.path))
    return phone


def the_cable_carries_both_ways_and_outlives_the_chip(check):
    with tempfile.TemporaryDirectory() as folder:
        wire = Wire(Path(folder))
        data = bytes(range(256)) * 20
        first, second = phone_at(wire), None
        try:
            for hang_up in (False, True):
                chip, uart = socket.socketpair()
                wire.plug(uart)
                for at in range(0, len(data), 512):
                    first.send(data[at:at + 512])
                check(hear(chip, len(data)), data, "to the chip")
                chip.sendall(data + b"last")
                wire.unplug(hang_up)
                check(hear(first, len(data) + 4), data + b"last", "to the phone")
                chip.close()
                uart.close()
            check(hear(first, 1), b"", "after it hung up")
            second = phone_at(wire)
            chip, uart = socket.socketpair()
            wire.plug(uart)
            second.send(b"again")
            check(hear(chip, 5), b"again", "the next phone")
        finally:
            wire.end()
        check(wire.to_chip, 2 * len(data) + 5, "bytes to the chip")


def a_step_that_fails_is_never_counted_as_passed(check):
    for builds, code, said, wanted in (
            (False, 0, "x\n3 passed, 0 failed, 1 skipped\n", (3, 0, 1)),
            (False, 1, "x\n3 passed, 2 failed, 1 skipped\n", (3, 2, 1)),
            (False, 1, "3 passed, 0 failed, 0 skipped\n", (3, 1, 0)),
            (False, -9, "", (0, 1, 0)), (False, 0, "", (1, 0, 0)),
            (False, 3, "no tool", (0, 0, 1)),
            (False, 1, '"passed": 3,\n "failed": 0, "skipped": 1', (3, 1, 1)),
            (True, 0, "", (0, 0, 0)), (True, 3, "", (0, 1, 0))):
        step = Step("it", builds, False, 1, None)
        account = run.Account([step], io.StringIO())
        account.ends(step, [], code, 0.0, said)
        check(tuple(account.total(v) for v in run.VERDICTS), wanted, f"{code} {said!r}")


def an_image_that_is_too_long_is_refused(check):
    check(padded(b"ab", 4), b"ab\xff\xff", "padding")
    try:
        padded(b"abcde", 4)
    except Unexpected:
        check(True, True, "too long")
    else:
        check("taken", "refused", "too long")


def main():
    report = Report()

    def check(got, wanted, what):
        report.check([] if got == wanted else [(what, f"{got}, not {wanted}")])
    for test in (the_status_block_is_read_as_its_header_says,
                 journals_and_banks_are_granted_and_nothing_else,
                 the_watchdog_bites_who_does_not_feed_it,
                 the_cable_carries_both_ways_and_outlives_the_chip,
                 a_step_that_fails_is_never_counted_as_passed,
                 an_image_that_is_too_long_is_refused):
        test(check)
    report.end()


if __name__ == "__main__":
    main()
