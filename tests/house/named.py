#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/FAULTS.md and docs/SECURITY.md cannot go stale: every test they name stands in the
file they name, and is one that runs; every row has one, and a name of its own.

A row is `| L1 | what must hold | tests |`. In its last cell, what is in backticks and has
a slash is a file under tests/, or one of src/; what follows it are test functions in that
file, or `ensures` that are proved of it. A threat that nothing answers says "not protected".
What SECURITY.md quotes from a contract stands so in the sources.

usage: named.py ROOT
"""
import re
import sys
from pathlib import Path

from house import Report, text

ROW = re.compile(r"\| ([A-Z]+\d+|[A-Z]+(?:\.[A-Z_]+)+) \|")
QUOTE = re.compile(r"`([a-z_]+: [^`]+)`")

# RFC 9124, 4.2: every threat of it has a row.
THREATS = [
    "IMG.EXPIRED", "IMG.EXPIRED.OFFLINE", "IMG.INCOMPATIBLE", "IMG.FORMAT",
    "IMG.LOCATION", "NET.REDIRECT", "NET.ONPATH", "IMG.REPLACE", "IMG.NON_AUTH",
    "UPD.WRONG_PRECURSOR", "UPD.UNAPPROVED", "IMG.DISCLOSURE", "MFST.OVERRIDE",
    "MFST.EXPOSURE", "IMG.EXTRA", "KEY.EXPOSURE", "MFST.MODIFICATION", "MFST.TOCTOU",
]
# A page, and rows that it may not lack.
PAGES = {
    "FAULTS.md": [],
    "SECURITY.md": [f"G{number}" for number in range(1, 9)] + THREATS,
}


def rows(page):
    """Yields (line number, id, last cell) of each row of a fault, invariant or threat."""
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


def unproved(root, file, label):
    """None, or what is wrong with an `ensures` of a source or a header of it."""
    if not (root / file).is_file():
        return f"no such file: {file}"
    there = re.search(rf"\bensures {label}:", text(root / file))
    return None if there else f"{file} ensures no {label}"


def no_target(root, file):
    """None, or what is wrong with a fuzz target."""
    listed = (root / "fuzz" / "targets.txt").read_text(encoding="utf-8")
    name = Path(file).stem
    return None if re.search(rf"^{name} ", listed, re.M) else f"{file} is no fuzz target"


def missing(root, file, function, runs):
    """None, or what is wrong with this name."""
    if file is None:
        return f"no file before {function}"
    if file.startswith("fuzz/"):
        return no_target(root, file)
    if file.startswith("src/"):
        return unproved(root, file, function)
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


def check(root, row, cell, seen, runs):
    """Yields what is wrong with one row."""
    if row in seen:
        yield f"{row} stands there twice"
    seen.add(row)
    tests = list(named(cell))
    if not tests and not (row in THREATS and "not protected" in cell):
        yield f"{row} names no test"
    for file, function in tests:
        why = missing(root, file, function, runs)
        if why:
            yield why


def contracts(root):
    """All contracts of the engine, one space between words."""
    sources = [path for folder in ("src", "include/ferry")
               for path in (root / folder).glob("*.[ch]")]
    return " ".join(re.sub(r"[\s@]+", " ", text(path)) for path in sorted(sources))


def quotes(page):
    """Yields (line number, quote) of each contract that a page quotes."""
    body = text(page)
    for quote in QUOTE.finditer(body):
        number = body.count("\n", 0, quote.start()) + 1
        yield number, re.sub(r"\s+", " ", quote.group(1))


def check_page(report, root, page, wanted, runs):
    path, seen = root / "docs" / page, set()
    for number, row, cell in rows(path):
        report.check((f"docs/{page}:{number}", why)
                     for why in check(root, row, cell, seen, runs))
    report.check((f"docs/{page}", f"no row for {row}") for row in wanted
                 if row not in seen)


def main():
    root, report = Path(sys.argv[1]), Report()
    runs = registered(root)
    for page, wanted in PAGES.items():
        if (root / "docs" / page).exists():
            check_page(report, root, page, wanted, runs)
        else:
            report.skip("the tests it names", f"docs/{page} is missing")
    said, page = contracts(root), root / "docs" / "SECURITY.md"
    report.check((f"docs/SECURITY.md:{number}", f"no contract says {quote}")
                 for number, quote in (quotes(page) if page.exists() else [])
                 if quote not in said)
    report.end()


if __name__ == "__main__":
    main()
