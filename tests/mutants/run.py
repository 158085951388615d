#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the engine, one small mistake at a time, and wants a test to notice.

Hand mutants (hand/) are mistakes that were made somewhere or could be; each must die by
the test that it names. Mechanical ones (operators.py) are all negated conditions, ones
off and left out statements of some sources; of all of them 95 in 100 must die, and who
lives must be argued (survivors.txt). Ends 0 = so it is, 1 = not, 3 = a tool is missing.
"""
import argparse
import json
import random
import shutil
import sys
from pathlib import Path

import judge
import report
import tables
from engine import Engine, Trouble, set_up
from operators import applied, mutants
from source import Source
from suite import Suite, build_programs, limit_children, programs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORKERS = 2
TOOLS = ("gcc", "gcov", "meson", "ninja")
MECHANICAL = [f"src/{name}.c" for name in (
    "journal", "bank", "flash", "boot", "boot_judge", "verify", "trial", "policy")]


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev mutants", description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="rows for a program")
    parser.add_argument("--hand", action="store_true", help="only those made by hand")
    parser.add_argument("--mechanical", action="store_true", help="only the mechanical")
    parser.add_argument("--only", metavar="FILE", help="only mutants of this source")
    parser.add_argument("--sample", metavar="N", type=int,
                        help="only so many of them, by chance")
    parser.add_argument("--seed", metavar="S", type=int, default=1, help="of --sample")
    parser.add_argument("--build", metavar="DIR", type=Path, help="build folder",
                        default=ROOT / "build-mutants")
    return parser.parse_args()


def source_of(file):
    return Source(file, (ROOT / file).read_text(encoding="utf-8"))


def hand_cases(only):
    found = []
    for h in tables.hand_mutants(ROOT, HERE / "hand"):
        if only in (None, h.file):
            source = source_of(h.file)
            found.append(judge.Case(h.file, source.line_at(h.place),
                                    source.function_at(h.place), "hand", h.before,
                                    h.after, h.text, h))
    return found


def mechanical_cases(files):
    found = []
    for file in files:
        source = source_of(file)
        found += [judge.Case(m.file, m.line, m.function, m.kind, m.before, m.after,
                             applied(source, m), m) for m in mutants(source)]
    return found


def chosen(args):
    """The cases to judge, and the arguments for those that may live."""
    only = f"src/{Path(args.only).stem}.c" if args.only else None
    files = [f for f in MECHANICAL if only in (None, f)]
    hand = [] if args.mechanical and not args.hand else hand_cases(only)
    mechanical = [] if args.hand and not args.mechanical else mechanical_cases(files)
    argued = tables.survivors((HERE / "survivors.txt").read_text(encoding="utf-8"))
    if mechanical:
        strange = tables.strangers(argued, [c.origin for c in mechanical], set(files))
        if strange:
            raise tables.Stale("survivors.txt: no such mutant any more:\n"
                               + "\n".join(map(tables.shown, strange)))
    cases = hand + mechanical
    if not cases:
        raise Trouble("no mutants to judge")
    if args.sample is not None and args.sample < len(cases):
        picked = random.Random(args.seed).sample(range(len(cases)), args.sample)
        cases = [cases[n] for n in sorted(picked)]
    return cases, argued


def prepared(build, cases):
    """The suite, built and run once without a mutant."""
    build = build.resolve()
    report.say("building the tests")
    set_up(ROOT, build)
    build_programs(build, programs(build))
    names = sorted({Path(c.file).name for c in cases})
    suite = Suite(build, Engine(ROOT, build), names, build / "mutants")
    report.say("running them without a mutant")
    suite.prepare()
    judge.in_parallel(WORKERS, suite.learn, suite.programs.values())
    return suite


def main():
    args = arguments()
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print(f"mutants: {' '.join(missing)} not installed")
        return 3
    try:
        cases, argued = chosen(args)
        limit_children()
        suite = prepared(args.build, cases)
        verdicts = judge.all_of(suite, cases, WORKERS, report.Progress(len(cases)))
    except (Trouble, tables.Stale) as trouble:
        print(f"mutants: {trouble}", file=sys.stderr)
        return 1
    whole = args.only is None and args.sample is None
    outcome = report.Outcome(cases, verdicts, argued, whole)
    print(json.dumps(outcome.as_json(), indent=1) if args.json else outcome.as_text())
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
