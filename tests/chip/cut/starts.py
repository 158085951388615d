# SPDX-License-Identifier: Apache-2.0
"""A chip that is started again and again from any flash, without starting QEMU again:
where does its bootloader jump to? Knows how flash is put in place and where a start
ends; does not know which answers are right."""
import collections
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from gdb import Gdb  # noqa: E402
from machine import CHIP, FLASH_SIZE, Qemu, padded  # noqa: E402
from talk import Unexpected  # noqa: E402
from words import AT, CAUSES, KEPT  # noqa: E402

PATIENCE_S = 60  # for a start; it takes milliseconds
CONFIG, ERASEPAGE, ERASEALL = 0x4001E504, 0x4001E508, 0x4001E50C
READ, WRITE, ERASE = 0, 1, 2
ENDS = ("nrf52_jump", "bootloader_halt", "nrf52_reset")
TRIAL, FLAGS_AT = 1, 8  # in the hand-off block (ferry/boot.h)

# What a start came to: which of ENDS ("hangs": none), where it jumps to or why it
# halts, whose image stands there (None: nobody's), and whether that is on trial.
Answer = collections.namedtuple("Answer", "end where release trial")


class Starts:
    """Use it in a `with`. `region` is what stands in flash now."""

    def __init__(self, made, folder, seed=0):
        self.made = made
        self.born = time.monotonic()
        self.rng = random.Random(seed)
        gdb = Path(folder) / "gdb"
        self.qemu = Qemu([*CHIP, "-S", "-gdb",
                          f"unix:{gdb},server=on,wait=off"], folder)
        try:
            self.memory = self.qemu.memory
            self.gdb = Gdb(gdb, PATIENCE_S)
            self._burn_all()
            self.ends = {made.symbols[name]: name for name in ENDS}
            for address in self.ends:
                self.gdb.break_at(address)
        except Unexpected:
            self.qemu.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.qemu.kill()

    def lives(self):
        return self.qemu.process.poll() is None

    # ---- flash ----------------------------------------------------------------------

    def _controller(self, mode):
        self.memory.set_word(CONFIG, mode)

    def _burn_all(self):
        self._controller(ERASE)
        self.memory.set_word(ERASEALL, 1)
        self._controller(READ)
        self.region = b"\xff" * (self.made.end - self.made.base)
        self._write(0, self.made.program)

    def _write(self, address, data):
        self._controller(WRITE)
        self.memory.write(address, data)
        self._controller(READ)

    def put(self, region):
        """Makes flash this; pages that are so already are left alone."""
        unit = self.made.layout["erase_unit"]
        for at in range(0, len(region), unit):
            page = region[at:at + unit]
            if page != self.region[at:at + unit]:
                self._controller(ERASE)
                self.memory.set_word(ERASEPAGE, self.made.base + at)
                self._write(self.made.base + at, page)
        self.region = region

    def look(self):
        """Reads the region again."""
        self.region = self.memory.read(self.made.base, self.made.end - self.made.base)

    def whole(self):
        """Is everything else in flash as it was burnt?"""
        return self.memory.read(0, FLASH_SIZE) == \
            padded(self.made.flash(self.region), FLASH_SIZE)

    # ---- starts ---------------------------------------------------------------------

    def start(self, cause="power"):
        """Until the bootloader has decided. A power failure leaves noise in RAM."""
        self.qemu.qmp.command("system_reset")
        if self.qemu.qmp.event("RESET", PATIENCE_S) is None:
            raise Unexpected("the chip is not reset")
        if cause == "power":
            address, length = KEPT
            self.memory.write(address, self.rng.randbytes(length))
        self.memory.set_word(AT["MODEL_RESETREAS_ADDR"], CAUSES[cause])
        self.gdb.go()
        end, where = self.ended(PATIENCE_S)
        self.look()
        jumps = end == "nrf52_jump"
        release = self.made.release_at(self.region, where) if jumps else None
        return Answer(end, where, release, bool(self._flags() & TRIAL))

    def _flags(self):
        return self.memory.read(AT["HANDOFF_ADDR"] + FLAGS_AT, 1)[0]

    def ended(self, seconds):
        """(which of ENDS, r0), when it has come to one."""
        if not self.gdb.stopped(seconds):
            self.gdb.interrupt()
            return "hangs", 0
        registers = self.gdb.registers()
        return self.ends.get(registers[15], "elsewhere"), registers[0]

    def run(self):
        """On from where it was stopped."""
        self.gdb.step()  # or it would stop there again
        self.gdb.go()

    # ---- an update ------------------------------------------------------------------

    def update(self, release, rounds=8):
        """A phone brings this release, again and again, until it runs confirmed; from
        this flash, after a power failure. None, or what is in the way."""
        answer = self.start()
        for _ in range(rounds):
            if answer.end != "nrf52_jump" or answer.release is None:
                return f"a start: {answer.end} {answer.where:#x}"
            if answer.release == release and not answer.trial:
                return None
            answer, said = self.visit(release)
        return f"it does not come to its end; a phone heard last: {said}"

    def visit(self, release):
        """The application runs while a phone is there. The answer of the next start,
        and what the phone said."""
        phone = self.made.phone(self.qemu.uart, release)
        self.run()
        resets = self._serve(phone)
        said = phone.communicate()[0].strip()
        return self.start("software" if resets else "power"), said

    def _serve(self, phone):
        """Until the phone ends, or the chip wants a reset (True)."""
        while phone.poll() is None:
            if self.gdb.stopped(0.02):
                phone.kill()
                return True
        self.gdb.interrupt()
        return False

    def age(self, release, starts):
        """So many crashes, and visits of a phone with what runs already: records."""
        for _ in range(starts):
            self.start("watchdog")
            phone = self.made.phone(self.qemu.uart, release)
            self.run()
            if self._serve(phone):
                raise Unexpected("the chip resets while it ages")
            phone.communicate()
