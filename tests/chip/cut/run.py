#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the power of an emulated chip wherever a store of it reaches flash or the flash
controller, in two complete updates (offer, transfer, verify, commit, trial, confirm),
and starts it from each state that this leaves, and from the torn ones between.

Each power-on is recorded once and replayed to the instruction; RAM does not survive, so
what stands in flash after each store is all there is to cut. Of one journal record
every instruction is walked, to show that. Ends 0 if all of it boots old or new, the
same twice, and can be finished; with a planted bug (--plant) it stops at the first
finding, and ends 0 if there was one.

usage: run.py HOST-BUILD FIRMWARE-BUILD [--json] [--all] [--seed S] [--plant NAME]
              [--jobs N] [--keep DIR] [--show FILE]
"""
import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import show
from cuts import Effort, Tour
from flash import Wrong
from made import Made
from talk import Unexpected

DEFAULT = Effort(4, 3, 8, 24)
ALL = Effort(24, 24, 80, 200)
SOUND = "sound"
PLANTS = ("pointer", "tail", "early")  # chip/careless.c


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
    parser.add_argument("--plant", default=SOUND, choices=(SOUND, *PLANTS),
                        help="what a bootloader with this bug in it makes of it")
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


def report(args, tour):
    """The numbers, and whether they are what they should be."""
    result = {"plant": args.plant, "seed": args.seed, **tour.numbers()}
    keep = args.keep or args.host / "cut-states"
    if tour.findings:
        keep.mkdir(parents=True, exist_ok=True)
    for number, finding in enumerate(tour.findings[:20]):
        path = keep / f"{args.plant}-{args.seed}-{number}.json"
        show.save(path, args.plant, finding)
        say(f"{finding.kind}: {finding.what}\n  power-on {finding.case.leg}, after "
            f"instruction {finding.case.icount}, {finding.case.name}\n  see it again: "
            f"{sys.argv[0]} {args.host} {args.firmware} --show {path}")
    return result, bool(tour.findings) == (args.plant != SOUND)


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="ferry-cut-") as folder:
        try:
            if args.show:
                sys.exit(show.show(args, folder))
            made = Made(args.host, args.firmware, args.plant, folder)
            tour = Tour(made, ALL if args.all else DEFAULT, args.seed, args.jobs, say,
                        until_found=args.plant != SOUND)
            began = time.monotonic()
            tour.go()
        except (Unexpected, Wrong) as why:
            say(f"cut: {why}")
            sys.exit(1)
        result, good = report(args, tour)
        result["seconds"] = round(time.monotonic() - began, 1)
    if args.json:
        print(json.dumps(result))
    else:
        for name, number in result.items():
            print(f"{name:>18}  {number}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
