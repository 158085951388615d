#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what of the engine the tests reach: every line, and every outcome of every
condition, in src/ and the inline functions of its headers.

Unit, protocol, golden and scenario tests count; storms, benchmarks and fuzzing do not.
clang counts conditions as they are written; gcc only what it makes of them: of
`a < 64 ? a : 64` a minimum, which has no branch. Ends 0 = all is reached but for at most
ten branches that excluded.txt argues, 1 = not, 3 = a tool is missing.
"""
import argparse
import json
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(HERE.parent / "mutants"), str(ROOT / "tools")]

import excluded  # noqa: E402
import outcome  # noqa: E402
from build import Build, Missing  # noqa: E402
from engine import Trouble  # noqa: E402
from export import Counts  # noqa: E402
from tables import Stale  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev coverage", description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="rows for a program")
    parser.add_argument("--html", metavar="DIR", type=Path,
                        help="the sources with their counts, as pages")
    parser.add_argument("--build", metavar="DIR", type=Path, help="build folder",
                        default=ROOT / "build-coverage")
    return parser.parse_args()


def measured(args):
    """The outcome of a whole run."""
    argued = excluded.entries((HERE / "excluded.txt").read_text(encoding="utf-8"))
    build = Build(args.build.resolve())
    build.make()
    build.run()
    counts = Counts(ROOT)
    counts.take_branches(build.export("text"))
    counts.take_lines(build.export("lcov"))
    if args.html:
        build.pages(args.html.resolve())
    return outcome.Outcome(counts, argued)


def main():
    args, begun = arguments(), time.monotonic()
    try:
        result = measured(args)
    except Missing as missing:
        print(f"coverage: {missing}")
        return 3
    except (Trouble, Stale) as trouble:
        print(f"coverage: {trouble}", file=sys.stderr)
        return 1
    seconds = round(time.monotonic() - begun, 1)
    if args.json:
        print(json.dumps({**result.as_json(), "seconds": seconds}, indent=1))
    else:
        print("\n".join([*result.as_text(), f"{seconds} s"]))
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
