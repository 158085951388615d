#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev check`: gcc's analyzer, gcc's warnings, clang-tidy and cppcheck over all sources,
each compiled as it really is, for this machine or for a chip. No finding may be left that
explained.txt does not explain, and no explanation without a finding.

usage: run.py [--json] [--only TOOL] [--fresh] [--builds DIR]

What a tool said of a source is kept, by content, in build-check; --fresh asks again. Ends
0: nothing found, 1: something, 3: a tool or a compiler is missing, and nothing found.
"""
import argparse
import functools
import hashlib
import json
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

import explained  # noqa: E402
import tree  # noqa: E402
from tools import TOOLS, Finding  # noqa: E402


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS)
    p.add_argument("--json", action="store_true")
    p.add_argument("--only", choices=[tool.name for tool in TOOLS])
    p.add_argument("--fresh", action="store_true")
    p.add_argument("--builds", type=Path, default=tree.ROOT, metavar="DIR")
    return p.parse_args()


class Kept:
    """What each tool said of each source, as long as neither of them changes."""

    def __init__(self, folder, fresh):
        self.folder, self.fresh = folder, fresh
        config = (tree.ROOT / ".clang-tidy").read_text(encoding="utf-8")
        self.contents = functools.lru_cache(maxsize=None)(
            lambda unit: unit.content() + config)

    def look(self, tool, unit):
        """(findings, was it known?)"""
        place = self.folder / tool.name / f"{unit.file.replace('/', '_')}.json"
        key = hashlib.sha256(json.dumps(
            [tool.version(), [str(word) for word in tool.command(unit)],
             self.contents(unit)]).encode()).hexdigest()
        if place.exists() and not self.fresh:
            kept = json.loads(place.read_text(encoding="utf-8"))
            if kept["key"] == key:
                return [Finding(*found) for found in kept["findings"]], True
        found = tool.look(unit)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"key": key, "findings": found}), encoding="utf-8")
        return found, False


def looked(tool, units, kept):
    """A row, and the findings, of a tool over all sources."""
    began, known, found = time.monotonic(), 0, set()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for n, (more, was_known) in enumerate(
                pool.map(lambda unit: kept.look(tool, unit), units), 1):
            found.update(more)
            known += was_known
            if sys.stderr.isatty():
                print(f"\r{tool.name}: {n} of {len(units)}", end="\r", file=sys.stderr)
    row = {"tool": tool.name, "sources": len(units), "as_before": known,
           "seconds": round(time.monotonic() - began, 1)}
    return row, sorted(found)


def told(judge, findings):
    """(those that nothing explains, those that something does), for a program."""
    rows = [{**found._asdict(), "quoted": explained.quoted(tree.ROOT, found),
             "why": judge.why(found)} for found in findings]
    return ([row for row in rows if row["why"] is None],
            [row for row in rows if row["why"] is not None])


def show(row, wrong, out):
    print(f"{row['tool']:13} {row['sources']:>7} {row['as_before']:>9} "
          f"{row['findings']:>8} {row['explained']:>9} {row['seconds']:>8.1f}", file=out,
          flush=True)
    for found in wrong:
        print(f"  {found['file']}:{found['line']}: {found['text']} [{found['check']}]\n"
              f"    {found['quoted']}", file=out)


def check(tools, units, kept, out):
    """(rows, everything that is wrong)"""
    judge = explained.Judge(tree.ROOT, explained.WORDS.read_text(encoding="utf-8"))
    rows, wrong = [], []
    print(f"{'tool':13} sources as before findings explained  seconds", file=out)
    for tool in tools:
        row, findings = looked(tool, units, kept)
        bad, good = told(judge, findings)
        rows.append({**row, "findings": len(bad), "explained": len(good),
                     "explanations": good})
        show(rows[-1], bad, out)
        wrong += bad
    stale = [key._asdict() for key in judge.stale(
        {tool.name for tool in tools}, {unit.file for unit in units})]
    for key in stale:
        print("stale, nothing is found there: {tool} {file} {check}\n    {quoted}"
              .format(**key), file=out)
    return rows, wrong + stale


def main():
    a = arguments()
    out = sys.stderr if a.json else sys.stdout
    wanted = [tool for tool in TOOLS if a.only in (None, tool.name)]
    missing = {tool.package for tool in wanted if tool.missing()}
    chips = shutil.which(tree.CROSS) is not None
    if not chips:
        missing.add("gcc-arm-none-eabi")
    try:
        units, left_out = tree.units(a.builds.resolve(), chips)
        rows, wrong = check([tool for tool in wanted if not tool.missing()], units,
                            Kept(a.builds.resolve() / "build-check", a.fresh), out)
    except (tree.Trouble, explained.Malformed) as trouble:
        print(f"check: {trouble}", file=sys.stderr)
        return 1
    if left_out:
        print("compiled by no build, and not checked: " + " ".join(left_out), file=out)
    if missing:
        print("not installed: " + " ".join(sorted(missing)), file=out)
    if a.json:
        print(json.dumps({"tools": rows, "wrong": wrong, "not_checked": left_out,
                          "missing": sorted(missing)}, indent=1))
    if wrong or (left_out and chips):
        return 1
    return 3 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
