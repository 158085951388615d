#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the coverage report on small samples of what llvm-cov exports: what is counted,
and that it fails for a branch or line never reached, for an exclusion that fits nothing
any more, and for one too many. Builds nothing.

usage: test_coverage.py ROOT
"""
import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE.parent / folder) for folder in ("house", "mutants")]

import excluded  # noqa: E402
from export import Counts, Place  # noqa: E402
from house import Report  # noqa: E402
from outcome import EXCLUDED_MAX, Outcome  # noqa: E402
from tables import Stale  # noqa: E402

SOURCE = """int f(int a)
{
    if (a > 1 && a <
        9) {
        return 1;
    }
    return 0;
}
"""
FIRST, SECOND = [3, 9, 3, 14], [3, 18, 4, 10]  # the regions of both conditions
LINE = "if (a > 1 && a <"

# Times true and false of both, lines that never ran, and what was therefore never seen.
COUNTS = [
    ((1, 1), (1, 1), [], []),
    ((0, 2), (0, 0), [5], [("true", "a > 1"), ("true", "a < 9"), ("false", "a < 9"),
                           ("run", "return 1;")]),
    ((1, 0), (1, 1), [], [("false", "a > 1")]),
    ((1, 1), (1, 1), [2, 6, 7], [("run", "return 0;")]),  # braces do not count
]

ENTRY = "words\n\n== src/a.c\n- {}\nnever {}\nwhy: because\n  of that\n"
SECOND_TRUE = ENTRY.format(LINE, "true: a < 9")

# Entries that are none.
MALFORMED = ["== src/a.c\n", "== src/a.c\n- x\nwhy: y\n",
             "== src/a.c\n- x\nnever true: x\n", "== src/a.c\nnever true: x\nwhy: y\n",
             "== src/a.c\n- x\nhardly: x\nwhy: y\n"]


def branch(region, times, file=0):
    return [*region, *times, file, 0, 4]


def exported(root, *functions):
    """Each function: its branches, and the file that they are in."""
    return json.dumps({"data": [{"functions": [
        {"branches": branches, "filenames": [str(root / "build" / ".." / file)]}
        for branches, file in functions]}]})


def lines(root, never, file="src/a.c"):
    return "\n".join([f"SF:{root / file}", *(
        f"DA:{n},{0 if n in never else 3}" for n in range(2, 9)), "end_of_record"])


def counted(root, first=(1, 1), second=(1, 1), never=()):
    counts = Counts(root)
    counts.take_branches(exported(root, (
        [branch(FIRST, first), branch(SECOND, second)], "src/a.c")))
    counts.take_lines(lines(root, never))
    return counts


def counting(report, root):
    for first, second, never, want in COUNTS:
        got = [(place.way, place.what) for place in counted(root, first, second,
                                                            never).unseen()]
        report.check([] if got == want else [("export", f"{first} {second}: {got}")])
    counts = counted(root)
    report.check([] if counts.of("src/a.c") == (4, 4) else [("of", counts.of("src/a.c"))])
    place = counted(root, second=(0, 1)).unseen()
    report.check([] if place == [Place("src/a.c", 3, LINE, "true", "a < 9")]
                 else [("unseen", place)])


def summing(report, root):
    """An inline function is in several programs; tests and ports are not the engine."""
    counts = Counts(root)
    counts.take_branches(exported(
        root, ([branch(FIRST, (1, 0))], "src/a.c"), ([branch(FIRST, (0, 1))], "src/a.c"),
        ([branch(FIRST, (0, 0))], "tests/src/a.c")))
    counts.take_lines(lines(root, [5], "tests/src/a.c"))
    report.check([] if not counts.unseen() and counts.files() == ["src/a.c"]
                 else [("summing", counts.unseen())])


def judged(root, argued, **how):
    return Outcome(counted(root, **how), excluded.entries(argued))


def expect(report, what, outcome, wrong, is_open=0):
    good = not wrong and not is_open
    fits = len(outcome.wrong) == bool(wrong) and wrong in "".join(outcome.wrong)
    report.check([] if fits and len(outcome.open) == is_open and outcome.good == good
                 else [(what, f"{outcome.wrong} {outcome.open}")])


def judging(report, root):
    missed = {"second": (0, 1)}
    expect(report, "all is reached", judged(root, ""), "")
    expect(report, "a branch is missed", judged(root, "", **missed), "", 1)
    expect(report, "a line is missed", judged(root, "", never=[7]), "", 1)
    expect(report, "it is argued", judged(root, SECOND_TRUE, **missed), "")
    expect(report, "a line is argued", judged(
        root, ENTRY.format("return 0;", "run: return 0;"), never=[7]), "")
    expect(report, "it is reached by now", judged(root, SECOND_TRUE), "for 0 places")
    other = ENTRY.format("if (a > 1 &&", "true: a < 9")
    expect(report, "its line was changed", judged(root, other, **missed), "for 0 places", 1)
    expect(report, "nothing is counted", Outcome(Counts(root), []), "nothing was counted")


def limit(report, root):
    """So many may be argued, and not one more; lines behind them do not count."""
    (root / "src" / "b.c").write_text("".join(f"a{n}\n" for n in range(EXCLUDED_MAX + 1)))
    for many in (EXCLUDED_MAX, EXCLUDED_MAX + 1):
        counts = Counts(root)
        counts.take_branches(exported(root, (
            [branch([n + 1, 1, n + 1, len(f"a{n}") + 1], (0, 1)) for n in range(many)],
            "src/b.c")))
        counts.lines["src/b.c", 1] = 0
        argued = "".join(f"\n== src/b.c\n- a{n}\nnever true: a{n}\nwhy: y" +
                         ("\n\n== src/b.c\n- a0\nnever run: a0\nwhy: y" if n == 0 else "")
                         for n in range(many))
        over = "more than" if many > EXCLUDED_MAX else ""
        outcome = Outcome(counts, excluded.entries(argued))
        expect(report, f"{many} are argued", outcome, over)


def telling(report, root):
    """Nothing is rounded up, and what is open is named with its line."""
    outcome = judged(root, "", second=(0, 1))
    text = "\n".join(outcome.as_text())
    report.check(("as_text", f"does not say {says}") for says in
                 ("75.0%", f"src/a.c:3: never true: a < 9\n    {LINE}") if says not in text)
    counts = counted(root, never=[7])
    counts.lines.update({("src/a.c", 100 + n): 1 for n in range(9999)})
    text = "\n".join(Outcome(counts, []).as_text())
    report.check([] if " 99.9%" in text else [("as_text", "rounds up")])
    rows = outcome.as_json()["files"]
    report.check([] if [(row["file"], row["branches_open"]) for row in rows] ==
                 [("src/a.c", 1), ("all", 1)] else [("as_json", rows)])


def reading(report, root):
    entry = excluded.entries(SECOND_TRUE)[0]
    report.check([] if entry == (("src/a.c", LINE, "true", "a < 9"), "because of that")
                 else [("excluded.entries", entry)])
    for text in MALFORMED:
        try:
            report.check([("excluded.entries", f"takes {excluded.entries(text)}")])
        except Stale:
            report.ok()
    own = excluded.entries((HERE / "excluded.txt").read_text(encoding="utf-8"))
    for (file, line, _, what), _ in own:
        source = " ".join((root / file).read_text(encoding="utf-8").split())
        report.check([] if line in source and what in source
                     else [("excluded.txt", f"{file} has no {what} in {line}")])


def main():
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "src").mkdir()
        (root / "src" / "a.c").write_text(SOURCE)
        for part in (counting, summing, judging, limit, telling):
            part(report, root)
    reading(report, Path(sys.argv[1]).resolve())
    report.end()


if __name__ == "__main__":
    main()
