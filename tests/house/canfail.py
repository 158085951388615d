#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each house check can fail: breaks one rule at a time in a copy of the tree and wants
the check to say so, and to have been silent about it before.

usage: canfail.py ROOT C-COMPILER...
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from headers import CXX_COMPILERS
from house import Report, project_files

HERE = Path(__file__).resolve().parent

BLOCK = "int main(void)\n{\n    return 0;\n}\n"
README = f"# Copy\n\n## A heading\n\n```c\n{BLOCK}```\n"
LONG_FUNCTION = "\nint long_one(void)\n{\n" + "    (void)0;\n" * 58 + "}\n"
LONG_SWITCH = "\nint long_two(int a)\n{\n    switch (a) {\n" \
    + "    case 1:\n        a++;\n" * 30 + "    }\n}\n"

# check, file, what is appended to it, what the check must then say
TREE_MUTANTS = [
    ("staircase", "src/crc.c", '#include "window.h"\n', "window.h (step 2) is not below"),
    ("staircase", "src/frame.c", '#include "msg.h"\n', "msg.h (step 1) is not below"),
    ("staircase", "src/verify.c", '#include "bank.h"\n', "bank.h (step 3) is not below"),
    ("staircase", "src/window.h", '#include "sender.h"\n', "sender.h (step 2) is not"),
    ("staircase", "src/courier.c", '#include "ferry/device.h"\n', "only device.c includes"),
    ("staircase", "src/crc.c", '#include "ferry/ferry.h"\n', "is not for src/"),
    ("staircase", "src/crc.c", "#include <stdio.h>\n", "<stdio.h> is not for src/"),
    ("staircase", "src/crc.c", "#include HEADER\n", "cannot read this include"),
    ("staircase", "src/crc.c", "#ifdef __linux__\n#endif\n", "#ifdef __linux__"),
    ("staircase", "src/crc.h", "#  if 1\n#endif\n", "conditional in src/: #if"),
    ("staircase", "src/crc.c", "#ifndef FERRY_X\n#define FERRY_X\n#endif\n",
     "conditional in src/: #ifndef FERRY_X"),
    ("staircase", "src/unheard.c", "int x;\n", "src/unheard.c:1: has no step"),
    ("staircase", "src/crc.c", '#include "unheard.h"\n', "unheard.h has no step"),
    ("staircase", "src/crc.c", LONG_FUNCTION, "long_one has 61 lines"),
    ("staircase", "src/crc.c", LONG_SWITCH, "long_two has 65 lines"),
    ("staircase", "tests/long.py", "pass\n" * 401, "tests/long.py:401: 401 lines"),
    ("docs", "README.md", "[x](docs/none.md)\n", "missing file: docs/none.md"),
    ("docs", "README.md", "[x](#no-heading)\n", "missing heading: #no-heading"),
    ("docs", "README.md", "[x]: LICENCE\n", "missing file: LICENCE"),
    ("docs", "README.md", '<img src="docs/none.png">\n', "missing file: docs/none.png"),
    ("docs", "docs/copy.md", "[x](../README.md#b)\n", "docs/copy.md:1: link to a missing"),
    ("docs", "docs/copy.md", "[x](../../other)\n", "link leaves the repository"),
    ("docs", "examples/minimal.c", " ", "README.md:5: the C block is not"),
    ("docs", "README.md", "\n" * 150, "lines, 150 at most"),
    ("docs", "src/crc.c", "/* see /ho" + "me/me/notes */\n", "src/crc.c:"),
    ("docs", "docs/copy.md", "Look into /t" + "mp/x.\n", "docs/copy.md:1: names a path"),
    ("named", "docs/FAULTS.md", "| X1 | x | `unit/none.c`: `nothing` |\n",
     "no such file: tests/unit/none.c"),
    ("named", "docs/FAULTS.md", "| X1 | x | `unit/test_crc.c`: `nothing` |\n",
     "tests/unit/test_crc.c has no nothing"),
    ("named", "docs/FAULTS.md", "| X1 | x | `unit/test_crc.c` |\n",
     "no test function behind tests/unit/test_crc.c"),
    ("named", "docs/FAULTS.md", "| X1 | x | later |\n", "X1 names no test"),
    ("named", "docs/FAULTS.md", "| X1 | x | `fuzz/replay.c` |\n", "no fuzz target"),
    ("named", "docs/FAULTS.md", "| L1 | x | `house/named.py`: `rows` |\n",
     "L1 stands there twice"),
    ("named", "docs/SECURITY.md", "| X.Y | x | `src/crc.c`: `nothing` |\n",
     "src/crc.c ensures no nothing"),
    ("named", "docs/SECURITY.md", "| X.Y | x | not protected |\n", "X.Y names no test"),
    ("named", "docs/SECURITY.md", "It says `never: \\result == 7`.\n",
     "no contract says never: \\result == 7"),
    ("named", "docs/SECURITY.md", "| G1 | x | `house/named.py`: `rows` |\n",
     "G1 stands there twice"),
    ("headers", "include/ferry/err.h", "uint32_t x;\n", "err.h"),
    ("headers", "include/ferry/err.h", '_Static_assert(1, "c11");\n', "not c99 by itself"),
    ("headers", "include/ferry/err.h", "extern int class;\n", "not c++11 by itself"),
    ("headers", "include/ferry/err.h", "int once = 1;\n", "not c11 by itself"),
]

# What is allowed, and must stay so: check, file, what is appended.
TREE_VARIANTS = [
    ("staircase", "src/device_more.c", '#include "device_in.h"\n#include "crc.h"\n'),
    ("staircase", "src/crc.c", "/* #ifdef in a comment */\n"),
    ("docs", "docs/copy.md", "[x](../README.md#a-heading) [y](https://example.org)\n"),
    ("docs", "docs/copy.md", "```\n[x](none)\n```\n"),
    ("named", "docs/FAULTS.md", "| X1 | x | `house/named.py`: `rows` |\n"),
    ("named", "docs/SECURITY.md", "| X.Y | x | `src/trial.h`: `never_falls` |\n"),
]

# A source, and what symbols.py says of an archive of it (None: nothing).
SYMBOL_MUTANTS = [
    ("#include <stdlib.h>\nvoid *ferry_x(void);\nvoid *ferry_x(void) { return malloc(9); }",
     "calls malloc"),
    ("#include <stdio.h>\nint ferry_x(void);\nint ferry_x(void) { return puts(\"x\"); }",
     "calls puts"),
    ("int ferry_x(void);\nint ferry_x(void) { static int n; return ++n; }",
     "has a variable"),
    ("int ferry_x = 1;", "has a variable, ferry_x"),
    ("int not_ours(void);\nint not_ours(void) { return 1; }", "no engine in this archive"),
    ("const char *const ferry_x[] = {\"a\", \"b\"};", None),
    ("#include <string.h>\nvoid ferry_x(void *, unsigned long);\n"
     "void ferry_x(void *p, unsigned long n) { memset(p, 0, n); }", None),
]

# A line of meson's test log, and the sum that count.py makes of it.
COUNTS = [
    ({"result": "OK", "stdout": "nothing to count"}, "1 passed, 0 failed, 0 skipped"),
    ({"result": "OK", "stdout": "[  PASSED  ] 3 test(s).\n"},
     "3 passed, 0 failed, 0 skipped"),
    ({"result": "FAIL", "stdout": "[  PASSED  ] 3 test(s).\n",
      "stderr": "[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] a\n[  FAILED  ] b\n"},
     "3 passed, 2 failed, 0 skipped"),
    ({"result": "FAIL", "stdout": "[  PASSED  ] 3 test(s).\n"},
     "3 passed, 1 failed, 0 skipped"),
    ({"result": "OK", "stdout": "[  PASSED  ] 1 test(s).\n[  SKIPPED ] 1 test(s), listed"
      " below:\n[  SKIPPED ] by_choice\n"}, "1 passed, 0 failed, 1 skipped"),
    ({"result": "FAIL", "stdout": "Segmentation fault"}, "0 passed, 1 failed, 0 skipped"),
    ({"result": "TIMEOUT", "stdout": ""}, "0 passed, 1 failed, 0 skipped"),
    ({"result": "SKIP", "stdout": ""}, "0 passed, 0 failed, 1 skipped"),
    ({"result": "OK", "stdout": "9 passed, 1 failed, 2 skipped\n"},
     "9 passed, 1 failed, 2 skipped"),
    ({"result": "ERROR", "stdout": "4 passed, 0 failed, 0 skipped\n"},
     "4 passed, 1 failed, 0 skipped"),
    (None, "0 passed, 1 failed, 0 skipped"),
]


def run(script, *args):
    done = subprocess.run([sys.executable, str(HERE / f"{script}.py"), *map(str, args)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return done.returncode, done.stdout


def copy_tree(root, copy):
    for name in project_files(root):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, copy / name)
    (copy / "README.md").write_text(README)
    (copy / "docs").mkdir(exist_ok=True)
    (copy / "examples" / "minimal.c").write_text(BLOCK)


def mutated(copy, file, addition, check, cc):
    """Exit code and output of a check with `addition` at the end of one file."""
    path = copy / file
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + addition.encode())
    try:
        return run(check, copy, *cc)
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)


def try_tree(report, root, copy, cc):
    copy_tree(root, copy)
    clean = {check: run(check, copy, *cc) 
             for check in ("staircase", "docs", "headers", "named")}
    for check, file, addition, says in TREE_MUTANTS:
        if "c++" in says and not any(map(shutil.which, CXX_COMPILERS)):
            report.skip("headers.py as C++", "no C++ compiler")
            continue
        code, output = mutated(copy, file, addition, check, cc)
        new = [line for line in output.splitlines()
               if says in line and line not in clean[check][1].splitlines()]
        ok = code != 0 and new
        report.check([] if ok else [(f"{check}.py", f"does not see: {file}, {says}")])
    for check, file, addition in TREE_VARIANTS:
        _, output = mutated(copy, file, addition, check, cc)
        ok = failures(output) == failures(clean[check][1])
        report.check([] if ok else [(f"{check}.py", f"refuses in {file}: {addition}")])
    page = copy / "docs" / "SECURITY.md"
    page.write_text(page.read_text().replace("| G1 |", "| G 1 |"))
    said = "docs/SECURITY.md: no row for G1" in run("named", copy)[1]
    report.check([] if said else [("named.py", "does not miss a row")])


def failures(output):
    return output.splitlines()[-1].split(", ")[1]


def try_symbols(report, folder, cc):
    if not (shutil.which("ar") and shutil.which("nm")) or sys.platform == "darwin":
        report.skip("symbols.py", "wants ar and nm for ELF")
        return
    for number, (source, says) in enumerate(SYMBOL_MUTANTS):
        base = folder / f"x{number}"
        base.with_suffix(".c").write_text(source + "\n")
        subprocess.run([*cc, "-fPIC", "-c", str(base) + ".c", "-o", str(base) + ".o"],
                       check=True)
        subprocess.run(["ar", "rc", f"{base}.a", f"{base}.o"], check=True)
        code, output = run("symbols", f"{base}.a")
        ok = code == 0 if says is None else code != 0 and says in output
        report.check([] if ok else [("symbols.py", f"wrong about: {source}\n{output}")])


def try_count(report, folder):
    for test, total in COUNTS:
        log = folder / "testlog.json"
        log.write_text(json.dumps({"name": "x", **test}) + "\n" if test else "")
        code, output = run("count", log)
        ok = output.splitlines()[-1] == total and (code != 0) == (", 0 failed" not in total)
        report.check([] if ok else [("count.py", f"{test} gives {output}")])


def main():
    root, cc, report = Path(sys.argv[1]).resolve(), sys.argv[2:], Report()
    with tempfile.TemporaryDirectory() as folder:
        try_tree(report, root, Path(folder) / "tree", cc)
        try_symbols(report, Path(folder), cc)
        try_count(report, Path(folder))
    report.end()


if __name__ == "__main__":
    main()
