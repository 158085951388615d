#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two implementations, one written from docs/PROTOCOL.md alone: both must say the same of
every input that is made here. Counts how often each verdict and code came up, and fails
where one that VERDICT can say came up too rarely to prove anything.

usage: run.py BUILD [--inputs N] [--real N] [--seed S] [--jobs N] [--json] [--again NAME]
"""
import argparse
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

from questions import Questions  # noqa: E402
from wire import errors, said_by_verdict  # noqa: E402

BATCH = {"made": 500, "real": 10}  # inputs that the judge answers at a time
ENOUGH = 1e-4                      # of all inputs must yield each code: 100 in a million
PROGRESS_S = 10
SHOWN = 5                          # disagreements; the others are only counted


class Judge:
    """The engine, as a process that answers lines."""

    def __init__(self, build):
        self.program = Path(build) / "tests" / "oracle" / "oracle-judge"

    def answers(self, asked):
        lines = [line for each in asked for line in each.lines()]
        done = subprocess.run([self.program], input="\n".join(lines) + "\n", text=True,
                              stdout=subprocess.PIPE, check=True)
        said = done.stdout.split("\n")[:-1]
        assert len(said) == len(asked), "the judge owes an answer"
        return said


def ask(build, questions, names):
    """What came up, and [(name, lines, ours, the engine's)] of what is disagreed about."""
    batch = [questions.ask(name) for name in names]
    seen, wrong = Counter(), []
    for name, each, line in zip(names, batch, Judge(build).answers(batch)):
        ours, engine = each.ours(), each.theirs(line)
        seen.update((type(each).__name__, word) for word in each.tally(ours))
        if ours != engine:
            wrong.append((name, each.lines(), ours, engine))
    return len(names), seen, wrong


def begin(seed, scratch):
    """In each process: a folder of its own."""
    global asked_here
    asked_here = Questions(seed, tempfile.mkdtemp(dir=scratch))


def ask_part(part):
    build, names = part
    return ask(build, asked_here, names)


def batches(kind, count):
    for first in range(0, count, BATCH[kind]):
        yield [f"{kind}/{k}" for k in range(first, min(first + BATCH[kind], count))]


class Run:
    def __init__(self, args):
        self.args = args
        self.seen, self.asked, self.wrong = Counter(), 0, []
        self.began = self.told = time.monotonic()

    def add(self, answer):
        asked, seen, wrong = answer
        self.asked += asked
        self.seen += seen
        for name, lines, ours, engine in wrong:
            self.wrong.append(name)
            if len(self.wrong) <= SHOWN:
                print(f"{name}: the oracle says {ours}\n"
                      f"{' ' * len(name)}  the engine says {engine}", *lines,
                      f"again: python3 tests/oracle/run.py {self.args.build} "
                      f"--seed {self.args.seed} --again {name}", sep="\n",
                      file=sys.stderr)

    def all(self, pool):
        count = self.args.inputs + self.args.real
        parts = [(self.args.build, names) for kind, all_of_them in
                 (("made", self.args.inputs), ("real", self.args.real))
                 for names in batches(kind, all_of_them)]
        for answer in pool.imap_unordered(ask_part, parts):
            self.add(answer)
            self.tell("asked", count)

    def tell(self, kind, count):
        now = time.monotonic()
        if now - self.told >= PROGRESS_S:
            self.told = now
            left = (now - self.began) / self.asked * max(0, count - self.asked)
            print(f"{kind}: {self.asked} of {count}, {len(self.wrong)} disagreements, "
                  f"{left:.0f} s left", file=sys.stderr, flush=True)

    def rare(self):
        """Codes that VERDICT can say, and that hardly an input yielded."""
        least, number = max(1, int(self.args.inputs * ENOUGH)), errors()
        wanted = {code: f"REFUSE {number[code]}" for code in said_by_verdict()}
        for name, word in [*wanted.items(), *((k, k) for k in ("ACCEPT", "RUNNING", "MORE"))]:
            if self.seen["Talk", word] < least:
                yield f"{name} came up {self.seen['Talk', word]} times, {least} at least"

    def report(self):
        """The exit code."""
        rare = list(self.rare())
        seen = {" ".join(key): count for key, count in sorted(self.seen.items())}
        if self.args.json:
            print(json.dumps({"inputs": self.asked, "seed": self.args.seed, "seen": seen,
                              "disagreements": self.wrong, "rare": rare}, indent=2))
        else:
            print("\n".join([*(f"{n:8} {key}" for key, n in seen.items()), *rare]))
            print(f"{self.asked} inputs, seed {self.args.seed}: "
                  f"{len(self.wrong)} disagreements\n"
                  f"{self.asked - len(self.wrong)} passed, "
                  f"{len(self.wrong) + len(rare)} failed, 0 skipped")
        return 1 if self.wrong or rare else 0


def read_args():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build")
    parser.add_argument("--inputs", type=int, default=20000)
    parser.add_argument("--real", type=int, default=20, help="with real signatures")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--jobs", type=int, help="processes; one for each core")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--again", metavar="NAME", help="only this one, made/K or real/K")
    return parser.parse_args()


def again(args):
    """One question; both answers are shown."""
    with tempfile.TemporaryDirectory() as scratch:
        question = Questions(args.seed, scratch).ask(args.again)
    ours, engine = question.ours(), question.theirs(Judge(args.build).answers([question])[0])
    print(*question.lines(), f"oracle: {ours}", f"engine: {engine}", sep="\n")
    return int(ours != engine)


def compare(args):
    """The exit code."""
    run = Run(args)
    with tempfile.TemporaryDirectory() as scratch, \
            multiprocessing.Pool(args.jobs, begin, (args.seed, scratch)) as pool:
        run.all(pool)
    return run.report()


def main():
    if shutil.which("openssl") is None:
        print("skipped: the oracle: no openssl\n0 passed, 0 failed, 1 skipped")
        return 0
    args = read_args()
    return again(args) if args.again else compare(args)


if __name__ == "__main__":
    sys.exit(main())
