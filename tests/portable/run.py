#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the engine for other processors, without a warning, and runs its tests on
those that can be had: an AVR with 16-bit int, 64-bit and 32-bit machines. One line for
each; what is not installed is skipped by name.

usage: run.py [--json] [--only TARGET] [--build DIR]

Ends 0 if nothing failed. Signatures are a toy here (tests/portable/sodium).
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import programs
import vectors
from targets import TARGETS, warnings

ROOT = Path(__file__).resolve().parents[2]
RUN_SECONDS = 600  # of one program, on a machine that has much else to do


class Failure(Exception):
    """What a tool or a program said that it should not have said."""


def run(command, seconds=None):
    """(exit code, output); started where sources and includes are named from."""
    try:
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              text=True, errors="replace", cwd=ROOT, timeout=seconds,
                              check=False)
    except subprocess.TimeoutExpired:
        return 1, f"not done after {seconds} s"
    return done.returncode, done.stdout


def demand(command):
    code, said = run(command)
    if code != 0:
        raise Failure(" ".join(map(str, command)) + "\n" + said.strip())


def tools(target):
    named = [target["cc"][0], target.get("ar"), *(target["runs"] or [])[:1]]
    return [tool for tool in named if tool]


# ---- compile ------------------------------------------------------------------------


def sources(patterns):
    return sorted(str(path.relative_to(ROOT)) for pattern in patterns
                  for path in ROOT.glob(pattern))


def compiler(target):
    return [*target["cc"], "-Os", "-ffunction-sections", "-fdata-sections",
            *(f"-I{folder}" for folder in programs.INCLUDES)]


def object_of(folder, name):
    return folder / (name.replace("/", "_")[:-2] + ".o")


def compile_all(pool, target, folder, names, flags):
    """Objects of all sources; Failure with the first complaint."""
    def one(name):
        out = object_of(folder, name)
        demand([*compiler(target), *flags, "-c", name, "-o", out])
        return out
    return list(pool.map(one, names))


def engine(pool, target, folder):
    """The engine alone is held to the project's warnings."""
    return compile_all(pool, target, folder, sources(programs.ENGINE),
                       [*warnings(), "-Werror"])


def archive(pool, target, folder):
    helpers = programs.SMALL if target.get("small") else programs.LARGE
    objects = [path for path in engine(pool, target, folder)
               if path.stem[len("src_"):] not in programs.INSTEAD]
    objects += compile_all(pool, target, folder, sources(helpers), [])
    if "start" in target:  # an object: nothing would take it out of the archive
        compile_all(pool, target, folder, [target["start"]], [])
    out = folder / "all.a"
    out.unlink(missing_ok=True)
    demand([target["ar"], "rcs", out, *objects])
    return out


# ---- run ----------------------------------------------------------------------------


def builds(target, folder, program):
    """Yields the paths of a program's executables, each built when it is asked for."""
    skipped = programs.skipped(program["name"], target.get("small"))
    defines = ["-DSMALL_SKIPPED=" + "".join(f'"{name}",' for name in skipped)]
    start = [object_of(folder, target["start"])] if "start" in target else []
    for n, table in enumerate(program.get("tables", [None])):
        out = folder / f"{program['name'].replace(' ', '-')}-{n}"
        tables = []
        if table is not None:
            tables = [out.with_suffix(".c")]
            tables[0].write_text(vectors.table(table))
        demand([*compiler(target), *defines, "-Wl,--gc-sections", *start,
                *program["sources"], *programs.CMOCKA, *tables, folder / "all.a",
                "-o", out])
        yield out


def counts(said):
    """[passed, failed, skipped] as the small cmocka tells them."""
    found = re.search(r"(\d+) passed, (\d+) failed, (\d+) skipped", said)
    return list(map(int, found.groups())) if found else None


def believe(target, folder):
    """Failure unless all of test_fails.c is seen to fail."""
    program = {"name": "fails", "sources": ["tests/portable/test_fails.c"]}
    tests = (ROOT / program["sources"][0]).read_text().count("cmocka_unit_test(")
    path, = builds(target, folder, program)
    _, said = run([*target["runs"], path], RUN_SECONDS)
    if counts(said) != [0, tests, 0]:
        raise Failure(f"does not see {tests} tests fail:\n{said.strip()}")


def run_program(target, folder, program):
    """[passed, failed, skipped], and what was said by those that failed."""
    total, complaints = [0, 0, 0], []
    try:
        for path in builds(target, folder, program):
            _, said = run([*target["runs"], path], RUN_SECONDS)
            told = counts(said)
            if told is None or told[1] > 0:
                complaints.append(f"{target['name']}, {program['name']}:\n{said.strip()}")
            total = [a + b for a, b in zip(total, told or [0, 1, 0])]
    except Failure as failure:
        total[1] += 1
        complaints.append(f"{target['name']}, {program['name']}: {failure}")
    return total, complaints


def try_target(pool, target, folder):
    """A row, and the complaints."""
    row = {"target": target["name"], "result": "passed", "programs": 0, "tests": 0,
           "failed": 0, "too_long": 0}
    lacking = [tool for tool in tools(target) if not shutil.which(tool)]
    if lacking:
        return {**row, "result": "skipped", "why": f"{lacking[0]} is not installed"}, []
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if target["runs"] is None:
            engine(pool, target, folder)
            return row, []
        archive(pool, target, folder)
        believe(target, folder)
    except Failure as failure:
        return {**row, "result": "failed", "failed": 1}, [f"{target['name']}: {failure}"]
    todo = programs.all_of(target.get("small"))
    done = list(pool.map(lambda program: run_program(target, folder, program), todo))
    row["programs"] = len(todo)
    row["tests"], row["failed"], row["too_long"] = map(sum, zip(*(t for t, _ in done)))
    row["result"] = "failed" if row["failed"] else "passed"
    return row, [line for _, lines in done for line in lines]


# ---- tell ---------------------------------------------------------------------------


def sentence(row):
    if row["result"] == "skipped":
        return row["why"]
    if row["programs"] == 0:
        return "the engine compiles, without a warning" if row["result"] == "passed" else ""
    left = f", {row['too_long']} left to faster ones" if row["too_long"] else ""
    return f"{row['tests']} tests in {row['programs']} programs{left}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="a list of rows")
    parser.add_argument("--only", metavar="TARGET", choices=[t["name"] for t in TARGETS])
    parser.add_argument("--build", type=Path, metavar="DIR", default=ROOT / "build-portable")
    args = parser.parse_args()
    rows = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for target in TARGETS:
            if args.only not in (None, target["name"]):
                continue
            began = time.monotonic()
            row, complaints = try_target(pool, target,
                                         args.build.resolve() / target["name"])
            row["seconds"] = round(time.monotonic() - began, 1)
            rows.append(row)
            print("\n".join(complaints), file=sys.stderr, end="\n" if complaints else "")
            if not args.json:
                print(f"{row['target']:10} {row['result']:8} {row['seconds']:6.1f} s  "
                      f"{sentence(row)}", flush=True)
    if args.json:
        print(json.dumps(rows, indent=1))
    results = [row["result"] for row in rows]
    print(", ".join(f"{results.count(what)} {what}"
                    for what in ("passed", "failed", "skipped")),
          file=sys.stderr if args.json else sys.stdout)
    sys.exit(1 if "failed" in results else 0)


if __name__ == "__main__":
    main()
