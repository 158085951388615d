#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the mutator: tokens, each operator on small samples, what stands in the tables
against the sources, and that a wrong entry or an unseen mutant is refused.

usage: test_mutants.py ROOT
"""
import sys
import tempfile
from pathlib import Path

import judge
import report
import tables
from operators import applied, mutants
from run import MECHANICAL
from source import Source, tokens
from suite import failure

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from house import Report  # noqa: E402

TOKENS = [
    ("a<<=b->c++;", "a <<= b -> c ++ ;"),
    ("a /* b */ c // d\ne", "a c e"),
    ('"/*" + \'"\' + "\\"<"', '"/*" + \'"\' + "\\"<"'),
    ("0x1FU 1.5e-3 .5f 077", "0x1FU 1.5e-3 .5f 077"),
    ("#include <a.h>\n#if 1 /* < */\nx\n#endif", "x"),
    ("#define A 3U /* 4 */\nb", "3U b"),
    ("#define MAX(a) (a + \\\n 7)\nb", "( a + 7 ) b"),
]

# A function body, the kind of mutant, and what comes of it: before, after.
BODIES = [
    ("if (a) { b(); }", "negate", [("if (a)", "if (!(a))")]),
    ("while (a &&\n b) { c(); }", "negate", [("while (a && b)", "while (!(a && b))")]),
    ("for (i = a; i < n; i++) { b(); }", "negate",
     [("for (i = a; i < n; i++)", "for (i = a; !(i < n); i++)")]),
    ("for (;;) { b(); }", "negate", []),
    ("do { b(); } while (a);", "negate", [("while (a)", "while (!(a))")]),
    ("x = (t)(f(a, b) > c ? d : e);", "negate",
     [("f(a, b) > c ?", "!(f(a, b) > c) ?")]),
    ("x = a ? b : c ? d : e;", "negate", [("a ?", "!(a) ?"), ("c ?", "!(c) ?")]),
    ("return a && b;", "negate", [("return a && b;", "return !(a && b);")]),
    ('s = "if (a)"; /* if (a) */', "negate", []),
    ("x = a[1] << 0x0FU;", "one-off",
     [("x = a[1] << 0x0FU;", "x = a[0] << 0x0FU;"),
      ("x = a[1] << 0x0FU;", "x = a[2] << 0x0FU;"),
      ("x = a[1] << 0x0FU;", "x = a[1] << 0x10U;"),
      ("x = a[1] << 0x0FU;", "x = a[1] << 0xEU;")]),
    ("x = y0; /* 5 */", "one-off", []),
    ("x = 0U;", "one-off", [("x = 0U;", "x = -1U;"), ("x = 0U;", "x = 1U;")]),
    ("x = a < b;", "one-off", [("x = a < b;", "x = a <= b;")]),
    ("x = a >= b;", "one-off", [("x = a >= b;", "x = a > b;")]),
    ("x = a->b >> c;", "one-off", []),
    ("_Static_assert(A == 4, \"\");", "one-off", []),
    ("a = b;", "drop", [("a = b;", ";")]),
    ("*a = b; (void)c(d); ++e;", "drop",
     [("*a = b;", ";"), ("(void)c(d);", ";"), ("++e;", ";")]),
    ("int a = b; struct s c = {d}; t *e; const u f; v w;", "drop", []),
    ("if (a) { return b; } return c;", "drop", [("return b;", ";")]),
    ("for (a = b; c; d++) { continue; }", "drop", [("continue;", ";")]),
    ("switch (a) { case B: c(); break; default: d(); }", "drop",
     [("c();", ";"), ("break;", ";"), ("d();", ";")]),
    ("a();\nb(c,\n  d);", "drop", [("a();", ";"), ("b(c, d);", ";")]),
]

# Files, and the functions that are found in them, with '?' for those that are bool.
FUNCTIONS = [
    ("static bool a(int b)\n{\n}\nint c(void)\n{\n    if (d) {\n    }\n}\n", "a? c"),
    ("bool *a(void)\n{\n}\nstruct b {\n    int c;\n};\nenum d { E };\n", "a"),
    ("static const int a[] = {1, 2};\nint b(struct c d[2])\n{\n}\n", "b"),
]

HAND = "== one\nstory: s\n  and more\nfile: a.c\ndies by: p t\nfind:\n{}\nput:\nx\n"
HANDS = [  # a hand mutant of a file that says "a;\nb;\nb;", and what is wrong with it
    (HAND.format("a;"), None),
    (HAND.format("c;"), "found 0 times"),
    (HAND.format("b;"), "found 2 times"),
    (HAND.format(""), "found 0 times"),
    (HAND.format("a;").replace("a.c", "a.h"), "a header's functions"),
    (HAND.format("a;").replace("dies by", "dies"), "wants story, file"),
    (HAND.format("a;") * 2, "two hand mutants"),
]

SURVIVOR = "== a.c f drop\n- a;\n+ ;\nwhy: so\n"
SURVIVORS = [
    (SURVIVOR, None),
    (SURVIVOR * 2, "argued twice"),
    (SURVIVOR.replace("why: so\n", ""), "wants FILE"),
    (SURVIVOR.replace("why: so", "why:"), "wants FILE"),
    (SURVIVOR.replace("+ ;\n", ""), "wants FILE"),
    (SURVIVOR.replace(" f drop", ""), "wants FILE"),
]

# Exit code, output, and what is made of it.
ENDS = [
    (1, "[ RUN      ] a\n[  FAILED  ] a\n[ RUN      ] b\n[       OK ] b\n"
     "[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] a\n", ("failed", ["a"])),
    (-6, "[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\nfirst\n", ("failed", ["b"])),
    (-11, "[ RUN      ] a\n", ("crashed", ["a"])),
    (-24, "[ RUN      ] a\n", ("timeout", ["a"])),
    (1, "", ("failed", [])),
]


def said_of(body, kind):
    source = Source("a.c", "bool f(void)\n{\n" + body + "\n}\n")
    return [(m.before, m.after) for m in mutants(source) if m.kind == kind]


def try_source(check):
    for text, expected in TOKENS:
        check(" ".join(t.text for t in tokens(text)), expected, text)
    for body, kind, expected in BODIES:
        check(said_of(body, kind), expected, body)
    for text, expected in FUNCTIONS:
        found = [f.name + "?" * f.is_bool for f in Source("a.c", text).functions]
        check(" ".join(found), expected, text)
    macros = mutants(Source("a.c", "#define A 3U /* 4 */\n"))
    check([m.after for m in macros], ["#define A 2U", "#define A 4U"], "a macro")
    twice = mutants(Source("a.c", "void f(void)\n{\n    a();\n    a();\n}\n"))
    check([m.nth for m in twice], [1, 2], "twice the same")
    check(applied(Source("a.c", "void f(void)\n{\n    a();\n}\n"), twice[0]),
          "void f(void)\n{\n    ;\n}\n", "applied")


def refusal(work, *args):
    """What the tables say against it; None: nothing."""
    try:
        work(*args)
    except tables.Stale as stale:
        return str(stale)
    return None


def try_tables(check, folder):
    for name in ("a.c", "a.h"):
        (folder / name).write_text("a;\nb;\nb;")
    for text, says in HANDS:
        (folder / "hand.txt").write_text(text)
        check(says_so(refusal(tables.hand_mutants, folder, folder), says), True, text)
    for text, says in SURVIVORS:
        check(says_so(refusal(tables.survivors, text), says), True, text)
    known = mutants(Source("a.c", "void f(void)\n{\n    a;\n}\n"))
    argued = tables.survivors(SURVIVOR)
    check(tables.strangers(argued, known, {"a.c"}), [], "an entry that fits")
    check(len(tables.strangers(argued, known[1:], {"a.c"})), 1, "a stale entry")
    check(tables.strangers(argued, [], {"b.c"}), [], "an entry of another file")


def says_so(said, says):
    return said is None if says is None else said is not None and says in said


def try_outcome(check):
    mutant = mutants(Source("a.c", "void f(void)\n{\n    a;\n}\n"))[0]
    case = judge.Case("a.c", 3, "f", "drop", "a;", ";", "", mutant)
    argued = tables.survivors(SURVIVOR)
    many = [case._replace(origin=mutant._replace(nth=n)) for n in range(2, 40)]
    died, lived = (judge.Verdict(v, "", 1) for v in ("killed", "survived"))

    def good(first, why, others=tuple(many)):
        verdicts = [first] + [died] * len(others)
        return report.Outcome([case, *others], verdicts, why).good
    check(good(died, {}), True, "all died")
    check(good(lived, argued), True, "an argued survivor")
    check(good(lived, {}), False, "one that is not argued")
    check(good(died, argued), False, "an argument for what died")
    check(good(lived, argued, many[:18]), False, "18 of 19 are less than 95 %")
    check(good(lived, argued, many[:19]), True, "19 of 20 are enough")
    part = report.Outcome([case], [lived], argued, whole=False)
    check(part.good, True, "a sample has no score")
    for verdict, right in (("killed", True), ("elsewhere", False), ("survived", False),
                           ("equivalent", False), ("uncompilable", False)):
        hand = case._replace(kind="hand", origin=tables.Hand(
            "h", "", "a.c", 1, ["p", "t"], "", "", ""))
        outcome = report.Outcome([hand], [judge.Verdict(verdict, "", 1)], {})
        check(outcome.good, right, f"a hand mutant {verdict}")
    for code, output, expected in ENDS:
        check(failure(code, output), expected, output)


def try_this_tree(check, root):
    """The tables fit the sources, and name tests that there are."""
    hand = tables.hand_mutants(root, HERE / "hand")
    check(len(hand) >= 100, True, "100 hand mutants, at least")
    tests = "\n".join(p.read_text() for p in (root / "tests").rglob("*.c"))
    for one in hand:
        check(f"{one.dies_by[-1]}(void **state)" in tests, True,
              f"{one.name} dies by {' '.join(one.dies_by)}")
    found = []
    for name in MECHANICAL:
        source = Source(name, (root / name).read_text())
        check([m.kind for m in mutants(source)].count("drop") > 3, True, name)
        found += mutants(source)
    argued = tables.survivors((HERE / "survivors.txt").read_text())
    for one in tables.strangers(argued, found, set(MECHANICAL)):
        check("stale", "", tables.shown(one))
    check({one[0] for one in argued} <= set(MECHANICAL), True, "survivors' files")


def main():
    outcome = Report()

    def check(got, wanted, what):
        wrong = [] if got == wanted else [(what, f"{got}, not {wanted}")]
        outcome.check(wrong)
    try_source(check)
    with tempfile.TemporaryDirectory() as folder:
        try_tables(check, Path(folder))
    try_outcome(check)
    try_this_tree(check, Path(sys.argv[1]).resolve())
    outcome.end()


if __name__ == "__main__":
    main()
