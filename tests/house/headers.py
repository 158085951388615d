#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles alone, twice in a row, as C99, C11, C++11 and C++17.

usage: headers.py ROOT C-COMPILER...
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

from house import Report

C_STANDARDS = ("c99", "c11")
CXX_STANDARDS = ("c++11", "c++17")
CXX_COMPILERS = ("c++", "g++", "clang++")
FLAGS = ["-pedantic", "-Werror", "-Wall", "-Wextra", "-fsyntax-only"]


def complaint(command, root, header):
    """What the compiler says about a file that includes nothing but the header."""
    program = f'#include "ferry/{header.name}"\n' * 2 + "typedef int not_empty;\n"
    done = subprocess.run(command + FLAGS + ["-I", str(root / "include"), "-"],
                          input=program, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip() or "does not compile" if done.returncode else None


def verdict(command, root, header, standard):
    said = complaint(command, root, header)
    if said:
        line = re.search(rf"{re.escape(header.name)}:(\d+)", said)
        yield (f"include/ferry/{header.name}:{line.group(1) if line else 1}",
               f"not {standard} by itself\n{said}")


def main():
    root, cc, report = Path(sys.argv[1]), sys.argv[2:], Report()
    headers = sorted((root / "include" / "ferry").glob("*.h"))
    if not headers:
        report.fail("include/ferry", "no headers found")
    cxx = next((c for c in CXX_COMPILERS if shutil.which(c)), None)
    for header in headers:
        for standard in C_STANDARDS:
            report.check(verdict([*cc, "-xc", f"-std={standard}"], root, header, standard))
        for standard in CXX_STANDARDS if cxx else ():
            report.check(verdict([cxx, "-xc++", f"-std={standard}"], root, header,
                                 standard))
    if not cxx:
        report.skip("headers as C++", "no C++ compiler")
    report.end()


if __name__ == "__main__":
    main()
