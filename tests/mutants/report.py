# SPDX-License-Identifier: Apache-2.0
"""What a run says: progress while it runs, then both lists, the score, and what is
wrong."""
import sys
import time

import tables

SCORE = 95  # of 100 mechanical mutants that a test could tell, of all sources
QUIET_S = 10  # between two lines of progress in a log


def say(text):
    print(f"mutants: {text}", file=sys.stderr, flush=True)


class Progress:
    """How far it is, and how long it will take. Lines, or on a terminal one of them."""

    def __init__(self, total):
        self.total, self.done, self.lived = total, 0, 0
        self.begun = self.said = None
        self.terminal = sys.stderr.isatty()

    def judged(self, verdict):
        now = time.monotonic()
        self.begun = self.begun or now - verdict.ms / 1000
        self.done += 1
        self.lived += verdict.verdict == "survived"
        pause = 0.5 if self.terminal else QUIET_S
        if self.done < self.total and self.said and now - self.said < pause:
            return
        self.said = now
        left = (now - self.begun) / self.done * (self.total - self.done)
        line = f"{self.done} of {self.total}, {self.lived} lived, {left:.0f} s left"
        if self.terminal:
            end = "\n" if self.done == self.total else ""
            print(f"\rmutants: {line}   ", end=end, file=sys.stderr, flush=True)
        else:
            say(line)


class Outcome:
    """All verdicts together. `argued`: by key, why a survivor may live. `whole`: all
    mechanical mutants were judged, so that the score counts."""

    def __init__(self, cases, verdicts, argued, whole=True):
        self.pairs = list(zip(cases, verdicts))
        self.argued, self.whole = argued, whole
        self.hand = [p for p in self.pairs if p[0].kind == "hand"]
        self.mechanical = [p for p in self.pairs if p[0].kind != "hand"]
        self.survivors = [c for c, v in self.mechanical if v.verdict == "survived"]
        self.wrong = list(self.find_wrong())
        self.good = not self.wrong

    def find_wrong(self):
        for case, verdict in self.hand:
            if verdict.verdict == "elsewhere":
                yield f"{case.origin.name} does not die by {case.origin.dies_by[1]}"
            elif verdict.verdict not in ("killed", "timeout"):
                yield f"{case.origin.name}: {verdict.verdict}"
        for case, verdict in self.mechanical:
            known = tables.key(case.origin) in self.argued
            if verdict.verdict == "survived" and not known:
                yield "no test sees, and no line in survivors.txt argues:\n" \
                    + tables.shown(tables.key(case.origin))
            elif verdict.verdict != "survived" and known:
                yield f"survivors.txt argues for what is {verdict.verdict}:\n" \
                    + tables.shown(tables.key(case.origin))
        if self.whole and self.score() < SCORE:
            yield f"the score is below {SCORE} %"

    def count(self, *verdicts, file=None):
        return sum(v.verdict in verdicts and file in (None, c.file)
                   for c, v in self.mechanical)

    def score(self, file=None):
        """In 100 of those that are neither equivalent nor uncompilable."""
        killed = self.count("killed", "timeout", file=file)
        told = killed + self.count("survived", file=file)
        return 100 * killed / told if told else 100

    def row(self, case, verdict):
        row = {"file": case.file, "line": case.line, "function": case.function,
               "kind": case.kind, "from": case.before, "to": case.after,
               "verdict": verdict.verdict, "killer": verdict.killer, "ms": verdict.ms}
        if case.kind == "hand":
            row.update(name=case.origin.name, story=case.origin.story)
        elif verdict.verdict == "survived":
            row["why"] = self.argued.get(tables.key(case.origin), "")
        return row

    def as_json(self):
        return {"rows": [self.row(*p) for p in self.pairs],
                "hand": {"died": self.hand_died(), "of": len(self.hand)},
                "mechanical": {"killed": self.count("killed", "timeout"),
                               "survived": len(self.survivors),
                               "equivalent": self.count("equivalent"),
                               "uncompilable": self.count("uncompilable"),
                               "score": round(self.score(), 2)},
                "wrong": self.wrong}

    def hand_died(self):
        return sum(v.verdict in ("killed", "timeout") for _, v in self.hand)

    # ---- text ------------------------------------------------------------------------

    def as_text(self):
        lines = [*self.mechanical_lines(), *self.hand_lines(), *self.table(),
                 *self.survivor_lines(), *(f"WRONG: {w}" for w in self.wrong), self.sum()]
        return "\n".join(lines)

    def mechanical_lines(self):
        for case, verdict in self.mechanical:
            yield (f"{case.file}:{case.line} {case.function} {case.kind}: {case.before}"
                   f" => {case.after}\n    {verdict.verdict} {verdict.killer}".rstrip())

    def hand_lines(self):
        for case, verdict in self.hand:
            yield (f"{case.origin.name} ({case.file}:{case.line}): {case.origin.story}\n"
                   f"    {verdict.verdict} {verdict.killer}".rstrip())

    def table(self):
        if not self.mechanical:
            return
        yield "\n{:18}{:>8}{:>9}{:>9}{:>12}{:>14}{:>8}".format(
            "", "killed", "timeout", "lived", "equivalent", "uncompilable", "score")
        for file in [*dict.fromkeys(c.file for c, _ in self.mechanical), None]:
            numbers = [self.count(v, file=file) for v in
                       ("killed", "timeout", "survived", "equivalent", "uncompilable")]
            yield "{:18}{:8}{:9}{:9}{:12}{:14}{:7.1f}%".format(
                file or "all", *numbers, self.score(file))

    def survivor_lines(self):
        if self.survivors:
            yield "\nlived:"
        for case in self.survivors:
            why = self.argued.get(tables.key(case.origin))
            yield f"{case.file}:{case.line} {case.function} {case.kind}: {case.before}" \
                f" => {case.after}\n    {why or 'NOT ARGUED'}"

    def sum(self):
        said = []
        if self.hand:
            said.append(f"{self.hand_died()} of {len(self.hand)} made by hand died")
        if self.mechanical:
            killed = self.count("killed", "timeout")
            said.append(f"{killed} of {killed + len(self.survivors)} mechanical died"
                        f" ({self.score():.1f} %)")
        return "; ".join(said) + (", all else argued" if self.good else ": WRONG")
