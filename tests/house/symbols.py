#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The engine has no malloc, no I/O and no globals: asked of nm, archive by archive.

usage: symbols.py ARCHIVE...
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

from house import Report

WANTED = {"memcpy", "memset", "memcmp", "memmove", "memchr",
          "bcmp"}  # clang's name for a memcmp that only asks "equal?"

# What compilers add: sanitizers, coverage, stack protector, fortified mem functions,
# position-independent code.
RUNTIME = re.compile(r"__[ahmt]san|__ubsan|__sanitizer|__odr_asan|___asan|asan\.|__sancov"
                     r"|__start___|__stop___"
                     r"|__stack_chk_|__gcov|__llvm|__prof|__cov|llvm"
                     r"|__mem\w+_chk$|_GLOBAL_OFFSET_TABLE_$|\.?__unnamed_|\.L")

VARIABLES = set("BbCDdGgSs")
CONSTANT_SECTION = ".data.rel.ro"  # const, though it holds addresses


def symbols(archive):
    """Yields (member, name, class, section) for all of the archive's symbols."""
    listing = subprocess.run(["nm", "--format=sysv", str(archive)], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    member = "?"
    for line in listing.splitlines():
        heading = re.match(r"Symbols from (.*):$", line)
        if heading:
            member = re.sub(r"\.o\]?$", "", re.split(r"[/\[]", heading.group(1))[-1])
        fields = [f.strip() for f in line.split("|")]
        if len(fields) == 7 and fields[0] != "Name":
            yield member, fields[0], fields[2], fields[6]


def undefined(table):
    defined = {name for _, name, kind, _ in table if kind not in "Uw"}
    for member, name, kind, _ in table:
        if kind in "Uw" and name not in defined | WANTED and not RUNTIME.match(name):
            yield f"src/{member}", f"calls {name}, which is not the engine's"


def variables(table):
    for member, name, kind, section in table:
        if kind in VARIABLES and not RUNTIME.match(name) \
                and not section.startswith(CONSTANT_SECTION):
            yield f"src/{member}", f"has a variable, {name} ({kind}, {section})"


def main():
    report = Report()
    if not shutil.which("nm") or sys.platform == "darwin":
        report.skip("symbols", "wants nm for ELF")
        report.end()
    for archive in map(Path, sys.argv[1:]):
        table = list(symbols(archive))
        if not any(name.startswith("ferry_") for _, name, _, _ in table):
            report.fail(archive.name, "no engine in this archive")
        report.check(undefined(table))
        report.check(variables(table))
    report.end()


if __name__ == "__main__":
    main()
