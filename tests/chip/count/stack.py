#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the engine uses of the stack on a Cortex-M4, as paint shows it while one device
lives through everything that goes deep. Crypto, flash driver and application run on
another stack; the measuring itself is left out.

usage: stack.py [--json] BUILD      made with -Dchip=mps2
Ends 0: within the limit, 1: past it, 3: no QEMU.
"""
import argparse
import json
import re
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "house")]
import mps2  # noqa: E402
from house import Report  # noqa: E402

LIMIT = 768
# Who has these verbs, and how it is called in a table.
ENDS = (("ferry-device", "ferry_device_"), ("  start of its journal", "ferry_app_journal_"),
        ("ferry-courier", "ferry_courier_"), ("ferry-boot", "ferry_boot"))


def measure(build):
    """{verb: bytes}; RuntimeError if the life did not go as it should."""
    program = build / "tests" / "chip" / "count" / "mps2-stack.elf"
    with tempfile.TemporaryDirectory(prefix="ferry-stack-") as folder:
        flash = mps2.blank_flash(Path(folder) / "flash")
        code, lines = mps2.run(program, flash, icount=None)
    if code != 0:
        raise RuntimeError(f"exit code {code}\n" + "\n".join(lines))
    return {name: int(used) for name, used in
            re.findall(r"^(\w+) (\d+)$", "\n".join(lines), re.M)}


def rows(verbs):
    """For each end its deepest verb."""
    for name, prefix in ENDS:
        used, verb = max((used, verb) for verb, used in verbs.items()
                         if verb.startswith(prefix))
        yield {"name": name, "arch": "m4", "stack": used, "verb": verb, "limit": LIMIT}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="the rows, for a program")
    parser.add_argument("build", type=Path)
    return parser.parse_args()


def main():
    args = arguments()
    if mps2.missing():
        print(f"stack: {mps2.missing()}", file=sys.stderr)
        sys.exit(3)
    found = list(rows(measure(args.build)))
    # ./dev size shows it beside what it computes.
    (Path(args.build) / "painted.json").write_text(json.dumps(found), encoding="utf-8")
    if args.json:
        print(json.dumps(found, indent=1))
        sys.exit(any(row["stack"] > row["limit"] for row in found))
    report = Report()
    print(f"{'painted stack, Cortex-M4, bytes':32} {'used':>5} {'limit':>6}  deepest verb")
    for row in found:
        past = row["stack"] > row["limit"]
        print(f"{row['name']:32} {row['stack']:5} {row['limit']:6}  {row['verb']}"
              f"{'  NO' if past else ''}")
        report.check([(row["name"], f"{row['stack']} bytes, {LIMIT} at most")] if past
                     else [])
    report.end()


if __name__ == "__main__":
    main()
