#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second implementation among real processes (examples/board): as the courier of an
update whose link drops and whose device loses its battery, and as the device that the
phone updates. The bytes in flash and the versions that boot are looked at.

usage: carry.py BUILD [WORD]
"""
import os
import select
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "examples" / "board"), str(ROOT / "tests" / "board")]

from cose import EDDSA, STATEMENT_KID, Envelope, holds, take_artifact  # noqa: E402
from courier import Courier  # noqa: E402
from device import Device  # noqa: E402
from kit import CLASS, DEVICE, HW_REV, PATIENCE_S, Bench, Unexpected, bank_holds  # noqa: E402
from payload import STATEMENT, parse  # noqa: E402
from policy import Facts  # noqa: E402
from scene import Scene, expect  # noqa: E402
from house import Report  # noqa: E402

SPEED = 20       # virtual milliseconds in a real one
MINUTES = 4 * PATIENCE_S
TABLE_AT = 512


def clock():
    return int(time.monotonic() * 1000 * SPEED)


def uuid(text):
    return bytes.fromhex(text.replace("-", ""))


# ---- a courier ----------------------------------------------------------------------


class Radio:
    """A courier's link to a board, which can be dropped and comes back."""

    def __init__(self, path, courier):
        self.path, self.courier, self.socket = path, courier, None

    def connect(self):
        self.drop()
        until = time.monotonic() + PATIENCE_S
        while self.socket is None:
            radio = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                radio.connect(os.fspath(self.path))
                self.socket = radio
            except OSError:
                radio.close()
                expect(time.monotonic() < until, "the board has no radio")
                time.sleep(0.02)
        self.say(self.courier.link(clock()))

    def drop(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def say(self, values):
        try:
            for value in values:
                self.socket.send(value)
        except OSError:  # it has gone; hear() will notice
            pass

    def hear(self):
        """What came within a moment. False: the link is down."""
        if select.select([self.socket], [], [], 0.01)[0]:
            try:
                value = self.socket.recv(512)
            except OSError:
                value = b""
            if not value:
                return False
            self.say(self.courier.take(value, clock()))
        self.say(self.courier.tick(clock()))
        return True

    def until(self, reached):
        """Goes on until that, or the courier's end."""
        end = time.monotonic() + MINUTES
        while not reached() and not self.courier.ended():
            expect(time.monotonic() < end, f"{self.courier.state} takes too long")
            if self.socket is None or not self.hear():
                self.connect()


def chunks_of(courier):
    size = courier.info["chunk"]
    return sum(courier.artifact.places(block, size)
               for block in range(len(courier.artifact.blocks)))


def far(courier, percent):
    return lambda: courier.state == "SEND" and \
        len(courier.acked()) * 100 >= percent * chunks_of(courier)


def carrier(bench, version, **options):
    files = sorted(bench.release(version).glob("*.ferry"))
    return Courier([file.read_bytes() for file in files], os.urandom(3) + b"\1", **options)


def it_carries_an_update_over_a_link_that_drops_twice(bench):
    s = Scene(bench, SPEED)
    s.power("1.0.0")
    courier = carrier(bench, "1.1.0")
    radio = Radio(s.folder / "air", courier)
    for percent in (25, 60):
        radio.until(far(courier, percent))
        radio.drop()
    radio.until(lambda: False)
    expect(courier.outcome == 0, f"ended with {courier.outcome}")
    radio.drop()
    first, second, third = courier.began_at
    expect(first == 0 < second < third, f"went on at {courier.began_at}")
    spare = courier.flights.sent - chunks_of(courier)
    expect(spare <= 2 * courier.info["window"], f"{spare} chunks were sent again")
    s.board.runs("1.1.0", bank=1, trial=1)
    expect(bank_holds(s.folder, 1, bench.image("1.1.0", 1)), "bank 1 differs")


def it_goes_on_after_the_battery_fell_out(bench):
    s = Scene(bench, SPEED)
    s.power("1.0.0")
    courier = carrier(bench, "1.1.0")
    radio = Radio(s.folder / "air", courier)
    radio.until(far(courier, 60))
    s.board.kill()
    s.power("1.0.0", bank=0)
    radio.until(lambda: False)
    expect(courier.outcome == 0, f"ended with {courier.outcome}")
    radio.drop()
    expect(courier.began_at[-1] > 0, "it began anew")
    s.board.runs("1.1.0", bank=1, trial=1)


def it_hears_and_verifies_a_statement_and_is_told_what_runs(bench):
    s = Scene(bench, SPEED)
    s.power("1.0.0")
    nonce = os.urandom(16)
    courier = carrier(bench, "1.0.0", report_nonce=nonce)
    radio = Radio(s.folder / "air", courier)
    radio.until(lambda: False)
    radio.drop()
    expect(courier.outcome == "RUNNING", f"ended with {courier.outcome}")
    said = Envelope(courier.statement)
    expect(said.kid == STATEMENT_KID, "not signed as a statement")
    expect(holds(bench.key("device.pub"), said.to_be_signed(), said.signature),
           "its signature does not hold")
    told = parse(STATEMENT, said.payload)
    expect((told[1], told[2], told[6]) == (uuid(CLASS), uuid(DEVICE), nonce),
           "another device's, or another question's")
    expect(told[4] == 0x01000000, "another version")


# ---- a device -----------------------------------------------------------------------


def new_device(bench, seen):
    """What a bench's boards are, running 1.0.0; `seen` gets what openssl was asked."""
    keys = [(0, bytes(64))] * 8
    keys[0] = EDDSA, bench.key("release.pub") + bytes(32)

    def verify(slot, message, signature):
        seen.append(slot)
        return holds(keys[slot][1][:32], message, signature)

    facts = Facts(class_id=uuid(CLASS), device_id=uuid(DEVICE), hw_rev=HW_REV, keys=keys,
                  bank=((0xF000, 0x11000), (0x2F000, 0x11000)),
                  link=(0x10010000, 0x10030000), version=0x01000000, floor=1)
    return Device(facts, verify, seed=int.from_bytes(os.urandom(2), "little"))


class Air:
    """The socket that a device's radio is; phones come and go."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(os.fspath(path))
        self.listener.listen(1)
        self.listener.settimeout(PATIENCE_S)

    def serve(self, device, until):
        """One link, until it goes down or that is reached. Then it is down."""
        phone = self.listener.accept()[0]
        phone.settimeout(PATIENCE_S)
        device.link()
        with phone:
            while not until():
                value = phone.recv(512)
                if not value:
                    return
                try:
                    for message in device.take(value, clock()):
                        phone.send(message)
                except BrokenPipeError:
                    return
            phone.recv(512)  # the last word is read before the link ends

    def close(self):
        self.listener.close()


class Folder:
    """Stands for a board in the bench's eyes: a folder with a radio in it."""

    def __init__(self, bench):
        self.folder = bench.folder / "board"
        self.folder.mkdir()


def it_is_a_device_that_the_phone_updates_over_a_link_that_drops(bench):
    seen, board = [], Folder(bench)
    device, air = new_device(bench, seen), Air(board.folder / "air")
    phone = bench.phone(board, bench.release("1.1.0"))
    air.serve(device, lambda: device.bank is not None and device.bank.base >= 5)
    air.serve(device, lambda: device.done is not None)
    air.close()
    code, why = phone.verdict()
    expect(code == 0, f"the phone says {why}")
    artifact = (bench.release("1.1.0") / "bank1.ferry").read_bytes()
    expect(device.installed == take_artifact(artifact), "it holds something else")
    expect(seen == [0], f"{len(seen)} signatures were checked")
    expect(device.installed[2] == bench.image("1.1.0", 1).read_bytes(), "another image")


def it_is_a_device_that_refuses_a_strangers_release(bench):
    seen, board = [], Folder(bench)
    device, air = new_device(bench, seen), Air(board.folder / "air")
    phone = bench.phone(board, bench.release("1.1.0", "stranger", key="stranger"))
    air.serve(device, lambda: False)
    air.close()
    code, why = phone.verdict()
    expect((code, why) == (1, "E_SIG"), f"the phone says {why}")
    expect(seen == [0] and device.bank is None, "something was taken")


TESTS = [test for name, test in list(globals().items()) if name.startswith("it_")]


def main():
    report, word = Report(), (sys.argv[2:] or [""])[0]
    if shutil.which("openssl") is None:
        report.skip("the oracle among real processes", "no openssl")
        report.end()
    for test in TESTS:
        if word not in test.__name__:
            continue
        with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
            bench = Bench(sys.argv[1], folder, SPEED)
            try:
                test(bench)
                report.ok()
            except Unexpected as why:
                report.fail(test.__name__, why)
            finally:
                bench.end()
    report.end()


if __name__ == "__main__":
    main()
