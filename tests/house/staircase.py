#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds src/ to its shape: the staircase of includes, no platform conditionals, few
system headers, short files and short functions.

usage: staircase.py ROOT
"""
import re
import sys
from pathlib import Path

from house import Report, project_files

# A file includes headers of lower steps and of its own family: device_x.c belongs to
# device, and stands on its step.
STEPS = (
    ("facts", "crc err bytes records handoff"),
    ("language", "frame msg cbor pairs manifest statement"),
    ("judgement", "window sender retry policy trial"),
    ("hands", "flash journal bank verify"),
    ("people", "device courier boot app identity"),
)
STEP = {stem: n for n, (_, stems) in enumerate(STEPS) for stem in stems.split()}

# Within a step: who may include whom.
SIDEWAYS = {("msg", "frame"), ("manifest", "pairs"), ("statement", "pairs"),
            ("pairs", "cbor"), ("trial", "policy"),
            ("sender", "window"), ("bank", "flash"), ("bank", "verify"),
            ("journal", "flash")}

PUBLIC = {"ferry/err.h", "ferry/hal.h", "ferry/manifest.h", "ferry/parts.h",
          "ferry/statement.h", "ferry/boot.h"}
SYSTEM = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}

FILE_LINES = 400
FUNCTION_LINES = 60
SHORT_FOLDERS = {"src", "include", "ports", "tools", "tests"}
SHORT_SUFFIXES = {".c", ".h", ".S", ".ld", ".py", ".sh", ".build"}


def without_comments(text):
    """The text with comments blanked, line numbers kept."""
    def blank(match):
        found = match.group(0)
        return found if found[0] in "\"'" else re.sub(r"[^\n]", " ", found)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*',
                  blank, text, flags=re.S)


def numbered(path):
    text = without_comments(path.read_text(encoding="utf-8"))
    return enumerate(text.split("\n"), 1)


def family(stem):
    return stem.split("_")[0]


def may_include(mine, header):
    """None, or why a file of the family `mine` must not include "header"."""
    if header in PUBLIC:
        return None
    if header.startswith("ferry/"):
        people = family(header[len("ferry/"):-len(".h")])
        if people == mine:
            return None
        return f"only {people}.c includes {header}" if people in STEP \
            else f"{header} is not for src/"
    other = family(header[:-len(".h")])
    if other not in STEP:
        return f"{header} has no step on the staircase"
    if other == mine or STEP[other] < STEP[mine] or (mine, other) in SIDEWAYS:
        return None
    return f"{header} (step {STEP[other]}) is not below {mine} (step {STEP[mine]})"


def includes(name, path):
    mine = family(name.stem)
    if mine not in STEP:
        yield f"{name}:1", "has no step on the staircase: give it one in staircase.py"
        return
    for number, line in numbered(path):
        found = re.match(r'\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>|(.*))', line)
        if not found:
            continue
        ours, system, other = found.groups()
        if ours:
            why = may_include(mine, ours)
        elif system:
            why = None if system in SYSTEM else f"<{system}> is not for src/"
        else:
            why = f"cannot read this include: {other}"
        if why:
            yield f"{name}:{number}", why


def conditionals(name, path):
    """All conditionals but a header's guard and __cplusplus."""
    lines = list(numbered(path))
    for number, line in lines:
        found = re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else)\b\s*(\S*)", line)
        if not found:
            continue
        word, what = found.groups()
        guard = word == "ifndef" and name.suffix == ".h" and \
            re.match(rf"#define {re.escape(what)}\s*$", lines[number][1])
        if not guard and (word, what) != ("ifdef", "__cplusplus"):
            yield f"{name}:{number}", f"conditional in src/: #{word} {what}".rstrip()


def is_table(body):
    """A switch of one row per name is a table, however long."""
    return all(re.match(r"\s*(switch \(|case \w+:|return [^;]*;|[{}]|$)", line)
               for line in body)


def functions(name, path):
    """Functions of more than FUNCTION_LINES lines, signature included. clang-format
    puts a function's braces, and no others, alone in column 0."""
    lines = [line for _, line in numbered(path)]
    for opening, line in enumerate(lines):
        if line.rstrip() != "{":
            continue
        first = opening
        while first > 0 and re.match(r"[^#}\n]*[^;}\s]\s*$", lines[first - 1]):
            first -= 1
        closing = next((n for n in range(opening, len(lines))
                        if lines[n].rstrip() == "}"), len(lines) - 1)
        length = closing - first + 1
        if length > FUNCTION_LINES and not is_table(lines[opening:closing]):
            called = re.search(r"(\w+)\(", " ".join(lines[first:opening]))
            yield (f"{name}:{first + 1}", f"{called.group(1) if called else 'function'} "
                   f"has {length} lines, {FUNCTION_LINES} at most")


def file_length(name, path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    if count > FILE_LINES:
        yield f"{name}:{FILE_LINES + 1}", f"{count} lines, {FILE_LINES} at most"


def main():
    root, report = Path(sys.argv[1]), Report()
    names = project_files(root)
    source = [n for n in names if n.parts[0] == "src" and n.suffix in (".c", ".h")]
    if not source:
        report.fail("src", "no sources found")
    for name in source:
        for rule in (includes, conditionals, functions):
            report.check(rule(name, root / name))
    for name in names:
        if name.parts[0] in SHORT_FOLDERS and name.suffix in SHORT_SUFFIXES:
            report.check(file_length(name, root / name))
    report.end()


if __name__ == "__main__":
    main()
