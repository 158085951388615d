#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the SoftDevice ports against Nordic's own headers, where
tools/nordic_headers.py has fetched them, and holds the seams' numbers to Nordic's.

usage: headers_test.py ROOT FOLDER-WITH-HEADERS C-COMPILER...
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "house"))
from house import Report  # noqa: E402

ARM = ["arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb", "-DNRF51"]
FLAGS = ["-std=gnu11", "-Os", "-Wall", "-Wextra", "-Werror", "-Wno-unknown-warning-option"]
# S132 3.0 has pointers that are const from version 4 on.
NOT_CONST = ["-Wno-discarded-qualifiers",
             "-Wno-incompatible-pointer-types-discards-qualifiers"]


class Port:
    """One source, the seam that stands in for its headers, and the real ones."""

    def __init__(self, name, source, seam, ours, theirs, flags=(), unlike=()):
        self.name, self.source, self.seam = name, source, seam
        self.ours, self.theirs, self.flags, self.unlike = ours, theirs, flags, unlike


PORTS = (
    Port("SoftDevice flash against S130 1.0",
         "ports/nrf52/softdevice/softdevice_flash.c",
         "ports/nrf52/softdevice/seam/softdevice_soc.h",
         ("include", "ports/nrf52/softdevice/sdk", "ports/nrf52/softdevice"),
         ("s130/softdevice", "s130/device", "s130/cmsis", "s130/system")),
    Port("SoftDevice link against S132 3.0",
         "ports/nrf52/ble/softdevice_ble.c",
         "ports/nrf52/ble/seam/softdevice_ble_api.h",
         ("include", "ports/ble", "tests/port/headers/s132_v3", "ports/nrf52/ble"),
         ("s132/softdevice", "s132/common", "s132/compat"), NOT_CONST,
         ("BLE_GATTS_EVT_HVN_TX_COMPLETE",)),  # an event of version 4
)


def compile_text(cc, root, headers, port, text):
    """What the compiler says about this text; None: it compiles."""
    paths = [word for each in port.ours for word in ("-I", str(root / each))]
    paths += [word for each in port.theirs for word in ("-isystem", str(headers / each))]
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([*cc, *FLAGS, *port.flags, *paths, "-xc", "-c", "-",
                               "-o", str(Path(scratch) / "out.o")], input=text, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.strip()[:2000] if done.returncode else None


def source_compiles(cc, root, headers, port):
    said = compile_text(cc, root, headers, port, f'#include "{root / port.source}"\n')
    if said:
        yield port.source, f"{port.name}, {cc[0]}: does not compile\n{said}"


def numbers(root, port):
    """The seam's constants, which Nordic's headers must have, too."""
    text = (root / port.seam).read_text(encoding="utf-8")
    for name, value in re.findall(r"^#define ([A-Z]\w+) (0x\w+|\d+U?)\b", text, re.M):
        if name not in port.unlike:
            yield name, value


def numbers_agree(cc, root, headers, port):
    wanted = list(numbers(root, port))
    if not wanted:
        yield port.seam, "has no constants"
    lines = [f'#include "{Path(port.seam).name}"']
    lines += [f'_Static_assert({name} == {value}, "{name}");' for name, value in wanted]
    said = compile_text(cc, root, headers, port, "\n".join(lines) + "\n")
    if said:
        yield port.seam, f"{port.name}: not Nordic's numbers\n{said}"


def compilers(port, host):
    """S130's headers have supervisor calls in them: those take an ARM compiler."""
    if shutil.which(ARM[0]):
        yield ARM
    if "s130/softdevice" not in port.theirs:
        yield host


def main():
    root, headers, host = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    report = Report()
    for port in PORTS:
        if not (headers / port.theirs[0]).is_dir():
            report.skip(port.name, "no headers: tools/nordic_headers.py fetches them")
            continue
        able = list(compilers(port, host))
        if not able:
            report.skip(port.name, f"no {ARM[0]}")
        for cc in able:
            report.check(source_compiles(cc, root, headers, port))
            report.check(numbers_agree(cc, root, headers, port))
    report.end()


if __name__ == "__main__":
    main()
