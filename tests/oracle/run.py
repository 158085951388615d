#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two implementations, one written from docs/PROTOCOL.md alone: both must say the same of
every input that is made here. Counts how often each verdict and code came up, and fails
where one that VERDICT can say came up too rarely to prove anything.

usage: run.py BUILD [--inputs N] [--real N] [--seed S] [--json] [--again NAME]
"""
import argparse
import json
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

BATCH = 500    # inputs that the judge answers at a time
ENOUGH = 1e-4  # of all inputs must yield each code: 100 in a million
PROGRESS_S = 10
SHOWN = 5      # disagreements; the others are only counted


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


class Run:
    def __init__(self, args, questions):
        self.args, self.questions, self.judge = args, questions, Judge(args.build)
        self.seen, self.asked, self.wrong = Counter(), 0, []
        self.began = self.told = time.monotonic()

    def ask(self, names):
        batch = [self.questions.ask(name) for name in names]
        for name, each, line in zip(names, batch, self.judge.answers(batch)):
            ours, engine = each.ours(), each.theirs(line)
            self.seen.update((type(each).__name__, word) for word in each.tally(ours))
            if ours != engine:
                self.disagree(name, each, ours, engine)
            elif self.args.again:
                print(f"both say: {ours}")
        self.asked += len(batch)

    def disagree(self, name, each, ours, engine):
        self.wrong.append(name)
        if len(self.wrong) <= SHOWN:
            print(f"{name}: the oracle says {ours}\n"
                  f"{' ' * len(name)}  the engine says {engine}", *each.lines(),
                  f"again: python3 tests/oracle/run.py {self.args.build} "
                  f"--seed {self.args.seed} --again {name}", sep="\n", file=sys.stderr)

    def all(self, kind, count):
        for first in range(0, count, BATCH):
            self.ask([f"{kind}/{k}" for k in range(first, min(first + BATCH, count))])
            self.tell(kind, count)

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
        rare = [] if self.args.again else list(self.rare())
        seen = {" ".join(key): count for key, count in sorted(self.seen.items())}
        if self.args.json:
            print(json.dumps({"inputs": self.asked, "seed": self.args.seed, "seen": seen,
                              "disagreements": self.wrong, "rare": rare}, indent=2))
        else:
            print("\n".join([*(f"{n:8} {key}" for key, n in seen.items()), *rare]))
            print(f"{self.asked} inputs, seed {self.args.seed}: "
                  f"{len(self.wrong)} disagreements")
        return 1 if self.wrong or rare else 0


def read_args(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("build")
    parser.add_argument("--inputs", type=int, default=20000)
    parser.add_argument("--real", type=int, default=20, help="with real signatures")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--again", metavar="NAME", help="only this one, made/K or real/K")
    return parser.parse_args(words)


def compare(args):
    """The whole comparison; the Run that knows how it went."""
    with tempfile.TemporaryDirectory() as scratch:
        run = Run(args, Questions(args.seed, scratch))
        if args.again:
            run.ask([args.again])
        else:
            run.all("made", args.inputs)
            run.all("real", args.real)
    return run


def main():
    if shutil.which("openssl") is None:
        print("skipped: the oracle: no openssl\n0 passed, 0 failed, 1 skipped")
        return 0
    return compare(read_args()).report()


if __name__ == "__main__":
    sys.exit(main())
