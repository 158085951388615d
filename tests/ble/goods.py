# SPDX-License-Identifier: Apache-2.0
"""What an update over Bluetooth is made of: images, releases, a device's flash as its
factory left it. Stands on the board's bench; knows no stack, and asserts nothing."""
import os
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "board"))

from kit import HEADER, Bench  # noqa: E402

FLASH_BYTES = 1 << 20
BANKS = {0: 0x10000, 1: 0x80000}  # as device.map has them
FIRMWARE = Path(os.environ.get("FERRY_FIRMWARE_DIR",
                               ROOT.parent / "shared" / "firmware"))


def real_images(cap=0x6F000):
    """Firmware that fits a bank, if there is any here."""
    found = sorted(FIRMWARE.glob("*.bin")) if FIRMWARE.is_dir() else []
    return [path for path in found if path.stat().st_size <= cap]


def version(number):
    return f"1.{number}.0"


class Goods:
    """A folder with one device and the releases for it."""

    def __init__(self, build, folder):
        self.bench = Bench(build, folder)
        self.folder = self.bench.folder
        self.ble = Path(build).resolve() / "examples" / "ble"
        self.images = {}
        self.made(0, random.Random(0).randbytes(20000))
        layout = ROOT / "examples" / "ble" / "device.map"
        self.device = self.bench.make_board(version(0), layout=layout, size=FLASH_BYTES)

    def made(self, number, image):
        """The artifacts of version 1.NUMBER.0 around these bytes."""
        path = self.folder / f"image-{number}.bin"
        path.write_bytes(image)
        self.images[number] = image
        folder = self.bench.release(version(number), image=path)
        return sorted(folder.glob("*.ferry"))

    def device_command(self):
        return [self.ble / "ble-device", self.device / "flash",
                self.device / "device.seed"]

    def phone_command(self, artifacts, patience_s):
        return [self.ble / "ble-phone", str(patience_s),
                self.bench.key("device.pub").hex(), *artifacts]

    def bank_holds(self, bank, number):
        image = self.images[number]
        with open(self.device / "flash", "rb") as flash:
            flash.seek(BANKS[bank] + HEADER)
            return flash.read(len(image)) == image
