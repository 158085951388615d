#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The two native programs of examples/ble without any stack: this script hands the
values of one to the other, drops connections and kills. What they need of a stack is
tested here; whether a real one gives it, run.py shows.

usage: engines_test.py BUILD [WORD OF A NAME...]
"""
import random
import selectors
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "board"))

from goods import Goods, version  # noqa: E402
from scene import expect, run_scenes  # noqa: E402
from kit import Line, Unexpected  # noqa: E402

PATIENCE_S = 120  # without progress; a loaded machine is slow
HEAD = struct.Struct("<cHH")
UP, DOWN, SENT, VALUE, ADVERT, HANG_UP = b"u", b"d", b"s", b"v", b"a", b"x"
SERVICE = "9e6c8c2f869c2d995240e4500100fb05"  # docs/BLE.md, last byte first
TWO_BLOCKS = 2 * 4096

SCENES = []


def scene(body):
    """A test: its name is the sentence that must hold."""
    SCENES.append(body)
    return body


class Engine:
    """One of the programs, and what it said on standard error."""

    def __init__(self, name, command, folder):
        self.name = name
        self.log = open(folder / f"{name}-{time.monotonic_ns()}.log", "w+",
                        encoding="utf-8")
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.pending = b""

    @property
    def lines(self):  # as last_words() of the scene wants them
        self.log.seek(0)
        return [Line(line.rstrip("\n")) for line in self.log]

    def said(self, what):
        return [line for line in self.lines if what in line]

    def tell(self, kind, conn, body=b""):
        try:
            self.process.stdin.write(HEAD.pack(kind, conn, len(body)) + body)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and its exit code says why

    def hear(self):
        """The messages that can be read now; None: it has ended."""
        got = self.process.stdout.read1(65536)
        if not got:
            return None
        self.pending += got
        heard = []
        while len(self.pending) >= HEAD.size:
            kind, conn, length = HEAD.unpack_from(self.pending)
            if len(self.pending) < HEAD.size + length:
                break
            heard.append((kind, conn, self.pending[HEAD.size:HEAD.size + length]))
            self.pending = self.pending[HEAD.size + length:]
        return heard

    def kill(self):
        self.process.kill()
        self.end()

    def end(self):
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Unexpected(f"{self.name} does not end") from None
        self.process.stdout.close()
        return code


class Table:
    """A device, a phone, and somebody who carries values from one to the other."""

    def __init__(self, bench, mtu, image_len=60000):
        self.goods = Goods(bench.programs.parents[1], bench.folder / f"mtu-{mtu}")
        self.running = bench.running
        self.mtu = mtu
        self.conn = 0
        self.up = False
        self.values = self.links = 0
        self.longest = {"phone": 0, "device": 0}
        self.adverts = []
        self.artifacts = self.goods.made(1, random.Random(mtu).randbytes(image_len))
        self.device = self.begin("device", self.goods.device_command())
        self.phone = self.begin("phone",
                                self.goods.phone_command(self.artifacts, PATIENCE_S))

    def begin(self, name, command):
        engine = Engine(name, command, self.goods.folder)
        self.running.append(engine)
        return engine

    def connect(self):
        self.conn += 1
        self.links += 1
        self.up = True
        for engine in (self.device, self.phone):
            engine.tell(UP, self.conn, struct.pack("<H", self.mtu))

    def drop(self):
        if self.up:
            self.up = False
            for engine in (self.device, self.phone):
                engine.tell(DOWN, self.conn)

    def pass_on(self, speaker, other, message):
        kind, conn, body = message
        if kind == ADVERT:
            self.adverts.append(body.hex())
        elif kind == HANG_UP:
            self.drop()
        elif kind == VALUE and self.up and conn == self.conn:
            self.longest[speaker.name] = max(self.longest[speaker.name], len(body))
            self.values += speaker is self.phone
            speaker.tell(SENT, conn, b"\1")
            other.tell(VALUE, conn, body)

    def run(self, more=lambda: True):
        """Until the phone ends or `more` says no. True: it has ended."""
        with selectors.DefaultSelector() as ready:
            for engine in (self.device, self.phone):
                ready.register(engine.process.stdout, selectors.EVENT_READ, engine)
            while more():
                if not self.up:
                    self.connect()
                events = ready.select(PATIENCE_S)
                expect(events, "neither end says anything any more")
                for key, _ in events:
                    heard = key.data.hear()
                    if heard is None:
                        expect(key.data is self.phone, "the device has ended")
                        return True
                    other = self.phone if key.data is self.device else self.device
                    for message in heard:
                        self.pass_on(key.data, other, message)
        return False

    def until_values(self, count):
        until = self.values + count
        expect(not self.run(lambda: self.values < until), "the phone ended too early")

    def arrives(self):
        expect(self.run(), "the phone does not end")
        code = self.phone.end()
        expect(code == 0, f"the phone ended with {code}")
        runs = self.device.said("device up")[-1]
        expect(runs["version"] == version(1), f"{runs['version']} runs")
        expect(self.goods.bank_holds(runs["bank"], 1), "its bank holds something else")
        expect(not self.device.said("flash=refused"), "a flash rule was broken")


@scene
def an_update_arrives_and_the_device_signs_that_it_runs(bench):
    for mtu in (23, 247):
        table = Table(bench, mtu)
        table.arrives()
        statement = table.phone.said("phone statement")[-1]
        expect(statement["holds"] == 1 and statement["version"] == version(1),
               f"the statement: {statement.text}")
        for name, longest in table.longest.items():
            expect(longest <= mtu - 3, f"a value of {longest} bytes from the {name}")
        expect(table.longest["phone"] == mtu - 3, "no value was as long as it could be")


@scene
def a_device_is_found_by_what_the_page_says(bench):
    table = Table(bench, 247)
    expect(not table.run(lambda: not table.adverts), "the phone ended too early")
    expect(table.adverts == ["1107" + SERVICE + "1221" + SERVICE + "01"],
           f"it advertises {table.adverts}")


@scene
def a_lost_connection_costs_nothing_that_was_acked(bench):
    table = Table(bench, 23)
    for _ in range(4):
        table.until_values(400)
        table.drop()
    table.arrives()
    expect(table.links > 4, f"{table.links} connections")
    accepted = table.phone.said("phone accepted")
    downs = table.phone.said("phone link=down")
    for before, after in zip(downs, accepted[1:]):
        expect(after["acked"] >= before["acked"],
               f"{before['acked']} were acked, but it goes on at {after['acked']}")
    expect(len(accepted) > 4, "it did not go on each time")


@scene
def a_device_whose_battery_falls_out_goes_on_from_its_flash(bench):
    table = Table(bench, 247)
    table.until_values(120)
    before = table.phone.said("phone progress")[-1]["acked"]
    table.device.kill()
    table.drop()
    table.device = table.begin("device", table.goods.device_command())
    table.arrives()
    after = table.phone.said("phone accepted")[1]["acked"]
    expect(0 < before - TWO_BLOCKS <= after,
           f"{before} bytes were acked, and it goes on at {after}")


@scene
def both_end_when_their_stack_does(bench):
    table = Table(bench, 247)
    table.until_values(3)
    for engine, code in ((table.device, 0), (table.phone, 3)):
        engine.process.stdin.close()
        expect(engine.end() == code, f"{engine.name} ended otherwise")


if __name__ == "__main__":
    sys.exit(run_scenes(SCENES))
