#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What says where things lie on the nRF52 boards says it alike: the maps for the factory,
the heads for the programs, the addresses for the linker, the parts' flash. And the
factory takes each map.

usage: maps.py ROOT FERRY
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "house"))
from house import Report  # noqa: E402

PARTS = {"model": "model/part_model.c", "nrf52840": "part_nrf52840.c",
         "nrf52832": "part_nrf52832.c"}
CLASS = "7cd12f5a-0b5e-5a77-9e3b-504c16e10f42"
DEVICE = "2c7a8d52-90b4-4a1c-8f0e-5d3b6e9a7c11"


def numbers(text):
    return [int(word, 0) for word in re.findall(r"0x[0-9A-Fa-f]+|\b\d+", text)]


def read_map(path):
    """Key -> its numbers; `reserved` -> all of them, in a row."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("#")[0].partition("=")
        if value:
            found.setdefault(key.strip(), []).extend(numbers(value))
    return found


def defined(path):
    """NAME -> number of a head's plain definitions."""
    text = path.read_text(encoding="utf-8")
    return {name: int(value, 0) for name, value
            in re.findall(r"^#define (\w+) (0x[0-9A-Fa-f]+|\d+)UL", text, re.M)}


def linked(root, part):
    """Place -> (address, length), as the linker is told."""
    text = (root / "examples/nrf52/meson.build").read_text(encoding="utf-8")
    row = re.search(rf"'{part}': (\{{.*?\}})", text, re.S).group(1)
    return {place: (int(at, 0), int(length, 0)) for place, at, length
            in re.findall(r"'(\w+)': \['(\w+)', '(\w+)'\]", row)}


def differences(root, part):
    """Yields (where, what) that do not agree about one part."""
    where = f"examples/nrf52/{part}.map"
    m = read_map(root / where)
    layout = defined(root / "examples/nrf52/layout.h")
    places = linked(root, part)
    flash = (root / "ports/nrf52" / PARTS[part]).read_text(encoding="utf-8")
    header = m["header_len"][0]
    same = {
        "flash": (m["flash"], [0, *numbers(re.search(r"flash_len = (\w+)", flash)[1])]),
        "erase_unit": (m["erase_unit"], numbers(re.search(r"page = (\w+)", flash)[1])),
        "identity": (m["identity"], [layout["LAYOUT_IDENTITY"]]),
        "bootloader": (m["reserved"][:2], list(places["boot"])),
        "its length": (m["reserved"][1], layout["LAYOUT_BOOTLOADER_LEN"]),
        "key": (m["reserved"][2], layout["LAYOUT_KEY"]),
        "scratch": (m["reserved"][-2:], [m["flash"][1] - 0x2000, 0x2000]),
    }
    for n in ("0", "1"):
        at, length = m["bank" + n]
        same["link" + n] = (m["link" + n], [at + header])
        same["program" + n] = (list(places["bank" + n]), [at + header, length - header])
    for what, (one, other) in same.items():
        if one != other:
            yield where, f"{what}: {one} here, {other} elsewhere"


def ram(root):
    """Yields what is wrong between linker script and retained RAM."""
    script = (root / "ports/nrf52/program.ld.in").read_text(encoding="utf-8")
    start, length = numbers(re.search(r"RAM .*: (ORIGIN.*)", script)[1])[:2]
    retained = defined(root / "ports/nrf52/retained.h")["NRF52_RETAINED_ADDR"]
    if start + length != retained:
        yield "ports/nrf52/program.ld.in", f"RAM does not end at {retained:#x}"


def factory(root, ferry, part):
    """Yields what the factory has against a map."""
    with tempfile.TemporaryDirectory() as folder:
        def run(*words):
            return subprocess.run([ferry, *words], cwd=folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, check=False)

        run("keygen", "-o", "release")
        where = str(root / f"examples/nrf52/{part}.map")
        done = run("factory", "--map", where, "--class",
                   CLASS, "--device", DEVICE, "--hw", "1", "--key", "0=release.pub",
                   "--bin", "flash.bin")
        if done.returncode != 0:
            yield f"examples/nrf52/{part}.map", done.stdout.strip()


def main():
    root, ferry, report = Path(sys.argv[1]).resolve(), sys.argv[2], Report()
    for part in PARTS:
        report.check(differences(root, part))
        report.check(factory(root, Path(ferry).resolve(), part))
    report.check(ram(root))
    report.end()


if __name__ == "__main__":
    main()
