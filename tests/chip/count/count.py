#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what the engine costs on a Cortex-M4, in instructions, exactly and repeatably,
and holds it to its limits: per byte of image, per block, for the gates, for a start.
Flash driver, SHA-256, signature and transport are not the engine's and stand apart.

usage: count.py [--json] [--functions] BUILD      made with -Dchip=mps2
Ends 0: within the limits, 1: past one, 3: no QEMU or no compiler.
"""
import argparse
import collections
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from elf import Symbols

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "house")]
import mps2  # noqa: E402
from house import Report  # noqa: E402

BLOCK = 4096
IMAGE = 65536
PER_BYTE_MAX = 48
BOOT_THREE_MAX = 60000
BOOT_FULL_MAX = 150000
# MTU, chunk, chunk buffers: a phone of today, the largest chunk, the smallest link. That
# one takes seven calls and an ack a chunk, and is slow enough to be held to no limit.
LINKS = ((247, 128, 16), (247, 256, 16), (23, 128, 16), (23, 128, 3))
MTU_HELD = 247
HASHING = "ferry_verify_step"
FACTORY = 8192  # bytes of the image that boots there
LARGEST = 25

Row = collections.namedtuple("Row", "name value limit")


class Counts:
    """Of one run: instructions by phase, part, verb and function; calls by phase and
    verb, with the dearest of them."""

    def __init__(self, symbols, text):
        self.cells, self.calls = [], []
        phases = [name for _, name in symbols.marked("count_phase_")]
        parts = [""] + [name for _, name in symbols.marked("count_part_")]
        verbs = [name for _, name in symbols.verbs()]
        for line in text.splitlines():
            word, phase, *rest = line.split()
            if word == "count":
                part, verb, addr, count = rest
                self.cells.append((phases[int(phase)], parts[int(part)], verbs[int(verb)],
                                   symbols.function(int(addr, 16)), int(count)))
            else:
                verb, calls, most = rest
                self.calls.append((phases[int(phase)], verbs[int(verb)], int(calls),
                                   int(most)))

    def sum(self, phase, who, part=None):
        return sum(count for ph, pa, verb, _, count in self.cells
                   if ph == phase and verb.startswith(who) and part in (None, pa))

    def most(self, phase, who):
        """The dearest single call, and how many there were."""
        found = [(most, calls) for ph, verb, calls, most in self.calls
                 if ph == phase and verb.startswith(who)]
        return max((most for most, _ in found), default=0), sum(n for _, n in found)

    def functions(self, phase, who):
        """{function: instructions} of a phase."""
        found = collections.Counter()
        for ph, _, verb, function, count in self.cells:
            if ph == phase and verb.startswith(who):
                found[function] += count
        return found


# ---- run ---------------------------------------------------------------------------


def write_plan(symbols, path):
    lines = [f"{name} {low:x} {high:x}" for name, (low, high) in (
        ("engine", symbols.range("engine")), ("library", symbols.range("libc")))]
    for word, found in (("phase", symbols.marked("count_phase_")),
                        ("part", symbols.marked("count_part_")),
                        ("verb", symbols.verbs()), ("function", symbols.engine())):
        lines += [f"{word} {addr:x} 0" for addr, _ in found]
    path.write_text("\n".join(lines) + "\n")


class Counter:
    """Runs the program under the plugin."""

    def __init__(self, build, folder):
        self.program = build / "tests" / "chip" / "count" / "mps2-count.elf"
        self.symbols = Symbols(self.program)
        self.plugin, self.plan = folder / "plugin.so", folder / "plan"
        self.out, self.flash = folder / "counts", folder / "flash"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(self.plugin),
                        str(HERE / "plugin.c")], check=True)
        write_plan(self.symbols, self.plan)
        mps2.blank_flash(self.flash)

    def run(self, life):
        code, lines = mps2.run(self.program, self.flash, "-append", life, "-plugin",
                               f"{self.plugin},plan={self.plan},out={self.out}",
                               icount=None)
        if code != 0:
            raise RuntimeError(f"{life}: exit code {code}\n" + "\n".join(lines))
        return Counts(self.symbols, self.out.read_text())


# ---- what it says ------------------------------------------------------------------


def transfer_rows(counter, mtu, chunk, pool):
    counts = counter.run(f"transfer {mtu} {chunk} {pool} {IMAGE}")
    device = "ferry_device_"
    name = f"MTU {mtu}, chunk {chunk}, pool {pool}"
    whole = counts.sum("fill", device)
    once = counts.sum("fill", device, "block")
    limit = PER_BYTE_MAX if mtu == MTU_HELD else None
    yield Row(f"{name}: a chunk's way, per byte", (whole - once) / IMAGE, limit)
    yield Row(f"{name}: with its block's share, per byte", whole / IMAGE, limit)
    yield Row(f"{name}: per block (erase, blank check, hash)", once * BLOCK / IMAGE, None)
    yield Row(f"{name}: dearest call of a verb", counts.most("fill", device)[0], None)
    if (mtu, chunk, pool) == LINKS[0]:
        yield Row("offer: hello, envelope, policy", counts.sum("offer", device), None)
        yield Row("verify: both gates and the commit", counts.sum("verify", device), None)
        yield Row("courier: per byte sent", counts.sum("fill", "ferry_courier_") / IMAGE,
                  None)


def boot_rows(counts):
    """Without the loop that hands the image to SHA-256, which grows with the image."""
    for phase, title, limit in (
            ("boot_three", "three updates in the journals", BOOT_THREE_MAX),
            ("boot_full", "ever fuller journals, the dearest start", BOOT_FULL_MAX)):
        most, starts = counts.most(phase, "ferry_boot")
        hashing = counts.functions(phase, "ferry_boot")[HASHING] // starts
        yield Row(f"boot: {title}", most - hashing, limit)
        yield Row(f"boot: {title}, with {FACTORY} bytes handed to SHA-256", most, None)


def measure(build, folder, functions):
    counter = Counter(build, folder)
    rows = [row for link in LINKS for row in transfer_rows(counter, *link)]
    boots = counter.run("boot")
    rows += boot_rows(boots)
    if functions:
        show_functions("fill", counter.run("transfer %d %d %d %d" % (*LINKS[0], IMAGE)),
                       "fill", "ferry_device_", IMAGE)
        show_functions("boot, three updates", boots, "boot_three", "ferry_boot", 1)
        show_functions("boot, ever fuller journals", boots, "boot_full", "ferry_boot", 1)
    return rows


def show_functions(title, counts, phase, who, divisor):
    print(f"\n{title}: instructions by function" + (", per byte" if divisor > 1 else ""))
    for function, count in counts.functions(phase, who).most_common(LARGEST):
        print(f"  {count / divisor:12.2f}  {function}")


def show(rows):
    print(f"{'Cortex-M4 instructions of the engine':66} {'counted':>10} {'limit':>7}")
    for row in rows:
        value = f"{row.value:10.2f}" if isinstance(row.value, float) else \
            f"{row.value:10d}"
        limit = "-" if row.limit is None else str(row.limit)
        past = row.limit is not None and row.value > row.limit
        print(f"{row.name:66} {value} {limit:>7}{'  NO' if past else ''}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="the rows, for a program")
    parser.add_argument("--functions", action="store_true",
                        help="the dearest functions, too")
    parser.add_argument("build", type=Path)
    return parser.parse_args()


def main():
    args = arguments()
    missing = mps2.missing() or (None if shutil.which("cc") else "cc is not installed")
    if missing:
        print(f"count: {missing}", file=sys.stderr)
        sys.exit(3)
    with tempfile.TemporaryDirectory(prefix="ferry-count-") as folder:
        rows = measure(args.build, Path(folder), args.functions)
    if args.json:
        print(json.dumps([row._asdict() for row in rows], indent=1))
        sys.exit(any(row.limit is not None and row.value > row.limit for row in rows))
    show(rows)
    report = Report()
    for row in rows:
        if row.limit is not None:
            report.check([] if row.value <= row.limit
                         else [(row.name, f"{row.value:.0f}, {row.limit} at most")])
    report.end()


if __name__ == "__main__":
    main()
