# SPDX-License-Identifier: Apache-2.0
"""The processors: how each one's compiler is called and how its programs are run. Knows
no test.

"runs": None compiles the engine and no more, without a C library; a list is what a
program's path is handed to.
"""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

AVR = ["-mmcu=atmega1284p", "-DF_CPU=8000000UL", "-std=gnu11"]
SIMAVR = ["simavr", "-m", "atmega1284p", "-f", "8000000"]


def bare(name, *command):
    """A target without a C library: the engine compiles for it, without a warning."""
    return {"name": name, "cc": list(command) + ["-std=c11", "-ffreestanding",
                                                 "-Iports/freestanding"],
            "runs": None}


TARGETS = [
    {"name": "avr", "cc": ["avr-gcc", *AVR], "ar": "avr-ar", "runs": SIMAVR,
     "small": True, "start": "tests/portable/avr.c"},
    {"name": "aarch64", "cc": ["aarch64-linux-gnu-gcc", "-std=gnu11", "-static"],
     "ar": "aarch64-linux-gnu-ar", "runs": ["qemu-aarch64"]},
    {"name": "i686", "cc": ["i686-linux-gnu-gcc", "-std=gnu11", "-static"],
     "ar": "i686-linux-gnu-ar", "runs": ["qemu-i386"]},
    bare("cortex-m0", "arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"),
    bare("riscv32", "riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32"),
    bare("android", "clang", "--target=aarch64-linux-android24"),
    bare("ios", "clang", "--target=arm64-apple-ios13"),
    bare("macos", "clang", "--target=arm64-apple-macos11"),
]


def warnings():
    """The project's own: Meson's level 2, and what meson.build adds."""
    added = re.findall(r"'(-W[\w-]+)'", (ROOT / "meson.build").read_text())
    return ["-Wall", "-Wextra", *added]
