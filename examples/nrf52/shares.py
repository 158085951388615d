#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a bootloader is made of, from the linker's map: engine, crypto, port, C library;
and whether it keeps within its budget. Counts what ends in flash, .data included.

usage: shares.py [--json] MAP...
"""
import json
import re
import sys
from pathlib import Path

KB = 1024
SHARES = (  # the first that matches an object's path
    ("engine", re.compile(r"libferry-(boot|device|recovery)\.a")),
    ("crypto", re.compile(r"libsodium-(target|crypto)\.a")),
    ("startup", re.compile(r"startup\.c\.o")),
    ("C library", re.compile(r"lib(c|gcc|c_nano|nosys)\.a")),
    ("port", re.compile(r".")),
)
FLASH = (".text", ".data")
# One input section: name, address, size, owner. A long name has a line of its own.
NAME_ALONE = re.compile(r"^( \.\S+)\n\s+", re.M)
PIECE = re.compile(r"^ \.\S+\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)$", re.M)
BUDGETS = (  # programs for a Cortex-M4, what is counted, bytes
    (re.compile(r"^nrf52\d+-bootloader\.map$"), "in all", 44 * KB),
    (re.compile(r"^nrf52\d+-bootloader-recovery\.map$"),
     "apart from crypto and startup", 15 * KB),
)


def output_sections(text):
    """Yields (name, size, the lines of what is in it) of the memory map."""
    body = text.split("Linker script and memory map", 1)[1]
    parts = re.split(r"^(\.\w+)\s+0x[0-9a-f]+\s+0x([0-9a-f]+)", body, flags=re.M)
    for name, size, lines in zip(parts[1::3], parts[2::3], parts[3::3]):
        yield name, int(size, 16), lines


def shares(path):
    """Bytes in flash by share. What lies between two objects is the port's."""
    found = dict.fromkeys((name for name, _ in SHARES), 0)
    for section, whole, lines in output_sections(path.read_text(encoding="utf-8")):
        if section not in FLASH:
            continue
        found["port"] += whole
        for size, owner in PIECE.findall(NAME_ALONE.sub(r"\1 ", lines)):
            name = next(n for n, pattern in SHARES if pattern.search(owner))
            found["port"] -= int(size, 16)
            found[name] += int(size, 16)
    return found


def counts(found):
    whole = sum(found.values())
    return {"in all": whole,
            "apart from crypto and startup": whole - found["crypto"] - found["startup"]}


def report(path):
    found = shares(path)
    counted = counts(found)
    row = {"name": path.stem, "shares": found, **counted}
    for program, what, limit in BUDGETS:
        if program.search(path.name):
            row.update(budget=what, limit=limit, within=counted[what] <= limit)
    return row


def show(row):
    print(row["name"])
    for name, size in {**row["shares"], **counts(row["shares"])}.items():
        print(f"  {name:30}{size:7}")
    if "limit" in row:
        verdict = "" if row["within"] else "  NO"
        print(f"  {'limit':30}{row['limit']:7} {row['budget']}{verdict}")


def main():
    paths = [Path(word) for word in sys.argv[1:] if word != "--json"]
    if not paths:
        sys.exit(__doc__.strip().splitlines()[-1])
    rows = [report(path) for path in paths]
    if "--json" in sys.argv:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            show(row)
    return 0 if all(row.get("within", True) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
