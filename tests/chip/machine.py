# SPDX-License-Identifier: Apache-2.0
"""One emulated chip over its whole life: QEMU processes come and go as its power does,
the flash stays. Knows how QEMU is started, stopped, read, written and cut off; does not
know what runs on the chip, nor what any address means to it."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from talk import Memory, Qmp, Unexpected

QEMU = "qemu-system-arm"
PATIENCE_S = 60  # for what QEMU itself has to do; a loaded machine is slow
LIFE_MAX_S = 900  # no QEMU outlives this, whatever became of who started it
CHANNELS = ("uart", "qmp", "qtest")

# An nRF51822 grown to an nRF52's memory. Its flash controller is the one of both.
FLASH_SIZE = 0x100000
CHIP = ("-M", "microbit", "-global", f"nrf51-soc.flash-size={FLASH_SIZE}",
        "-global", "nrf51-soc.sram-size=262144")


def padded(image, size):
    """A whole flash that begins with this image and is erased after it."""
    if len(image) > size:
        raise Unexpected(f"an image of {len(image)} bytes for a flash of {size}")
    return bytes(image) + b"\xff" * (size - len(image))


LIVING = set()  # every Qemu that has not been killed yet


def end_when_told():
    """From now on, who ends this process by a signal ends its QEMUs with it."""
    def end(number, _):
        for qemu in list(LIVING):
            os.killpg(qemu.process.pid, signal.SIGKILL)
        os._exit(128 + number)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


class Qemu:
    """One process, from its start to its end. `uart` is a connected socket; `qmp` and
    `memory` are talk.py's."""

    def __init__(self, options, folder):
        self.log = Path(folder) / "qemu.log"
        pairs = [socket.socketpair() for _ in CHANNELS]
        theirs = [pair[1].fileno() for pair in pairs]
        command = ["timeout", "-s", "KILL", str(LIFE_MAX_S), QEMU, "-display", "none",
                   "-nodefaults", *self._channels(theirs), *map(str, options)]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, pass_fds=theirs, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True)
        LIVING.add(self)
        for pair in pairs:
            pair[1].close()
        self.sockets = [pair[0] for pair in pairs]
        self.uart, qmp, qtest = self.sockets
        try:
            self.qmp = Qmp(qmp, self.last_words, PATIENCE_S)
            self.memory = Memory(qtest, self.last_words, PATIENCE_S)
        except Unexpected:
            self.kill()
            raise

    @staticmethod
    def _channels(fds):
        options = []
        for name, fd in zip(CHANNELS, fds):
            options += ["-chardev", f"socket,id={name},fd={fd}"]
        return options + ["-serial", "chardev:uart", "-mon", "chardev=qmp,mode=control",
                          "-object", "qtest,id=memory,chardev=qtest,log=/dev/null"]

    def last_words(self):
        """What it complained of."""
        return self.log.read_text(errors="replace").strip()[-400:]

    def kill(self):
        """As SIGKILL does it: nothing is tidied up."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        LIVING.discard(self)
        for each in self.sockets:
            each.close()


class Machine:
    """A chip with its flash. Use it in a `with`: its QEMU and its folder end there.

    extra     more options for QEMU, in every life: -kernel, -icount, -plugin, -gdb
    stops     a reset that the guest asks for stops the chip as it is, so that it can
              be read (and started again by `reset`); else QEMU resets it by itself,
              and its loader restores the flash of the last power-on
    """

    def __init__(self, flash=b"", extra=(), stops=True):
        self.extra = tuple(extra)
        self.stops = stops
        self.flash = padded(flash, FLASH_SIZE)  # as it was last saved
        self.folder = Path(tempfile.mkdtemp(prefix="ferry-chip-"))
        self.qemu = None
        self.lives = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.off()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- power ----------------------------------------------------------------------

    def power_on(self, words=None, blocks=None, extra=(), runs=True):
        """Starts from the saved flash. `words`, {address: value}, and `blocks`,
        {address: bytes}, are in RAM before the first instruction; the rest of RAM is
        0. With runs=False the processor waits for `go`."""
        self.off()
        self.qemu = Qemu([*CHIP, *self._flash(), *self._preset(words or {}, blocks or {}),
                          *self._actions(), *([] if runs else ["-S"]), *self.extra,
                          *extra], self.folder)
        self.lives += 1

    def _flash(self):
        path = self.folder / "flash"
        path.write_bytes(self.flash)
        return self._load(path, 0)

    def _preset(self, words, blocks):
        options = []
        for address, value in words.items():
            options += ["-device", f"loader,addr={address:#x},data={value:#x},"
                        "data-len=4"]
        for address, data in blocks.items():
            path = self.folder / f"ram-{address:x}"
            path.write_bytes(data)
            options += self._load(path, address)
        return options

    @staticmethod
    def _load(path, address):
        return ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]

    def _actions(self):
        return ["-action", "reboot=shutdown,shutdown=pause"] if self.stops else []

    def power_cut(self):
        """Between two instructions: the flash is what it was there, the RAM is gone."""
        self.stop()
        self.save()
        self.off()

    def off(self):
        """Ends QEMU without saving: the next start is from what was saved last."""
        if self.qemu:
            self.qemu.kill()
            self.qemu = None

    def reset(self, keep=(), words=None, extra=(), runs=True):
        """A reset that leaves `keep`, (address, length) pairs of RAM, alone but for
        `words`, {address: value}, within them. It may follow one that the guest asked
        for, or come from outside, as a watchdog's."""
        self.stop()
        for address, value in (words or {}).items():
            self.set_word(address, value)  # before it is read: blocks may not overlap
        blocks = {address: self.read(address, size) for address, size in keep}
        self.save()
        self.power_on(None, blocks, extra, runs)

    # ---- while it has power ---------------------------------------------------------

    def stop(self):
        self.qemu.qmp.command("stop")

    def go(self):
        self.qemu.qmp.command("cont")

    def save(self):
        """Keeps the flash as it is now. Of a chip that runs, a moment's."""
        self.flash = self.read(0, FLASH_SIZE)
        return self.flash

    def wants_reset(self, seconds=0):
        """Did the guest ask for a reset? Waits for that at most so long. True only once
        for each; the processor stands still since."""
        said = self.qemu.qmp.event("SHUTDOWN", seconds)
        if said is None:
            return False
        if said["data"]["reason"] != "guest-reset":
            raise Unexpected(f"QEMU stops: {said['data']['reason']}")
        return True

    def read(self, address, size):
        return self.qemu.memory.read(address, size)

    def word(self, address):
        return self.qemu.memory.word(address)

    def set_word(self, address, value):
        self.qemu.memory.set_word(address, value)

    @property
    def uart(self):
        """A connected socket to the chip's serial port: what is sent, it receives as
        fast as it reads; bytes both ways, no edges."""
        return self.qemu.uart
