# SPDX-License-Identifier: Apache-2.0
"""What `./dev firmware` does, as a table: steps that build, and steps that show
something. Knows commands and about how long each takes; does not run them."""
import collections
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHIP = ROOT / "tests" / "chip"
CROSS = ROOT / "tools" / "cross"
PYTHON = sys.executable

sys.path.insert(0, str(ROOT / "tools"))
from builds import set_up  # noqa: E402
from sodium_source import unpacked  # noqa: E402

# What of this machine's build takes part: a phone and its like, the factory's tool.
HOST = ("tools/ferry/ferry", "examples/board/phone", "tests/chip/cut/cut-goods",
        "tests/chip/cut/cut-phone", "tests/chip/cut/cut-stores.so",
        "tests/tool/tool-device")
DEAF_S = 3  # the deaf image's trial; a real one's lasts 72 h
# Who lacks one of these is told the package.
TOOLS = {"qemu-system-arm": "qemu-system-arm",
         "arm-none-eabi-gcc": "gcc-arm-none-eabi", "meson": "meson",
         "ninja": "ninja-build", "gcc": "gcc", "dpkg-source": "dpkg-dev"}

# `command()` is asked when the step's turn has come; an empty one: there is nothing to
# do. `builds`: without it nothing can be shown. `usual_s`: on two idle cores, from
# nothing. `speaks_json`: it knows --json.
Step = collections.namedtuple("Step", "name builds speaks_json usual_s command")


class Folders:
    """Where things are built."""

    def __init__(self, builds):
        self.logs = builds / "build-logs"
        self.host = builds / "build-test"
        self.nrf52 = builds / "build-nrf52"  # for the emulated part, a Cortex-M0
        self.real = builds / "build-nrf52-m4"  # for the parts one can buy
        self.mps2 = builds / "build-mps2"
        self.sodium = builds / "build-sodium"


def lacking():
    """What is missing, by its package."""
    return [f"{tool} (package {package})" for tool, package in TOOLS.items()
            if not shutil.which(tool)]


def cross(folder, cpu, chip, sodium, *more):
    return set_up(folder, "--cross-file", CROSS / f"{cpu}.ini", f"-Dchip={chip}",
                  f"-Dsodium_source={unpacked(sodium)}", *more)


def sodium_step(f):
    return Step("libsodium's source", True, False, 5, lambda: [
        PYTHON, ROOT / "tools" / "sodium_source.py", f.sodium])


def mps2_steps(f):
    """Behind the step above, all that this board's programs need."""
    return [
        Step("MPS2: set up", True, False, 3, lambda: cross(
            f.mps2, "cortex-m4", "mps2", f.sodium)),
        Step("MPS2: build", True, False, 15, lambda: ["ninja", "-C", f.mps2]),
    ]


def build_steps(f):
    return [
        sodium_step(f),
        Step("host: set up", True, False, 5, lambda: set_up(
            f.host, "-Dposix=enabled", "-Dtests=enabled", "-Dfleet=enabled")),
        Step("host: build", True, False, 25, lambda: ["ninja", "-C", f.host, *HOST]),
        Step("nRF52: set up", True, False, 3, lambda: cross(
            f.nrf52, "cortex-m0", "nrf52", f.sodium, f"-Ddeaf_s={DEAF_S}")),
        Step("nRF52: build", True, False, 15, lambda: ["ninja", "-C", f.nrf52]),
        Step("nRF52, Cortex-M4: set up", True, False, 3, lambda: cross(
            f.real, "cortex-m4", "nrf52", f.sodium)),
        Step("nRF52, Cortex-M4: build", True, False, 15, lambda: ["ninja", "-C", f.real]),
        *mps2_steps(f),
    ]


def show_steps(f, seed, more):
    """`seed` and `more` are arguments of what knows them."""
    def script(*words):
        return [PYTHON, CHIP.joinpath(*words)]
    maps = f.real / "examples" / "nrf52"
    return [
        Step("bootloaders' sizes", False, True, 1, lambda: [
            PYTHON, ROOT / "examples" / "nrf52" / "shares.py",
            *sorted(maps.glob("*bootloader*.map"))]),
        Step("self-test on nRF52", False, False, 10, lambda: [
            *script("selftest_nrf52.py"), f.nrf52]),
        Step("self-test on MPS2", False, False, 40, lambda: [
            *script("selftest.py"), f.mps2]),
        Step("hostile signatures", False, False, 2, lambda: [
            *script("hostile.py"), f.mps2]),
        Step("their ELF files signed", False, False, 2, lambda: [
            "env", f"FERRY_NRF52_DIR={f.nrf52 / 'examples' / 'nrf52'}", PYTHON,
            ROOT / "tests" / "tool" / "tool_test.py", f.host / "tools" / "ferry" / "ferry",
            f.host / "tests" / "tool" / "tool-device", "nrf52"]),
        Step("instructions", False, True, 20, lambda: [
            *script("count", "count.py"), f.mps2]),
        Step("painted stack", False, True, 20, lambda: [
            *script("count", "stack.py"), f.mps2]),
        Step("MPS2 journey", False, False, 20, lambda: [
            *script("mps2_journey.py"), f.mps2,
            f.host / "tools" / "ferry" / "ferry"]),
        Step("journeys", False, True, 120, lambda: [
            *script("journeys.py"), f.host, f.nrf52, *seed, *more]),
        Step("power cuts", False, True, 150, lambda: [
            *script("cut", "run.py"), f.host, f.nrf52, *seed, *more]),
        Step("planted bugs", False, True, 60, lambda: [
            *script("cut", "run.py"), f.host, f.nrf52, *seed, "--plant", "all"]),
    ]
