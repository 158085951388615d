#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the parsers and judges with Frama-C's WP: for any input no run-time error, an
end, and what their contracts say (the comments that begin with @ in src/).

A file whose source, contracts, options and tools are as they were at an earlier proof is
not proved again; --fresh proves it anyway. A run over all files leaves in
tests/prove/proved.json what it proved. --ci proves what is not in that record, and of the
rest another part each day, in two minutes; it says which. Ends 0 = every goal is proved,
1 = not, 3 = a tool is missing.
"""
import argparse
import json
import sys
import time
from pathlib import Path

import earlier
import units
from frama import MISSING, Prover, Trouble

ROOT = Path(__file__).resolve().parent.parent.parent


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev prove", description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="rows for a program")
    parser.add_argument("--only", metavar="FILE", help="only this source (crc, src/crc.c)")
    parser.add_argument("--fresh", action="store_true", help="look at no earlier proof")
    parser.add_argument("--ci", action="store_true",
                        help="what is not in the record, and a part of the rest")
    parser.add_argument("--build", metavar="DIR", type=Path, help="build folder",
                        default=ROOT / "build-prove")
    return parser.parse_args()


def chosen(only):
    names = [unit for unit in units.UNITS if only in (None, unit)
             or Path(only).stem == unit]
    if not names:
        raise Trouble(f"{only}: not among {' '.join(units.UNITS)}")
    return names


def table(rows):
    yield f"{'file':<12} {'proved':>7} {'goals':>6} {'seconds':>8}"
    for row in rows:
        seconds = "as before" if row["cached"] else f"{row['seconds']:.0f}"
        yield f"{row['file']:<12} {row['proved']:>7} {row['goals']:>6} {seconds:>9}"
        for goal in row["open"]:
            yield f"    open: {goal}"
        for cast in row["casts"]:
            yield f"    a cast that the memory model does not cover: {cast}"
    proved, goals = (sum(row[key] for row in rows) for key in ("proved", "goals"))
    yield f"{'all':<12} {proved:>7} {goals:>6}"


def around(rows):
    """What the figures do not say."""
    now = [row["file"] for row in rows if not row["cached"]]
    before = [row["file"] for row in rows if row["cached"]]
    yield f"proved now: {' '.join(now) or 'none'}"
    yield f"proved earlier, of the same bytes: {' '.join(before) or 'none'}"
    yield "not proved yet:"
    yield from (f"  {what}" for what in units.OPEN)
    yield "assumed:"
    yield from (f"  {what}" for what in units.ASSUMED)


def good(row):
    return row["goals"] > 0 and row["proved"] == row["goals"] and not row["casts"]


def proved(args):
    """Rows of the table."""
    prover = Prover(ROOT, args.build, args.fresh or args.ci)
    tasks = [prover.task(name) for name in chosen(args.only)]
    if args.ci:
        return earlier.prove_some(prover, tasks, day=int(time.time() / 86400))
    rows = []
    for task in tasks:
        rows.append(prover.prove(task))
        if not args.json and sys.stderr.isatty():
            print(task.unit, rows[-1]["proved"], "of", rows[-1]["goals"], file=sys.stderr)
    if args.only is None and all(map(good, rows)):
        earlier.record(tasks, rows)
    return rows


def main():
    args = arguments()
    if MISSING:
        print(f"prove: {' '.join(MISSING)} not installed")
        return 3
    try:
        rows = proved(args)
    except Trouble as trouble:
        print(f"prove: {trouble}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({"files": rows, "open": units.OPEN,
                          "assumed": units.ASSUMED}, indent=1))
    else:
        print("\n".join([*table(rows), *around(rows)]))
    return 0 if all(map(good, rows)) else 1


if __name__ == "__main__":
    sys.exit(main())
