#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/FAULTS.md cannot go stale: every test it names stands in the file it names, and is
one that runs; every line has a test, and a number of its own.

A row is `| L1 | what must hold | tests |`. In its last cell, what is in backticks and has
a slash is a file under tests/, what follows it are test functions in that file.

usage: faults.py ROOT
"""
import re
import sys
from pathlib import Path

from house import Report, text

PAGE = Path("docs") / "FAULTS.md"
ROW = re.compile(r"\| ([A-Z]+\d+) \|")


def rows(page):
    """Yields (line number, id, last cell) of each row of a fault."""
    for number, line in enumerate(text(page).splitlines(), 1):
        if ROW.match(line):
            yield number, ROW.match(line).group(1), line.rstrip(" |").rsplit(" | ", 1)[1]


def named(cell):
    """Yields (file, function); (file, None) for a file without one."""
    file, functions = None, 0
    for word in re.findall(r"`([^`]+)`", cell):
        if "/" in word:
            if file is not None and not functions:
                yield file, None
            file, functions = word, 0
        else:
            functions += 1
            yield file, word
    if file is not None and not functions:
        yield file, None


def registered(root):
    """The functions that some cmocka group runs."""
    found = set()
    for path in (root / "tests").rglob("*.c"):
        found.update(re.findall(r"\bcmocka_unit_test\w*\(\s*(\w+)", text(path) or ""))
    return found


def missing(root, file, function, runs):
    """None, or what is wrong with this name."""
    if file is None:
        return f"no file before {function}"
    path = root / "tests" / file
    if not path.is_file():
        return f"no such file: tests/{file}"
    if function is None:
        return f"no test function behind tests/{file}"
    if path.suffix == ".py":
        there = re.search(rf"^def {function}\(", text(path), re.M)
        return None if there else f"tests/{file} has no {function}"
    if not re.search(rf"\bvoid\s+{function}\(\s*void \*\*state\)\s*\{{", text(path)):
        return f"tests/{file} has no {function}"
    return None if function in runs else f"nobody runs {function}"


def check(root, fault, cell, seen, runs):
    """Yields what is wrong with one row."""
    if fault in seen:
        yield f"{fault} stands there twice"
    seen.add(fault)
    tests = list(named(cell))
    if not tests:
        yield f"{fault} names no test"
    for file, function in tests:
        why = missing(root, file, function, runs)
        if why:
            yield why


def main():
    root, report = Path(sys.argv[1]), Report()
    seen, runs = set(), registered(root)
    if not (root / PAGE).exists():
        report.skip("the faults", f"{PAGE} is missing")
        report.end()
    for number, fault, cell in rows(root / PAGE):
        report.check((f"{PAGE}:{number}", why)
                     for why in check(root, fault, cell, seen, runs))
    report.end()


if __name__ == "__main__":
    main()
