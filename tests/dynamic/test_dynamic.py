#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests that the tools notice: valgrind a read of what was never written, a read past the
end, a leak, each also in a child; MemorySanitizer the first of them; and that a program of
hostile signatures that says too little, or the wrong thing, is not believed.

usage: test_dynamic.py
"""
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import check
import memory
import signatures

sys.path.append(str(check.ROOT / "tests" / "house"))
from house import Report  # noqa: E402

SOURCE = """\
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static int work(void)
{
    volatile int *heap = malloc(4 * sizeof *heap);
    %s
    puts("[  PASSED  ] 3 test(s).");
    return 0;
}
int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1 && fork() == 0) {
        exit(work());
    }
    return argc > 1 ? (wait(NULL) < 0) : work();
}
"""
GOOD = "heap[3] = 1; if (heap[3] != 1) return 1; free((void *)heap);"
UNWRITTEN = "if (heap[3] == 1) puts(\"one\"); free((void *)heap);"
PLANTED = {"a read of what was never written": UNWRITTEN,
           "a read past the end": "if (heap[4] == 1) puts(\"one\"); free((void *)heap);",
           "a leak": "heap[3] = 1; heap = NULL;"}


def program(folder, cc, body):
    (folder / "x.c").write_text(SOURCE % body, encoding="utf-8")
    out = folder / "x"
    subprocess.run([*cc, str(folder / "x.c"), "-o", str(out)], check=True)
    return {"name": "x", "cmd": [str(out)], "workdir": None, "env": {}}


def in_a_child(test):
    return {**test, "cmd": [*test["cmd"], "child"]}


def valgrind_notices(report, folder):
    for name, body in [("nothing", GOOD), *PLANTED.items()]:
        test = program(folder, ["cc", "-g", "-O0"], body)
        for each in (test, in_a_child(test)):
            passed, complaints = check.watched(memory.VALGRIND, each)
            right = bool(complaints) != (body == GOOD) and passed == 3 * (body == GOOD)
            report.check([] if right else [("valgrind", f"{name}: {complaints}")])


def msan_notices(report, folder):
    for body in (GOOD, UNWRITTEN):
        test = program(folder, check.MSAN["cc"], body)
        passed, complaints = check.watched([], test)
        right = bool(complaints) == (body == UNWRITTEN) and passed == 3 * (body == GOOD)
        report.check([] if right else [("msan", f"{body}: {complaints}")])


def only_the_whole_table_is_believed(report):
    size = signatures.hostile_table.size()
    for code, lines, right, wrong in (
            (0, [f"verdicts {size}"], size, 0), (1, [f"verdicts {size}"], 0, 1),
            (0, [f"verdicts {size - 1}"], 0, 1), (0, [], 0, 1),
            (1, ["NOT OK   S + L", f"verdicts  {size}"], size - 1, 1),
            (0, ["NOT OK   S + L", f"verdicts {size}"], 0, 1)):
        told = signatures.hostile_table.heard(code, lines)
        report.check([] if (told[0], len(told[1])) == (right, wrong) else
                     [("hostile_table", f"{code} {lines}: {told}")])


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        for tool, test in (("valgrind", valgrind_notices), ("clang", msan_notices)):
            missing = check.lacking({tool: tool})
            if missing:
                report.skip(tool, f"not installed: {' '.join(missing)}")
            else:
                test(report, Path(folder))
    only_the_whole_table_is_believed(report)
    report.end()


if __name__ == "__main__":
    main()
