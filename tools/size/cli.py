# SPDX-License-Identifier: Apache-2.0
"""Prints what a library costs on a Cortex-M, and holds it to its budget.

The figure is what a user links: the archive, linked with --gc-sections against the
verbs its header declares. Crypto, flash and C library are the user's and stand apart.
Ends 0 = within budget, 1 = past a budget or not buildable, 3 = no cross compiler.
"""
import argparse
import json
import sys
from pathlib import Path

from . import build, readme, show
from .libraries import LIBRARIES, NOT_IN_README
from .measure import measure

ARCHS = ("m4", "m0")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev size", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="the same, for a program")
    parser.add_argument("--functions", action="store_true",
                        help="the deepest paths and the largest functions, too")
    parser.add_argument("--readme", action="store_true",
                        help="write the figures into README's table")
    parser.add_argument("--arch", choices=ARCHS, action="append",
                        help="only this core (default: all)")
    parser.add_argument("--painted", type=Path, metavar="FILE",
                        help="what tests/chip/count/stack.py --json said (default: "
                             "painted.json in the builds' folder build-mps2)")
    parser.add_argument("--builds", type=Path, metavar="DIR", default=build.ROOT,
                        help="where the build folders build-size-ARCH are made")
    return parser.parse_args()


def measured(arch, folder):
    """(rows, troubles) of one core."""
    rows, troubles = [], []
    try:
        build.configure(arch, folder)
        build.compile_libraries(folder, LIBRARIES)
        for library in LIBRARIES:
            try:
                rows += measure(library, arch, folder)
            except build.Trouble as trouble:
                troubles.append(f"{library['name']}, {arch}: not measured: {trouble}")
    except build.Trouble as trouble:
        troubles.append(f"{arch}: {trouble}")
    return rows, troubles


def take_painted(rows, path):
    """Puts what was painted, where it was, beside what was computed."""
    if not path.exists():
        return
    found = {row["name"].strip(): row["stack"] for row in json.loads(path.read_text())}
    for library in LIBRARIES:
        stacks = [found[name] for name in library.get("painted", ()) if name in found]
        for row in show.libraries(rows):
            if row["name"] == library["name"] and row["arch"] == "m4":
                row["painted"] = max(stacks, default=None)


def main():
    args = arguments()
    archs = args.arch or ARCHS
    missing = next(filter(None, map(build.missing_toolchain, archs)), None)
    if missing:
        print(f"size: {missing}: nothing measured", file=sys.stderr)
        return 3
    rows, troubles = [], []
    for arch in archs:
        more, worse = measured(arch, args.builds.resolve() / f"build-size-{arch}")
        rows, troubles = rows + more, troubles + worse
    take_painted(rows, args.painted or args.builds / "build-mps2" / "painted.json")
    if args.json:
        print(json.dumps(rows, indent=1), flush=True)
    elif rows:
        show.show(rows, args.functions)
        sys.stdout.flush()
    libraries = show.libraries(rows)
    for line in (line for row in libraries for line in row["past"]):
        print(f"size: {line}", file=sys.stderr)
    if "m4" in archs and not troubles:
        old = readme.keep(build.ROOT / "README.md",
                          [row for row in libraries if row["arch"] == "m4"
                           and row["name"] not in NOT_IN_README],
                          build.compiler_version(), args.readme)
        troubles += [old] if old else []
    troubles += [line for row in libraries for line in row["over"]]
    for line in troubles:
        print(f"size: {line}", file=sys.stderr)
    return 1 if troubles else 0
