# SPDX-License-Identifier: Apache-2.0
"""An emulated nRF52 as it lies on a desk: it restarts by itself when its program asks
for that, its watchdog bites, a cable leads to it, and its power can be cut. Knows the
chip's registers (words.py); does not know what an update is."""
import collections
import threading
import time

import words
from machine import Machine
from talk import Unexpected
from wire import Wire

PATIENCE_S = 120  # real; a loaded machine is slow, and nothing here waits for less
LOOK_S = 0.01  # between two looks at a machine that runs
AT = words.AT
# The bytes of struct ferry_handoff behind its magic and version.
Handoff = collections.namedtuple("Handoff", "reset bank attempts flags halt")


class Watchdog:
    """The one that the model lacks: `looks` says when it would have bitten."""

    def __init__(self):
        self.fed = self.since = None

    def looks(self, period_ms, fed, now_s):
        if period_ms == 0 or fed != self.fed:
            self.fed, self.since = fed, now_s
            return False
        return (now_s - self.since) * 1000 >= period_ms


class Chip:
    """Use it in a `with`. `starts`: why it was started, each time, oldest first."""

    def __init__(self, flash):
        self.machine = Machine(flash)
        self.factory = self.machine.flash
        self.wire = Wire(self.machine.folder)
        self.starts = []
        self.lock = threading.RLock()  # held while the machine is asked or changed
        self.broken = None
        self.on = self.over = False
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.over = True
        self.keeper.join()
        self.wire.unplug(True)
        self.wire.end()
        self.machine.__exit__(*why)

    # ---- power and resets -----------------------------------------------------------

    def power(self):
        """RAM is empty, RESETREAS too: that is how a power failure looks."""
        with self.lock:
            self.machine.power_on()
            self._started("power")

    def cut(self):
        """The battery falls out."""
        with self.lock:
            self._check()
            self.on = False
            self.wire.unplug(True)
            self.machine.power_cut()

    def reset(self, cause):
        """What the chip keeps through a reset stays: RAM that no program clears, and
        the watchdog, unless that or the pin did it."""
        with self.lock:
            cleared = {} if cause == "software" else {AT["MODEL_WATCHDOG_ADDR"]: 0}
            causes = self.machine.word(AT["MODEL_RESETREAS_ADDR"]) | words.CAUSES[cause]
            self.wire.unplug(False)
            self.machine.reset([words.KEPT], {AT["MODEL_RESETREAS_ADDR"]: causes,
                                        AT["STATUS_ADDR"]: 0, **cleared})
            self._started(cause)

    def _started(self, cause):
        self.starts.append(cause)
        self.watchdog = Watchdog()
        self.on = True
        self.wire.plug(self.machine.uart)

    def _keep(self):
        while not self.over:
            with self.lock:
                if self.on and not self.broken:
                    self._look_after()
            time.sleep(LOOK_S)

    def _look_after(self):
        try:
            if self.machine.wants_reset():
                self.reset("software")
            elif self.watchdog.looks(self.machine.word(AT["MODEL_WATCHDOG_ADDR"]),
                                     self.machine.word(AT["MODEL_FED_ADDR"]),
                                     time.monotonic()):
                self.reset("watchdog")
        except Unexpected as why:
            self.broken = why

    def _check(self):
        if self.broken:
            raise self.broken
        if not self.on:
            raise Unexpected("the chip has no power")

    # ---- what it tells --------------------------------------------------------------

    def status(self):
        """words.Status; None while nothing has told yet."""
        with self.lock:
            self._check()
            size = 4 * len(words.Status._fields)
            return words.status(self.machine.read(AT["STATUS_ADDR"], size))

    def handoff(self):
        """What the bootloader left."""
        with self.lock:
            self._check()
            return Handoff(*self.machine.read(AT["HANDOFF_ADDR"] + 5, 5))

    def wait(self, what, wanted, look_s=LOOK_S):
        """Until `wanted` holds of the status. The status."""
        until = time.monotonic() + PATIENCE_S
        while True:
            told = self.status()
            if told and wanted(told):
                return told
            if time.monotonic() > until:
                raise Unexpected(f"{what} never came: {told}, starts "
                                 f"{self.starts[-9:]}")
            time.sleep(look_s)

    def runs(self, version, **wanted):
        """Waits until this version serves its link, and its status says all that."""
        return self.wait(f"{version} {wanted or ''}", lambda told: told.who == "APP"
                         and told.version == version and told.loops > 0
                         and all(getattr(told, name) == value
                                 for name, value in wanted.items()))

    def is_up(self):
        """Waits until any application is. Its status."""
        return self.wait("an application", lambda told: told.who == "APP"
                         and told.loops > 0)

    # ---- its flash ------------------------------------------------------------------

    def flash(self):
        with self.lock:
            return self.machine.save() if self.on else self.machine.flash

    def holds(self, bank, image):
        """Does this bank hold exactly these bytes as its image?"""
        numbers = words.areas()[1]
        first = numbers[f"link{bank}"][0]
        return self.flash()[first:first + len(image)] == image

    def damage(self, address, bits=0xFF):
        """Turns bits of one byte of the flash of a chip that is off."""
        flash = bytearray(self.machine.flash)
        flash[address] ^= bits
        self.machine.flash = bytes(flash)

    def touched(self):
        """Where it differs from the factory's flash, banks and journals apart."""
        granted = [area for area in words.areas()[0]
                   if area.name.startswith(("bank", "boot_j", "app_j"))]
        now = bytearray(self.flash())
        for area in granted:
            now[area.first:area.end] = self.factory[area.first:area.end]
        return [at for at in range(0, len(now), 4)
                if now[at:at + 4] != self.factory[at:at + 4]]
