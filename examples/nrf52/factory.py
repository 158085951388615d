#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole flash of a new device: what `ferry factory --bin` makes (identity block,
image of bank 0), the bootloader, and the device's own key. Knows layout.h's addresses;
does not know what the bytes mean.

usage: factory.py FACTORY.bin BOOTLOADER.bin DEVICE.key DEVICE.pub FLASH.bin
"""
import base64
import sys
from pathlib import Path

BOOTLOADER, BOOTLOADER_LEN = 0x00000, 0x10000
KEY = 0x11000
RAW_KEY = 32  # bytes at the end of what a PEM file of `ferry keygen` holds
ERASED = 0xFF


def raw_key(path):
    text = Path(path).read_text(encoding="ascii")
    body = "".join(line for line in text.splitlines() if "-" not in line)
    return base64.b64decode(body)[-RAW_KEY:]


def put(flash, at, data, what):
    if any(byte != ERASED for byte in flash[at:at + len(data)]):
        sys.exit(f"factory: {what} does not fit at {at:#x}: something is there already")
    flash[at:at + len(data)] = data


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__.strip().splitlines()[-1])
    factory, bootloader, key, public, out = sys.argv[1:]
    flash = bytearray(Path(factory).read_bytes())
    program = Path(bootloader).read_bytes()
    if len(program) > BOOTLOADER_LEN:
        sys.exit(f"factory: a bootloader of {len(program)} bytes is too long")
    put(flash, BOOTLOADER, program, "the bootloader")
    put(flash, KEY, raw_key(key) + raw_key(public), "the device's key")
    Path(out).write_bytes(flash)


if __name__ == "__main__":
    main()
