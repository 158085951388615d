#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev check --dynamic`: the tests under tools that watch a program run. valgrind's
memcheck over unit and fast scenario tests; clang's MemorySanitizer under engine and tests,
with this project's own cmocka and SHA-256, so that every byte is watched; and hostile
signatures put to libsodium compiled for 32 bits, and under MemorySanitizer.

usage: check.py [--json] [--only ROW] [--all] [--builds DIR]

--all: valgrind over the slow tests, too. Ends 0: nothing found, 1: something, 3: a tool
is missing, and nothing found.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

import memory
import signatures

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "portable"), str(ROOT / "tests" / "chip")]
import run as portable  # noqa: E402
import steps  # noqa: E402
from targets import TARGETS  # noqa: E402

SECONDS = 900  # of one program under a tool, on a machine that has much else to do
MSAN = {"name": "msan", "cc": ["clang", "-std=gnu11", "-g", "-fsanitize=memory",
                               "-fsanitize-memory-track-origins",
                               "-fno-omit-frame-pointer"], "ar": "ar", "runs": []}
I686 = next(target for target in TARGETS if target["name"] == "i686")


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS)
    p.add_argument("--json", action="store_true")
    p.add_argument("--only", choices=[name for name, *_ in ROWS])
    p.add_argument("--all", action="store_true")
    p.add_argument("--builds", type=Path, default=ROOT, metavar="DIR")
    return p.parse_args()


# ---- the rows: each gives (tests passed, complaints) ---------------------------------


def built(folders, slow):
    """The host's build folder, with its tests built."""
    for step in steps.build_steps(folders):
        if step.name == "host: set up" and step.command():
            portable.demand(step.command())
    targets = [Path(test["cmd"][0]).relative_to(folders.host)
               for test in memory.tests(folders.host, slow)]
    portable.demand(["ninja", "-C", folders.host, *targets])
    return folders.host


def watched(command, test):
    """(passed, complaints) of a test under a tool."""
    done = subprocess.run(["timeout", "-s", "KILL", str(SECONDS), *command, *test["cmd"]],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace",
                          check=False, cwd=test["workdir"],
                          env={**os.environ, **test["env"]})
    if done.returncode != 0 or memory.SAID.search(done.stdout):
        return 0, [f"{test['name']}: exit code {done.returncode}\n"
                   f"{done.stdout.strip()[-3000:]}"]
    return memory.passed(done.stdout), []


def valgrind(pool, folders, slow):
    build = built(folders, slow)
    done = list(pool.map(lambda test: watched(memory.VALGRIND, test),
                         memory.tests(build, slow)))
    gone = [f"left out, and no test: {name}" for name in memory.unknown(build)]
    return sum(n for n, _ in done), gone + [line for _, lines in done for line in lines]


def msan(pool, folders, _):
    row, complaints = portable.try_target(pool, MSAN, folders.logs.parent / "build-check"
                                          / "msan")
    return row["tests"], complaints


def put_to(target):
    def ask(pool, folders, _):
        folder = folders.logs.parent / "build-check" / f"signatures-{target['name']}"
        sodium = signatures.fetch(folders.sodium)
        return signatures.try_target(pool, target, folder, sodium)
    return ask


# Name, what is done, the tools it takes by their packages.
ROWS = [
    ("valgrind", valgrind, {"valgrind": "valgrind", "meson": "meson",
                            "ninja": "ninja-build"}),
    ("msan", msan, {"clang": "clang", "ar": "binutils"}),
    ("signatures-msan", put_to(MSAN), {"clang": "clang", "dpkg-source": "dpkg-dev"}),
    ("signatures-i686", put_to(I686), {
        "i686-linux-gnu-gcc": "gcc-i686-linux-gnu", "qemu-i386": "qemu-user",
        "dpkg-source": "dpkg-dev"}),
]


def lacking(wanted):
    """The packages of what is not installed."""
    missing = {package for tool, package in wanted.items() if not shutil.which(tool)}
    if "clang" in wanted and not missing and not msan_links():
        missing.add("libclang-rt-dev")
    return sorted(missing)


def msan_links():
    """clang may be there without what its sanitizers link."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "nothing.c"
        source.write_text("int main(void) { return 0; }\n", encoding="utf-8")
        return portable.run([*MSAN["cc"], source, "-o", source.with_suffix("")])[0] == 0


# ---- tell -----------------------------------------------------------------------------


def tried(pool, row, folders, slow):
    name, do, wanted = row
    missing = lacking(wanted)
    if missing:
        return {"name": name, "result": "skipped", "tests": 0, "complaints": [],
                "missing": missing, "seconds": 0.0}
    began = time.monotonic()
    try:
        tests, complaints = do(pool, folders, slow)
    except portable.Failure as why:
        tests, complaints = 0, [str(why)[-3000:]]
    if tests == 0 and not complaints:
        complaints = ["it ran no test"]
    return {"name": name, "result": "failed" if complaints else "passed", "tests": tests,
            "complaints": complaints, "missing": [],
            "seconds": round(time.monotonic() - began, 1)}


def show(row, out):
    why = f"not installed: {' '.join(row['missing'])}" if row["missing"] else \
        f"{row['tests']} tests"
    print("\n".join([f"{row['name']:16} {row['result']:8} {row['seconds']:6.1f} s  {why}",
                     *row["complaints"]]), file=out, flush=True)


def main():
    a = arguments()
    out = sys.stderr if a.json else sys.stdout
    folders = steps.Folders(a.builds.resolve())
    rows = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for row in ROWS:
            if a.only in (None, row[0]):
                rows.append(tried(pool, row, folders, a.all))
                show(rows[-1], out)
    if a.json:
        print(json.dumps(rows, indent=1))
    results = {row["result"] for row in rows}
    return 1 if "failed" in results else 3 if "skipped" in results else 0


if __name__ == "__main__":
    sys.exit(main())
