# SPDX-License-Identifier: Apache-2.0
"""What the two build folders hold: the program that no update touches, its symbols, the
releases, and the flash of a new device. Knows names of files; does not know what is
done with any of it."""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from talk import Unexpected  # noqa: E402

RELEASES = 3


def asked(*command):
    """What a program says; that it fails is unexpected."""
    try:
        return subprocess.run([str(word) for word in command], capture_output=True,
                              text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as why:
        raise Unexpected(f"{Path(command[0]).name}: {why}") from None


class Made:
    """`host` and `firmware` are build folders, the second one of a cross build; `plant`
    names the program on the chip, the sound one or one with a bug."""

    def __init__(self, host, firmware, plant, folder):
        self.host = Path(host).resolve() / "tests" / "chip" / "cut"
        self.firmware = Path(firmware).resolve() / "tests" / "chip" / "cut" / "chip"
        self.folder = Path(folder)
        self.plugin = self.host / "cut-stores.so"
        self.program = (self.firmware / f"cut-{plant}.bin").read_bytes()
        self.symbols = self._symbols(self.firmware / f"cut-{plant}.elf")
        for bank in (0, 1):
            name = f"image-{bank}.bin"
            (self.folder / name).write_bytes((self.firmware / name).read_bytes())
        self.layout = json.loads(asked(self.host / "cut-goods", self.folder, RELEASES))
        self.factory = (self.folder / "factory.bin").read_bytes()
        self.base, self.end = self.layout["base"], self.layout["end"]
        self.images = [self._image(number) for number in range(RELEASES)]

    @staticmethod
    def _symbols(elf):
        lines = (line.split() for line in asked("arm-none-eabi-nm", elf).splitlines())
        return {words[2]: int(words[0], 16) for words in lines if len(words) == 3}

    def _image(self, number):
        return self.artifact(number).read_bytes()[-self.layout["image_len"]:]

    def artifact(self, number):
        return self.folder / f"{number}.ferry"

    def flash(self, region):
        """A flash up to the region's end: the program, and what stands in the
        region."""
        return self.program + b"\xff" * (self.base - len(self.program)) + region

    def release_at(self, region, address):
        """Whose image, bit for bit, a jump to this address would start; or None."""
        if address not in self.layout["link"]:
            return None
        first = address - self.base
        there = region[first:first + self.layout["image_len"]]
        return self.images.index(there) if there in self.images else None

    def phone(self, sock, release, seconds=60):
        """A phone that brings this release over its end of a socket."""
        return subprocess.Popen(
            [self.host / "cut-phone", str(sock.fileno()), str(seconds),
             self.artifact(release)], pass_fds=[sock.fileno()], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def boot_journal(self):
        """Where the bootloader may write: offset in the region, length."""
        return (self.layout["boot_journal"] - self.base, 2 * self.layout["erase_unit"])
