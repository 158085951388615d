#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hunts for inputs that break what a fuzz target asserts, or memory, or the language
(libFuzzer with ASan and UBSan, under clang).

Seconds are the processor's, which each process of a target gets: how busy the machine is
changes how long a hunt takes, not what it is worth. Prints for each target the seconds of
all its processes, executions in one such second, the edges that were reached and those that
no earlier input had, and each finding with the command that shows it again. New inputs stay
in the build folder; --merge TARGET takes the fewest that cover new edges into the corpus
(fuzz/corpus). --canfail plants a mistake for each target, which its corpus must find; that
wants gcc only. Ends 0 = nothing was found, 1 = something was, 3 = a tool is missing.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from hunt import Hunt, merge
from targets import FUZZ, targets

ROOT = FUZZ.parent
sys.path.insert(0, str(ROOT / "tools"))
import builds  # noqa: E402

SET_UP = ["-Dposix=enabled", "-Db_lundef=false"]
PROBE = "int LLVMFuzzerTestOneInput(const char *p, long n) { return p == 0 && n > 0; }\n"


class Trouble(Exception):
    """What keeps a hunt from being had."""


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev fuzz", description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("target", nargs="?", metavar="TARGET|all",
                      help=" ".join(t.name for t in targets()))
    what.add_argument("--merge", metavar="TARGET", help="take finds into the corpus")
    what.add_argument("--canfail", action="store_true", help="plant mistakes")
    parser.add_argument("--seconds", type=int, default=60,
                        help="of processor, each process (%(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="processes at a target (%(default)s)")
    parser.add_argument("--seed", type=int, help="of the dice: with --jobs 1, in a new"
                        " build folder, the same inputs come again")
    parser.add_argument("--json", action="store_true", help="rows for a program")
    parser.add_argument("--build", metavar="DIR", type=Path, help="build folder",
                        default=ROOT / "build-fuzz")
    return parser.parse_args()


def chosen(name):
    found = [t for t in targets() if name in ("all", t.name)]
    if not found:
        raise Trouble(f"{name}: not among {' '.join(t.name for t in targets())}")
    return found


# ---- building ------------------------------------------------------------------------

def quiet(command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise Trouble("\n".join([" ".join(map(str, command)),
                                 *done.stdout.strip().splitlines()[-40:]]))


def missing(folder, compiler, probe_flags):
    """What of the tools is not there."""
    for tool in ("meson", "ninja", compiler):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    linked = subprocess.run([compiler, *probe_flags, "-x", "c", "-", "-o",
                             folder / "probe"], input=PROBE, text=True, check=False,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return None if linked.returncode == 0 else "clang's fuzzer is not installed" \
        " (libclang-rt-dev)"


def build(folder, compiler, options, programs):
    how = builds.set_up(folder, *SET_UP, *options)
    if how:
        quiet(how, env={**os.environ, "CC": compiler})
    quiet(["ninja", "-C", folder, *programs])


def fuzzer(args, target):
    return args.build / "clang" / "fuzz" / f"fuzz-{target.name}"


# ---- telling -------------------------------------------------------------------------

def progress(hunts, number):
    """Prints how it goes, where somebody looks."""
    def watch(hunt, used):
        runs, first, most = hunt.now()
        left = max(0, hunt.seconds - used) + hunt.seconds * (hunts - number - 1)
        print(f"\r{hunt.target.name}: {used:.0f} s of {hunt.seconds}, {runs} runs,"
              f" {most} edges ({most - first} new); all done in {left / 60:.1f} min"
              " of processor ", end="", file=sys.stderr, flush=True)
    return watch


def told(row):
    yield (f"{row['target']:<15} {row['seconds']:>6.0f} s of processor"
           f" {row['per_second']:>7} runs/s {row['edges']:>6} edges"
           f" {row['new_edges']:>4} new {len(row['findings']):>2} findings")
    for finding in row["findings"]:
        yield f"    {finding['what']}\n    again: {finding['again']}"
    for trouble in row["trouble"]:
        yield f"    {trouble}"


def hunt_all(args, wanted):
    rows = []
    for number, target in enumerate(wanted):
        hunt = Hunt(target, fuzzer(args, target), args.build, args.seconds, args.jobs,
                    args.seed)
        watched = sys.stderr.isatty() and not args.json
        rows.append(hunt.run(progress(len(wanted), number) if watched
                             else lambda *_: None))
        if watched:
            print("\r" + " " * 90 + "\r", end="", file=sys.stderr)
        if not args.json:
            print("\n".join(told(rows[-1])), flush=True)
    if args.json:
        print(json.dumps({"targets": rows}, indent=1))
    return 1 if any(row["findings"] or row["trouble"] for row in rows) else 0


# ---- the three things to do ----------------------------------------------------------

def can_fail(args):
    folder = args.build / "replay"
    lacks = missing(args.build, "gcc", ["-c"])
    if lacks:
        print(f"fuzz: {lacks}")
        return 3
    build(folder, "gcc", [], [f"fuzz/replay-{t.name}" for t in targets()])
    return subprocess.run([sys.executable, FUZZ / "test_canfail.py", ROOT, folder],
                          check=False).returncode


def fuzz(args):
    wanted = chosen(args.merge or args.target)
    lacks = missing(args.build, "clang", ["-fsanitize=fuzzer,address,undefined"])
    if lacks:
        print(f"fuzz: {lacks}")
        return 3
    build(args.build / "clang", "clang", ["-Dfuzz=true"],
          [f"fuzz/fuzz-{t.name}" for t in wanted])
    if not args.merge:
        return hunt_all(args, wanted)
    for target in wanted:
        were, are = merge(target, fuzzer(args, target), args.build)
        print(f"{target.name}: {were} inputs before, {are} now")
    return 0


def main():
    args = arguments()
    args.build = args.build.resolve()
    args.build.mkdir(parents=True, exist_ok=True)
    try:
        return can_fail(args) if args.canfail else fuzz(args)
    except Trouble as trouble:
        print(f"fuzz: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
