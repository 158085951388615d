# SPDX-License-Identifier: Apache-2.0
"""Records a journey, power-on by power-on, so that each can be replayed to any of its
instructions: what stood in flash and in the RAM that a reset leaves alone, what the
phone brought, what came of it. Knows the order of a journey; does not know what a cut
is."""
import collections
import select
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from machine import FLASH_SIZE, Machine, padded  # noqa: E402
from talk import Unexpected  # noqa: E402
from words import AT, CAUSES, KEPT  # noqa: E402

PATIENCE_S = 120
UART_FIFO = 6  # bytes that QEMU's UART holds; while it records, what is more is lost
# A virtual instruction takes 128 ns: a chip of some 8 MHz, and a second passes quickly.
ICOUNT = "shift=7,rr={},rrfile={}"

# A power-on: why, what the phone brings (None: no phone), what must come of that, and
# how it ends: the chip resets itself, or the supply goes.
Leg = collections.namedtuple("Leg", "cause brings outcome ends")
ALONE = Leg("power", None, None, "cut")
SETTLES = 2_000_000  # instructions in which an application, left alone, ends its work


def update(release):
    """Offer, transfer, verify, commit; trial; confirm."""
    return [Leg("power", release, "committed", "reset"),
            Leg("software", release, "runs", "cut"),
            Leg("power", release, "runs", "cut")]


# `kept` is the retained RAM, None where the power had been off. `total` instructions.
Recording = collections.namedtuple("Recording", "leg region kept log total after")


def options(mode, log):
    return ["-icount", ICOUNT.format(mode, log)]


def power_on(machine, made, recording, extra):
    """As it was recorded; the processor waits."""
    address = AT["MODEL_RESETREAS_ADDR"]
    machine.flash = padded(made.flash(recording.region), FLASH_SIZE)
    blocks = {KEPT[0]: recording.kept} if recording.kept else {}
    words = {} if recording.kept else {address: CAUSES[recording.leg.cause]}
    machine.power_on(words, blocks, extra, runs=False)


def kept_ram(machine, cause):
    """The retained RAM as the reset leaves it, its cause in it."""
    ram = bytearray(machine.read(*KEPT))
    at = AT["MODEL_RESETREAS_ADDR"] - KEPT[0]
    ram[at:at + 4] = CAUSES[cause].to_bytes(4, "little")
    return bytes(ram)


class Relay:
    """Between a phone and a UART that takes few bytes at once."""

    def __init__(self, machine, made, release):
        self.machine = machine
        self.heard_at = made.symbols["went"]  # uart.c: bytes that were taken out
        self.ours, theirs = socket.socketpair()
        self.phone = made.phone(theirs, release)
        theirs.close()
        self.sent = 0
        self.held = b""

    def end(self):
        self.phone.kill()
        said = self.phone.communicate()[0].split()
        self.ours.close()
        return said[0] if said else "nothing"

    def step(self):
        """Moves what can be moved. False: the phone has ended."""
        uart = self.machine.uart
        ready = select.select([self.ours, uart], [], [], 0 if self.held else 0.05)[0]
        if uart in ready:
            self._to_phone(uart.recv(4096))
        if not self.held and self.ours in ready:
            self.held = self.ours.recv(4096)
            if not self.held:
                return False
        if self.held and self.machine.word(self.heard_at) == self.sent:
            uart.sendall(self.held[:UART_FIFO])
            self.sent += len(self.held[:UART_FIFO])
            self.held = self.held[UART_FIFO:]
        return True

    def _to_phone(self, data):
        try:
            self.ours.sendall(data)
        except OSError:
            pass  # it has heard enough


def bring(machine, made, leg):
    """Lets the phone come and go; waits for the reset, if there is to be one."""
    relay, until = Relay(machine, made, leg.brings), time.monotonic() + PATIENCE_S
    resets = False
    while relay.step() and not resets and time.monotonic() < until:
        resets = machine.wants_reset()
    outcome = relay.end()
    if leg.ends == "reset" and not resets:
        resets = machine.wants_reset(PATIENCE_S)
    if outcome != leg.outcome or resets != (leg.ends == "reset"):
        raise Unexpected(f"a phone with release {leg.brings}: {outcome}, "
                         f"{'then' if resets else 'no'} reset")


def wait_until(what, there):
    until = time.monotonic() + PATIENCE_S
    while not there():
        if time.monotonic() > until:
            raise Unexpected(f"the application does not {what}")


def icount(machine):
    return machine.qemu.qmp.command("query-replay")["icount"]


def live(machine, made, leg):
    """The power-on, up to its end."""
    machine.go()
    wait_until("come up", lambda: machine.word(made.symbols["cut_up"]) != 0)
    if leg.brings is not None:
        bring(machine, made, leg)
    else:
        settled = icount(machine) + SETTLES
        wait_until("go on", lambda: icount(machine) >= settled)
    machine.stop()


def record(made, leg, region, kept, log):
    """One power-on, from this flash and this RAM."""
    recording = Recording(leg, region, kept, log, 0, None)
    with Machine() as machine:
        power_on(machine, made, recording, options("record", log))
        live(machine, made, leg)
        flash = machine.save()
        if flash[:made.base] != made.flash(b"") or flash[made.end:].strip(b"\xff"):
            raise Unexpected("flash was written where nothing may write")
        total = icount(machine)
        ram = kept_ram(machine, "software") if leg.ends == "reset" else None
        machine.qemu.qmp.command("quit")  # the log is complete when it has ended
        machine.qemu.process.wait(PATIENCE_S)
    return recording._replace(total=total, after=(flash[made.base:made.end], ram))


def journey(made, legs, region, first=0):
    """Each leg goes on where the last one ended."""
    kept, recordings = None, []
    for number, leg in enumerate(legs, first):
        log = made.folder / f"leg-{number}.rr"
        recordings.append(record(made, leg, region, kept, log))
        region, kept = recordings[-1].after
    return recordings
