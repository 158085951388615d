#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the power of an emulated chip wherever a store of it reaches flash or the flash
controller, in two complete updates (offer, transfer, verify, commit, trial, confirm),
and starts it from each state that this leaves, and from the torn ones between.

Each power-on is recorded once and replayed to the instruction; RAM does not survive, so
what stands in flash after each store is all there is to cut. Of one journal record
every instruction is walked, to show that. What is recorded differs a little from run to
run; a state that fails is saved, and does not. Ends 0 if all of it boots old or new,
the same twice, and can be finished; 3 if a tool is missing. With a planted bug it stops
at the first finding, and ends 0 if there was one.

usage: run.py HOST-BUILD FIRMWARE-BUILD [--json] [--all] [--seed S] [--plant NAME]
              [--jobs N] [--keep DIR] [--show FILE]
"""
import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

import show  # noqa: E402
from cuts import Effort, Tour  # noqa: E402
from flash import Wrong  # noqa: E402
from made import Made  # noqa: E402
from talk import Unexpected  # noqa: E402

DEFAULT = Effort(4, 3, 8, 24)
ALL = Effort(24, 24, 80, 200)
SOUND = "sound"
PLANTS = ("pointer", "tail", "early")  # chip/careless.c
TOOLS = {"qemu-system-arm": "qemu-system-arm",
         "arm-none-eabi-nm": "binutils-arm-none-eabi"}
MISSING = 3
SAVED_MAX = 20


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.split("usage:")[0],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host", type=Path, help="build folder of the host's programs")
    parser.add_argument("firmware", type=Path, help="build folder of the cross build")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--all", action="store_true",
                        help="more variants, more second cuts; some minutes")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="(default 1)")
    parser.add_argument("--plant", default=SOUND, choices=(SOUND, *PLANTS, "all"),
                        help="cut a bootloader with this bug in it; all: one by one")
    parser.add_argument("--jobs", type=int, default=2, metavar="N",
                        help="chips that are started at a time (default 2)")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="where states that fail are saved (default: cut-states in "
                        "HOST-BUILD)")
    parser.add_argument("--show", type=Path, metavar="FILE",
                        help="a saved state again, start by start")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def save(args, plant, findings):
    """Says how each is seen again."""
    keep = args.keep or args.host / "cut-states"
    for number, finding in enumerate(findings[:SAVED_MAX]):
        keep.mkdir(parents=True, exist_ok=True)
        path = keep / f"{plant}-{args.seed}-{number}.json"
        show.save(path, plant, finding)
        case = finding.case
        say(f"{finding.kind}: {finding.what}\n  power-on {case.leg}, after instruction "
            f"{case.icount}, {case.name}\n  see it again: {sys.argv[0]} {args.host} "
            f"{args.firmware} --show {path}")


def tour(args, plant):
    """The numbers, and whether they are what they should be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ferry-cut-") as folder:
        made = Made(args.host, args.firmware, plant, folder)
        of_it = Tour(made, ALL if args.all else DEFAULT, args.seed, args.jobs, say,
                     until_found=plant != SOUND)
        of_it.go()
    save(args, plant, of_it.findings)
    result = {"plant": plant, "seed": args.seed, **of_it.numbers(),
              "seconds": round(time.monotonic() - began, 1)}
    return result, bool(of_it.findings) == (plant != SOUND)


def tell(args, result):
    if args.json:
        print(json.dumps(result))
        return
    for name, number in result.items():
        print(f"{name:>20}  {number}")


def cut(args):
    if args.show:
        with tempfile.TemporaryDirectory(prefix="ferry-cut-") as folder:
            return show.show(args, folder)
    plants = PLANTS if args.plant == "all" else (args.plant,)
    tours = [tour(args, plant) for plant in plants]
    if args.plant == "all":
        tell(args, {each["plant"]: "found" if good else "not found"
                    for each, good in tours})
    else:
        tell(args, tours[0][0])
    return 0 if all(good for _, good in tours) else 1


def main():
    args = arguments()
    missing = [f"{tool} (package {package})" for tool, package in TOOLS.items()
               if not shutil.which(tool)]
    if missing:
        say(f"cut: missing: {', '.join(missing)}")
        return MISSING
    try:
        return cut(args)
    except (Unexpected, Wrong) as why:
        say(f"cut: {why}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
