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

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from size import maps  # noqa: E402

KB = 1024
SHARES = (  # the first that matches an object's path
    ("engine", re.compile(r"libferry-(boot|device|recovery)\.a")),
    ("crypto", re.compile(r"libsodium-(target|crypto)\.a")),
    ("startup", re.compile(r"startup\.c\.o")),
    ("C library", re.compile(r"lib(c|gcc|c_nano|nosys)\.a")),
    ("port", re.compile(r".")),
)
FLASH = (".text", ".data")
BUDGETS = (  # programs for a Cortex-M4, what is counted, bytes
    (re.compile(r"^nrf52\d+-bootloader\.map$"), "in all", 44 * KB),
    (re.compile(r"^nrf52\d+-bootloader-recovery\.map$"),
     "apart from crypto and startup", 15 * KB),
)


def shares(path):
    """Bytes in flash by share. What lies between two objects is the port's."""
    found = dict.fromkeys((name for name, _ in SHARES), 0)
    for output, whole, lines in maps.outputs(path.read_text(encoding="utf-8")):
        if output not in FLASH:
            continue
        found["port"] += whole
        for piece in maps.pieces(lines):
            if piece.name == "*fill*":
                continue
            name = next(n for n, pattern in SHARES if pattern.search(piece.owner))
            found["port"] -= piece.size
            found[name] += piece.size
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
