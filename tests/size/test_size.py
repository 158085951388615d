#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the size report: each parser on small samples of what the tools write, the walk
along call graphs, budgets, and README's table. Builds nothing.

usage: test_size.py ROOT
"""
import contextlib
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "house"))
sys.path.insert(0, str(Path(sys.argv[1]) / "tools"))

from house import Report  # noqa: E402
from size import build, calls, cli, maps, measure, readme  # noqa: E402
from size.libraries import LIBRARIES  # noqa: E402

MAP = """Archive member included
 .text          0x00000000      0x999 not/of/the/map.o
Linker script and memory map

.text           0x00008000       0x60
 *(.text.unlikely)
 .text.a_long_enough_name
                0x00008000       0x20 src/libferry-boot.a(crc.c.o)
                0x00008000                a_long_enough_name
 .text.b        0x00008020       0x1e src/libferry-boot.a(crc.c.o)
 *fill*         0x0000803e        0x2
 .text.memcpy   0x00008040       0x20 lib/libc_nano.a(libc_a-memcpy.o)
 .rodata        0x00008060        0x8 user-ferry-boot.o
 .bss           0x00018000        0x4 bootloader.o
 .comment       0x00000000       0x11 bootloader.o
"""

SECTIONS = [
    (".text.a_long_enough_name", 0x8000, 0x20, ("ferry-boot", "crc.c")),
    (".text.b", 0x8020, 0x1e, ("ferry-boot", "crc.c")),
    ("*fill*", 0x803e, 2, ("ferry-boot", "crc.c")),
    (".text.memcpy", 0x8040, 0x20, ("c_nano", "libc_a-memcpy")),
    (".rodata", 0x8060, 8, ("", "user-ferry-boot.c")),
    (".bss", 0x18000, 4, ("", "bootloader.c")),
]

KINDS = [(".text.x", "code"), (".rodata.str1.1", "code"), ("*fill*", "code"),
         (".ARM.exidx", "code"), (".data.x", "data"), (".bss.x", "bss"),
         ("COMMON", "bss"), (".comment", None), (".ARM.attributes", None)]

# An instruction, and the stack bytes that it takes.
PUSHES = [
    ("push", "{r4, lr}", 8), ("stmdb", "sp!, {r4, r5, r6, lr}", 16),
    ("push", "{r0-r3, lr}", 20), ("sub", "sp, #60", 60), ("sub.w", "sp, sp, #528", 528),
    ("str.w", "lr, [sp, #-4]!", 4), ("str", "r0, [sp, #4]", 0), ("sub", "r0, #8", 0),
    ("stmdb", "r0!, {r4}", 0), ("pop", "{r4, pc}", 0), ("add", "sp, #60", 0),
]

DISASSEMBLY = """
00008000 <verb>:
    8000:\tpush\t{r4, lr}
    8002:\tbl\t8020 <deep>
    8006:\tcbz\tr0, 800c <verb+0xc>
    8008:\tbeq.n\t8000 <verb>
    800a:\tldmia.w\tsp!, {r4, lr}
    800e:\tb.w\t8040 <last.part.0>
    8012:\t.word\t0x00008061

00008020 <deep>:
    8020:\tsub\tsp, #60\t@ 0x3c
    8022:\tblx\tr3
00008024 <.skip>:
    8024:\tbx\tlr

00008040 <last.part.0>:
    8040:\tpush\t{r4, r5, r6, lr}
    8042:\tbx\tr2

00008060 <handed_out>:
    8060:\tsub.w\tsp, sp, #100\t@ 0x64
    8064:\tblx\tr1
"""


def parsers(report):
    got = [(s.name, s.address, s.size, maps.member(s.owner))
           for s in maps.sections(MAP) if maps.kind(s.name)]
    report.check([] if got == SECTIONS else [("maps.sections", got)])
    report.check(("maps.kind", name) for name, kind in KINDS if maps.kind(name) != kind)
    report.check(("calls.pushed", f"{mnemonic} {operands}")
                 for mnemonic, operands, size in PUSHES
                 if calls.pushed(mnemonic, operands) != size)
    frames = calls.frames("a.c:1:2:f\t8\tstatic\na.c:9:1:f\t16\tstatic\na.c:7:1:g\t0\tstatic")
    report.check([] if frames == {"f": 16, "g": 0} else [("calls.frames", frames)])
    for how in ("dynamic", "dynamic,bounded"):
        report.check(endless(lambda how=how: calls.frames(f"a.c:1:2:f\t8\t{how}"),
                             "variable size"))


def endless(what, says):
    """Failures: it must refuse, with these words."""
    try:
        return [("calls", f"does not refuse: {says}: {what()}")]
    except calls.Endless as why:
        return [] if says in str(why) else [("calls", f"says {why}, not {says}")]


def disassembly(report):
    found = calls.functions(DISASSEMBLY)
    want = {
        0x8000: ("verb", {0x8020}, {0x8040}, set(), {0x8061}, 8),
        0x8020: ("deep", set(), set(), {"call"}, set(), 60),
        0x8040: ("last.part.0", set(), set(), {"jump"}, set(), 16),
        0x8060: ("handed_out", set(), set(), {"call"}, set(), 100),
    }
    got = {a: (f.name, f.calls, f.jumps, f.pointers, f.words, f.counted)
           for a, f in found.items()}
    report.check([] if got == want else [("calls.functions", got)])


def program(**told):
    """{address: Function}: name=(frame, calls, jumps, pointers, words); addresses are
    the order times 16."""
    at = {name: 16 * (n + 1) for n, name in enumerate(told)}
    return {at[name]: calls.Function(name, at[name], {at[c] for c in called},
                                     {at[j] for j in jumped}, set(pointers),
                                     {at[w] + 1 for w in words}, frame)
            for name, (frame, called, jumped, pointers, words) in told.items()}


def walked(found, apart=False, through=lambda f: True):
    """The deepest path from the first function down, as text."""
    path = calls.Walk(found, lambda f: f.counted, through).deepest([16], apart)
    return path and f"{path.bytes}: " + measure.path_text(path)


def walks(report):
    straight = program(a=(10, "bc", "", "", ""), b=(20, "", "d", "", ""),
                       c=(25, "", "", ["call"], ""), d=(30, "", "", ["jump"], ""))
    cases = [
        ("a jump leaves its frame", walked(straight), "40: a 10 > b 0 > d 30"),
        ("pointers end it", walked(straight, apart=True), "35: a 10 > c 25 > apart"),
        ("no pointer, no path", walked(program(a=(1, "", "", "", "")), True), None),
    ]
    seam = program(a=(10, "b", "", "", "s"), b=(20, "", "", ["call"], ""),
                   s=(50, "", "", ["call"], ""))
    cases += [
        ("the seam is entered once", walked(seam), "80: a 10 > b 20 > s 50"),
        ("and left", walked(seam, True), "80: a 10 > b 20 > s 50 > apart"),
        ("not by everyone", walked(seam, False, lambda f: f.name == "a"), "30: a 10 > b 20"),
    ]
    report.check((what, got) for what, got, want in cases if got != want)
    for loop in (program(a=(8, "a", "", "", "")),
                 program(a=(8, "b", "", "", ""), b=(8, "", "c", "", ""),
                         c=(8, "b", "", "", ""))):
        report.check(endless(lambda loop=loop: walked(loop), "recursion: "))


def budgets(report):
    row = {"name": "x", "code": 100, "ram": 50, "stack": 70}
    cases = [
        ({}, 0, 0), ({"code_budget": 100, "ram_budget": 50, "stack_budget": 70}, 0, 0),
        ({"code_budget": 99}, 1, 1), ({"ram_budget": 49}, 1, 1), ({"stack_budget": 0}, 1, 1),
        ({"code_budget": 99, "code_held": 100}, 1, 0),
        ({"code_budget": 98, "code_held": 99}, 1, 1),
    ]
    for held, past, over in cases:
        got = measure.judged(row, held)
        report.check([] if tuple(map(len, got)) == (past, over) else [("judged", got)])


def whole_rows(report):
    """Names that the libraries' table relies on."""
    for library in LIBRARIES:
        named = build.verbs(library)
        report.check([] if set(library["also"]) <= set(named) and named else
                     [("libraries", f"{library['name']}: no verbs")])
    sections = list(maps.sections(MAP))
    files, apart = measure.by_file([s for s in sections if maps.kind(s.name)])
    report.check([] if set(files) == {("ferry-boot", "crc.c"), ("", "bootloader.c")}
                 and apart == {"libc": 0x20, "libgcc": 0} else [("by_file", (files, apart))])
    row = measure.file_row({"name": "x"}, "m4", ("ferry-boot", "crc.c"),
                           files["ferry-boot", "crc.c"], (8, "b"))
    report.check([] if (row["name"], row["code"], row["stack"], row["functions"]) ==
                 ("src/crc.c", 0x40, 8, {"a_long_enough_name": 0x20, "b": 0x1e})
                 else [("file_row", row)])


def painted(report):
    rows = [{"name": name, "arch": arch, "painted": None} for name, arch in
            (("device with app journal", "m4"), ("ferry-device", "m0"), ("bootloader", "m4"))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "painted.json"
        cli.take_painted(rows, path)
        path.write_text('[{"name": "ferry-device", "stack": 300}, '
                        '{"name": "  start of its journal", "stack": 400}]')
        cli.take_painted(rows, path)
    got = [row["painted"] for row in rows]
    report.check([] if got == [400, None, None] else [("take_painted", got)])


def readmes(report):
    row = {"name": "x", "code": 1, "ram": 2, "stack": 3, "against": "y 4 KB"}
    words = "# R\n\n| library | no |\n\n## Size\n\ngcc 12.2.1\n\n| library | old |\n|---|---|\n" \
            "| x | 9 |\n\nmore\n"
    got = readme.with_table(words, [row, {**row, "against": None}])
    want = words.replace("| library | old |\n|---|---|\n| x | 9 |\n", readme.HEAD +
                         "| x | 1 B | 2 B | 3 B | y 4 KB |\n| x | 1 B | 2 B | 3 B | |\n")
    report.check([] if got == want else [("readme.with_table", got)])
    report.check([] if readme.with_table(got, [row, {**row, "against": None}]) == got
                 else [("readme.with_table", "not the same twice")])
    old_tables(report, words, [row])


def old_tables(report, words, rows):
    """What is said of a table that is not what was measured, and what is left in the file."""
    anew = readme.with_table(words, rows)
    for version, write, stands, said in [
            ("12.2.1", False, words, "README's table is old: ./dev size --readme"),
            ("13.1.0", False, words, None),
            ("13.1.0", True, anew.replace("12.2.1", "13.1.0"), None)]:
        with tempfile.TemporaryDirectory() as place, quiet():
            path = Path(place) / "README.md"
            path.write_text(words, encoding="utf-8")
            got = readme.keep(path, rows, version, write), path.read_text(encoding="utf-8")
        report.check([] if got == (said, stands) else [("readme.keep", got)])


@contextlib.contextmanager
def quiet():
    with open(os.devnull, "w", encoding="utf-8") as nowhere, \
            contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


def main():
    report = Report()
    for part in (parsers, disassembly, walks, budgets, whole_rows, painted, readmes):
        part(report)
    report.end()


if __name__ == "__main__":
    main()
