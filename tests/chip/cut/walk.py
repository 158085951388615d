# SPDX-License-Identifier: Apache-2.0
"""Replays a recording and stops it after each store that reaches flash or its
controller: what really stands in flash there, and whether that is what the stores alone
say. Knows icounts and stores; does not know what a start makes of it."""
import collections
import struct
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import flash  # noqa: E402
import record  # noqa: E402
from gdb import Gdb  # noqa: E402
from machine import FLASH_SIZE, Machine  # noqa: E402
from talk import Unexpected  # noqa: E402

PATIENCE_S = 300

# After the store that is instruction number `icount`: what it changed (flash.Change, or
# None), and the region as it then is.
Cut = collections.namedtuple("Cut", "icount address change region")


def drain(sock):
    """What the chip says again is not heard; but QEMU waits until somebody takes it."""
    def listen():
        try:
            while sock.recv(4096):
                pass
        except OSError:
            pass
    threading.Thread(target=listen, daemon=True).start()


def stored_register(code):
    """Which register this instruction stores a word of; None: it is no STR."""
    immediate, indexed = code >> 11 == 0b01100, code >> 9 == 0b0101000
    return code & 7 if immediate or indexed else None


class Replay:
    """A recorded power-on again, to be stopped at any of its instructions."""

    def __init__(self, made, recording, extra=()):
        self.made = made
        self.machine = Machine()
        self.socket = self.machine.folder / "gdb"
        record.power_on(self.machine, made, recording,
                        [*record.options("replay", recording.log), "-gdb",
                         f"unix:{self.socket},server=on,wait=off", *extra])
        drain(self.machine.uart)
        self.qmp = self.machine.qemu.qmp
        self.gdb = Gdb(self.socket, PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.gdb.close()
        self.machine.__exit__(*why)

    def to(self, icount):
        """So many instructions have run, and no more."""
        self.qmp.command("replay-break", icount=icount)
        self.gdb.go()
        if not self.gdb.stopped(PATIENCE_S):
            raise Unexpected(f"the replay does not come to instruction {icount}")
        self.qmp.events.clear()

    def icount(self):
        return self.qmp.command("query-replay")["icount"]

    def region(self):
        return self.machine.read(self.made.base, self.made.end - self.made.base)

    def stored(self):
        """What the instruction that has just run has stored: it is a plain STR."""
        registers = self.gdb.registers()
        at = registers[15] - 2
        code = struct.unpack("<H", self.machine.read(at, 2))[0]
        register = stored_register(code)
        if register is None:
            raise Unexpected(f"no STR at {at:#x}: {code:#06x}")
        return registers[register]


def stores(made, recording):
    """(instructions that had run, address) of each store, as the plugin saw them."""
    out = made.folder / "stores.txt"
    plugin = f"file={made.plugin},out={out},flash={FLASH_SIZE:#x}"
    with Replay(made, recording, ["-plugin", plugin]) as replay:
        replay.to(recording.total - 1)
        replay.qmp.command("quit")
        replay.machine.qemu.process.wait(PATIENCE_S)
    lines = [line.split() for line in out.read_text().splitlines()]
    if not lines or lines[-1][0] != "end":
        raise Unexpected("the plugin did not come to its end")
    return [(int(icount), int(address, 16)) for icount, address, _ in lines[:-1]]


def walk(made, recording):
    """Yields a Cut for each store. Raises flash.Wrong where the stores say
    otherwise."""
    model = flash.Controller(recording.region, made.base, made.layout["erase_unit"])
    with Replay(made, recording) as replay:
        for icount, address in stores(made, recording):
            replay.to(icount)
            change = model.store(address, replay.stored())
            if replay.region() != model.region:
                raise flash.Wrong(f"flash is not what the stores say, after {icount}: "
                                  f"a store to {address:#x}")
            yield Cut(icount, address, change, model.region)


def every_instruction(made, recording, cuts, first, last):
    """Steps through all instructions from the store of cuts[first] to that of
    cuts[last], and finds no state that is not a store's. How many there were."""
    states = {cut.icount: cut.region for cut in cuts[first:last + 1]}
    with Replay(made, recording) as replay:
        begin, end = cuts[first].icount - 1, cuts[last].icount
        replay.to(begin)
        now = cuts[first - 1].region if first else recording.region
        for icount in range(begin, end + 1):
            now = states.get(icount, now)
            if replay.region() != now:
                raise flash.Wrong(f"instruction {icount} changes flash: no store")
            if icount < end:
                replay.gdb.step()
        if replay.icount() != end:
            raise Unexpected("a step is not an instruction")
    return end - begin
