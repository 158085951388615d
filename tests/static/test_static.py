#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the checks themselves: each tool finds a mistake that is planted for it and is
silent about the same code without it; a finding is only explained by its own entry; what
was said of a source is asked anew once the source changes.

usage: test_static.py
"""
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import explained
import run
import tools
from tree import ROOT, Trouble, Unit, flags_of

sys.path.insert(0, str(ROOT / "tests" / "house"))
from house import Report  # noqa: E402

# Tool, check, what the mistake replaces, the mistake.
SOURCE = """\
#include <stdlib.h>
#include <string.h>
enum kind { ONE, TWO };
int planted(enum kind kind, long number, size_t len);
int planted(enum kind kind, long number, size_t len)
{
    char name[16];
    int *heap = malloc(sizeof *heap);
    if (heap == NULL || len >= sizeof name) {
        free(heap);
        return 0;
    }
    memset(name, 0, sizeof name);
    *heap = number > 9 ? 9 : (int)number;
    switch (kind) {
    case ONE:
    case TWO:
        *heap += name[len];
        break;
    }
    int result = *heap;
    free(heap);
    return result;
}
"""
PLANTED = [
    ("gcc-analyzer", "-Wanalyzer-use-after-free", "return result;", "return *heap;"),
    ("gcc-analyzer", "-Wanalyzer-double-free", "    free(heap);\n    return result",
     "    free(heap);\n    free(heap);\n    return result"),
    ("gcc-analyzer", "-Wanalyzer-malloc-leak", "    free(heap);\n    return result",
     "    return result"),
    ("gcc", "-Wconversion", "(int)number", "(char)number + (char)len == 0 ? 1 : number"),
    ("gcc", "-Wshadow", "    int result = *heap;",
     "    int result = *heap;\n    for (int kind = 0; kind < 1; kind++) {\n    }"),
    ("gcc", "-Wswitch-enum", "    case TWO:\n", "    default:\n"),
    ("gcc", "-Wstack-usage=", "    int result = *heap;",
     "    volatile char large[600] = {0};\n    int result = *heap + large[len];"),
    ("gcc", "-Wvla", "char name[16]", "char name[len + 16]"),
    ("clang-tidy", "bugprone-sizeof-expression", "0, sizeof name",
     "0, sizeof(sizeof name)"),
    ("clang-tidy", "misc-redundant-expression", "number > 9", "number > number"),
    ("clang-tidy", "clang-analyzer-unix.Malloc", "return result;", "return *heap;"),
    ("cppcheck", "arrayIndexOutOfBounds", "*heap += name[len]", "*heap += name[16]"),
    ("cppcheck", "legacyUninitvar", "    int result = *heap;",
     "    int result;\n    result += *heap;"),
]
BROKEN = "int planted(void)\n{\n"

ENTRY = "For people.\n== gcc src/x.c -Wshadow\n- int a = b;\nwhy: Because\n  it is.\n"
WRONG_ENTRIES = [ENTRY.replace("why:", "reason:"), ENTRY.replace("- int", "int"),
                 ENTRY.replace(" -Wshadow", ""), ENTRY + ENTRY,
                 ENTRY.replace("- int a = b;\n", "")]


def unit_of(folder, text):
    place = folder / "src"  # of the place depends how large a frame may be
    place.mkdir(exist_ok=True)
    (place / "planted.c").write_text(text, encoding="utf-8")
    return Unit("src/planted.c", "src/planted.c", str(folder), "gcc",
                ("-std=c11", "-O2", "-Wall", "-Wextra"))


def each_tool_finds_what_is_planted_for_it(report, folder):
    silent = {tool.name: tool for tool in tools.TOOLS}
    for tool in tools.TOOLS:
        if tool.missing():
            report.skip(tool.name, f"{tool.missing()} is not installed")
            del silent[tool.name]
            continue
        report.check((tool.name, f"finds in good code: {found}")
                     for found in tool.look(unit_of(folder, SOURCE)))
        found = tool.look(unit_of(folder, BROKEN))
        report.check([] if found else [(tool.name, "does not see code that is none")])
    for name, check, before, after in PLANTED:
        if name in silent:
            assert SOURCE.count(before) == 1, before
            found = silent[name].look(unit_of(folder, SOURCE.replace(before, after)))
            report.check([] if check in {each.check for each in found} else
                         [(name, f"does not find {check}: {found}")])


def an_entry_explains_its_own_finding_and_no_other(report, folder):
    (folder / "src" / "x.c").write_text("int c;\n  int a = b;\n", encoding="utf-8")
    right = tools.Finding("gcc", "src/x.c", 2, "-Wshadow", "it is so")
    for found in (right._replace(line=1), right._replace(check="-Wvla"),
                  right._replace(tool="cppcheck"), right._replace(file="src/y.c")):
        judge = explained.Judge(folder, ENTRY)
        report.check([] if judge.why(found) is None else [("explained", found)])
        report.check([] if len(judge.stale({"gcc"}, {"src/x.c"})) == 1 else
                     [("stale", "an entry that nothing answers to is not told")])
    judge = explained.Judge(folder, ENTRY)
    report.check([] if judge.why(right) == "Because it is." else [("explained", "why")])
    report.check(("stale", key) for key in judge.stale({"gcc"}, {"src/x.c"}))
    judge = explained.Judge(folder, ENTRY)
    report.check(("stale", key) for key in judge.stale({"cppcheck"}, {"src/x.c"}))


def an_entry_that_cannot_be_read_is_refused(report):
    for text in WRONG_ENTRIES:
        try:
            explained.read(text)
        except explained.Malformed:
            report.ok()
        else:
            report.fail("explained", f"reads {text!r}")
    explained.read(explained.WORDS.read_text(encoding="utf-8"))


def what_was_said_is_kept_until_the_source_changes(report, folder):
    tool, kept = tools.TOOLS[1], run.Kept(folder / "kept", False)
    for text, known in ((SOURCE, False), (SOURCE, True), (SOURCE + "/* */\n", False)):
        unit = unit_of(folder, text)
        kept.contents.cache_clear()
        report.check([] if kept.look(tool, unit)[1] == known else
                     [("kept", f"known: {not known}")])
    kept = run.Kept(folder / "kept", True)
    report.check([] if not kept.look(tool, unit)[1] else [("kept", "--fresh is not")])


def only_what_compiles_alone_is_left_of_a_command(report):
    words = ["-Iinclude", "-MD", "-MQ", "a.o", "-MF", "a.d", "-o", "a.o", "-O2", "-Werror",
             "-c", "a.c"]
    report.check([] if flags_of(words) == ("-Iinclude", "-O2") else [("flags_of", words)])
    try:
        Unit("none.c", "none.c", str(ROOT), "gcc", ()).content()
    except Trouble:
        report.ok()
    else:
        report.fail("content", "of a source that is not there")


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        each_tool_finds_what_is_planted_for_it(report, folder)
        an_entry_explains_its_own_finding_and_no_other(report, folder)
        what_was_said_is_kept_until_the_source_changes(report, folder)
    an_entry_that_cannot_be_read_is_refused(report)
    only_what_compiles_alone_is_left_of_a_command(report)
    report.end()


if __name__ == "__main__":
    main()
